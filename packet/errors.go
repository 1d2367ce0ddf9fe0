package packet

import (
	"errors"
	"fmt"
	"strconv"
)

// Reasons a text packet is refused for, as found in [Error.Reason]. The first
// three are the words the protocol's reference parser uses.
const (
	ReasonPayload     = "invalid payload"
	ReasonAttachments = "illegal attachments"
	ReasonTooMany     = "too many attachments"
	ReasonType        = "unknown packet type"
	ReasonNamespace   = "invalid namespace name"
	ReasonID          = "invalid ack id"
)

// Error says why [Parse] refused a packet, or why [Codec.Decode] could not put
// an attachment in its place. It never holds bytes of the peer, so it is safe
// to log whole.
type Error struct {
	// Reason is one of the Reason constants.
	Reason string
	// Detail says what was found or expected, in words for a log; may be empty.
	Detail string
	// Offset is the index of the offending byte in the packet, or its length
	// when the packet ends too early.
	Offset int
}

// Error implements error.
func (e *Error) Error() string {
	s := "packet: " + e.Reason + " at byte " + strconv.Itoa(e.Offset)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Errors returned when a packet is encoded. They are wrapped with what was
// encoded; test for them with errors.Is.
var (
	// ErrReservedEvent refuses an event name of the protocol's own; see
	// [IsReserved].
	ErrReservedEvent = errors.New("the event name is reserved by the protocol")
	// ErrTooManyAttachments refuses a packet its receiver would answer by
	// closing the connection; see [Codec.MaxAttachments].
	ErrTooManyAttachments = errors.New("too many attachments in one packet")
	// ErrPlaceholder refuses JSON that a receiver would mistake for an
	// attachment: an object with "_placeholder": true in a packet that carries
	// real attachments.
	ErrPlaceholder = errors.New("the data holds an object that reads as an attachment placeholder")
)

// ArgumentError names the argument of an event or ack that could not be encoded
// or decoded.
type ArgumentError struct {
	// Event is the event's name, empty for an ack.
	Event string
	// Index counts arguments from 1, the event name not included.
	Index int
	// Err is the cause.
	Err error
}

// Error implements error.
func (e *ArgumentError) Error() string {
	if e.Event == "" {
		return fmt.Sprintf("argument %d of the ack: %v", e.Index, e.Err)
	}
	return fmt.Sprintf("argument %d of %q: %v", e.Index, e.Event, e.Err)
}

// Unwrap returns the cause.
func (e *ArgumentError) Unwrap() error { return e.Err }
