package wsock

import (
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// partial is what a connection keeps between two reads when a frame was cut or
// a message came in fragments. It exists only that long.
type partial struct {
	msg      []byte // the message so far, unmasked
	checked  int    // msg[:checked] is known to be UTF-8
	control  []byte // the control frame so far, unmasked
	left     int    // payload bytes of the current frame still to come
	maskPos  int    // how far into the key the next byte is
	key      [4]byte
	op       Opcode // of the message in the making; zero: there is none
	current  Opcode // of the frame that was cut
	fin      bool
	masked   bool
	packed   bool    // the message is compressed
	inflated *[]byte // borrowed for the message that was last handed up
	nhead    uint8   // bytes of a header that was itself cut
	head     [maxHeader]byte
}

// assembly returns the connection's partial, making it on first need.
func (c *Conn) assembly() *partial {
	if c.part == nil {
		c.part = new(partial)
	}
	return c.part
}

// midFrame reports whether the last read ended inside a frame.
func (p *partial) midFrame() bool { return p.left > 0 || p.nhead > 0 }

// idle reports whether nothing is kept any more.
func (p *partial) idle() bool { return p.op == 0 && !p.midFrame() && p.inflated == nil }

// keepHead stores a header that ends with the read.
func (p *partial) keepHead(b []byte) { p.nhead = uint8(copy(p.head[:], b)) }

// finishHead goes on with a cut header. It returns how many bytes of b belong
// to it, or zero when it is still not whole and b is used up.
func (p *partial) finishHead(b []byte, agreed byte, hd *header) (int, error) {
	had := int(p.nhead)
	have := had + copy(p.head[had:], b)
	size, err := parseHeader(p.head[:have], agreed, hd)
	if err != nil {
		return 0, err
	}
	if size == 0 {
		p.nhead = uint8(have)
		return 0, nil
	}
	p.nhead = 0
	return size - had, nil
}

// begin starts a frame of which not all payload is there.
func (p *partial) begin(hd *header) {
	p.left, p.maskPos, p.key = int(hd.length), 0, hd.key // length is bounded by admit
	p.current, p.fin, p.masked = hd.op, hd.fin, hd.masked
	if hd.op == Text || hd.op == Binary {
		p.op, p.packed = hd.op, hd.packed
	}
}

// more takes the next piece of a cut frame from the front of c.rest and returns
// the message or control frame it completes, if any.
func (c *Conn) more(kept *room) (Opcode, []byte, error) {
	p := c.part
	n := min(p.left, len(c.rest))
	piece := c.rest[:n]
	c.rest = c.rest[n:]
	p.left -= n
	if p.masked {
		ws.Cipher(piece, p.key, p.maskPos)
		p.maskPos = (p.maskPos + n) & 3
	}
	if p.current >= Close {
		p.control = append(p.control, piece...)
		if p.left > 0 {
			return 0, nil, nil
		}
		payload := p.control
		p.control = nil
		return c.frame(&header{op: p.current, fin: true}, payload, kept)
	}
	last := p.fin && p.left == 0
	if err := p.add(piece, last); err != nil || !last {
		return 0, nil, err
	}
	return c.take(kept)
}

// add appends a piece to the message and checks text as it comes, so that bad
// text is refused at its first wrong byte and not only at the end.
func (p *partial) add(piece []byte, last bool) error {
	p.grow(len(piece))
	p.msg = append(p.msg, piece...)
	if p.op != Text || p.packed {
		return nil
	}
	rest := p.msg[p.checked:]
	if !last {
		rest = rest[:len(rest)-cutRune(rest)]
	}
	if !utf8.Valid(rest) {
		return errUTF8()
	}
	p.checked += len(rest)
	return nil
}

// cutRune returns how many bytes at the end of b begin a character that more
// bytes could complete.
func cutRune(b []byte) int {
	for n := 1; n <= min(len(b), utf8.UTFMax-1); n++ {
		tail := b[len(b)-n:]
		if utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// grow makes room for n more bytes. It doubles, so a message that trickles in is
// copied a constant number of times in all, and goes no further than the end
// of a final frame: at most twice what has arrived, whatever was announced.
func (p *partial) grow(n int) {
	need := len(p.msg) + n
	if need <= cap(p.msg) {
		return
	}
	size := max(need, 2*cap(p.msg), 256)
	if p.fin {
		size = min(size, need+p.left)
	}
	bigger := make([]byte, len(p.msg), size)
	copy(bigger, p.msg)
	p.msg = bigger
}

// take returns the assembled message and lets go of it: its memory is its own.
func (c *Conn) take(kept *room) (Opcode, []byte, error) {
	p := c.part
	op, msg := p.op, p.msg
	p.op, p.msg, p.checked = 0, nil, 0
	if p.packed {
		var err error
		if msg, err = c.inflate(op, msg); err != nil {
			return 0, nil, err
		}
		msg = kept.keep(msg, len(c.rest))
	}
	if msg == nil {
		msg = []byte{}
	}
	return op, msg, nil
}
