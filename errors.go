package socketio

import (
	"errors"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet"
)

// Error is an error meant for the peer: it is all of an error that ever
// reaches one. A middleware that returns one refuses the client with
// connect_error{message, data}; a handler that returns one answers the ack with
// {"error": {"message": …, "data": …}}. Any other error is logged, and the peer
// is told "internal error".
type Error struct {
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

func (e *Error) Error() string { return e.Message }

var (
	// ErrClosed is returned when the socket is no longer connected.
	ErrClosed = errors.New("socketio: socket is disconnected")
	// ErrNotConnected is returned by waiting for an ack from within a
	// middleware: the client learns of the connection only after it.
	ErrNotConnected = errors.New("socketio: socket is not connected yet, wait for acks in OnConnect or later")
	// ErrSlowConsumer is returned by the emit that found the client's queue full; the client is closed.
	ErrSlowConsumer = engine.ErrSlowConsumer
	// ErrReservedEvent is returned for event names that the protocol keeps for
	// itself: connect, connect_error, disconnect, disconnecting, newListener, removeListener.
	ErrReservedEvent = packet.ErrReservedEvent
	// ErrAckTimeout is returned when the peer did not answer in time.
	ErrAckTimeout = errors.New("socketio: operation has timed out")
	// ErrAckSent is returned by Event.Ack when the event was answered already.
	ErrAckSent = errors.New("socketio: the event was acknowledged already")
	// ErrNoAck is returned by Event.Ack when the peer did not ask for an answer.
	ErrNoAck = errors.New("socketio: the peer asked for no acknowledgement")
)

// DisconnectReason says why a socket is gone. The strings are those of the
// official server, plus "slow consumer". It is also the cause of the socket's context.
type DisconnectReason string

const (
	TransportError            DisconnectReason = DisconnectReason(engine.TransportError)
	TransportClose            DisconnectReason = DisconnectReason(engine.TransportClose)
	PingTimeout               DisconnectReason = DisconnectReason(engine.PingTimeout)
	ParseError                DisconnectReason = DisconnectReason(engine.ParseError)
	ForcedClose               DisconnectReason = DisconnectReason(engine.ForcedClose)
	ServerShuttingDown        DisconnectReason = DisconnectReason(engine.ShuttingDown)
	SlowConsumer              DisconnectReason = DisconnectReason(engine.SlowConsumer)
	ClientNamespaceDisconnect DisconnectReason = "client namespace disconnect"
	ServerNamespaceDisconnect DisconnectReason = "server namespace disconnect"
)

// Error makes a DisconnectReason usable as an error.
func (r DisconnectReason) Error() string { return string(r) }

// masked is what the peer is told of errors that are not meant for it.
const masked = "internal error"

// public returns what the peer may see of err.
func public(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok && e != nil {
		return e
	}
	return &Error{Message: masked}
}
