//go:build unix

package wsock

import (
	"io"
	"os"
	"syscall"
)

// poll reads and writes a socket's descriptor without blocking, with the
// runtime's poller to wait on. Reader and writer use disjoint fields, so each
// side needs no lock beyond "one reader, one writer".
type poll struct {
	raw     syscall.RawConn // nil: the stream has no descriptor to wait on
	onRead  func(fd uintptr) bool
	onWrite func(fd uintptr) bool

	got     int
	readErr error

	out      []byte
	put      int
	writeErr error
}

// openPoll prepares the two callbacks once, for a closure per read or write
// would be garbage per read or write.
func (c *Conn) openPoll(sc syscall.Conn) {
	raw, err := sc.SyscallConn()
	if err != nil {
		return // closed already; the blocking path reports it
	}
	c.raw = raw
	c.onRead = c.readReady
	c.onWrite = c.writeReady
}

func (c *Conn) pollable() bool { return c.raw != nil }

// readReady runs when the socket may be readable. It gives the buffer back
// before the goroutine parks: that is why an idle connection holds none.
func (c *Conn) readReady(fd uintptr) bool {
	if c.buf == nil {
		c.borrow(c.busy)
	}
	for {
		n, err := syscall.Read(int(fd), c.buf)
		if err == nil {
			c.got, c.readErr = n, nil
			return true
		}
		if err == syscall.EINTR {
			continue
		}
		c.got = 0
		if err == syscall.EAGAIN {
			c.release()
			return false
		}
		c.readErr = err
		return true
	}
}

// pollRead waits until bytes are there and returns them in the borrowed buffer.
func (c *Conn) pollRead() ([]byte, error) {
	if err := c.raw.Read(c.onRead); err != nil {
		return nil, err
	}
	if c.readErr != nil {
		return nil, os.NewSyscallError("read", c.readErr)
	}
	if c.got == 0 {
		return nil, io.EOF
	}
	c.sized(c.got)
	return c.buf[:c.got], nil
}

func (c *Conn) writeReady(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), c.out)
		if err == syscall.EINTR {
			continue
		}
		c.put, c.writeErr = max(n, 0), nil
		if err != nil && err != syscall.EAGAIN {
			c.writeErr = os.NewSyscallError("write", err)
		}
		return true // never wait: the caller decides what a full socket means
	}
}

// CanTryWrite reports whether [Conn.TryWrite] can write at all.
func (c *Conn) CanTryWrite() bool { return c.raw != nil }

// TryWrite writes as much of b as the kernel takes at once, with one system
// call, and never waits. n < len(b) with a nil error means that the socket's
// buffer is full, n == 0 possibly that the stream cannot do this at all (see
// [Conn.CanTryWrite]); the rest goes through [Conn.Write]. b must hold whole
// frames and its rest must follow before anything else is written.
// One writer at a time. It allocates nothing.
func (c *Conn) TryWrite(b []byte) (n int, err error) {
	if c.raw == nil || len(b) == 0 {
		return 0, nil
	}
	c.out = b
	err = c.raw.Write(c.onWrite)
	c.out = nil
	if err != nil {
		return 0, err
	}
	return c.put, c.writeErr
}
