package engine_test

import (
	"compress/gzip"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// The engine behind what people put before it: timeouts of http.Server,
// middlewares that wrap the ResponseWriter, deadlines on requests.

// opaque hides every method of a ResponseWriter but the three.
type opaque struct{ http.ResponseWriter }

func hide(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(struct{ http.ResponseWriter }{w}, r)
	})
}

// unwrapping is a wrapper as net/http wants them since Go 1.20.
type unwrapping struct{ http.ResponseWriter }

func (u unwrapping) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// X1: a wrapper without Unwrap costs the WebSocket, is named in the log, and
// leaves polling alone. With Unwrap everything works.
func TestWrappedWriters(t *testing.T) {
	log := &record{}
	g := startWith(t, engine.Config{Logger: slog.New(slog.NewTextHandler(log, nil))}, newApp(t), func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(opaque{w}, r) })
	}, nil)
	p, k := g.session()
	get := p.park()
	until(t, "the GET is parked", k.Waiting)
	_ = k.Send(text(strings.Repeat("x", 100000)))
	get.wait().want(t, 200, "4"+strings.Repeat("x", 100000))
	p.say("4y")
	k.wantMessage("text:y")
	g.refused("?EIO=4&transport=websocket", 400, "Bad request")
	g.refused("?EIO=4&transport=websocket&sid="+p.open.SID, 400, "Bad request")
	if s := log.String(); !strings.Contains(s, "engine_test.opaque") || !strings.Contains(s, "Unwrap") {
		t.Errorf("the log does not name the wrapper and the cure:\n%s", s)
	}
	g.app.next().wantEnd(engine.TransportError) // of the handshake that had been let in
	if n := g.srv.Len(); n != 1 {
		t.Errorf("%d sessions, want 1", n)
	}
	p.say("4z")
	k.wantMessage("text:z")

	g = startWith(t, engine.Config{}, newApp(t), func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(unwrapping{unwrapping{w}}, r)
		})
	}, nil)
	w, k := g.connect("X", "y")
	w.say("4x")
	k.wantMessage("text:x")
	p, k = g.session()
	c := g.upgrade(p)
	c.say("4x")
	k.wantMessage("text:x")
}

// X2: a middleware that writes after the connection was taken over does no
// harm, and what it set before is in the 101.
func TestMiddlewareAroundHijack(t *testing.T) {
	g := startWith(t, engine.Config{}, newApp(t), func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", "42")
			w.Header().Add("Set-Cookie", "lb=1")
			h.ServeHTTP(w, r)
			if r.Header.Get("Upgrade") != "" {
				w.WriteHeader(http.StatusNotFound)
				_, _ = w.Write([]byte("late"))
			}
		})
	}, nil)
	g.hc.Jar = jar{}
	w, k := g.connect()
	if g.hc.Jar.(jar)["lb"] != "1" {
		t.Error("the middleware's cookie is not in the 101")
	}
	w.say("4x")
	k.wantMessage("text:x")
	_ = k.Send(text("y"))
	w.want("4y")
}

// The engine itself never writes to a connection that it took over or lost.
func TestNoSuperfluousWrites(t *testing.T) {
	log := &record{}
	g := startWith(t, engine.Config{}, newApp(t), nil, func(s *httptest.Server) {
		s.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(log, nil), slog.LevelError)
	})
	for range 5 {
		w, k := g.connect()
		w.say("2")
		k.wantEnd(engine.TransportError)
		p, _ := g.session()
		g.candidate(p.open.SID).say("x")
		g.dial("?EIO=4&transport=polling").wantClose(1005)
		p.post("x")
		p.get()
	}
	if s := log.String(); s != "" {
		t.Errorf("net/http complains:\n%s", s)
	}
}

// compressed is the kind of middleware that X1 is about, done right.
type compressed struct {
	http.ResponseWriter
	z *gzip.Writer
}

func (c compressed) Write(p []byte) (int, error) { return c.z.Write(p) }

// As Echo's does: the length is taken off here and nowhere else.
func (c compressed) WriteHeader(status int) {
	c.Header().Del("Content-Length")
	c.ResponseWriter.WriteHeader(status)
}

func (c compressed) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// A compressing middleware works, for large answers too, which are flushed.
func TestCompressingMiddleware(t *testing.T) {
	g := startWith(t, engine.Config{}, newApp(t), func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "GET" || r.Header.Get("Upgrade") != "" {
				h.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			h.ServeHTTP(compressed{w, z}, r)
			_ = z.Close()
		})
	}, nil)
	p, k := g.session()
	big := strings.Repeat("x", 200000)
	_ = k.Send(text("a"), text(big))
	p.wantGet("4a", "4"+big)
	p.say("4" + big[:1000])
	k.wantMessage("text:" + big[:1000])
	k.wantOpen()
}

// ReadTimeout and WriteTimeout of http.Server are shorter than the ping interval
// by far. A GET is parked past both, and so is an idle WebSocket.
func TestServerTimeouts(t *testing.T) {
	for _, c := range []string{"plain", "wrapped", "HTTP/2"} {
		t.Run(c, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { serverTimeouts(t, c) })
		})
	}
}

func serverTimeouts(t *testing.T, c string) {
	var h2 http.Protocols
	h2.SetUnencryptedHTTP2(true)
	g := startAppInMemory(t, engine.Config{}, newApp(t), func(s *http.Server) {
		s.ReadTimeout, s.WriteTimeout, s.IdleTimeout = 2*time.Second, 3*time.Second, time.Minute
		switch c {
		case "wrapped":
			s.Handler = hide(s.Handler)
		case "HTTP/2":
			s.Protocols = &h2
		}
	})
	if c == "HTTP/2" {
		g.hc.Transport.(*http.Transport).Protocols = &h2
	}
	p, k := g.session()
	began := time.Now()
	for {
		r := p.get()
		if r.body == "6" && c == "wrapped" {
			continue // the timeout cannot be lifted, so the GET must end before it does
		}
		r.want(t, 200, "2")
		break
	}
	if d := time.Since(began); d != 25*time.Second {
		t.Errorf("ping came after %v", d)
	}
	p.say("3")
	large := strings.Repeat("x", 100000)
	_ = k.Send(text(large))
	p.wantGet("4" + large)
	k.wantOpen()
	if c != "plain" {
		return
	}
	w, k := g.connect()
	w.want("2")
	w.say("3")
	pass(20 * time.Second)
	_ = k.Send(text(large))
	w.want("4" + large)
	w.say("4x")
	k.wantMessage("text:x")
}

// A middleware's deadline on the request ends the GET in time with a noop, not
// the session.
func TestRequestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startAppInMemory(t, engine.Config{}, newApp(t), func(s *http.Server) {
			h := s.Handler
			s.Handler = http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithTimeout(r.Context(), 8*time.Second)
				defer cancel()
				h.ServeHTTP(w, r.WithContext(ctx))
			}), 10*time.Second, "too slow")
		})
		p, k := g.session()
		n := 0
		for p.get().body != "2" {
			if n++; n > 10 {
				t.Fatal("no ping")
			}
		}
		if n == 0 {
			t.Error("the GET outlived its deadline")
		}
		p.say("3")
		k.wantOpen()
	})
}

// A POST whose Receiver takes longer than its read deadline leaves the
// connection it came on usable: the next GET there must not look aborted.
func TestSlowPostThenGet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t)
		a.onMsg = func(*talk, engine.Kind, string) { pass(5 * time.Minute) }
		g := startAppInMemory(t, engine.Config{PingInterval: time.Hour, WriteTimeout: time.Second, PingTimeout: 2 * time.Second}, a, nil)
		g.hc.Transport.(*http.Transport).MaxConnsPerHost = 1
		p, k := g.session()
		p.say("4slow")
		k.wantMessage("text:slow")
		get := p.park()
		pass(time.Minute)
		_ = k.Send(text("x"))
		get.wait().want(t, 200, "4x")
		k.wantOpen()
	})
}

// A body that trickles in is given up in the end.
func TestTricklingPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{PingInterval: time.Hour, WriteTimeout: 10 * time.Second, PingTimeout: 20 * time.Second})
		p, k := g.session()
		body := make(trickle)
		began := time.Now()
		r, err := try(t.Context(), p.hc, "POST", p.url, body)
		if err == nil && r.status != 400 {
			t.Errorf("answer is %v", r)
		}
		k.wantEnd(engine.TransportError)
		if d := time.Since(began); d < 29*time.Second || d > 31*time.Second {
			t.Errorf("given up after %v, want 30s", d)
		}
		pass(5 * time.Second) // the client notices with its next byte
	})
}

// trickle yields one byte a second for ever.
type trickle chan struct{}

func (trickle) Read(p []byte) (int, error) {
	pass(time.Second)
	p[0] = 'x'
	return 1, nil
}
