// Benchserver is the server that the load generator measures: echo, ack,
// binary echo and fan-out on the main namespace with default options, on
// 127.0.0.1 and the port that PORT names. Arguments travel back as they came.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/internal/interop/environ"
)

func main() {
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")

	echo := func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		return nil, s.Emit(e.Name(), e.Args()...)
	}
	ns.Handle("echo", echo)
	ns.Handle("bin", echo)
	ns.Handle("ack", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
		return e.Args(), nil
	})
	socketio.On(ns, "join", func(_ context.Context, s *socketio.Socket, room string) error {
		return s.Join(room)
	})
	ns.Handle("toroom", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
		var room string
		if err := e.Arg(0, &room); err != nil {
			return nil, err
		}
		return nil, ns.To(room).Emit("toroom", e.Args()[1:]...)
	})
	ns.Handle("broadcast", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
		return nil, ns.Emit("broadcast", e.Args()...)
	})

	l, err := environ.Listen("3000")
	if err == nil {
		err = http.Serve(l, srv)
	}
	fmt.Fprintln(os.Stderr, "benchserver:", err)
	os.Exit(1)
}
