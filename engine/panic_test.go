package engine_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// serveDirect answers one request without a network.
func serveDirect(h http.Handler, method, query, body string, header ...string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, "/engine.io/"+query, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	h.ServeHTTP(w, r)
	return w
}

// record is a log that may be read while it is written.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// A panic in any call of the application ends that session alone, is logged
// with its stack, and ends neither the process nor another session. Among the
// values is the one that net/http lets through, and nobody but its own
// goroutines survives.
func TestPanics(t *testing.T) {
	for _, value := range []any{"boom", errors.New("boom"), http.ErrAbortHandler} {
		log := &record{}
		a := newApp(t)
		boom := func(when string) func(*talk) {
			return func(k *talk) {
				if k.Request().Query().Get("boom") == when {
					panic(value)
				}
			}
		}
		a.onMsg = func(k *talk, _ engine.Kind, s string) { boom("message")(k) }
		a.onBeat, a.onClose = boom("beat"), boom("closed")
		a.onOpen = func(s *engine.Session) error {
			if s.Request().Query().Get("boom") == "open" {
				panic(value)
			}
			return nil
		}
		g := start(t, engine.Config{PingInterval: 20 * time.Millisecond, Logger: slog.New(slog.NewTextHandler(log, nil))}, a)
		quietOne, qk := g.connect()
		for _, when := range []string{"message", "beat", "closed"} {
			query := "?boom=" + when + "&EIO=4&transport="

			w := g.dial(query + "websocket")
			k := a.find(parseOpen(t, w.next()).SID)
			switch when {
			case "message":
				w.say("4x")
				w.say("4y")
				k.wantEnd(engine.TransportError)
			case "beat":
				w.want("2")
				w.say("3")
				k.wantEnd(engine.TransportError)
			case "closed":
				w.sayClose(1000)
			}
			_ = w.end()

			r := do(t, g.hc, "GET", g.url+query+"polling", "")
			k = a.find(parseOpen(t, strings.Split(r.body, "\x1e")[0]).SID)
			url := g.url + query + "polling&sid=" + k.ID()
			switch when {
			case "message":
				do(t, g.hc, "POST", url, "4x\x1e4y").want(t, 200, "ok")
				k.wantEnd(engine.TransportError)
			case "beat":
				do(t, g.hc, "GET", url, "").want(t, 200, "2")
				do(t, g.hc, "POST", url, "3\x1e4y").want(t, 200, "ok")
				k.wantEnd(engine.TransportError)
			case "closed":
				do(t, g.hc, "POST", url, "1").want(t, 200, "ok")
				do(t, g.hc, "GET", url, "").want(t, 200, "6")
			}
			do(t, g.hc, "GET", url, "").want(t, 400, code1)
			if len(k.got) != 0 {
				t.Errorf("delivered %q after the panic", <-k.got)
			}
			if s := log.String(); strings.Count(s, "panic_test.go") == 0 || strings.Count(s, "panic=") < 2 {
				t.Errorf("%s: the log lacks the stack:\n%s", when, s)
			}
		}
		g.do("GET", "?EIO=4&transport=polling&boom=open", "").want(t, 400, code3)
		g.refused("?EIO=4&transport=websocket&boom=open", 400, "Bad request")
		quietOne.say("4x")
		qk.wantMessage("text:x")
	}
}
