package packet

import (
	"context"
	"fmt"
)

// EventDef is an event of an application's protocol, as a value: its name and
// the type of its arguments, which the two sides can share. Made by [DefineEvent].
type EventDef[In any] struct{ name string }

// CallDef is an event that is answered: its name, the type of its arguments and
// that of the answer. Made by [DefineCall].
type CallDef[In, Out any] struct{ name string }

// DefineEvent defines an event. In is any type that can be an argument; a
// [Tuple] such as [Args2] stands for several, [None] for none. It panics if the name is reserved.
func DefineEvent[In any](name string) EventDef[In] { return EventDef[In]{definable(name)} }

// DefineCall defines an event that is answered. In and Out are as in [DefineEvent].
func DefineCall[In, Out any](name string) CallDef[In, Out] { return CallDef[In, Out]{definable(name)} }

func definable(name string) string {
	if IsReserved(name) {
		panic(fmt.Sprintf("packet: event %q: %v", name, ErrReservedEvent))
	}
	return name
}

// Emitter is whatever events can be sent through: a socket of the server or of
// the client, a namespace, a broadcast.
type Emitter interface {
	Emit(event string, args ...any) error
}

// Caller is a peer that can be asked: a socket of the server or of the client.
type Caller interface {
	// Call emits an event, waits for its answer and decodes that into out, a
	// pointer. An error that the other side has answered with is returned.
	Call(ctx context.Context, out any, event string, args ...any) error
}

// Name returns the event's name.
func (d EventDef[In]) Name() string { return d.name }

// Emit sends the event through to, with its errors.
func (d EventDef[In]) Emit(to Emitter, in In) error { return to.Emit(d.name, in) }

// Name returns the event's name.
func (d CallDef[In, Out]) Name() string { return d.name }

// Call asks to and waits for the answer, with the errors and the bounds in time of its Call.
func (d CallDef[In, Out]) Call(ctx context.Context, to Caller, in In) (Out, error) {
	var out Out
	err := to.Call(ctx, &out, d.name, in)
	return out, err
}
