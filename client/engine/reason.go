package engine

import (
	"errors"
	"fmt"
	"net/http"
)

// Reason says why a connection ended, in the words of the reference client.
type Reason string

const (
	// TransportError: a request failed or was refused, the server broke a
	// protocol or a bound, or it took nothing for Config.WriteTimeout.
	TransportError Reason = "transport error"
	// TransportClose: the server closed the connection, or it broke.
	TransportClose Reason = "transport close"
	// PingTimeout: the server's heartbeat did not come.
	PingTimeout Reason = "ping timeout"
	// ParseError: the server sent something that is not an Engine.IO packet.
	ParseError Reason = "parse error"
	// ForcedClose: this side called Close or CloseNow.
	ForcedClose Reason = "forced close"
)

// Error makes a Reason usable as an error, for example as the cause of a context.
func (r Reason) Error() string { return string(r) }

var (
	// ErrClosed is returned for a connection that is not open (any more): it
	// has ended, is ending, is still connecting, or its heartbeat is overdue.
	ErrClosed = errors.New("engine: connection is not open")
	// ErrQueueFull is returned when more than Config.MaxQueuedBytes would wait.
	// Nothing was queued, and the connection goes on.
	ErrQueueFull = errors.New("engine: the server reads too slowly, more than MaxQueuedBytes would wait")
	// ErrNotWritable is returned by SendVolatile when the messages were dropped.
	ErrNotWritable = errors.New("engine: transport is not writable now, message dropped")
	// ErrText is returned for a text message that is not UTF-8, or that holds
	// U+001E where polling is possible: it separates packets there. Send such
	// data as [Binary].
	ErrText = errors.New("engine: text is not UTF-8 or holds U+001E, send it as binary")
	// ErrOldServer is part of the error when a server turns out to speak
	// Engine.IO 3, that of Socket.IO 1 and 2.
	ErrOldServer = errors.New("engine: the server speaks Engine.IO 3, that of Socket.IO 1 and 2")
)

// HandshakeError is the answer of a server, or of something in between, that
// did not open a connection or a transport of it.
type HandshakeError struct {
	Transport string      // the transport that was tried
	Status    int         // the HTTP status of the answer
	Header    http.Header // of the answer; may be nil
	Code      int         // of an Engine.IO refusal: 0 to 5; -1 if the answer is none
	Message   string      // of an Engine.IO refusal, otherwise the beginning of the answer
}

func (e *HandshakeError) Error() string {
	if e.Code >= 0 {
		return fmt.Sprintf("engine: %s: the server refused with status %d, code %d: %q", e.Transport, e.Status, e.Code, e.Message)
	}
	return fmt.Sprintf("engine: %s: the server answered with status %d: %q", e.Transport, e.Status, e.Message)
}
