package engine

import (
	"errors"
	"fmt"
)

// Reason says why a session ended. The strings are those of the reference
// implementation, except [SlowConsumer], which it has no word for.
type Reason string

const (
	// TransportError: the peer broke the protocol, or its polling requests overlapped or were cut off.
	TransportError Reason = "transport error"
	// TransportClose: the peer closed the connection, or it broke.
	TransportClose Reason = "transport close"
	// PingTimeout: a heartbeat was not answered within Config.PingTimeout.
	PingTimeout Reason = "ping timeout"
	// ParseError: the peer sent something that is not an Engine.IO packet.
	ParseError Reason = "parse error"
	// ForcedClose: this side called Session.Close.
	ForcedClose Reason = "forced close"
	// ShuttingDown: Server.Shutdown ended the session.
	ShuttingDown Reason = "server shutting down"
	// SlowConsumer: more than Config.MaxQueuedBytes waited for a client that
	// did not read, or one write took longer than Config.WriteTimeout.
	SlowConsumer Reason = "slow consumer"
)

// Error makes a Reason usable as an error, for example as the cause of a context.
func (r Reason) Error() string { return string(r) }

// QueueFull is the cause that comes with [SlowConsumer] when the queue was full.
type QueueFull struct{ Bytes int }

func (e *QueueFull) Error() string {
	return fmt.Sprintf("engine: %d bytes wait for a client that does not read", e.Bytes)
}

var (
	// ErrClosed is returned by Send on a session that has ended or is ending.
	ErrClosed = errors.New("engine: session is closed")
	// ErrSlowConsumer is returned by the Send that found the queue full. The session is closed by it.
	ErrSlowConsumer = errors.New("engine: client reads too slowly, queue is over MaxQueuedBytes")
	// ErrNotWritable is returned by SendVolatile when the message was dropped.
	ErrNotWritable = errors.New("engine: transport is not writable now, message dropped")
)
