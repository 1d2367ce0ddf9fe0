package engine_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// LIFE-05: what Open sends goes out with the open packet.
func TestSendInOpen(t *testing.T) {
	a := newApp(t)
	a.onOpen = func(s *engine.Session) error { return s.Send(text("hello"), binary("\x01")) }
	g := start(t, engine.Config{}, a)
	_, rest := g.poll()
	if strings.Join(rest, ",") != "4hello,bAQ==" {
		t.Errorf("behind the open packet came %q", rest)
	}
	w, k := g.connect()
	w.want("4hello", "binary:\x01")
	if k.Transport() != engine.WebSocket {
		t.Errorf("transport is %q", k.Transport())
	}
}

// Open knows the transport before the connection stands.
func TestTransportInOpen(t *testing.T) {
	a := newApp(t)
	var seen []string
	a.onOpen = func(s *engine.Session) error { seen = append(seen, s.Transport()); return nil }
	g := start(t, engine.Config{}, a)
	g.session()
	g.connect()
	if strings.Join(seen, ",") != "polling,websocket" {
		t.Errorf("transports in Open are %q", seen)
	}
}

// An error of Open refuses the client, and leaves nothing behind, whatever Open
// did before.
func TestRefusedInOpen(t *testing.T) {
	a := newApp(t)
	var how func(*engine.Session)
	a.onOpen = func(s *engine.Session) error {
		how(s)
		return errors.New("not today")
	}
	g := start(t, engine.Config{CloseTimeout: time.Hour}, a)
	for name, f := range map[string]func(*engine.Session){
		"nothing": func(*engine.Session) {},
		"send":    func(s *engine.Session) { _ = s.Send(text("x")) },
		"close":   func(s *engine.Session) { s.Close(engine.ForcedClose) },
		"abort":   func(s *engine.Session) { s.Abort(engine.ForcedClose) },
		"context": func(s *engine.Session) { _ = s.Context() },
	} {
		var last *engine.Session
		how = func(s *engine.Session) { last = s; f(s) }
		g.do("GET", "?EIO=4&transport=polling", "").want(t, 400, code3)
		if last.ReadyState() != engine.Closed || last.Context().Err() == nil || last.Send(text("x")) == nil {
			t.Errorf("%s: the refused session lives", name)
		}
		g.refused("?EIO=4&transport=websocket", 400, "Bad request")
		if n, busy := g.srv.Len(), g.srv.Busy(); n != 0 || busy != 0 {
			t.Errorf("%s: %d sessions, %d busy", name, n, busy)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.refusals {
		if !strings.Contains(r.Context, "not today") {
			t.Errorf("refusal does not tell the application's error: %q", r.Context)
		}
	}
}

// A session that Open closes still tells the client what was sent to it; one
// that Open aborts is no session. Closed is called in both cases.
func TestClosedInOpen(t *testing.T) {
	for _, transport := range []string{engine.Polling, engine.WebSocket} {
		a := newApp(t)
		a.onOpen = func(s *engine.Session) error {
			_ = s.Send(text("go away"))
			s.Close("because")
			return nil
		}
		g := start(t, engine.Config{CloseTimeout: time.Hour}, a)
		if transport == engine.Polling {
			p, rest := g.poll()
			if strings.Join(rest, ",") != "4go away" {
				t.Errorf("behind the open packet came %q", rest)
			}
			p.wantGet("1")
			p.get().want(t, 400, code1)
		} else {
			w := g.dial("?EIO=4&transport=websocket")
			parseOpen(t, w.next())
			w.want("4go away")
			w.wantClose(1005)
			w.sayClose(0)
		}
		a.next().wantEnd("because")
		until(t, "nothing is left", func() bool { return g.srv.Len() == 0 && g.srv.Busy() == 0 && g.srv.Leaving() == 0 })

		a.onOpen = func(s *engine.Session) error {
			_ = s.Send(text("go away"))
			s.Abort("because")
			return nil
		}
		if transport == engine.Polling {
			g.do("GET", "?EIO=4&transport=polling", "").want(t, 400, code3)
		} else {
			w := g.dial("?EIO=4&transport=websocket")
			w.wantClose(1005)
			w.wantQuiet()
		}
		a.next().wantEnd("because")
		until(t, "nothing is left", func() bool { return g.srv.Len() == 0 && g.srv.Busy() == 0 && g.srv.Leaving() == 0 })
	}
}

// Open that floods its own session meets the bound; whoever ends it, it is
// told once, and the client gets an answer.
func TestFloodInOpen(t *testing.T) {
	a := newApp(t)
	a.onOpen = func(s *engine.Session) error {
		for s.Send(text(strings.Repeat("x", 1000))) == nil {
		}
		return nil
	}
	g := start(t, engine.Config{MaxQueuedBytes: 10000}, a)
	for range 50 {
		r := g.do("GET", "?EIO=4&transport=polling", "")
		if r.status != 200 && r.status != 400 {
			t.Fatalf("answer is %v", r)
		}
		a.next().wantEnd(engine.SlowConsumer)
		if p, err := dial(t, g.hc, g.url+"?EIO=4&transport=websocket", nil); err == nil {
			_ = p.end()
		}
		a.next().wantEnd(engine.SlowConsumer)
	}
	until(t, "nothing is left", func() bool { return g.srv.Len() == 0 && g.srv.Busy() == 0 && g.srv.Leaving() == 0 })
}

// No Receiver is an error of the application, and of no consequence beyond.
func TestNoReceiver(t *testing.T) {
	srv := engine.NewServer(engine.Config{Logger: quiet()}, nilHandler{})
	if srv.Len() != 0 {
		t.Fatal(srv.Len())
	}
	rec := serveDirect(srv, "GET", "?EIO=4&transport=polling", "")
	if rec.Code != 400 || rec.Body.String() != code3 {
		t.Errorf("answer is %d %q", rec.Code, rec.Body)
	}
}

type nilHandler struct{}

func (nilHandler) Open(*engine.Session) (engine.Receiver, error) { return nil, nil }

// L5 L1: a client that is gone after the handshake is found by its heartbeat.
func TestHandshakeOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{})
		for range 100 {
			g.session()
		}
		w, _ := g.connect()
		w.hang()
		pass(45 * time.Second)
		synctest.Wait()
		if n, busy := g.srv.Len(), g.srv.Busy(); n != 0 || busy != 0 {
			t.Errorf("%d sessions, %d busy after the ping timeout", n, busy)
		}
	})
}
