package main

import (
	"context"

	"github.com/go-socketio/socketio"
)

// addRooms registers the events about the client's own rooms.
func addRooms(ns *socketio.Namespace) {
	call(ns, "join", 1, func(_ context.Context, s *socketio.Socket, e *socketio.Event) []any {
		names, ok := roomsArg(e, 0)
		if !ok || s.Join(names...) != nil {
			return nil
		}
		return []any{s.Rooms()}
	})
	call(ns, "leave", 1, func(_ context.Context, s *socketio.Socket, e *socketio.Event) []any {
		name, ok := arg[string](e, 0)
		if !ok || s.Leave(name) != nil {
			return nil
		}
		return []any{s.Rooms()}
	})
}
