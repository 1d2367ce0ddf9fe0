package wsock

import (
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/go-socketio/socketio/internal/deflate"
)

// rsv1Bit marks the first frame of a compressed message (RFC 7692 section 6).
const rsv1Bit = 0x40

// Deflates reports whether compressed messages were agreed on, in both
// directions. It never changes.
func (c *Conn) Deflates() bool { return c.agreed != 0 }

// AppendDeflated appends one final, unmasked frame with payload in compressed
// form, for any connection that [Conn.Deflates]. It reports false, and appends
// nothing, when that would not be shorter than the plain frame. op is Text or
// Binary: control frames are never compressed.
func AppendDeflated(dst []byte, writers *deflate.Writers, op Opcode, payload []byte) ([]byte, bool) {
	return appendDeflated(dst, writers, op, payload, AppendFrame)
}

// AppendMaskedDeflated is [AppendDeflated] for the client's side.
func AppendMaskedDeflated(dst []byte, writers *deflate.Writers, op Opcode, payload []byte) ([]byte, bool) {
	return appendDeflated(dst, writers, op, payload, AppendMaskedFrame)
}

func appendDeflated(dst []byte, writers *deflate.Writers, op Opcode, payload []byte, frame func([]byte, Opcode, ...[]byte) []byte) ([]byte, bool) {
	bp := scraps.Get().(*[]byte)
	small := writers.Append((*bp)[:0], deflate.Raw, payload)
	defer func() {
		if *bp = small; cap(small) <= maxScrap {
			scraps.Put(bp)
		}
	}()
	if len(small) >= len(payload) {
		return dst, false
	}
	start := len(dst)
	dst = frame(dst, op, small)
	dst[start] |= rsv1Bit
	return dst, true
}

// scraps holds what was compressed until it is framed, and what was inflated
// until the handler has seen it: as many as there are messages in either state.
var scraps = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// maxScrap keeps one large message from holding its memory for ever.
const maxScrap = 64 << 10

// slack is by how much compressing may make a message larger that cannot be
// compressed: a peer may send it in that form nevertheless. 5 bytes for each
// stored block, of which zlib makes one for 16 KiB.
func slack(size int) uint64 { return uint64(size)>>10 + 64 }

// inflate returns a message in its original form. The bytes are borrowed until
// the next call of giveBack.
func (c *Conn) inflate(op Opcode, msg []byte) ([]byte, error) {
	bp := scraps.Get().(*[]byte)
	out, err := deflate.Inflate((*bp)[:0], msg, c.max)
	*bp = out
	c.assembly().inflated = bp
	switch {
	case err == deflate.ErrTooLarge:
		return nil, &ProtocolError{
			Code:   CodeTooBig,
			Reason: fmt.Sprintf("a message of more than %d bytes when inflated; raise the limit or send less", c.max),
		}
	case err != nil:
		return nil, &ProtocolError{Code: CodeInvalidData, Reason: "a compressed message cannot be inflated"}
	case op == Text && !utf8.Valid(out):
		return nil, errUTF8()
	}
	return out, nil
}

// giveBack returns what inflate borrowed.
func (p *partial) giveBack() {
	if cap(*p.inflated) <= maxScrap {
		scraps.Put(p.inflated)
	}
	p.inflated = nil
}
