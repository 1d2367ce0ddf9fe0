package main

import (
	"context"

	"github.com/go-socketio/socketio"
)

// call registers an event that takes so many arguments and an acknowledgement;
// any other use of the event is ignored. run returns nil when the arguments
// have other types, which is ignored as well: the contract wants silence.
func call(ns *socketio.Namespace, event string, arguments int, run func(ctx context.Context, s *socketio.Socket, e *socketio.Event) []any) {
	ns.Handle(event, func(ctx context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		if !e.WantsAck() || e.Len() != arguments {
			return nil, nil
		}
		return run(ctx, s, e), nil
	})
}

// done acknowledges without a value.
func done() []any { return []any{} }
