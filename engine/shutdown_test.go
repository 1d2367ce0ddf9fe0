package engine_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// Shutdown ends every kind of session, with what was queued for it, refuses new
// ones, and may be called again.
func TestShutdown(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	waiting, waitingTalk := g.session()
	get := waiting.park()
	until(t, "the GET is parked", waitingTalk.Waiting)
	idle, idleTalk := g.session()
	news, newsTalk := g.session()
	_ = newsTalk.Send(text("news"))
	w, wk := g.connect()
	_ = wk.Send(text("news"))
	moving, movingTalk := g.session()
	c := g.candidate(moving.open.SID)
	c.say("2probe")
	c.want("3probe")
	leaving, leavingTalk := g.session()
	leavingTalk.Close(engine.ForcedClose)
	leavingTalk.wantEnd(engine.ForcedClose)

	down := make(chan error, 1)
	go func() { down <- g.srv.Shutdown(t.Context()) }()
	get.wait().want(t, 200, "1")
	for _, k := range []*talk{waitingTalk, idleTalk, newsTalk, wk, movingTalk} {
		k.wantEnd(engine.ShuttingDown)
	}
	idle.wantGet("1")
	g.do("GET", "?EIO=4&transport=polling", "").want(t, 503, `{"code":3,"message":"Server is shutting down"}`)
	g.refused("?EIO=4&transport=websocket", 503, "Server is shutting down")
	w.want("4news")
	w.wantClose(1005)
	select {
	case err := <-down:
		t.Fatalf("Shutdown returned %v before the last words were fetched", err)
	default:
	}
	news.wantGet("4news")
	news.wantGet("1")
	leaving.wantGet("1")
	c.say("5")
	c.wantClose(1005)
	c.sayClose(0)
	w.sayClose(0)
	for range 2 {
		if err := <-down; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		go func() { down <- g.srv.Shutdown(t.Context()) }()
	}
	if err := <-down; err != nil {
		t.Errorf("third Shutdown: %v", err)
	}
}

// A candidate whose answer to the probe is on its way when Shutdown begins gets
// to finish the upgrade and hears the goodbye there.
func TestShutdownBehindProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{PingInterval: -1})
		p, k := g.session()
		conn, err := g.hc.Transport.(*http.Transport).DialContext(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		say := func(data []byte) {
			t.Helper()
			if _, err := conn.Write(data); err != nil {
				t.Fatal(err)
			}
		}
		want := func(data string) {
			t.Helper()
			got := make([]byte, len(data))
			if _, err := io.ReadFull(conn, got); err != nil || string(got) != data {
				t.Fatalf("got %q (%v), want %q", got, err, data)
			}
		}
		say([]byte("GET /engine.io/?EIO=4&transport=websocket&sid=" + p.open.SID + " HTTP/1.1\r\nHost: memory\r\n" +
			"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"))
		if res, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || res.StatusCode != 101 {
			t.Fatalf("handshake: %v, %v", res, err)
		}
		say(wsock.AppendMaskedFrame(nil, wsock.Text, []byte("2probe")))
		want("\x81") // the server still writes
		down := make(chan error, 1)
		go func() { down <- g.srv.Shutdown(t.Context()) }()
		k.wantEnd(engine.ShuttingDown)
		synctest.Wait()
		want("\x063probe")
		say(wsock.AppendMaskedFrame(nil, wsock.Text, []byte("5")))
		want("\x88\x00")
		say(wsock.AppendMaskedClose(nil, 0, ""))
		if err := <-down; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// When ctx ends first, everything is cut off: polling clients that do not come,
// WebSockets that do not answer or do not read, half-done upgrades.
func TestShutdownExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{WriteTimeout: time.Hour, CloseTimeout: time.Hour, UpgradeTimeout: time.Hour, PingInterval: -1})
		p, k := g.session()
		_ = k.Send(text("never fetched"))
		w, wk := g.connect()
		gone, goneTalk := g.connect()
		goneTalk.Close(engine.ForcedClose) // ended before, and still waits for an answer
		gone.wantClose(1005)
		stop := g.silentPeer()
		stuck := g.app.next()
		synctest.Wait()
		_ = stuck.Send(text("never read"))
		q, qk := g.session()
		c := g.candidate(q.open.SID)
		c.say("2probe")
		c.want("3probe")
		synctest.Wait()

		began := time.Now()
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Second, nil)
		defer cancel()
		both := make(chan error, 2)
		for range 2 { // two at once
			go func() { both <- g.srv.Shutdown(ctx) }()
		}
		for range 2 {
			if err := <-both; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Shutdown: %v, want DeadlineExceeded", err)
			}
		}
		if d := time.Since(began); d != 5*time.Second {
			t.Errorf("Shutdown took %v, want 5s", d)
		}
		synctest.Wait()
		for _, k := range []*talk{k, wk, stuck, qk} {
			k.wantEnd(engine.ShuttingDown)
			if k.ReadyState() != engine.Closed {
				t.Errorf("state is %d after Shutdown", k.ReadyState())
			}
		}
		_ = w.end()
		_ = c.end()
		p.get().want(t, 400, code1)
		if n, busy, leaving := g.srv.Len(), g.srv.Busy(), g.srv.Leaving(); n != 0 || busy != 0 || leaving != 0 {
			t.Errorf("%d sessions, %d goroutines, %d leaving", n, busy, leaving)
		}
		if err := g.srv.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown once more: %v", err)
		}
		stop()
	})
}

// A Receiver that never returns is all that an expired Shutdown leaves behind.
func TestShutdownBesideBlockedReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t)
		release := make(chan struct{})
		a.onMsg = func(*talk, engine.Kind, string) { <-release }
		g := startAppInMemory(t, engine.Config{}, a, nil)
		w, k := g.connect()
		w.say("4x")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		k.wantEnd(engine.ShuttingDown)
		if err := w.end(); err == nil {
			t.Error("the connection stands")
		}
		close(release)
		if err := g.srv.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown after the Receiver returned: %v", err)
		}
	})
}

// Handshakes that race with Shutdown are refused or ended, never forgotten.
func TestHandshakesDuringShutdown(t *testing.T) {
	for range 20 {
		a := newApp(t)
		g := start(t, engine.Config{CloseTimeout: 50 * time.Millisecond}, a)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 10 {
				_, _ = try(t.Context(), g.hc, "GET", g.url+"?EIO=4&transport=polling", nil)
				if p, err := dial(t, g.hc, g.url+"?EIO=4&transport=websocket", nil); err == nil {
					p.hang()
				}
			}
		}()
		a.next()
		if err := g.srv.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-done
		if n := g.srv.Len(); n != 0 {
			t.Fatalf("%d sessions after Shutdown", n)
		}
	}
}

// The very instant: Shutdown begins after a handshake was let in and before its
// session is known. The application hears of it, the client gets the 503.
func TestShutdownWithinHandshake(t *testing.T) {
	a := newApp(t)
	var srv *engine.Server
	a.onOpen = func(s *engine.Session) error {
		_ = s.Send(text("never"))
		return srv.Shutdown(t.Context())
	}
	for _, query := range []string{"?EIO=4&transport=polling", "?EIO=4&transport=websocket"} {
		srv = engine.NewServer(engine.Config{Logger: quiet()}, a)
		rec := serveDirect(srv, "GET", query, "", "Connection", "Upgrade", "Upgrade", map[bool]string{true: "websocket", false: "none"}[strings.Contains(query, "websocket")],
			"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
		if rec.Code != 503 || rec.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", query, rec.Code, rec.Body)
		}
		k := a.next()
		k.wantEnd(engine.ShuttingDown)
		if k.ReadyState() != engine.Closed || srv.Len() != 0 || srv.Busy() != 0 {
			t.Errorf("state %d, %d sessions, %d busy", k.ReadyState(), srv.Len(), srv.Busy())
		}
	}
}

// Polling clients that have gone without a word do not hold the end of the
// process: neither one that something was sent to, nor one that was told to go.
func TestShutdownAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{})
		_, news := g.session()
		_ = news.Send(text("never fetched"))
		_, told := g.session()
		_ = told.Send(text("never fetched"))
		told.Close(engine.ForcedClose)
		began := time.Now()
		if err := g.srv.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("Shutdown took %v", took)
		}
		news.wantEnd(engine.ShuttingDown)
		told.wantEnd(engine.ForcedClose)
	})
}
