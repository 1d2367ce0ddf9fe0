package wsock

import (
	"fmt"
	"net/http"
)

// Close codes this package itself gives or understands (RFC 6455 section 7.4).
const (
	CodeNormal        = 1000 // the peer is done
	CodeGoingAway     = 1001 // a page was left, a server goes down: an ordinary end
	CodeProtocolError = 1002 // a frame broke RFC 6455
	CodeNoStatus      = 1005 // never sent: the close frame had no code
	CodeInvalidData   = 1007 // text that is not UTF-8
	CodeTooBig        = 1009 // a message above Options.MaxMessage
)

// CloseError is the peer's close frame: the orderly end of a connection, not a
// failure. Every code the protocol allows ends up here, 1001 included.
type CloseError struct {
	Code   int    // CodeNoStatus when the frame carried none
	Reason string // valid UTF-8, at most 123 bytes
}

func (e *CloseError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("wsock: peer closed with code %d", e.Code)
	}
	return fmt.Sprintf("wsock: peer closed with code %d: %q", e.Code, e.Reason)
}

// ProtocolError says what the peer did against RFC 6455 or our bounds. Code is
// what the owner should put into its close frame: 1002, 1007 or 1009.
type ProtocolError struct {
	Code   int
	Reason string
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("wsock: bad input from peer (close code %d): %s", e.Code, e.Reason)
}

// HandshakeError is a request or response that is no proper WebSocket
// handshake. Nothing was written when it is returned from [Check] or [Accept]:
// the caller answers with Status, Header and Message.
type HandshakeError struct {
	Status  int         // the HTTP status to answer with, or that was received
	Header  http.Header // to be added to the answer; mostly nil
	Message string      // what is wrong and how to put it right
	Err     error       // the cause, if any
}

func (e *HandshakeError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("wsock: handshake: %s: %v", e.Message, e.Err)
	}
	return "wsock: handshake: " + e.Message
}

// Unwrap returns the cause.
func (e *HandshakeError) Unwrap() error { return e.Err }
