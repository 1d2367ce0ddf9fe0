package socketio_test

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"testing"
	"weak"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

type userKey struct{}

// withSessions puts the user of a cookie session into the context of each
// request, as session libraries do. The context ends with the request.
func withSessions(users map[string]string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		if c, err := r.Cookie("session"); err == nil {
			ctx = context.WithValue(ctx, userKey{}, users[c.Value])
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// EVT-11: what an HTTP middleware knows of a session is known to the socket,
// on every transport, and is the one of the request that opened the connection.
func TestKeepContext(t *testing.T) {
	var asked int
	cfg := socketio.Config{KeepContext: func(r *http.Request) context.Context {
		asked++
		return r.Context()
	}}
	users := map[string]string{"c00kie": "ada"}
	user := func(ctx context.Context) string {
		name, _ := ctx.Value(userKey{}).(string)
		return name
	}
	for _, transport := range []string{engine.WebSocket, engine.Polling, "upgraded"} {
		t.Run(transport, func(t *testing.T) {
			asked = 0
			srv, ts := start(t, cfg, nil)
			ns := srv.OfFunc(func(ctx context.Context, name string, _ json.RawMessage) bool { return name == "/"+user(ctx) })
			ts.Handler = withSessions(users, srv)
			ns.Use(func(ctx context.Context, s *socketio.Socket) error {
				if user(ctx) == "" {
					return &socketio.Error{Message: "log in first"}
				}
				return ctx.Err()
			})
			socketio.OnAck(ns, "who am I", func(ctx context.Context, s *socketio.Socket, _ socketio.None) (string, error) {
				return user(ctx) + " " + user(s.Context()), ctx.Err()
			})
			opt := siotest.Options{Transport: transport, Header: http.Header{"Cookie": {"session=c00kie"}}}
			if transport == "upgraded" {
				opt.Transport = engine.Polling
			}
			conn := ts.Open(t, opt)
			if transport == "upgraded" {
				conn.Upgrade()
			}
			c := conn.Connect("/ada", nil)
			if got := c.EmitWithAck("who am I").String(); got != `["ada ada"]` {
				t.Errorf("the user is %s", got)
			}
			ctx := srv.Of("/ada").Socket(c.ID()).Context()
			c.Close()
			<-ctx.Done()
			if _, ok := context.Cause(ctx).(socketio.DisconnectReason); !ok || user(ctx) != "ada" {
				t.Errorf("the context of a socket that is gone: user %q, cause %v", user(ctx), context.Cause(ctx))
			}
			if asked != 1 {
				t.Errorf("KeepContext was called %d times", asked)
			}
		})
	}
}

// A function that keeps nothing, and one that ends its context before anybody looks.
func TestKeepContextOfNothing(t *testing.T) {
	for name, keep := range map[string]func(*http.Request) context.Context{
		"nil": func(*http.Request) context.Context { return nil },
		"ended": func(*http.Request) context.Context {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, ts := start(t, socketio.Config{KeepContext: keep}, func(srv *socketio.Server) {
				srv.Of("/").Use(func(ctx context.Context, _ *socketio.Socket) error { return ctx.Err() })
				srv.Of("/").Handle("echo", echo)
			})
			alive(t, ts.Dial(t, "/", nil))
		})
	}
}

// A connection keeps neither the request that opened it nor its context.
func TestRequestIsNotKept(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		requests := make(chan weak.Pointer[http.Request], 1)
		srv, ts := start(t, socketio.Config{
			KeepContext: func(r *http.Request) context.Context {
				return context.WithValue(context.Background(), userKey{}, "ada")
			},
		}, nil)
		ts.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.WithContext(context.WithValue(r.Context(), userKey{}, "of the request"))
			if r.URL.Query().Get("sid") == "" {
				requests <- weak.Make(r)
			}
			srv.ServeHTTP(w, r)
		})
		c := ts.Open(t, opt).Connect("/", nil)
		r := get(t, requests)
		until(t, func() bool { runtime.GC(); return r.Value() == nil })
		if got := srv.Of("/").Socket(c.ID()).Context().Value(userKey{}); got != "ada" {
			t.Errorf("kept is %v", got)
		}
	})
}
