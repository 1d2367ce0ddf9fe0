package client

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-socketio/socketio/packet"
)

// Error is an error meant for the other side: it is all of an error that ever
// reaches it. A handler that returns one answers the ack with
// {"error": {"message": …, "data": …}}; any other error is logged, and the
// server is told "internal error". An answer of the server of that form is
// returned by [EmitWithAck] as an *Error, with Data decoded as into an any.
type Error struct {
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`

	text json.RawMessage // Data as it came
}

func (e *Error) Error() string { return e.Message }

// DecodeData decodes the data of an error that came from the server.
func (e *Error) DecodeData(dst any) error {
	if e.text == nil {
		return errors.New("client: the error holds no data of the server")
	}
	return json.Unmarshal(e.text, dst)
}

// ConnectError is the server's refusal to let the client into a namespace. The
// socket does not try again by itself; [Socket.Connect] does.
type ConnectError struct {
	Namespace string
	Message   string
	Data      json.RawMessage // JSON, nil if there is none
}

func (e *ConnectError) Error() string {
	return fmt.Sprintf("client: the server refuses %s: %s", e.Namespace, e.Message)
}

// DecodeData decodes the data that the server has sent with the refusal.
func (e *ConnectError) DecodeData(dst any) error {
	if e.Data == nil {
		return errors.New("client: the refusal holds no data")
	}
	return json.Unmarshal(e.Data, dst)
}

// DeliveryError reports an event that was given up after all its tries; see
// [Retries]. It is given to [Socket.OnError].
type DeliveryError struct {
	Event string
	Tries int
	Err   error // of the last try
}

func (e *DeliveryError) Error() string {
	return fmt.Sprintf("client: event %q was given up after %d tries: %v", e.Event, e.Tries, e.Err)
}

// Unwrap returns the error of the last try.
func (e *DeliveryError) Unwrap() error { return e.Err }

var (
	// ErrClosed is returned when the Manager is closed.
	ErrClosed = errors.New("client: the manager is closed")
	// ErrDisconnected ends waits for the answer to an event that was sent when
	// the connection was lost. It is wrapped with the [DisconnectReason].
	ErrDisconnected = errors.New("client: socket has been disconnected")
	// ErrAckTimeout is returned when the server did not answer in time.
	ErrAckTimeout = errors.New("client: operation has timed out")
	// ErrConnectTimeout is the connect_error of an attempt that took longer than Config.ConnectTimeout.
	ErrConnectTimeout = errors.New("client: timeout while connecting")
	// ErrReconnectFailed is returned by Connect when all attempts were in vain.
	ErrReconnectFailed = errors.New("client: gave up connecting")
	// ErrBufferFull is returned by an emit that would take what waits to be sent
	// over Config.MaxQueuedBytes. The event is not sent.
	ErrBufferFull = errors.New("client: more than MaxQueuedBytes wait to be sent")
	// ErrReservedEvent is returned for event names that the protocol keeps for
	// itself: connect, connect_error, disconnect, disconnecting, newListener, removeListener.
	ErrReservedEvent = packet.ErrReservedEvent
	// ErrAckSent is returned by Event.Ack when the event was answered already.
	ErrAckSent = errors.New("client: the event was acknowledged already")
	// ErrInHandler is returned by a Close that a handler or listener has called:
	// the Manager is closed, but was not waited for.
	ErrInHandler = errors.New("client: closed, but not waited for: Close was called by a handler or listener")
	// ErrNoAck is returned by Event.Ack when the server did not ask for an answer.
	ErrNoAck = errors.New("client: the server asked for no acknowledgement")
)

// DisconnectReason says why a socket is no longer connected. The strings are
// those of the official client.
type DisconnectReason string

const (
	ServerDisconnect DisconnectReason = "io server disconnect" // no reconnection
	ClientDisconnect DisconnectReason = "io client disconnect" // no reconnection
	PingTimeout      DisconnectReason = "ping timeout"
	TransportClose   DisconnectReason = "transport close"
	TransportError   DisconnectReason = "transport error"
	ParseError       DisconnectReason = "parse error"
	ForcedClose      DisconnectReason = "forced close"
)

// Error makes a DisconnectReason usable as an error.
func (r DisconnectReason) Error() string { return string(r) }

// masked is what the server is told of errors that are not meant for it.
const masked = "internal error"

// public returns what the server may see of err.
func public(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok && e != nil {
		return e
	}
	return &Error{Message: masked}
}

// panicError is what a panic of the application looks like to the rest.
type panicError struct{ value any }

func (e panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }
