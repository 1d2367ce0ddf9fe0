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
	readErr syscall.Errno // zero: none

	out      []byte
	put      int
	writeErr syscall.Errno
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
	c.got, c.readErr = 0, 0
	for {
		n, err := syscall.Read(int(fd), c.buf)
		switch err {
		case nil:
			c.got = n
			return true
		case syscall.EINTR:
		case syscall.EAGAIN:
			c.release()
			c.readErr = syscall.EAGAIN
			return c.timeToHop() // true ends the wait before it begins
		default:
			c.readErr = errno(err)
			return true
		}
	}
}

// errno takes the number out of an error of package syscall, so that the
// connection keeps one word for it and not two.
func errno(err error) syscall.Errno {
	if e, ok := err.(syscall.Errno); ok {
		return e
	}
	return syscall.EIO
}

// pollRead waits until bytes are there and returns them in the borrowed buffer.
func (c *Conn) pollRead() ([]byte, error) {
	if err := c.raw.Read(c.onRead); err != nil {
		return nil, err
	}
	switch c.readErr {
	case 0:
		if c.got == 0 {
			return nil, io.EOF
		}
		c.sized(c.got)
		return c.buf[:c.got], nil
	case syscall.EAGAIN:
		return nil, errHop
	default:
		return nil, os.NewSyscallError("read", c.readErr)
	}
}

func (c *Conn) writeReady(fd uintptr) bool {
	c.put, c.writeErr = 0, 0
	for {
		n, err := syscall.Write(int(fd), c.out)
		switch err {
		case nil:
			c.put = n
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
		default:
			c.writeErr = errno(err)
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
	if c.writeErr != 0 {
		return 0, os.NewSyscallError("write", c.writeErr)
	}
	return c.put, nil
}
