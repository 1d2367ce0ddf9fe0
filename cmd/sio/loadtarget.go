package main

import (
	"context"

	"github.com/go-socketio/socketio"
)

// answerLoad registers what the scenarios of sio load are answered by.
func answerLoad(ns *socketio.Namespace) {
	echo := func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		return nil, s.Emit(e.Name(), e.Args()...)
	}
	ns.Handle("echo", echo)
	ns.Handle("bin", echo)
	ns.Handle("ack", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
		return e.Args(), nil
	})
	ns.Handle("broadcast", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
		return nil, ns.Emit("broadcast", e.Args()...)
	})
	socketio.OnAck(ns, "join", relayJoin)
	ns.Handle("toroom", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
		var room, data string
		if err := e.Decode(&room, &data); err != nil {
			return nil, refuse("toroom takes a room and a text: %v", err)
		}
		return nil, ns.To(room).Emit("toroom", data)
	})
}
