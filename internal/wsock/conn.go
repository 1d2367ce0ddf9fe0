// Package wsock speaks the WebSocket protocol (RFC 6455) over an HTTP/1.1
// connection that has been taken over, or over any other byte stream.
//
// It is built for many connections that are silent most of the time. A [Conn]
// that waits for its peer holds no read buffer: on a plain TCP or Unix socket
// it first waits until the kernel has bytes and only then borrows a buffer.
// Frames are parsed and unmasked where they lie, and a message that arrived
// whole is handed up as a slice of that buffer, or copied together with its
// neighbours for a handler that keeps it.
//
// Messages may be compressed (RFC 7692) where both ends want it.
//
// The package knows nothing of what the messages mean, owns no goroutine and no
// timer, and answers nothing on its own: pongs and close frames are written by
// the owner of the connection, who alone knows what else is being written.
package wsock

import (
	"errors"
	"io"
	"net"
	"time"
)

// Opcode says what a frame carries (RFC 6455 section 5.2).
type Opcode byte

// The opcodes of RFC 6455. All others are reserved and refused.
const (
	Continuation Opcode = 0x0
	Text         Opcode = 0x1
	Binary       Opcode = 0x2
	Close        Opcode = 0x8
	Ping         Opcode = 0x9
	Pong         Opcode = 0xA
)

// DefaultMaxMessage is the bound on one message when Options leaves it zero.
const DefaultMaxMessage = 1_000_000

// Options bounds a connection. The zero value is ready to use.
type Options struct {
	// MaxMessage is the largest message accepted, in bytes, all its fragments
	// together. A peer that announces more gets a [ProtocolError] with code
	// 1009 before a byte of it is stored. Zero or less: [DefaultMaxMessage].
	MaxMessage int
	// Deflate agrees to compressed messages (RFC 7692) if the peer does, without
	// context takeover. See [Conn.Deflates].
	Deflate bool
	// Keep gives messages to the handler for good, see [Handler]. Without it
	// they lie in the read buffer.
	Keep bool
	// HandshakeTimeout bounds how long writing the 101 response may take.
	// Zero or less: 10 seconds.
	HandshakeTimeout time.Duration
	// Greeting is frames that follow the 101 response in the same write.
	Greeting []byte
	// Watch waits for the connection while it is silent; nil: a goroutine does.
	Watch *Watch
}

// Handler receives what one read brought, on the goroutine that runs
// [Conn.Serve]. The data is valid until the method returns; with Options.Keep
// that of a message is the handler's to keep, and keeping one may keep 1 KiB of
// others that came with it. It may be changed in place. An error ends Serve,
// which returns it unchanged.
type Handler interface {
	// Message gets one whole message; op is Text (valid UTF-8) or Binary.
	Message(op Opcode, data []byte) error
	// Control gets a Ping, which the owner has to answer with a Pong that
	// carries the same data (at most 125 bytes), or a Pong. It may come
	// between the fragments of a message. A Close is not handed up: it ends
	// Serve.
	Control(op Opcode, data []byte) error
	// Drained is called when all frames that one read completed were handed up,
	// before the reader reads again or returns what ended it. It is not called
	// for a read that completed none, nor after an error of the handler itself.
	Drained()
}

// Conn is one end of a WebSocket connection after its handshake.
//
// One goroutine runs [Conn.Serve]. Beside it one goroutine at a time may write
// ([Conn.TryWrite], [Conn.Write]); the caller sees to that with a lock of its
// own. The deadlines and [Conn.CloseNow] may be called from anywhere.
type Conn struct {
	rwc io.ReadWriteCloser
	poll
	buf    []byte           // borrowed; nil while the connection is silent
	rest   []byte           // what of the last read (at first: of the handshake) is not yet parsed
	part   *partial         // nil unless a message or frame is half received
	wait   *[maxHeader]byte // where a stream without a descriptor waits
	waited int64            // when the reader last asked timeToHop, in Unix nanoseconds
	max    int
	agreed byte // reserved bits with a meaning: rsv1Bit or none
	isPeer bool // we are the client: what comes in must not be masked
	busy   bool // the last read filled its buffer, so the next may be large
	keep   bool // messages are copied for the handler to keep
	worked bool // the handler ran on this goroutine, whose stack may have grown
	early  byte // hops that did not wait for hopAfter

	watch   *Watch      // the fields below are guarded by its lock
	handler Handler     // what the reader goes on with, as is ended
	ended   func(error) // and nil while it runs
	fd      int         // its place there
	member  bool        // it has been there
	timed   bool        // a deadline runs, which only the runtime's poller knows
}

// Client makes a Conn of a stream on which the client's side of the handshake
// is done. Frames written to it must be masked, see [AppendMaskedFrame].
func Client(rwc io.ReadWriteCloser, opt Options) *Conn {
	c := newConn(rwc, opt)
	c.isPeer = true
	return c
}

func newConn(rwc io.ReadWriteCloser, opt Options) *Conn {
	c := &Conn{rwc: rwc, max: opt.MaxMessage, keep: opt.Keep, watch: opt.Watch}
	if c.max <= 0 {
		c.max = DefaultMaxMessage
	}
	// Only the two types whose Read is nothing but a read of the descriptor:
	// a listener's wrapper may embed one of them and still have its own Read
	// (a proxy header, a limit, a counter), which must not be gone around.
	switch nc := rwc.(type) {
	case *net.TCPConn:
		c.openPoll(nc)
	case *net.UnixConn:
		c.openPoll(nc)
	}
	return c
}

// Write writes b, which holds whole frames, and blocks until all of it is
// handed to the kernel or the write deadline passes. After an error the stream
// may hold half a frame and only [Conn.CloseNow] makes sense.
// One writer at a time.
func (c *Conn) Write(b []byte) (int, error) { return c.rwc.Write(b) }

// SetReadDeadline bounds the waiting of [Conn.Serve]. It returns
// [errors.ErrUnsupported] when the stream has no deadlines.
func (c *Conn) SetReadDeadline(t time.Time) error {
	if d, ok := c.rwc.(interface{ SetReadDeadline(time.Time) error }); ok {
		c.resume(!t.IsZero())
		return d.SetReadDeadline(t)
	}
	return errors.ErrUnsupported
}

// SetWriteDeadline bounds [Conn.Write]. It returns [errors.ErrUnsupported] when
// the stream has no deadlines.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if d, ok := c.rwc.(interface{ SetWriteDeadline(time.Time) error }); ok {
		return d.SetWriteDeadline(t)
	}
	return errors.ErrUnsupported
}

// RemoteAddr returns the peer's address, or nil when the stream has none.
func (c *Conn) RemoteAddr() net.Addr {
	if a, ok := c.rwc.(interface{ RemoteAddr() net.Addr }); ok {
		return a.RemoteAddr()
	}
	return nil
}

// CloseNow closes the stream without a close frame. A running Serve or Write
// returns. It may be called more than once and from any goroutine.
func (c *Conn) CloseNow() error {
	err := c.rwc.Close()
	c.resume(true) // after it, so that what is silent from now on is so no more
	return err
}

// CloseLinger half-closes the stream, throws away what the peer still sends for
// at most wait or 256 KiB, and closes. A plain close with unread bytes makes
// the kernel reset the connection, which may overtake a close frame just
// written; the owner calls this after [Conn.Serve] has returned with a
// [ProtocolError] and the close frame is out. It blocks, and must not run
// beside Serve.
func (c *Conn) CloseLinger(wait time.Duration) error {
	hc, ok := c.rwc.(interface{ CloseWrite() error })
	if ok && hc.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(wait)) == nil {
		// A bound, so that a peer that never stops sending is not read for ever.
		const most = 256 << 10
		c.borrow(false)
		for seen := 0; seen < most; {
			n, err := c.rwc.Read(c.buf)
			if err != nil {
				break
			}
			seen += n
		}
		c.release()
	}
	return c.rwc.Close()
}
