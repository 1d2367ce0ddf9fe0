package engine_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// staged is a ResponseWriter that lets a test act at two instants of a request:
// when the engine, having looked at the session, turns to the answer, and when
// it writes the body.
type staged struct {
	http.ResponseWriter
	header func()
	write  func() error
	asked  int
}

func (s *staged) Header() http.Header {
	if s.asked++; s.asked == 2 && s.header != nil { // the first is for CORS
		s.header()
	}
	return s.ResponseWriter.Header()
}

func (s *staged) Write(p []byte) (int, error) {
	if s.write != nil {
		if err := s.write(); err != nil {
			return 0, err
		}
	}
	return s.ResponseWriter.Write(p)
}

func (s *staged) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// stage serves requests that carry X-Stage through a staged writer.
func stage(t *testing.T, w *staged) *rig {
	return startWith(t, engine.Config{}, newApp(t), func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Stage") != "" {
				w.ResponseWriter, w.asked = rw, 0
				rw = w
			}
			h.ServeHTTP(rw, r)
		})
	}, nil)
}

// A request that was let in while the session polled, and goes on when it has
// changed over, is turned away: a GET would wait for ever, a POST would deliver
// beside the WebSocket.
func TestRequestOvertaken(t *testing.T) {
	w := &staged{}
	g := stage(t, w)
	for _, method := range []string{"GET", "POST"} {
		p, k := g.session()
		c := g.candidate(p.open.SID)
		w.header = func() {
			c.say("5")
			until(t, "the WebSocket took over", func() bool { return k.Transport() == engine.WebSocket })
		}
		do(t, p.hc, method, p.url, "4x", "X-Stage", "1").want(t, 400, code3)
		c.say("4y")
		k.wantMessage("text:y")
		_ = k.Send(text("z"))
		c.want("4z")
		k.wantOpen()
	}
}

// A GET that breaks while it is answered does not end a session that has left
// polling; the messages that it took with it were polling's.
func TestGetBreaksAfterTakeOver(t *testing.T) {
	w := &staged{}
	g := stage(t, w)
	p, k := g.session()
	c := g.candidate(p.open.SID)
	w.write = func() error {
		c.say("5")
		until(t, "the WebSocket took over", func() bool { return k.Transport() == engine.WebSocket })
		return errors.New("broken pipe")
	}
	_ = k.Send(text("lost"))
	_, _ = try(t.Context(), p.hc, "GET", p.url, strings.NewReader(""), "X-Stage", "1")
	_ = k.Send(text("z"))
	c.want("4z")
	k.wantOpen()

	// and one that does end it, being still on polling
	p, k = g.session()
	w.write = func() error { return errors.New("broken pipe") }
	_ = k.Send(text("lost"))
	_, _ = try(t.Context(), p.hc, "GET", p.url, strings.NewReader(""), "X-Stage", "1")
	k.wantEnd(engine.TransportError)
}

// A client that says 5 with its GET still open: the GET ends, and cutting it off
// does not harm the session any more.
func TestGetOpenAtTakeOver(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	for _, abort := range []bool{false, true} {
		p, k := g.session()
		get := p.park()
		until(t, "the GET is parked", k.Waiting)
		c := g.candidate(p.open.SID)
		c.say("5")
		if abort {
			until(t, "the WebSocket took over", func() bool { return k.Transport() == engine.WebSocket })
			get.abort()
		} else {
			get.wait().want(t, 400, code3) // as a GET that comes a moment later
		}
		c.say("4x")
		k.wantMessage("text:x")
		until(t, "the GET is gone", func() bool { return !k.Waiting() })
		_ = k.Send(text("y"))
		c.want("4y")
		k.wantOpen()
	}
}

// A client that says 5 in the midst of a POST is refused: otherwise two
// goroutines would deliver its messages at once.
func TestPostOpenAtTakeOver(t *testing.T) {
	a := newApp(t)
	release := make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	a.onMsg = func(_ *talk, _ engine.Kind, s string) {
		if s == "block" {
			<-release
		}
	}
	g := start(t, engine.Config{}, a)
	t.Cleanup(free) // before the server's own, which waits for the POST
	p, k := g.session()
	posted := make(chan struct{})
	go func() {
		defer close(posted)
		p.say("4block", "4then")
	}()
	until(t, "the POST is being delivered", k.Posting)
	c := g.candidate(p.open.SID)
	c.say("5")
	c.say("4overtaking")
	c.wantClose(1005)
	free()
	<-posted
	k.wantMessage("text:block")
	k.wantMessage("text:then")
	c = g.upgrade(p)
	c.say("4x")
	k.wantMessage("text:x")
}

// Requests, takeovers and ends at the same instant: whatever wins, nothing
// hangs, no two messages are delivered at once, all is counted down to zero.
func TestTakeOverRaces(t *testing.T) {
	g := start(t, engine.Config{CloseTimeout: 100 * time.Millisecond}, newApp(t))
	for i := range 60 {
		p, k := g.session()
		c := g.candidate(p.open.SID)
		if i%2 == 0 {
			c.say("2probe")
			c.want("3probe")
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{}, 4)
		go func() { _, _ = try(ctx, p.hc, "GET", p.url, nil); done <- struct{}{} }()
		go func() {
			_, _ = try(ctx, p.hc, "POST", p.url, strings.NewReader("4a\x1e4b\x1e4c"))
			done <- struct{}{}
		}()
		go func() { c.say("5"); c.say("4d"); done <- struct{}{} }()
		go func() {
			switch i % 5 {
			case 0:
				k.Close(engine.ForcedClose)
			case 1:
				k.Abort(engine.ForcedClose)
			case 2:
				cancel()
			default:
				_ = k.Send(text("x"))
			}
			done <- struct{}{}
		}()
		for range 4 {
			<-done
		}
		cancel()
		c.hang()
		if k.Transport() == engine.Polling {
			k.Abort(engine.ForcedClose)
		}
		select {
		case <-k.ended:
		case <-time.After(patience()):
			t.Fatal("session did not end")
		}
	}
}
