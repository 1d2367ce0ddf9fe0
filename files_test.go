package socketio_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-socketio/socketio"
)

// OPS-03 OPS-04 X10: the browser client is served below the path, to pages of
// the origins that may connect, unless that is switched off.
func TestClientFiles(t *testing.T) {
	ask := func(cfg socketio.Config, path, origin string) *http.Response {
		srv := newServer(cfg, nil)
		defer func() { _ = srv.Shutdown(t.Context()) }()
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, r)
		return w.Result()
	}
	friend := socketio.Config{Origins: []string{"https://friend.example"}}
	for _, c := range []struct {
		name, path, origin string
		cfg                socketio.Config
		status             int
		allowed            string
	}{
		{"a friend", "/socket.io/socket.io.min.js", "https://friend.example", friend, 200, "https://friend.example"},
		{"a module", "/socket.io/socket.io.esm.min.js", "https://friend.example", friend, 200, "https://friend.example"},
		{"a stranger", "/socket.io/socket.io.js", "https://stranger.example", friend, 200, ""},
		{"another path", "/chat/socket.io.js", "", socketio.Config{Path: "chat"}, 200, ""},
		{"no file", "/socket.io/app.js", "", socketio.Config{}, 400, ""},
		{"switched off", "/socket.io/socket.io.js", "", socketio.Config{DisableClient: true}, 400, ""},
	} {
		res := ask(c.cfg, c.path, c.origin)
		if got := res.Header.Get("Access-Control-Allow-Origin"); res.StatusCode != c.status || got != c.allowed {
			t.Errorf("%s: status %d, allowed %q; want %d, %q", c.name, res.StatusCode, got, c.status, c.allowed)
		}
		if script := strings.HasPrefix(res.Header.Get("Content-Type"), "text/javascript"); script != (c.status == 200) {
			t.Errorf("%s: Content-Type %q", c.name, res.Header.Get("Content-Type"))
		}
	}
}
