package socketio_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

type user struct{ Name string }

type sessionUser struct{}

// loadSession stands for a session library: it reads the cookie and puts what
// it finds into the context of the request.
func loadSession(store map[string]user, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("session"); err == nil {
			if u, ok := store[c.Value]; ok {
				r = r.WithContext(context.WithValue(r.Context(), sessionUser{}, u))
			}
		}
		next.ServeHTTP(w, r)
	})
}

// KeepContext takes over from the request what handlers shall find in their
// context: here the user that a cookie session belongs to.
func ExampleConfig_keepContext() {
	srv := socketio.NewServer(socketio.Config{
		KeepContext: func(r *http.Request) context.Context {
			return context.WithValue(context.Background(), sessionUser{}, r.Context().Value(sessionUser{}))
		},
	})
	chat := srv.Of("/")
	chat.Use(func(ctx context.Context, s *socketio.Socket) error {
		if _, ok := ctx.Value(sessionUser{}).(user); !ok {
			return &socketio.Error{Message: "log in first"}
		}
		return nil
	})
	socketio.OnAck(chat, "who am I", func(ctx context.Context, s *socketio.Socket, _ socketio.None) (string, error) {
		u := ctx.Value(sessionUser{}).(user)
		return u.Name, nil
	})

	test := clients(srv)
	defer test.Close()
	test.ts.Handler = loadSession(map[string]user{"4f1c": {"Ada"}}, srv)
	ada := test.ts.Open(test.t, siotest.Options{Header: http.Header{"Cookie": {"session=4f1c"}}}).Connect("/", nil)
	fmt.Println(ada.EmitWithAck("who am I"))
	fmt.Println(test.Try("/", nil))
	// Output:
	// ["Ada"]
	// refused: log in first
}
