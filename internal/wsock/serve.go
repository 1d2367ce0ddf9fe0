package wsock

import (
	"errors"
	"fmt"
	"time"
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
// Serve writes nothing and closes nothing. Either Serve or [Conn.Go] runs, once
// per Conn. Serve stays on the caller's goroutine, so the deepest stack that h
// ever needed stays with it; see Go.
func (c *Conn) Serve(h Handler) error {
	err := c.run(h, false)
	c.end()
	return err
}

// Go does what [Conn.Serve] does on a goroutine of its own and calls ended,
// which must not be nil, with the result as the last thing there. The owner
// waits for the reader by waiting for ended.
//
// The runtime never gives a goroutine that once needed 4 KiB of stack its first
// 2 KiB back, and that stack is most of what a silent connection costs. So when
// a connection that is not busy is about to wait, the [Watch] of its Options
// waits for it, without a goroutine. Where that cannot be (no Watch, TLS, not
// Linux), Go lets a fresh goroutine do the waiting and ends the one whose stack
// h has grown. There is one at a time, and what h did on the former happens
// before what it does on the next.
//
// A connection that waits there must be closed and given deadlines by the
// methods of the Conn: what is done to the stream below it, nobody sees until
// something is written.
func (c *Conn) Go(h Handler, ended func(error)) {
	if c.watch != nil {
		// The client has hardly seen the handshake's answer. A reader that waited for
		// it here would be one more with a stack to grow: 7 % of a connect.
		if len(c.rest) > 0 || !c.park(h, ended) {
			c.watch.add(c, h, ended)
		}
		return
	}
	go c.reader(h, ended)
}

func (c *Conn) reader(h Handler, ended func(error)) {
	returned := false
	defer func() {
		if !returned {
			// The handler has called runtime.Goexit, as testing.T.Fatal does, or it
			// has panicked; then nothing may stand in the way of the crash.
			go c.finish(errExited, ended)
		}
	}()
	err := c.run(h, true)
	returned = true
	if err == errHop {
		if !c.park(h, ended) {
			go c.reader(h, ended)
		}
		return
	}
	c.finish(err, ended)
}

var errExited = errors.New("wsock: the handler ended the goroutine that it ran on")

func (c *Conn) finish(err error, ended func(error)) {
	c.end()
	c.leave()
	ended(err)
}

// end lets go of all that belongs to reading.
func (c *Conn) end() {
	c.release()
	c.rest, c.part, c.wait = nil, nil, nil
}

// errHop says that the next wait should be on a fresh goroutine.
var errHop = errors.New("wsock: hop")

// hopAfter is how long a connection must have gone without waiting for a hop to
// pay: a hop costs the start of a goroutine and one more read(2), and saves
// 2 KiB or more (2.2 KB of stack against 4.1 measured with a handler that needs
// 16). That is nothing once a second and too much for each of a thousand
// messages.
const hopAfter = time.Second

// earlyHops is how many of a connection's first waits hop, however soon they come:
// what two peers say at the beginning, a greeting, a name, a wish, is often the last for long.
// A thousand readers that wait cost the collector 3 % of a server that broadcasts.
const earlyHops = 4

// timeToHop is asked right before a wait.
func (c *Conn) timeToHop() bool {
	if !c.worked {
		return false
	}
	if c.early < earlyHops {
		c.early++
	} else {
		before := c.waited
		c.waited = time.Now().UnixNano()
		if c.waited-before < int64(hopAfter) {
			return false
		}
	}
	c.worked = false
	return true
}

// run calls the handler straight from here, above all parsing: the shallower the
// call, the more the handler can do in the stack a goroutine begins with.
func (c *Conn) run(h Handler, hop bool) error {
	var err error
	for {
		handled := false
		var kept room // of this read alone: a connection that waits has none
		to := &kept
		if !c.keep {
			to = nil
		}
		for {
			op, data, bad := c.next(to)
			if bad != nil {
				if handled {
					h.Drained() // replies to what came before the end may still go out
				}
				return bad
			}
			if op == 0 {
				break
			}
			handled = true
			if op < Close {
				bad = h.Message(op, data)
			} else {
				bad = h.Control(op, data)
			}
			if bad != nil {
				return bad
			}
		}
		if handled {
			c.worked = hop
			h.Drained()
		}
		if err != nil {
			return err // a stream may return it together with its last bytes
		}
		c.rest, err = c.fill()
		if err == errHop {
			return err
		}
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
		if c.timeToHop() {
			return nil, errHop
		}
		if c.wait == nil {
			c.wait = new([maxHeader]byte)
		}
		n, err := c.rwc.Read(c.wait[:])
		if err != nil || !cutFrame(c.wait[:n], c.agreed) {
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
func cutFrame(b []byte, agreed byte) bool {
	var hd header
	size, err := parseHeader(b, agreed, &hd)
	return err == nil && len(b) > 0 && (size == 0 || hd.length > uint64(len(b)-size))
}

// sized notes how much of the buffer a read of n bytes filled: once full, the
// connection reads with the large one until a read would have fit the small.
func (c *Conn) sized(n int) {
	c.busy = n == len(c.buf) || (c.busy && n >= smallSize)
}

// next takes one message, ping or pong from the front of c.rest and returns it
// with its opcode, or zero when what is left completes nothing and was kept. It
// changes the bytes: payloads are unmasked in place. Messages are copied to
// kept, unless that is nil.
func (c *Conn) next(kept *room) (Opcode, []byte, error) {
	if c.part != nil && c.part.inflated != nil {
		c.part.giveBack()
	}
	for len(c.rest) > 0 {
		p := c.part
		if p != nil && p.left > 0 {
			op, data, err := c.more(kept)
			if op != 0 || err != nil {
				return op, data, err
			}
			continue
		}
		var hd header
		size, err := 0, error(nil)
		if p != nil && p.nhead > 0 {
			size, err = p.finishHead(c.rest, c.agreed, &hd)
		} else if size, err = parseHeader(c.rest, c.agreed, &hd); size == 0 && err == nil {
			c.assembly().keepHead(c.rest)
		}
		if err != nil {
			return 0, nil, err
		}
		if size == 0 {
			break // the header itself is cut, and what there is of it is kept
		}
		if err := c.admit(&hd); err != nil {
			return 0, nil, err
		}
		c.rest = c.rest[size:]
		if hd.length > uint64(len(c.rest)) {
			c.assembly().begin(&hd)
			continue
		}
		payload := c.rest[:hd.length:hd.length]
		c.rest = c.rest[hd.length:]
		if kept != nil && hd.masked && hd.fin && !hd.packed && (hd.op == Text || hd.op == Binary) {
			// Which nearly every frame is.
			own := kept.take(len(payload), len(c.rest))
			if !unmask(own, payload, hd.key) && hd.op == Text && !utf8.Valid(own) {
				return 0, nil, errUTF8()
			}
			return hd.op, own, nil
		}
		if hd.masked {
			ws.Cipher(payload, hd.key, 0)
		}
		op, data, err := c.frame(&hd, payload, kept)
		if op != 0 || err != nil {
			return op, data, err
		}
	}
	c.rest = nil // it points into a buffer that is about to be given back
	if c.part != nil && c.part.idle() {
		c.part = nil
	}
	return 0, nil, nil
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
	room := uint64(c.max)
	if hd.packed || open && c.part.packed {
		room += slack(c.max)
	}
	if hd.length > room-uint64(have) {
		return &ProtocolError{
			Code:   CodeTooBig,
			Reason: fmt.Sprintf("a message of more than %d bytes; raise the limit or send less", c.max),
		}
	}
	return nil
}

// frame handles one complete frame whose payload is unmasked.
func (c *Conn) frame(hd *header, payload []byte, kept *room) (Opcode, []byte, error) {
	op, fin := hd.op, hd.fin
	switch {
	case op == Close:
		return 0, nil, parseClose(payload)
	case op > Close:
		return op, payload, nil
	case fin && op != Continuation && hd.packed:
		out, err := c.inflate(op, payload)
		if err != nil {
			return 0, nil, err
		}
		return op, kept.keep(out, len(c.rest)), nil
	case fin && op != Continuation:
		if op == Text && !utf8.Valid(payload) {
			return 0, nil, errUTF8()
		}
		return op, kept.keep(payload, len(c.rest)), nil
	}
	p := c.assembly()
	p.fin = fin
	if op != Continuation {
		p.op, p.packed = op, hd.packed
	}
	if err := p.add(payload, fin); err != nil || !fin {
		return 0, nil, err
	}
	return c.take(kept)
}

func errUTF8() error {
	return &ProtocolError{Code: CodeInvalidData, Reason: "a text message is not UTF-8"}
}
