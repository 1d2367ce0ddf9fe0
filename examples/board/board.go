// Package board is the Socket.IO part of all examples: a server that answers
// "echo" and passes "post" on to everyone.
package board

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-socketio/socketio"
)

// Origin is a page of another host that may connect.
const Origin = "https://app.example"

// New makes the server. It starts nothing; mount it in a router.
func New() *socketio.Server {
	srv := socketio.NewServer(socketio.Config{Origins: []string{Origin}})
	ns := srv.Of("/")
	ns.Handle("echo", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
		return e.Args(), nil
	})
	ns.Handle("post", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
		return nil, ns.Emit("posted", e.Args()...)
	})
	return srv
}

// grace is how long the end of the program may take.
const grace = 10 * time.Second

// Run serves until the program is interrupted, and ends in the right order:
// first the sessions, which hold the requests that the web server would wait for.
// HOST and PORT name the address, 127.0.0.1:3000 if they are not set.
func Run(srv *socketio.Server, serve func(net.Listener) error, shutdown func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := net.Listen("tcp", net.JoinHostPort(variable("HOST", "127.0.0.1"), variable("PORT", "3000")))
	if err != nil {
		return err
	}
	fmt.Printf("listening http://%s\n", l.Addr())
	failed := make(chan error, 1)
	go func() { failed <- serve(l) }() // ends with shutdown
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return errors.Join(srv.Shutdown(end), shutdown(end))
}

func variable(name, standard string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return standard
}
