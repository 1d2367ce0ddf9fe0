package sessions

import (
	"context"
	"net/http"

	"github.com/gorilla/sessions"

	"github.com/go-socketio/socketio"
)

// WithGorilla reads sessions of github.com/gorilla/sessions, which needs no middleware.
func WithGorilla(store sessions.Store) *socketio.Server {
	return socketio.NewServer(socketio.Config{
		KeepContext: func(r *http.Request) context.Context {
			session, err := store.Get(r, "app")
			if err != nil {
				return nil // a cookie with a wrong signature: nobody
			}
			name, _ := session.Values["user"].(string)
			return WithUser(context.Background(), name)
		},
	})
}
