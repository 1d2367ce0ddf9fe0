package main

import (
	"context"

	"github.com/go-socketio/socketio"
)

// addRooms registers the events about the client's own rooms.
func addRooms(ns *socketio.Namespace) {
	call(ns, "join", 1, func(_ context.Context, s *socketio.Socket, e *socketio.Event) []any {
		names, ok := readRooms(e, 0)
		if !ok || s.Join(names...) != nil {
			return nil
		}
		return []any{s.Rooms()}
	})
	call(ns, "leave", 1, func(_ context.Context, s *socketio.Socket, e *socketio.Event) []any {
		var name string
		if e.Arg(0, &name) != nil || s.Leave(name) != nil {
			return nil
		}
		return []any{s.Rooms()}
	})
}
