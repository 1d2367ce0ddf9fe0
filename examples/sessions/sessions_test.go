package sessions

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/alexedwards/scs/v2"
	"github.com/gorilla/sessions"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// EVT-11: the user who logged in by HTTP is known to the socket, over each transport.
func TestSessions(t *testing.T) {
	t.Run("scs", func(t *testing.T) {
		manager := scs.New()
		login := manager.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			manager.Put(r.Context(), "user", "ada")
		}))
		cookie := logIn(t, login)
		onEach(t, cookie, func() (*socketio.Server, http.Handler) { return WithSCS(manager) })
	})
	t.Run("gorilla", func(t *testing.T) {
		store := sessions.NewCookieStore([]byte("a key for this test, 32 bytes   "))
		cookie := logIn(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			session, _ := store.Get(r, "app")
			session.Values["user"] = "ada"
			if err := session.Save(r, w); err != nil {
				t.Error(err)
			}
		}))
		onEach(t, cookie, func() (*socketio.Server, http.Handler) {
			srv := WithGorilla(store)
			return srv, srv
		})
	})
}

// logIn returns the cookie that a login page sets.
func logIn(t *testing.T, page http.Handler) string {
	w := httptest.NewRecorder()
	page.ServeHTTP(w, httptest.NewRequest("POST", "/login", nil))
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("the login set %d cookies", len(cookies))
	}
	return cookies[0].Name + "=" + cookies[0].Value
}

func onEach(t *testing.T, cookie string, make func() (*socketio.Server, http.Handler)) {
	for _, transport := range []string{engine.WebSocket, engine.Polling, "upgraded"} {
		t.Run(transport, func(t *testing.T) {
			srv, handler := make()
			socketio.OnAck(srv.Of("/"), "who am I", func(ctx context.Context, s *socketio.Socket, _ socketio.None) (string, error) {
				return User(ctx), nil
			})
			ts := siotest.NewServer(t, srv)
			ts.Handler = handler
			for cookie, want := range map[string]string{cookie: `["ada"]`, "a=b": `[""]`, cookie[:len(cookie)-4]: `[""]`} {
				opt := siotest.Options{Transport: transport, Header: http.Header{"Cookie": {cookie}}}
				if transport == "upgraded" {
					opt.Transport = engine.Polling
				}
				c := ts.Open(t, opt)
				if transport == "upgraded" {
					c.Upgrade()
				}
				if got := c.Connect("/", nil).EmitWithAck("who am I").String(); got != want {
					t.Errorf("with the cookie %s the user is %s, want %s", cookie, got, want)
				}
			}
		})
	}
}

// The page about sessions shows what is tested here.
func TestPageShowsThis(t *testing.T) {
	page, err := os.ReadFile("../../docs/sessions.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```text\n(.*?)```.*?\\]\\(\\.\\./examples/sessions/([a-z]+\\.go)\\)").FindAllStringSubmatch(string(page), -1)
	for _, match := range shown {
		source, err := os.ReadFile(match[2])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(source), match[1]) {
			t.Errorf("%s does not contain\n%s", match[2], match[1])
		}
	}
	if len(shown) != 2 {
		t.Errorf("%d snippets name a file, want 2", len(shown))
	}
}
