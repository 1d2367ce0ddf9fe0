package main

import (
	"context"
	"sync"

	"github.com/go-socketio/socketio"
)

// addMirror registers the events that make the server hold on to a socket and
// emit to it at the wish of another client, whether it is connected or not.
func addMirror(ns *socketio.Namespace) {
	var mirrors sync.Map // of sockets, by the name of their namespace: children share these handlers
	call(ns, "mirror", 0, func(_ context.Context, s *socketio.Socket, _ *socketio.Event) []any {
		mirrors.Store(s.Namespace().Name(), s)
		return done()
	})
	call(ns, "reflect", 2, func(_ context.Context, s *socketio.Socket, e *socketio.Event) []any {
		event, args, named := emission(e, 0)
		held, ok := mirrors.Load(s.Namespace().Name())
		if !ok || !named {
			return nil
		}
		return []any{held.(*socketio.Socket).Emit(event, args...) == nil}
	})
}
