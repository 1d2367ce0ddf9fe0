package wsock

import (
	"io"
	"unsafe"
)

// NewServerConn makes the server's end of any stream, without a handshake.
func NewServerConn(rwc io.ReadWriteCloser, opt Options) *Conn {
	c := newConn(rwc, opt)
	if opt.Deflate {
		c.agreed = rsv1Bit
	}
	return c
}

// ConnSize is the size of the struct every connection has.
const ConnSize = unsafe.Sizeof(Conn{})

// HoldsBuffer reports whether the reader has a buffer at this moment. It may be
// called from a Handler only.
func (c *Conn) HoldsBuffer() bool { return c.buf != nil }

// HoldsPart reports whether something half received is kept.
func (c *Conn) HoldsPart() bool { return c.part != nil }

// AssemblyCap returns the capacity of the message in the making.
func (c *Conn) AssemblyCap() int {
	if c.part == nil {
		return 0
	}
	return cap(c.part.msg)
}

// Feed puts bytes in front of the stream, as if they had come with the handshake.
func (c *Conn) Feed(b []byte) { c.rest = b }

// HopNow makes the next wait move to a fresh goroutine. It may be called from a
// Handler only.
func (c *Conn) HopNow() { c.waited = 0 }

// AcceptKey answers a client's key.
func AcceptKey(key string) string { return acceptKey(key) }
