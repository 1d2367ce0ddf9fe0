// Sio5 is the server that the official Socket.IO protocol suite expects: it
// greets each client with its auth payload and sends messages back.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/internal/interop/environ"
)

// greet tells the client the auth payload it sent.
func greet(_ context.Context, s *socketio.Socket) error {
	auth := s.Handshake().Auth
	if auth == nil {
		auth = json.RawMessage("{}")
	}
	return s.Emit("auth", auth)
}

func main() {
	srv := socketio.NewServer(socketio.Config{
		PingInterval:   environ.Milliseconds("PING_INTERVAL", 300*time.Millisecond),
		PingTimeout:    environ.Milliseconds("PING_TIMEOUT", 200*time.Millisecond),
		ConnectTimeout: environ.Milliseconds("CONNECT_TIMEOUT", time.Second),
		MaxPayload:     1_000_000,
		Origins:        []string{"*"},
	})
	ns := srv.Of("/")
	ns.OnConnect(greet)
	ns.Handle("message", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		return nil, s.Emit("message-back", e.Args()...)
	})
	ns.Handle("message-with-ack", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
		return e.Args(), nil
	})
	srv.Of("/custom").OnConnect(greet)

	l, err := environ.Listen("3000")
	if err == nil {
		err = http.Serve(l, srv)
	}
	fmt.Fprintln(os.Stderr, "sio5:", err)
	os.Exit(1)
}
