package client

import (
	"context"

	"github.com/go-socketio/socketio/packet"
)

// Definitions of an application's events, as values that server and clients
// share; see [DefineEvent] and [DefineCall].
type (
	EventDef[In any]     = packet.EventDef[In]
	CallDef[In, Out any] = packet.CallDef[In, Out]
)

// DefineEvent defines an event by its name and the type of its arguments, for
// which the rules of [On] hold. [OnEvent] handles it, its method Emit sends it.
// It panics if the name is reserved. Programs that are server and client at
// once use one definition for both.
func DefineEvent[In any](name string) EventDef[In] { return packet.DefineEvent[In](name) }

// DefineCall defines an event that is answered. [OnCall] handles it, its method
// Call asks. It panics if the name is reserved.
func DefineCall[In, Out any](name string) CallDef[In, Out] { return packet.DefineCall[In, Out](name) }

// OnEvent is [On] for a defined event.
func OnEvent[In any](h Handlers, d EventDef[In], f func(ctx context.Context, in In) error) (remove func()) {
	return On(h, d.Name(), f)
}

// OnCall is [OnAck] for a defined call.
func OnCall[In, Out any](h Handlers, d CallDef[In, Out], f func(ctx context.Context, in In) (Out, error)) (remove func()) {
	return OnAck(h, d.Name(), f)
}

// Call emits an event, waits for the server's answer and decodes it into out, a
// pointer. It is [EmitWithAck], whose rules and errors hold, for what is defined by [DefineCall].
func (s *Socket) Call(ctx context.Context, out any, event string, args ...any) error {
	r, err := s.EmitWithAck(ctx, event, args...)
	if err == nil {
		err = r.Err()
	}
	if err == nil {
		err = r.Decode(out)
	}
	return err
}

var (
	_ packet.Caller  = (*Socket)(nil)
	_ packet.Emitter = (*Socket)(nil)
	_ packet.Emitter = Outgoing{}
)
