package main

import (
	"context"
	"errors"

	"github.com/go-socketio/socketio"
)

// addSight listens to all events of both directions, and registers the event
// that asks what was seen.
func addSight(ns *socketio.Namespace) {
	ns.OnAny(func(_ context.Context, s *socketio.Socket, e *socketio.Event) {
		recordOf(s).see(e.Name())
	})
	ns.OnAnyOutgoing(func(s *socketio.Socket, event string, _ []any) {
		recordOf(s).sent(event)
	})
	call(ns, "seen", 0, func(_ context.Context, s *socketio.Socket, _ *socketio.Event) []any {
		in, out := recordOf(s).sight()
		return []any{map[string]any{"in": in, "out": out}}
	})
}

// addForbidden refuses one event before it has a handler, and tells the client
// of refusals by an event.
func addForbidden(ns *socketio.Namespace) {
	ns.UseEvent(func(_ context.Context, _ *socketio.Socket, e *socketio.Event) error {
		if e.Name() == "forbidden" {
			return &socketio.Error{Message: "unauthorized event"}
		}
		return nil
	})
	ns.OnError(func(s *socketio.Socket, _ *socketio.Event, err error) {
		if refusal, ok := errors.AsType[*socketio.Error](err); ok {
			_ = s.Emit("middleware-error", refusal.Message) // a client that is gone misses nothing
		}
	})
}
