package socketio

import (
	"context"
	"fmt"
	"iter"
)

// ServerSideEmit sends an event to the other servers of a cluster: to what
// [Namespace.OnServerSide] has registered there, never to this server itself, and to
// no client. There is no adapter to other servers yet, so nobody receives it:
// it checks the name and the arguments, as it will then. Errors: [ErrReservedEvent] for connect,
// connection and new_namespace, and values that cannot be encoded.
func (ns *Namespace) ServerSideEmit(event string, args ...any) error {
	if isServerReserved(event) {
		return fmt.Errorf("socketio: event %q between servers: %w", event, ErrReservedEvent)
	}
	_, err := encode(func(dst []byte) ([]byte, [][]byte, error) {
		return ns.srv.appendAck(dst, ns.name, 0, args) // what they look like, whatever carries them
	})
	return err
}

// ServerSideEmitWithAck is ServerSideEmit for an event that each other server
// answers, and yields their answers, whose SocketID is empty. One server alone
// gets none: unless the event is refused, nothing is yielded.
func (ns *Namespace) ServerSideEmitWithAck(_ context.Context, event string, args ...any) iter.Seq2[Reply, error] {
	err := ns.ServerSideEmit(event, args...)
	return func(yield func(Reply, error) bool) {
		if err != nil {
			yield(Reply{}, err)
		}
	}
}

// OnServerSide adds a function for an event that another server sends with
// ServerSideEmit; what it returns is the answer to ServerSideEmitWithAck. It panics if the name is
// reserved (see there). remove takes it off again.
func (ns *Namespace) OnServerSide(event string, f func(ctx context.Context, e *ServerEvent) ([]any, error)) (remove func()) {
	if isServerReserved(event) {
		panic(fmt.Sprintf("socketio: %q is a reserved event name between servers", event))
	}
	l := &serverListener{event, f}
	ns.register(func(t *table) { t.serverSide = with(t.serverSide, l) })
	return func() { ns.register(func(t *table) { t.serverSide = without(t.serverSide, l) }) }
}

type serverListener struct {
	event string
	f     func(context.Context, *ServerEvent) ([]any, error)
}

func isServerReserved(event string) bool {
	return event == "connect" || event == "connection" || event == "new_namespace"
}

// ServerEvent is an event from another server.
type ServerEvent struct {
	Name  string
	reply Reply // has its arguments
}

// Len returns the number of arguments.
func (e *ServerEvent) Len() int { return e.reply.Len() }

// Decode decodes the arguments from the first on into dst, pointers; see [Event.Decode].
func (e *ServerEvent) Decode(dst ...any) error { return e.reply.Decode(dst...) }

// Args returns the arguments undecoded, ready to be emitted again.
func (e *ServerEvent) Args() []any { return e.reply.Args() }

// serverSide hands an event of another server to those who listen, in the order
// of their registration. The first answer, or error, is the one that counts.
// It is where an adapter delivers.
func (ns *Namespace) serverSide(ctx context.Context, event string, args arguments) (out []any, err error) {
	e := &ServerEvent{Name: event, reply: Reply{codec: &ns.srv.codec, args: args}}
	for _, l := range ns.table.Load().serverSide {
		if l.event != event {
			continue
		}
		ns.srv.attempt("OnServerSide", func() {
			answer, failed := l.f(ctx, e)
			if out == nil && err == nil {
				out, err = answer, failed
			}
		})
	}
	return out, err
}
