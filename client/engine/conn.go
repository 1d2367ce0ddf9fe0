package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
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

// Receiver is the application's side of a connection. Its methods are called
// one at a time, never concurrently, in the order of the wire. While one runs,
// nothing more is read from the server. A panic is logged and ends the
// connection.
//
// If the Receiver is an [Opener] too, that is called first, before Dial
// returns: messages may come before Dial's caller has the Conn.
type Receiver interface {
	// Message gets one message. data is the Receiver's to keep and to change;
	// to keep one of a few bytes may keep 1 KiB of its neighbours.
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

// Pauser is what a Receiver may implement to gather messages: Paused is called
// when it has had all messages that came with one read, before the connection
// waits for more or calls Closed, in turn with its other methods.
type Pauser interface {
	Paused()
}

// Conn is one connection to a server, whatever transport carries it. All
// methods may be called concurrently, and from the Receiver too.
type Conn struct {
	cfg  *Config // with defaults
	to   *target
	recv Receiver

	sending atomic.Int64  // bytes that a flush has in its hands
	seen    atomic.Uint32 // state, for those without the lock
	turn    bool          // the Receiver's turn has begun; of the goroutine that reads

	mu         sync.Mutex // guards all below; a leaf, never held over code of others or I/O
	state      State      // see setLocked
	over       bool       // ended, and nothing but Closed is left to do
	told       bool       // somebody calls Closed, or has, or nobody has to
	delivering bool       // the Receiver has its turn
	flushing   bool       // a flush runs
	polling    bool       // a poll loop runs
	upgrading  bool       // nothing is sent, and no GET begins
	answering  bool       // a WebSocket pong is queued
	parting    bool       // the goodbye was sent
	pongs      int        // pongs in queue
	tasks      int        // goroutines, see startLocked
	queued     int        // bytes in queue
	queue      *outbox
	tr         transport
	id         string
	why        Reason // these two once it is over
	err        error
	maxPayload int           // of the server
	silence    time.Duration // how long the server may be silent
	deadline   int64         // when its silence is too long, Unix ns on the wall clock
	watchdog   *time.Timer
	patience   *time.Timer             // bounds Close
	stopDial   context.CancelCauseFunc // nil once it is open
	paused     chan struct{}           // closed when nothing is under way on a transport to be left
	ctx        context.Context         // nil until it is asked for
	cancel     context.CancelCauseFunc // of ctx
	done       chan struct{}           // nil until it is asked for
}

// transport takes packets to the server. What comes from it arrives by calls of
// Conn.receive and, once, Conn.end.
type transport interface {
	name() string
	// send writes a batch, blocking as long as the server is slow and no bound
	// is passed. One at a time.
	send(b *outbox) error
	// waits tells whether the server answers a goodbye.
	waits() bool
	// closeNow makes all of its goroutines end. It may be called twice. quiet
	// says that nobody sends, so that it may say a last word.
	closeNow(quiet bool)
}

// ID returns the session's id, "" while there is none. It is a secret of
// server and client, and not the id of a Socket.IO socket.
func (c *Conn) ID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.id
}

// Transport returns the name of the transport in use, "" before there is one.
func (c *Conn) Transport() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tr == nil {
		return ""
	}
	return c.tr.name()
}

// ReadyState returns Connecting, Open, Closing or Closed.
func (c *Conn) ReadyState() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// BufferedAmount returns how many bytes of messages wait to be sent, or are
// being sent now.
func (c *Conn) BufferedAmount() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queued + int(c.sending.Load())
}

// MaxPayload returns the most bytes that the server takes in one polling
// request, as it said in the handshake; 0 if it did not say.
func (c *Conn) MaxPayload() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.maxPayload
}

// Context returns a context that ends with the connection, before Closed is
// called; its cause is the [Reason].
func (c *Conn) Context() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx == nil { // most connections never need one
		c.ctx, c.cancel = context.WithCancelCause(context.Background())
		if c.over {
			c.cancel(c.why)
		}
	}
	return c.ctx
}

// Done returns a channel that is closed when the connection is over for good:
// Closed has returned and none of its goroutines is left. Not to be waited for
// in a Receiver.
func (c *Conn) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.goneLocked() {
			close(c.done)
		}
	}
	return c.done
}

func (c *Conn) setLocked(s State) {
	c.state = s
	c.seen.Store(uint32(s))
}

// startLocked counts a goroutine of the connection, for Done; finish ends it.
// It reports false when the connection is over.
func (c *Conn) startLocked() bool {
	if c.over {
		return false
	}
	c.tasks++
	return true
}

func (c *Conn) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tasks--
	if c.done != nil && c.goneLocked() {
		close(c.done)
	}
}

// goneLocked tells whether the last goroutine has ended. It becomes true once,
// when a task ends, for nothing starts one afterwards.
func (c *Conn) goneLocked() bool { return c.tasks == 0 && c.over && c.told }
