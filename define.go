package socketio

import (
	"context"

	"github.com/go-socketio/socketio/packet"
)

// Definitions of an application's events, as values that server and clients
// share; see [DefineEvent] and [DefineCall]. They are those of package packet, so that a
// package of definitions need not import this one.
type (
	EventDef[In any]     = packet.EventDef[In]
	CallDef[In, Out any] = packet.CallDef[In, Out]
)

// DefineEvent defines an event by its name and the type of its arguments, for
// which the rules of [On] hold. [OnEvent] handles it, its method Emit sends it. It panics
// if the name is reserved.
func DefineEvent[In any](name string) EventDef[In] { return packet.DefineEvent[In](name) }

// DefineCall defines an event that is answered. [OnCall] handles it, its method Call
// asks. It panics if the name is reserved.
func DefineCall[In, Out any](name string) CallDef[In, Out] { return packet.DefineCall[In, Out](name) }

// OnEvent is [On] for a defined event.
func OnEvent[In any](h Handlers, d EventDef[In], f func(ctx context.Context, s *Socket, in In) error) (remove func()) {
	return On(h, d.Name(), f)
}

// OnCall is [OnAck] for a defined call.
func OnCall[In, Out any](h Handlers, d CallDef[In, Out], f func(ctx context.Context, s *Socket, in In) (Out, error)) (remove func()) {
	return OnAck(h, d.Name(), f)
}

// Call emits an event, waits for the client's answer and decodes it into out, a
// pointer. An answer that is an object with an "error" which has a "message",
// the shape in which this server answers errors by default, is returned as an
// [*Error]. Otherwise it is [Socket.EmitWithAck], whose rules and errors hold.
func (s *Socket) Call(ctx context.Context, out any, event string, args ...any) error {
	r, err := s.EmitWithAck(ctx, event, args...)
	if err != nil {
		return err
	}
	var failed struct {
		Error *Error `json:"error"`
	}
	if r.Len() > 0 && r.Decode(&failed) == nil && failed.Error != nil && failed.Error.Message != "" {
		return failed.Error
	}
	return r.Decode(out)
}

var (
	_ packet.Caller  = (*Socket)(nil)
	_ packet.Emitter = (*Socket)(nil)
	_ packet.Emitter = (*Namespace)(nil)
	_ packet.Emitter = Broadcast{}
	_ packet.Emitter = Outgoing{}
)
