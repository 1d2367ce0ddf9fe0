package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// labels numbers the answers, and says for whom they are.
type labels struct {
	mu sync.Mutex
	n  int
}

func (l *labels) config() engine.Config {
	return engine.Config{
		InitialHeaders: func(h http.Header, r *http.Request, s *engine.Session) {
			h.Set("X-First", s.ID())
			h.Add("Set-Cookie", "seen=yes")
			if h.Get("X-Answer") != "" {
				h.Set("X-First", "Headers came before InitialHeaders")
			}
		},
		Headers: func(h http.Header, r *http.Request, s *engine.Session) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.n++
			id := "nobody"
			if s != nil {
				id = s.ID()
			}
			h.Add("X-Answer", fmt.Sprint(r.Method, " ", id))
			h.Set("Content-Type", "application/x-wrong")
			h.Set("Content-Length", "1")
		},
	}
}

// B-15 HTTP-15 HTTP-16: every answer has the headers once, the first of a session has
// more, and none can be spoiled by them.
func TestHeaders(t *testing.T) {
	l := &labels{}
	cfg := l.config()
	cfg.Cookie = &http.Cookie{Name: "io"}
	cfg.Origins = []string{"https://a.example"}
	g := start(t, cfg, newApp(t))

	first := g.do("GET", "?EIO=4&transport=polling", "")
	id := parseOpen(t, first.body).SID
	k := g.app.find(id)
	check := func(what string, h http.Header, answer, initial string) {
		t.Helper()
		if got := h.Values("X-Answer"); len(got) != 1 || got[0] != answer {
			t.Errorf("%s: X-Answer is %q, want %q once", what, got, answer)
		}
		if got := h.Get("X-First"); got != initial {
			t.Errorf("%s: X-First is %q, want %q", what, got, initial)
		}
	}
	check("handshake", first.header, "GET "+id, id)
	if got := first.header.Values("Set-Cookie"); len(got) != 2 {
		t.Errorf("cookies of the handshake are %q, want two", got)
	}
	query := "?EIO=4&transport=polling&sid=" + id
	_ = k.Send(text("x"))
	r := g.do("GET", query, "")
	r.want(t, 200, "4x")
	check("GET", r.header, "GET "+id, "")
	if got := r.header.Get("Content-Type"); got != "text/plain; charset=UTF-8" {
		t.Errorf("Content-Type of a GET is %q", got)
	}
	r = g.do("POST", query, "4y")
	r.want(t, 200, "ok")
	check("POST", r.header, "POST "+id, "")
	r = g.do("GET", "?EIO=4&transport=polling&sid=unknown", "")
	r.want(t, 400, code1)
	check("refusal", r.header, "GET nobody", "")
	r = g.do("OPTIONS", query, "", "Origin", "https://a.example", "Access-Control-Request-Method", "POST")
	check("preflight", r.header, "OPTIONS nobody", "")
	r = g.do("GET", "?EIO=4&transport=polling", "", "Origin", "https://b.example")
	check("origin", r.header, "GET nobody", "")

	upgrade := g.handshakeOnly("?EIO=4&transport=websocket&sid=" + id)
	check("upgrade", upgrade, "GET "+id, "")
	direct := g.handshakeOnly("?EIO=4&transport=websocket")
	sid := direct.Get("X-First")
	check("WebSocket", direct, "GET "+sid, sid)
	if sid == "" || g.app.find(sid) == nil {
		t.Errorf("X-First of the 101 is %q, no session", sid)
	}
}

// handshakeOnly opens a WebSocket and returns the headers of the 101.
func (g *rig) handshakeOnly(query string) http.Header {
	g.t.Helper()
	conn, res, err := wsock.Dial(context.Background(), g.url+query, nil, g.hc, wsock.Options{})
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = conn.CloseNow() })
	return res.Header
}

// HTTP-14: a middleware is an http.Handler around the server, and its headers
// reach the 101 too.
func TestMiddlewareIsNetHTTP(t *testing.T) {
	g := startWith(t, engine.Config{}, newApp(t), func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("token") != "good" {
				http.Error(w, "who are you?", http.StatusUnauthorized)
				return
			}
			w.Header().Set("X-Middleware", "passed")
			h.ServeHTTP(w, r)
		})
	}, nil)
	g.do("GET", "?EIO=4&transport=polling", "").want(t, 401, "who are you?\n")
	if got := g.do("GET", "?EIO=4&transport=polling&token=good", "").header.Get("X-Middleware"); got != "passed" {
		t.Errorf("polling: X-Middleware is %q", got)
	}
	if got := g.handshakeOnly("?EIO=4&transport=websocket&token=good").Get("X-Middleware"); got != "passed" {
		t.Errorf("WebSocket: X-Middleware is %q", got)
	}
}

// A panic in Headers ends that session, and no message is lost without its end.
func TestHeadersPanic(t *testing.T) {
	g := start(t, engine.Config{Headers: func(_ http.Header, r *http.Request, s *engine.Session) {
		if s != nil && r.Header.Get("X-Panic") != "" {
			panic("as asked")
		}
	}}, newApp(t))
	p, k := g.session()
	_ = k.Send(text("x"))
	do(t, p.hc, "GET", p.url, "", "X-Panic", "1").want(t, 200, "1")
	if err := k.wantEnd(engine.TransportError); err == nil || !strings.Contains(err.Error(), "as asked") {
		t.Errorf("cause is %v", err)
	}
	w := g.dial("?EIO=4&transport=websocket", "X-Panic", "1")
	w.wantClose(wsock.CodeNoStatus)
	g.app.next().wantEnd(engine.TransportError)
}

// LIFE-05: the initial packet comes first, and with polling in the first answer.
func TestInitialPacket(t *testing.T) {
	a := newApp(t)
	a.onOpen = func(s *engine.Session) error { return s.Send(text("second")) }
	g := start(t, engine.Config{InitialPacket: text("first")}, a)
	p, rest := g.poll()
	if strings.Join(rest, " ") != "4first 4second" {
		t.Errorf("behind the open packet came %q", rest)
	}
	p.say("1")
	w, k := g.connect()
	w.want("4first", "4second")
	_ = k.Send(text("third"))
	w.want("4third")
}

// HTTP-13: one packet too many is none delivered.
func TestMaxPacketsPerPost(t *testing.T) {
	g := start(t, engine.Config{MaxPacketsPerPost: 3}, newApp(t))
	p, k := g.session()
	p.say("4a", "4b", "4c")
	for _, want := range []string{"text:a", "text:b", "text:c"} {
		k.wantMessage(want)
	}
	p.post("4d\x1e4e\x1e4f\x1e4g").want(t, 400, "")
	if err := k.wantEnd(engine.ParseError); err == nil || !strings.Contains(err.Error(), "MaxPacketsPerPost") {
		t.Errorf("cause is %v", err)
	}
	if len(k.got) != 0 {
		t.Errorf("%q of the refused request was delivered", <-k.got)
	}

	// Without the setting a client may send what MaxPayload holds.
	g = start(t, engine.Config{}, newApp(t))
	p, k = g.session()
	p.say(strings.Split(strings.TrimSuffix(strings.Repeat("4 ", 5000), " "), " ")...)
	for range 5000 {
		k.wantMessage("text:")
	}
}
