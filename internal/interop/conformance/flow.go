package main

import (
	"context"
	"strings"

	"github.com/go-socketio/socketio"
)

// addFlow registers the events that take any arguments, and those that make
// the server send or hang up.
func addFlow(ns *socketio.Namespace) {
	ns.Handle("echo", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		if e.WantsAck() {
			return append([]any{}, e.Args()...), nil
		}
		return nil, s.Emit("echo", e.Args()...)
	})
	ns.Handle("message", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		return nil, s.Send(e.Args()...)
	})
	ns.Handle("burst", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		return nil, number(e, func(i int) error { return s.Emit("burst", i) })
	})
	ns.Handle("volatile-burst", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		volatile := s.Volatile()
		return nil, number(e, func(i int) error { return volatile.Emit("volatile", i) })
	})
	ns.Handle("compressible", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		var compress *bool
		var size int
		if e.Decode(&compress, &size) != nil || compress == nil || size < 0 || size > maxMade {
			return nil, nil
		}
		return nil, s.Compress(*compress).Emit("compressible", strings.Repeat("x", size))
	})
	ns.Handle("bye", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		var close *bool
		if e.Decode(&close) != nil || close == nil {
			return nil, nil
		}
		return nil, s.Disconnect(*close)
	})
}

// number calls f with 0, 1, ... as often as the event's argument says, and
// not at all if it is no count.
func number(e *socketio.Event, f func(int) error) error {
	var count int
	if e.Decode(&count) != nil {
		return nil
	}
	for i := range count {
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}
