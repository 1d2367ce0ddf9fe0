package wsock

import "sync"

const (
	// smallSize holds what a chatting client sends between two reads, and most
	// of what one read brings. It is one page.
	smallSize = 4 << 10
	// largeSize is for a connection whose last read filled its buffer: fewer
	// system calls per frame, and still nothing that lasts.
	largeSize = 32 << 10
)

// Read buffers are pooled because a connection needs one for microseconds
// between two waits: as many exist as connections are being read at this
// moment, not as many as are open. The pools are the package's only globals.
var (
	smallBuffers = sync.Pool{New: func() any { return new([smallSize]byte) }}
	largeBuffers = sync.Pool{New: func() any { return new([largeSize]byte) }}
)

// borrow gives the connection a read buffer.
func (c *Conn) borrow(large bool) {
	if large {
		c.buf = largeBuffers.Get().(*[largeSize]byte)[:]
		return
	}
	c.buf = smallBuffers.Get().(*[smallSize]byte)[:]
}

// release gives the read buffer back, if there is one.
func (c *Conn) release() {
	b := c.buf
	c.buf = nil
	switch len(b) {
	case smallSize:
		smallBuffers.Put((*[smallSize]byte)(b))
	case largeSize:
		largeBuffers.Put((*[largeSize]byte)(b))
	}
}
