package wsock

import (
	"fmt"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// Serve reads frames and hands them to h until the connection ends, and says
// why it ended:
//
//   - *[CloseError]: the peer sent a close frame; the owner answers with one.
//   - *[ProtocolError]: the peer broke the protocol or a bound; the owner sends
//     a close frame with its Code.
//   - [io.EOF]: the stream ended without a close frame.
//   - the error of h, or of the stream, [net.ErrClosed] after CloseNow.
//
// Serve writes nothing and closes nothing. It must run at most once per Conn,
// on a goroutine of its own with a shallow stack: that stack is most of what an
// idle connection costs.
func (c *Conn) Serve(h Handler) error {
	err := c.serve(h)
	c.release()
	c.part = nil
	return err
}

func (c *Conn) serve(h Handler) error {
	b, err := c.early, error(nil)
	c.early = nil
	for {
		// A stream may return its last bytes and its error together.
		if ferr := c.feed(h, b); ferr != nil {
			return ferr
		}
		if err != nil {
			return err
		}
		if c.handled {
			c.handled = false
			h.Drained()
		}
		b, err = c.fill()
	}
}

// fill returns the next bytes, waiting for them without a buffer.
func (c *Conn) fill() ([]byte, error) {
	if c.busy && len(c.buf) == smallSize {
		c.release() // a large one will do better
	}
	if c.pollable() {
		return c.pollRead()
	}
	return c.blockingRead()
}

// blockingRead serves streams that cannot be asked whether they have bytes:
// TLS, pipes, wrapped connections, other systems. At a frame boundary it waits
// with a header's worth of space only, and borrows a buffer for the rest.
func (c *Conn) blockingRead() ([]byte, error) {
	have := 0
	if c.part == nil || !c.part.midFrame() {
		c.release()
		if c.wait == nil {
			c.wait = new([maxHeader]byte)
		}
		n, err := c.rwc.Read(c.wait[:])
		if err != nil || !cutFrame(c.wait[:n]) {
			return c.wait[:n], err
		}
		// The rest of a frame that has begun is on its way: read it right
		// behind these bytes, so that it can be handled in one piece.
		c.borrow(c.busy)
		have = copy(c.buf, c.wait[:n])
	}
	if c.buf == nil {
		c.borrow(c.busy)
	}
	n, err := c.rwc.Read(c.buf[have:])
	n += have
	c.sized(n)
	return c.buf[:n], err
}

// cutFrame reports whether b ends inside its first frame. Bytes that are no
// frame are not cut: they are to be refused at once.
func cutFrame(b []byte) bool {
	var hd header
	size, err := parseHeader(b, &hd)
	return err == nil && len(b) > 0 && (size == 0 || hd.length > uint64(len(b)-size))
}

// sized notes how much of the buffer a read of n bytes filled: once full, the
// connection reads with the large one until a read would have fit the small.
func (c *Conn) sized(n int) {
	c.busy = n == len(c.buf) || (c.busy && n >= smallSize)
}

// feed takes the bytes of one read apart and hands up every frame they
// complete. It changes b: payloads are unmasked in place.
func (c *Conn) feed(h Handler, b []byte) error {
	for len(b) > 0 {
		var hd header
		size := 0
		var err error
		switch p := c.part; {
		case p != nil && p.left > 0:
			n, err := c.more(h, b)
			if err != nil {
				return err
			}
			b = b[n:]
			continue
		case p != nil && p.nhead > 0:
			size, err = p.finishHead(b, &hd)
		default:
			if size, err = parseHeader(b, &hd); err == nil && size == 0 {
				c.assembly().keepHead(b)
			}
		}
		if err != nil {
			return err
		}
		if size == 0 {
			return nil // the header itself is cut, all of b is kept
		}
		if err := c.admit(&hd); err != nil {
			return err
		}
		b = b[size:]
		if hd.length > uint64(len(b)) {
			c.assembly().begin(&hd)
			continue
		}
		payload := b[:hd.length:hd.length]
		b = b[hd.length:]
		if hd.masked {
			ws.Cipher(payload, hd.key, 0)
		}
		if err := c.frame(h, hd.op, hd.fin, payload); err != nil {
			return err
		}
	}
	if c.part != nil && c.part.idle() {
		c.part = nil
	}
	return nil
}

// admit checks a header against the state of the connection: who must mask, what
// may follow what, and how large a message may become. Refusing here, before
// any payload, is what keeps memory bounded by what arrived.
func (c *Conn) admit(hd *header) error {
	if hd.masked == c.isPeer {
		if c.isPeer {
			return broken("a frame from the server is masked")
		}
		return broken("a frame from the client is not masked")
	}
	if hd.op >= Close {
		return nil
	}
	open, have := false, 0
	if c.part != nil {
		open, have = c.part.op != 0, len(c.part.msg)
	}
	if hd.op == Continuation && !open {
		return broken("a continuation frame continues nothing")
	}
	if hd.op != Continuation && open {
		return broken("a new message begins before the last fragment of another")
	}
	if hd.length > uint64(c.max-have) {
		return &ProtocolError{
			Code:   CodeTooBig,
			Reason: fmt.Sprintf("a message of more than %d bytes; raise the limit or send less", c.max),
		}
	}
	return nil
}

// frame handles one complete frame whose payload is unmasked.
func (c *Conn) frame(h Handler, op Opcode, fin bool, payload []byte) error {
	switch op {
	case Close:
		return parseClose(payload)
	case Ping, Pong:
		c.handled = true
		return h.Control(op, payload)
	}
	if !fin || op == Continuation {
		p := c.assembly()
		p.fin = fin
		if op != Continuation {
			p.op = op
		}
		if err := p.add(payload, fin); err != nil || !fin {
			return err
		}
		return c.deliver(h)
	}
	if op == Text && !utf8.Valid(payload) {
		return errUTF8()
	}
	c.handled = true
	return h.Message(op, payload)
}

func errUTF8() error {
	return &ProtocolError{Code: CodeInvalidData, Reason: "a text message is not UTF-8"}
}
