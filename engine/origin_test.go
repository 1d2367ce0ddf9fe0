package engine_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// allowOrigin is what a browser looks at: the allowed origin and whether cookies may come along.
func allowOrigin(h http.Header) string {
	return strings.TrimSuffix(h.Get("Access-Control-Allow-Origin")+" "+h.Get("Access-Control-Allow-Credentials"), " ")
}

// HTTP-05 HTTP-06 B-12 X4 X5 ENG-10: the whole matrix. One rule for polling,
// preflight and WebSocket; CORS headers for allowed origins only.
func TestOrigins(t *testing.T) {
	const self, app, sub, evil = "http://chat.example", "https://app.example", "https://a.b.app.example", "https://evil.example"
	list := []string{app + "/", "https://*.app.example", "http://localhost:*"}
	for _, c := range []struct {
		name    string
		origins []string
		cred    bool
		// by origin: the headers, or "no" if refused
		want map[string]string
	}{
		{"default", nil, false, map[string]string{
			"": "", self: "", "HTTP://CHAT.example": "", "https://chat.example": "", app: "no", sub: "no", evil: "no", "null": "no",
			"http://chat.example:81": "no", "http://chat.example.evil.example": "no", "http://evil.example/chat.example": "no", "http://chat.example@evil.example": "no", "file://": "no", "chat.example": "no",
		}},
		{"default with credentials", nil, true, map[string]string{"": "", self: "", evil: "no"}},
		{"list", list, false, map[string]string{
			"": "", self: self, app: app, "https://APP.example": "https://APP.example", sub: sub, evil: "no", "null": "no",
			"http://app.example": "no", "https://app.example:444": "no", "https://xapp.example": "no", "https://.app.example": "no",
			"https://evil.example/.app.example": "no", "https://evil.example:1.app.example": "no", "https://x@.app.example": "no",
			"http://localhost:3000": "http://localhost:3000", "http://localhost": "no", "http://localhost:1:2": "no",
		}},
		{"list with credentials", list, true, map[string]string{"": "", app: app + " true", sub: sub + " true", evil: "no"}},
		{"null in the list", []string{"null"}, false, map[string]string{"null": "null", evil: "no"}},
		{"any", []string{"*"}, false, map[string]string{"": "*", self: "*", evil: "*", "null": "*"}},
		{"any with credentials", []string{"*"}, true, map[string]string{"": "", self: self + " true", evil: evil + " true"}},
		{"empty list", []string{}, false, map[string]string{"": "", self: self, evil: "no"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := engine.Config{Origins: c.origins, CORS: engine.CORS{Credentials: c.cred, ExposedHeaders: []string{"X-A", "X-B"}}}
			g := startWith(t, cfg, newApp(t), func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					r.Host = "chat.example"
					h.ServeHTTP(w, r)
				})
			}, nil)
			for origin, want := range c.want {
				var headers []string
				if origin != "" {
					headers = append(headers, "Origin", origin)
				}
				poll := g.do("GET", "?EIO=4&transport=polling", "", headers...)
				unknown := g.do("POST", "?EIO=4&transport=polling&sid=nobody", "4x", headers...)
				flight := g.do("OPTIONS", "?EIO=4&transport=polling&sid=nobody", "", append(headers, "Access-Control-Request-Method", "POST")...)
				p, err := dial(t, g.hc, g.url+"?EIO=4&transport=websocket", header(headers...))
				if err == nil {
					p.hang()
				}
				if (err != nil) != (want == "no") {
					t.Errorf("%q over WebSocket: %v", origin, err)
				}
				if want == "no" {
					for what, r := range map[string]reply{"polling": poll, "unknown sid": unknown, "preflight": flight} {
						if r.status != 403 || !strings.Contains(r.body, `"code":4`) || !strings.Contains(r.body, "Config.Origins") {
							t.Errorf("%q, %s: %v", origin, what, r)
						}
						for name := range r.header {
							if strings.HasPrefix(name, "Access-Control-") {
								t.Errorf("%q, %s: a refused origin gets %s", origin, what, name)
							}
						}
					}
					continue
				}
				if poll.status != 200 || allowOrigin(poll.header) != want {
					t.Errorf("%q: %v with %q, want %q", origin, poll.status, allowOrigin(poll.header), want)
				}
				if unknown.status != 400 || allowOrigin(unknown.header) != want {
					t.Errorf("%q, an error: %v with %q, want %q", origin, unknown.status, allowOrigin(unknown.header), want)
				}
				if exposed := poll.header.Get("Access-Control-Expose-Headers"); (exposed == "X-A,X-B") != (want != "") {
					t.Errorf("%q: exposed headers are %q", origin, exposed)
				}
				if vary := poll.header.Get("Vary") == "Origin"; vary != (c.origins != nil && want != "*") {
					t.Errorf("%q: Vary is %v", origin, poll.header.Values("Vary"))
				}
				if origin == "" && c.origins == nil {
					continue // an OPTIONS of no browser to a server without CORS: B-9, tested elsewhere
				}
				if flight.status != 204 || flight.body != "" || allowOrigin(flight.header) != want {
					t.Errorf("%q, preflight: %v with %q, want %q", origin, flight, allowOrigin(flight.header), want)
				}
			}
		})
	}
}

// A proxy that spells the default port out does not make a page foreign.
func TestOriginDefaultPort(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	for _, c := range []struct {
		host, origin string
		status       int
	}{
		{"chat.example:443", "https://chat.example", 200}, {"chat.example:80", "http://chat.example", 200},
		{"chat.example:80", "https://chat.example", 403}, {"chat.example:443", "https://chat.example:8443", 403},
		{"chat.example:8443", "https://chat.example:8443", 200}, {"[::1]:80", "http://[::1]", 200},
	} {
		if r := g.do("GET", "?EIO=4&transport=polling", "", "Host", c.host, "Origin", c.origin); r.status != c.status {
			t.Errorf("origin %s on host %s: %v, want %d", c.origin, c.host, r, c.status)
		}
	}
}

// HTTP-05 X4: what a preflight answer says. It comes before any look at the
// session, on whichever server the request lands.
func TestPreflight(t *testing.T) {
	g := start(t, engine.Config{Origins: []string{"*"}}, newApp(t))
	ask := []string{"Origin", "https://a.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "x-one, x-two"}
	r := g.do("OPTIONS", "?EIO=4&transport=polling&sid=on-another-server", "", ask...)
	r.want(t, 204, "")
	if h := r.header; h.Get("Access-Control-Allow-Methods") != "GET,HEAD,PUT,PATCH,POST,DELETE" || h.Get("Access-Control-Allow-Headers") != "x-one, x-two" || h.Get("Access-Control-Max-Age") != "" || !strings.Contains(strings.Join(h.Values("Vary"), ","), "Access-Control-Request-Headers") {
		t.Errorf("preflight says %v", h)
	}
	set := start(t, engine.Config{Origins: []string{"*"}, CORS: engine.CORS{Methods: []string{"GET", "POST"}, AllowedHeaders: []string{"x-a", "x-b"}, MaxAge: 90 * time.Second}}, newApp(t))
	r = set.do("OPTIONS", "", "", ask...)
	r.want(t, 204, "")
	if h := r.header; h.Get("Access-Control-Allow-Methods") != "GET,POST" || h.Get("Access-Control-Allow-Headers") != "x-a,x-b" || h.Get("Access-Control-Max-Age") != "90" {
		t.Errorf("preflight says %v", h)
	}
	if n := g.srv.Len() + set.srv.Len(); n != 0 {
		t.Errorf("preflights opened %d sessions", n)
	}
}

// HTTP-06: bytes that no header may hold, should a request come by another way
// than net/http.
func TestInvalidOrigin(t *testing.T) {
	srv := engine.NewServer(engine.Config{Origins: []string{"*"}, Logger: quiet()}, newApp(t))
	for _, origin := range []string{"http://a\x00b", "http://a\r\nSet-Cookie: x=y", "\x7f", "\x1f"} {
		rec := serveDirect(srv, "GET", "?EIO=4&transport=polling", "", "Origin", origin)
		if rec.Code != 400 || rec.Body.String() != code3 {
			t.Errorf("%q: %d %s", origin, rec.Code, rec.Body)
		}
	}
	for _, origin := range []string{"http://a\tb", "http://ü.example"} {
		if rec := serveDirect(srv, "GET", "?EIO=4&transport=polling", "", "Origin", origin); rec.Code != 200 {
			t.Errorf("%q: %d %s", origin, rec.Code, rec.Body)
		}
	}
}

// Files beside the session get the same headers.
func TestSetCORS(t *testing.T) {
	srv := engine.NewServer(engine.Config{Origins: []string{"https://a.example"}, Logger: quiet()}, newApp(t))
	for origin, want := range map[string]string{"https://a.example": "https://a.example", "https://evil.example": "", "": ""} {
		h := http.Header{}
		srv.SetCORS(h, &http.Request{Header: header("Origin", origin), Host: "x"})
		if got := h.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%q: %q, want %q", origin, got, want)
		}
	}
}
