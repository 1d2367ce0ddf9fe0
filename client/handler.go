package client

import (
	"context"
	"fmt"

	"github.com/go-socketio/socketio/packet"
)

// HandlerFunc handles one event of the server. ctx ends when the Manager is
// closed. e.Socket is the socket that it came to.
//
// What it returns is the answer if the server asked for one: the values, or an
// error (see [Error]). nil, nil answers nothing, now or ever, unless e.Ack was
// or will be called; an empty, non-nil slice answers without values.
type HandlerFunc func(ctx context.Context, e *Event) ([]any, error)

// Handlers is what handlers can be registered with: a [Socket].
type Handlers interface {
	Handle(event string, h HandlerFunc) (remove func())
}

// On registers a handler whose argument is decoded from the event: In is any
// type that encoding/json decodes, []byte or [Binary] for an attachment,
// [Args2] or [Args3] for events with several arguments, [None] for those
// without. An event whose arguments do not fit never reaches f: its ack, if
// one was asked for, says what was wrong, and so does [Socket.OnError].
// Arguments too many are ignored. An error of f is answered, if there is an
// ack, and logged otherwise. remove takes the handler off again.
func On[In any](h Handlers, event string, f func(ctx context.Context, in In) error) (remove func()) {
	return h.Handle(event, func(ctx context.Context, e *Event) ([]any, error) {
		var in In
		if err := e.Decode(&in); err != nil {
			return nil, badArguments(err)
		}
		return nil, f(ctx, in)
	})
}

// OnAck is On for events that are answered: Out is sent as the ack, as one
// value, several ([Args2], [Args3]) or none ([None]).
func OnAck[In, Out any](h Handlers, event string, f func(ctx context.Context, in In) (Out, error)) (remove func()) {
	return h.Handle(event, func(ctx context.Context, e *Event) ([]any, error) {
		var in In
		if err := e.Decode(&in); err != nil {
			return nil, badArguments(err)
		}
		out, err := f(ctx, in)
		if err != nil {
			return nil, err
		}
		return []any{out}, nil
	})
}

// badArguments tells the server what it sent wrong. The text names positions
// and types, nothing of the application's.
func badArguments(err error) error {
	return &Error{Message: "bad arguments: " + err.Error()}
}

func mustBeFree(event string) {
	if packet.IsReserved(event) {
		panic(fmt.Sprintf("client: %q is a reserved event name; see OnConnect, OnConnectError and OnDisconnect", event))
	}
}

// Types for events with other than one argument, and for binary data in structs.
type (
	None               = packet.None
	Args2[A, B any]    = packet.Args2[A, B]
	Args3[A, B, C any] = packet.Args3[A, B, C]
	Binary             = packet.Binary
)
