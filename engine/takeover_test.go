package engine_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

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
