package engine

import (
	"context"
	"sync"
)

// State is a connection's ready state, with the numbers of a browser's WebSocket.
type State uint8

const (
	Connecting State = iota
	Open
	Closing // Close was called, and what is queued is being sent
	Closed
)

// String returns "connecting", "open", "closing" or "closed".
func (s State) String() string {
	switch s {
	case Connecting:
		return "connecting"
	case Open:
		return "open"
	case Closing:
		return "closing"
	default:
		return "closed"
	}
}

// Kind tells text from binary messages.
type Kind uint8

const (
	Text Kind = iota
	Binary
)

// Message is one message to send.
type Message struct {
	Kind Kind
	Data []byte
	// Plain keeps the message from being compressed, see Config.PerMessageDeflate.
	Plain bool
}

// Receiver is the application's side of a connection. Its methods are called
// one at a time, never concurrently, in the order of the wire. While one runs,
// nothing more is read from the server. A panic is logged and ends the
// connection.
//
// If the Receiver also has a method Opened(*Conn), that is called first, before
// Dial returns: messages may come before Dial's caller has the Conn.
type Receiver interface {
	// Message gets one message. data is valid until return.
	Message(kind Kind, data []byte)
	// Closed is the last call, when the connection is over for good. err says
	// more than the reason does, and may be nil. No call of Close or Send is
	// waiting for it, so locks of the application may be taken.
	Closed(reason Reason, err error)
}

// Opener is what a Receiver may implement to learn its Conn first.
type Opener interface {
	Opened(c *Conn)
}

// Conn is one connection to a server, whatever transport carries it. All
// methods may be called concurrently, and from the Receiver too.
type Conn struct {
	mu sync.Mutex
}

// ID returns the session's id, "" while there is none. It is a secret of
// server and client, and not the id of a Socket.IO socket.
func (c *Conn) ID() string { return "" }

// Transport returns the name of the transport in use, "" before there is one.
func (c *Conn) Transport() string { return "" }

// ReadyState returns Connecting, Open, Closing or Closed.
func (c *Conn) ReadyState() State { return Closed }

// BufferedAmount returns how many bytes of messages wait to be sent, or are
// being sent now.
func (c *Conn) BufferedAmount() int { return 0 }

// MaxPayload returns the most bytes that the server takes in one polling
// request, as it said in the handshake; 0 if it did not say.
func (c *Conn) MaxPayload() int { return 0 }

// Context returns a context that ends with the connection, before Closed is
// called; its cause is the [Reason].
func (c *Conn) Context() context.Context { return context.Background() }

// Done returns a channel that is closed when the connection is over for good:
// Closed has returned and none of its goroutines is left.
func (c *Conn) Done() <-chan struct{} { return nil }

// Send queues one message and returns at once. data is copied. It returns
// [ErrClosed], [ErrQueueFull] or [ErrText], and nothing is queued then.
func (c *Conn) Send(kind Kind, data []byte) error { return ErrClosed }

// SendMessages is Send for messages that stay adjacent on the wire. Either all
// are queued or none.
func (c *Conn) SendMessages(msgs ...Message) error { return ErrClosed }

// SendVolatile is SendMessages for messages that are worth nothing later: they
// are dropped, with [ErrNotWritable], unless the transport takes them now.
func (c *Conn) SendVolatile(msgs ...Message) error { return ErrClosed }

// Writable tells whether a message sent now would leave now: the connection is
// open, its heartbeat is not overdue, no upgrade is under way and nothing else waits.
func (c *Conn) Writable() bool { return false }

// Close ends the connection after what is queued was sent, and returns at once.
// No Message is called from now on. Closed follows, with [ForcedClose], within
// Config.CloseTimeout. Closing a connection that is closing or closed does nothing.
func (c *Conn) Close() {}

// CloseNow ends the connection and throws away what is queued. Closed follows
// at once.
func (c *Conn) CloseNow() {}
