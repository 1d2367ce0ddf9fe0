package main

import (
	"context"
	"sync/atomic"

	"github.com/go-socketio/socketio"
)

// addMirror registers the events that make the server hold on to a socket and
// emit to it at the wish of another client, whether it is connected or not.
func addMirror(ns *socketio.Namespace) {
	var mirror atomic.Pointer[socketio.Socket]
	call(ns, "mirror", 0, func(_ context.Context, s *socketio.Socket, _ *socketio.Event) []any {
		mirror.Store(s)
		return done()
	})
	call(ns, "reflect", 2, func(_ context.Context, _ *socketio.Socket, e *socketio.Event) []any {
		var event string
		var args []any
		s := mirror.Load()
		if s == nil || e.Decode(&event, &args) != nil || args == nil {
			return nil
		}
		return []any{s.Emit(event, args...) == nil}
	})
}
