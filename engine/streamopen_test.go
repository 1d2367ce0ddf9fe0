package engine_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// ENG-04 NEW-27 HTTP-05: what is refused before the stream is opened, with the
// codes that other transports give.
func TestStreamRefused(t *testing.T) {
	denied := errors.New("secret")
	deny := func(r *http.Request) error {
		switch r.URL.Query().Get("token") {
		case "bad":
			return denied
		case "told":
			return &engine.Denial{Message: "go away"}
		}
		return nil
	}
	all := withStreams(engine.Config{AllowRequest: deny, Origins: []string{"https://app.example"}})
	for _, c := range []struct {
		name, query, origin string
		cfg                 engine.Config
		status              int
		body                string
	}{
		{"not on offer", "EIO=4&transport=webtransport", "", engine.Config{}, 400, code0},
		{"foreign origin", "EIO=4&transport=webtransport", "https://evil.example", all, 403,
			`{"code":4,"message":"Forbidden: origin \"https://evil.example\" is not allowed, add it to Config.Origins"}`},
		{"broken origin", "EIO=4&transport=webtransport", "\x00", all, 400, code3},
		{"unknown session", "EIO=4&transport=webtransport&sid=x", "", all, 400, code1},
		{"two sessions", "EIO=4&transport=webtransport&sid=x&sid=x", "", all, 400, code1},
		{"AllowRequest", "EIO=4&transport=webtransport&token=bad", "", all, 403, code4},
		{"AllowRequest that tells", "EIO=4&transport=webtransport&token=told", "", all, 403, `{"code":4,"message":"go away"}`},
		{"Engine.IO 3", "EIO=3&transport=webtransport", "", all, 400, code5},
		{"allowed origin", "EIO=4&transport=webtransport", "https://app.example", all, 200, ""},
		{"no version", "transport=webtransport", "", all, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := start(t, c.cfg, newApp(t))
			var p *streamPeer
			if c.origin == "" {
				p = g.stream(c.query)
			} else {
				p = g.stream(c.query, "Origin", c.origin)
			}
			reply{p.answer.Code, p.answer.Body.String(), nil}.want(t, c.status, c.body)
			if c.status != http.StatusOK {
				<-p.served
				if len(g.refusals) != 1 {
					t.Errorf("Refused was told %d times", len(g.refusals))
				}
				return
			}
			p.say("0")
			parseOpen(t, p.next())
		})
	}
}

// Another path is not ours.
func TestStreamPath(t *testing.T) {
	g := start(t, withStreams(engine.Config{}), newApp(t))
	r := httptest.NewRequest(http.MethodConnect, "https://memory/", nil)
	r.URL.Path = "/elsewhere/"
	if p := g.streamFor(r); p.answer.Code != http.StatusNotFound {
		t.Errorf("answered %d, want 404", p.answer.Code)
	}
}

// B-54: the first packet is an open packet, and it fits the URL.
func TestStreamFirstPacket(t *testing.T) {
	g := start(t, withStreams(engine.Config{}), newApp(t))
	poller, k := g.session()
	sid := poller.open.SID
	const bare = "EIO=4&transport=webtransport"
	for _, c := range []struct{ name, query, bytes string }{
		{"message", bare, "\x034hi"},
		{"probe", bare, "\x062probe"},
		{"binary", bare, "\x810"},
		{"empty object", bare, "\x030{}"},
		{"no JSON", bare, "\x020{"},
		{"empty sid", bare, "\x0b0{\"sid\":\"\"}"},
		{"unknown sid", bare, "\x0c0{\"sid\":\"x\"}"},
		{"sid of another type", bare, "\x0a0{\"sid\":1}"},
		{"empty frame", bare, "\x00"},
		{"too large", bare, "\x7e\xff\xff"},
		{"no sid, but one in the URL", bare + "&sid=" + sid, "\x010"},
		{"another sid than the URL's", bare + "&sid=" + sid, "\x0c0{\"sid\":\"x\"}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g.mu.Lock()
			g.refusals = nil
			g.mu.Unlock()
			p := g.stream(c.query)
			p.write(c.bytes)
			p.wantEnd()
			if len(g.refusals) != 1 || !strings.HasPrefix(g.refusals[0].Context, "TRANSPORT_HANDSHAKE_ERROR: ") || g.refusals[0].Code != engine.BadRequest {
				t.Errorf("refusals are %+v", g.refusals)
			}
		})
	}
	if n := g.srv.Len(); n != 1 {
		t.Errorf("there are %d sessions, want the polling one", n)
	}
	poller.say("4x")
	k.wantMessage("text:x")
	k.wantOpen()
}

// B-54: who says nothing is waited for as long as an upgrade may take.
func TestStreamSilentNewcomer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, withStreams(engine.Config{UpgradeTimeout: 7 * time.Second}))
		began := time.Now()
		p := g.stream("EIO=4&transport=webtransport")
		p.write("\x0c0{\"sid") // a part of it
		p.wantEnd()
		if d := time.Since(began); d != 7*time.Second {
			t.Errorf("a silent client was held for %v, want 7s", d)
		}
		// And so is who opens no stream.
		began = time.Now()
		r := httptest.NewRequest(http.MethodConnect, "https://memory/engine.io/", nil)
		r.URL.Path = "/engine.io/"
		g.srv.ServeStream(httptest.NewRecorder(), r, func(ctx context.Context) (engine.Stream, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if d := time.Since(began); d != 7*time.Second {
			t.Errorf("a client without a stream was held for %v, want 7s", d)
		}
	})
}

// HTTP-10 P9: ids, hooks and refusals of the application.
func TestStreamHooks(t *testing.T) {
	a := newApp(t)
	a.onOpen = func(s *engine.Session) error {
		switch s.Request().Query().Get("open") {
		case "no":
			return errors.New("no")
		case "close":
			_ = s.Send(text("bye"))
			s.Close(engine.ForcedClose)
		case "abort":
			s.Abort(engine.ForcedClose)
		}
		return nil
	}
	g := start(t, withStreams(engine.Config{
		GenerateID: func(r *http.Request) (string, error) {
			if id := r.URL.Query().Get("id"); id != "none" {
				return id, nil
			}
			return "", errors.New("none")
		},
		Headers: func(h http.Header, _ *http.Request, s *engine.Session) {
			if s != nil {
				h.Set("X-Session", s.ID())
			}
			h.Set("X-All", "yes")
		},
		Cookie:         &http.Cookie{Name: "io"},
		InitialHeaders: func(http.Header, *http.Request, *engine.Session) { t.Error("InitialHeaders was called") },
	}), a)
	const query = "EIO=4&transport=webtransport&id="
	first := g.stream(query + "a")
	if h := first.answer.Header(); h.Get("X-All") != "yes" || h.Get("X-Session") != "" || h.Get("Set-Cookie") != "" {
		t.Errorf("headers are %v", h)
	}
	first.say("0")
	if id := parseOpen(t, first.next()).SID; id != "a" {
		t.Errorf("id is %q", id)
	}
	k := a.find("a")
	for _, refused := range []string{"a", "none", "b&open=no"} {
		p := g.stream(query + refused)
		p.say("0")
		p.wantEnd()
	}
	if n := len(g.refusals); n != 3 {
		t.Errorf("Refused was told %d times, want 3", n)
	}
	// last words of a session that was closed while it opened
	p := g.stream(query + "c&open=close")
	p.say("0")
	parseOpen(t, p.next())
	p.want("4bye", "2")
	p.say("3")
	p.wantEnd()
	p = g.stream(query + "d&open=abort")
	p.say("0")
	p.want("2")
	p.say("3")
	p.wantEnd()
	first.say("4x")
	k.wantMessage("text:x")
}
