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
		compress, said := arg[bool](e, 0)
		size, sized := countArg(e, 1)
		if !said || !sized || size > maxMade {
			return nil, nil
		}
		return nil, s.Compress(compress).Emit("compressible", strings.Repeat("x", size))
	})
	ns.Handle("bye", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		close, ok := arg[bool](e, 0)
		if !ok {
			return nil, nil
		}
		return nil, s.Disconnect(close)
	})
}

// number calls f with 0, 1, ... as often as the event's argument says, and
// not at all if it is no count.
func number(e *socketio.Event, f func(int) error) error {
	count, ok := countArg(e, 0)
	if !ok {
		return nil
	}
	for i := range count {
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}
