// Package sessions shows session libraries in front of a Socket.IO server.
package sessions

import (
	"context"
	"net/http"

	"github.com/alexedwards/scs/v2"

	"github.com/go-socketio/socketio"
)

// WithSCS puts github.com/alexedwards/scs in front.
func WithSCS(sessions *scs.SessionManager) (*socketio.Server, http.Handler) {
	srv := socketio.NewServer(socketio.Config{
		KeepContext: func(r *http.Request) context.Context {
			return WithUser(context.Background(), sessions.GetString(r.Context(), "user"))
		},
	})
	return srv, sessions.LoadAndSave(srv)
}
