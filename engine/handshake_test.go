package engine_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
)

const (
	code0 = `{"code":0,"message":"Transport unknown"}`
	code1 = `{"code":1,"message":"Session ID unknown"}`
	code2 = `{"code":2,"message":"Bad handshake method"}`
	code3 = `{"code":3,"message":"Bad request"}`
	code4 = `{"code":4,"message":"Forbidden"}`
	code5 = `{"code":5,"message":"Unsupported protocol version"}`
)

// ENG-04 ENG-06 B-1 B-2 B-3 B-4 B-7 B-8 B-9 B-11 HTTP-03 HTTP-06 P13: what is refused over
// plain HTTP, in which order, with which body.
func TestRefusals(t *testing.T) {
	g := start(t, engine.Config{Origins: []string{"*"}, AllowRequest: func(r *http.Request) error {
		if r.URL.Query().Get("deny") != "" {
			return errors.New("no")
		}
		return nil
	}}, newApp(t))
	p, _ := g.poll()
	known := p.open.SID
	for _, c := range []struct {
		name, method, query string
		status              int
		body                string
		header              []string
	}{
		{"no query", "GET", "", 400, code0, nil},
		{"transport missing", "GET", "?EIO=4", 400, code0, nil},
		{"transport unknown", "GET", "?EIO=4&transport=tcp", 400, code0, nil},
		{"transport webtransport", "GET", "?EIO=4&transport=webtransport", 400, code0, nil},
		{"transport constructor", "GET", "?EIO=4&transport=constructor", 400, code0, nil},
		{"transport twice", "GET", "?EIO=4&transport=polling&transport=polling", 400, code0, nil},
		{"transport twice, mixed", "GET", "?EIO=4&transport=websocket&transport=polling", 400, code0, nil},
		{"transport with capitals", "GET", "?EIO=4&transport=Polling", 400, code0, nil},
		{"transport percent-encoded", "GET", "?EIO=4&transport=%70olling&sid=x", 400, code1, nil},
		{"transport before sid", "GET", "?EIO=4&sid=x", 400, code0, nil},
		{"sid unknown", "GET", "?EIO=4&transport=polling&sid=nobody", 400, code1, nil},
		{"sid __proto__", "GET", "?EIO=4&transport=polling&sid=__proto__", 400, code1, nil},
		{"sid unknown, POST", "POST", "?EIO=4&transport=polling&sid=nobody", 400, code1, nil},
		{"sid twice", "GET", "?EIO=4&transport=polling&sid=" + known + "&sid=" + known, 400, code1, nil},
		{"sid with a trailing space", "GET", "?EIO=4&transport=polling&sid=" + known + "%20", 400, code1, nil},
		{"sid before method", "PUT", "?EIO=4&transport=polling&sid=nobody", 400, code1, nil},
		{"handshake by POST", "POST", "?EIO=4&transport=polling", 400, code2, nil},
		{"handshake by PUT", "PUT", "?EIO=4&transport=polling", 400, code2, nil},
		{"handshake by OPTIONS, no preflight", "OPTIONS", "?EIO=4&transport=polling", 400, code2, nil},
		{"method before version", "POST", "?EIO=3&transport=polling", 400, code2, nil},
		{"websocket without upgrade", "GET", "?EIO=4&transport=websocket", 400, code3, nil},
		{"websocket upgrading to h2c", "GET", "?EIO=4&transport=websocket", 400, code3, []string{"Connection", "Upgrade", "Upgrade", "h2c"}},
		{"websocket upgrading to rubbish", "GET", "?EIO=4&transport=websocket", 400, code3, []string{"Connection", "Upgrade", "Upgrade", "\"/../"}},
		{"allowed before version", "GET", "?EIO=3&transport=polling&deny=1", 403, code4, nil},
		{"version 3", "GET", "?EIO=3&transport=polling", 400, code5, nil},
		{"version missing", "GET", "?transport=polling", 400, code5, nil},
		{"version not a number", "GET", "?EIO=four&transport=polling", 400, code5, nil},
		{"version 5", "GET", "?EIO=5&transport=polling", 400, code5, nil},
		{"version twice", "GET", "?EIO=4&EIO=4&transport=polling", 400, code5, nil},
		{"known sid, wrong transport", "GET", "?EIO=4&transport=websocket&sid=" + known, 400, code3, nil},
		{"known sid, POST on websocket", "POST", "?EIO=4&transport=websocket&sid=" + known, 400, code3, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := g.do(c.method, c.query, "", c.header...)
			r.want(t, c.status, c.body)
			if ct := r.header.Get("Content-Type"); ct != "application/json" {
				t.Errorf("content type is %q, want application/json", ct)
			}
		})
	}
	if n := g.srv.Len(); n != 1 {
		t.Errorf("%d sessions, want the one that was not refused", n)
	}
	p.say("4still here")
}

// B-4 B-5 B-13 X6: a refused upgrade gets a plain message, before any 101.
func TestRefusedUpgrades(t *testing.T) {
	g := start(t, engine.Config{AllowRequest: func(r *http.Request) error {
		switch r.URL.Query().Get("deny") {
		case "":
			return nil
		case "custom":
			return &engine.Denial{Message: "come back tomorrow"}
		}
		return errors.New("secret reason")
	}}, newApp(t))
	const ws = "&transport=websocket"
	g.refused("?EIO=4&transport=carrier", 400, "Transport unknown")
	g.refused("?EIO=4"+ws+"&sid=nobody", 400, "Session ID unknown")
	g.refused("?EIO=3"+ws, 400, "Unsupported protocol version")
	g.refused("?deny=x&EIO=4"+ws, 400, "Forbidden")
	g.refused("?deny=custom&EIO=4"+ws, 400, "come back tomorrow")
	g.refused("?EIO=4"+ws, 400, `Forbidden: origin "https://evil.example" is not allowed, add it to Config.Origins`, "Origin", "https://evil.example")
	if n := g.srv.Len(); n != 0 {
		t.Errorf("%d sessions after refusals, want none", n)
	}
}

// B-14: transport=polling on an upgrade request is accepted and closed.
func TestUpgradeOnPolling(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	g.dial("?EIO=4&transport=polling").wantClose(1005)
	p, _ := g.session()
	g.dial("?EIO=4&transport=polling&sid=" + p.open.SID).wantClose(1005)
	p.say("4still here")
}

// B-5 B-6 HTTP-04: AllowRequest sees handshakes only, and what it may tell.
func TestAllowRequest(t *testing.T) {
	var asked []string
	g := start(t, engine.Config{AllowRequest: func(r *http.Request) error {
		asked = append(asked, r.Method+" "+r.URL.Query().Get("who"))
		switch r.URL.Query().Get("who") {
		case "denied":
			return &engine.Denial{Message: "custom"}
		case "failed":
			return errors.New("the database password is swordfish")
		}
		return nil
	}}, newApp(t))
	g.do("GET", "?EIO=4&transport=polling&who=denied", "").want(t, 403, `{"code":4,"message":"custom"}`)
	g.do("GET", "?EIO=4&transport=polling&who=failed", "").want(t, 403, code4)
	p, k := g.session()
	p.say("4a")
	k.wantMessage("text:a")
	_ = k.Send(text("b"))
	p.wantGet("4b")
	if got := strings.Join(asked, ","); got != "GET denied,GET failed,GET " {
		t.Errorf("AllowRequest was asked for %q", got)
	}
}

// HTTP-01 HTTP-02: the path with and without its slash, and nothing else.
func TestPath(t *testing.T) {
	g := start(t, engine.Config{Path: "/rt"}, newApp(t))
	for path, status := range map[string]int{
		"/rt": 200, "/rt/": 200, "/rt/below": 200, "/rtx": 404, "/": 404, "/engine.io/": 404, "/x/rt/": 404,
	} {
		if r := do(t, g.hc, "GET", g.web.URL+path+"?EIO=4&transport=polling", ""); r.status != status {
			t.Errorf("%s answered %d, want %d", path, r.status, status)
		}
	}
}

// HTTP-12 ENG-01 ENG-03 ENG-07 ENG-10 LIFE-01: what the open packet says.
func TestOpenPacket(t *testing.T) {
	t.Run("defaults", func(t *testing.T) {
		g := start(t, engine.Config{}, newApp(t))
		p, _ := g.session()
		if h := p.open; h.PingInterval != 25000 || h.PingTimeout != 20000 || h.MaxPayload != 1000000 || len(h.Upgrades) != 1 || h.Upgrades[0] != "websocket" {
			t.Errorf("open packet over polling is %+v", h)
		}
		w, k := g.connect()
		if h := w.open; h.Upgrades == nil || len(h.Upgrades) != 0 || h.SID != k.ID() || h.SID == p.open.SID {
			t.Errorf("open packet over WebSocket is %+v", h)
		}
		if k.Transport() != engine.WebSocket {
			t.Errorf("transport is %q", k.Transport())
		}
	})
	t.Run("set", func(t *testing.T) {
		g := start(t, engine.Config{PingInterval: 1500 * time.Millisecond, PingTimeout: 700 * time.Millisecond, MaxPayload: 77, DisableUpgrade: true}, newApp(t))
		p, _ := g.session()
		if h := p.open; h.PingInterval != 1500 || h.PingTimeout != 700 || h.MaxPayload != 77 || h.Upgrades == nil || len(h.Upgrades) != 0 {
			t.Errorf("open packet is %+v", h)
		}
		g.refused("?EIO=4&transport=websocket&sid="+p.open.SID, 400, "Bad request")
		p.say("4still here")
	})
	t.Run("polling only", func(t *testing.T) {
		g := start(t, engine.Config{Transports: []string{engine.Polling}}, newApp(t))
		p, _ := g.session()
		if h := p.open; len(h.Upgrades) != 0 {
			t.Errorf("open packet is %+v", h)
		}
		g.refused("?EIO=4&transport=websocket", 400, "Transport unknown")
		g.refused("?EIO=4&transport=websocket&sid="+p.open.SID, 400, "Transport unknown")
	})
	t.Run("websocket only", func(t *testing.T) {
		g := start(t, engine.Config{Transports: []string{engine.WebSocket}}, newApp(t))
		g.do("GET", "?EIO=4&transport=polling", "").want(t, 400, code0)
		g.connect()
	})
	t.Run("no heartbeat", func(t *testing.T) {
		g := start(t, engine.Config{PingInterval: -1}, newApp(t))
		p, _ := g.session()
		if h := p.open; h.PingInterval+h.PingTimeout != 1<<31-1 {
			t.Errorf("a server that never pings announces %d + %d ms: clients would give up", h.PingInterval, h.PingTimeout)
		}
	})
}

// HTTP-18: ids of the application's own.
func TestGenerateID(t *testing.T) {
	ids := map[string]struct {
		id  string
		err error
	}{"good": {"abc", nil}, "odd": {"a\"\\\x1eü", nil}, "empty": {"", nil}, "failed": {"", errors.New("boom")}}
	g := start(t, engine.Config{GenerateID: func(r *http.Request) (string, error) {
		e := ids[r.URL.Query().Get("n")]
		return e.id, e.err
	}}, newApp(t))
	r := g.do("GET", "?EIO=4&transport=polling&n=good", "")
	if h := parseOpen(t, r.body); h.SID != "abc" {
		t.Errorf("sid is %q", h.SID)
	}
	g.app.next()
	g.do("GET", "?EIO=4&transport=polling&n=empty", "").want(t, 400, code3)
	g.do("GET", "?EIO=4&transport=polling&n=failed", "").want(t, 400, code3)
	g.do("GET", "?EIO=4&transport=polling&n=good", "").want(t, 400, code3)
	g.app.next().wantEnd(engine.TransportError) // Open had been told of it
	if n := g.srv.Len(); n != 1 {
		t.Errorf("%d sessions, want 1: a taken id must not replace its owner", n)
	}
	r = g.do("GET", "?EIO=4&transport=polling&n=odd", "")
	if h := parseOpen(t, r.body); h.SID != ids["odd"].id {
		t.Errorf("sid is %q", h.SID)
	}
}

// HTTP-19: ids are long, of URL-safe characters, and do not repeat.
func TestRandomIDs(t *testing.T) {
	seen := map[string]bool{}
	var bits [15]byte
	for range 10000 {
		id := engine.RandomID()
		raw, err := base64.RawURLEncoding.DecodeString(id)
		if err != nil || len(id) != 20 || seen[id] {
			t.Fatalf("id %q: %v, seen %v", id, err, seen[id])
		}
		seen[id] = true
		for i, b := range raw {
			bits[i] |= b
		}
	}
	for i, b := range bits {
		if b != 0xff {
			t.Errorf("byte %d of the ids never has the bits %08b", i, ^b)
		}
	}
}

// B-16 HTTP-07: the cookie holds the id and comes once.
func TestCookie(t *testing.T) {
	plain := start(t, engine.Config{}, newApp(t))
	if c := plain.do("GET", "?EIO=4&transport=polling", "").header.Values("Set-Cookie"); c != nil {
		t.Errorf("cookies %q without the setting", c)
	}
	g := start(t, engine.Config{Cookie: &http.Cookie{Name: "io", HttpOnly: true, SameSite: http.SameSiteLaxMode}}, newApp(t))
	r := g.do("GET", "?EIO=4&transport=polling", "")
	sid := parseOpen(t, r.body).SID
	if got, want := r.header.Values("Set-Cookie"), "io="+sid+"; Path=/; HttpOnly; SameSite=Lax"; len(got) != 1 || got[0] != want {
		t.Errorf("Set-Cookie is %q, want %q", got, want)
	}
	k := g.app.next()
	_ = k.Send(text("x"))
	if r := g.do("GET", "?EIO=4&transport=polling&sid="+sid, ""); r.header.Values("Set-Cookie") != nil || r.body != "4x" {
		t.Errorf("second answer is %v with cookies %q", r, r.header.Values("Set-Cookie"))
	}
	own := start(t, engine.Config{Cookie: &http.Cookie{Name: "a", Path: "/rt", Value: "ignored"}}, newApp(t))
	r = own.do("GET", "?EIO=4&transport=polling", "")
	if got, want := r.header.Get("Set-Cookie"), "a="+parseOpen(t, r.body).SID+"; Path=/rt"; got != want {
		t.Errorf("Set-Cookie is %q, want %q", got, want)
	}
	own.hc.Jar = jar{}
	jarred := jar{}
	own.hc.Jar = jarred
	w, _ := own.connect()
	if got := jarred["a"]; got != w.open.SID {
		t.Errorf("cookie of the 101 is %q, want %q", got, w.open.SID)
	}
}

// HTTP-17: each refusal is reported with what to change.
func TestRefusedHook(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	g.do("GET", "?EIO=3&transport=polling", "")
	g.do("GET", "?EIO=4&transport=polling&sid=x", "")
	g.do("GET", "?EIO=4&transport=websocket", "")
	g.do("GET", "?EIO=4&transport=polling", "", "Origin", "https://evil.example")
	g.mu.Lock()
	defer g.mu.Unlock()
	want := []struct {
		code    engine.Code
		context string
	}{{engine.UnsupportedVersion, "EIO=3"}, {engine.UnknownSession, "sticky"}, {engine.BadRequest, "TRANSPORT_HANDSHAKE_ERROR"}, {engine.Forbidden, "ORIGIN_NOT_ALLOWED"}}
	if len(g.refusals) != len(want) {
		t.Fatalf("%d refusals, want %d", len(g.refusals), len(want))
	}
	for i, w := range want {
		if r := g.refusals[i]; r.Code != w.code || !strings.Contains(r.Context, w.context) || r.Request == nil || r.Message == "" {
			t.Errorf("refusal %d is code %d %q %q, want code %d with %q", i, r.Code, r.Message, r.Context, w.code, w.context)
		}
	}
}

// B-55 LIFE-08: what is kept of the first request.
func TestRequest(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	before := time.Now()
	g.do("GET", "?EIO=4&transport=polling&token=a%20b&t=xyz", "", "X-One", "1", "X-One", "2", "Cookie", "c=d", "Host", "chat.example")
	r := g.app.next().Request()
	if got := r.Query(); got.Get("token") != "a b" || got.Get("t") != "xyz" {
		t.Errorf("query is %v", got)
	}
	if got := r.URL(); got != "/engine.io/?EIO=4&transport=polling&token=a%20b&t=xyz" {
		t.Errorf("URL is %q", got)
	}
	h := r.Header()
	if h.Get("Host") != "chat.example" || strings.Join(h.Values("X-One"), ",") != "1,2" || h.Get("Cookie") != "c=d" {
		t.Errorf("header is %v", h)
	}
	if !strings.HasPrefix(r.RemoteAddr(), "127.0.0.1:") || r.Secure() || r.Time().Before(before) || r.Time().After(time.Now()) {
		t.Errorf("address %q, secure %v, time %v", r.RemoteAddr(), r.Secure(), r.Time())
	}
	g.do("GET", "?EIO=4&transport=polling", "", "X-Long", strings.Repeat("x", 2000), "Cookie", "c=d")
	if h := g.app.next().Request().Header(); h.Get("X-Long") != "" || h.Get("Cookie") != "c=d" || h.Get("Host") == "" {
		t.Errorf("of a long header were kept %v", h)
	}
	keep := start(t, engine.Config{KeepHeaders: []string{"x-one", "host"}}, newApp(t))
	keep.do("GET", "?EIO=4&transport=polling", "", "X-One", "1", "Cookie", "c=d", "Host", "chat.example")
	if h := keep.app.next().Request().Header(); len(h) != 2 || h.Get("X-One") != "1" || h.Get("Host") != "chat.example" {
		t.Errorf("of the named headers were kept %v", h)
	}
	all := start(t, engine.Config{KeepHeaders: []string{"*"}}, newApp(t))
	all.do("GET", "?EIO=4&transport=polling", "", "X-Long", strings.Repeat("x", 2000), "Cookie", "c=d")
	if h := all.app.next().Request().Header(); len(h.Get("X-Long")) != 2000 || h.Get("Cookie") != "c=d" || len(h.Values("Host")) != 1 {
		t.Errorf("of all headers were kept %v", h)
	}
	all.do("GET", "?EIO=4&transport=polling", "", "A-Long", strings.Repeat("x", 9000), "Cookie", "c=d")
	if h := all.app.next().Request().Header(); h.Get("A-Long") != "" || h.Get("Cookie") != "c=d" {
		t.Errorf("of headers beyond the bound were kept %d", len(h))
	}
	none := start(t, engine.Config{KeepHeaders: []string{}}, newApp(t))
	none.do("GET", "?EIO=4&transport=polling", "", "X-One", "1")
	if h := none.app.next().Request().Header(); len(h) != 0 {
		t.Errorf("kept %v, want nothing", h)
	}
}
