//go:build unix

package wsock

import (
	"io"
	"os"
	"sync"
	"syscall"
)

// poll reads and writes a socket's descriptor without blocking, with the
// runtime's poller to wait on. The fields are the reader's, so no lock is needed
// beyond "one reader, one writer".
type poll struct {
	raw    syscall.RawConn // nil: the stream has no descriptor to wait on
	onRead func(fd uintptr) bool
	got    int // what the last read returned: bytes, or an error number below zero
}

// writeOp is one non-blocking write. It is borrowed, since a connection writes
// for microseconds and would otherwise keep 80 bytes for it all the time.
type writeOp struct {
	ready func(fd uintptr) // bound once, for a closure per write would be garbage per write
	out   []byte
	put   int
	err   syscall.Errno // zero: none
}

// writeOps holds as many as there are goroutines that write.
var writeOps = sync.Pool{New: func() any {
	op := &writeOp{}
	op.ready = op.write
	return op
}}

// openPoll prepares the callback once, for a closure per read would be garbage
// per read.
func (c *Conn) openPoll(sc syscall.Conn) {
	raw, err := sc.SyscallConn()
	if err != nil {
		return // closed already; the blocking path reports it
	}
	c.raw = raw
	c.onRead = c.readReady
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
		switch err {
		case nil:
			c.got = n
			return true
		case syscall.EINTR:
		case syscall.EAGAIN:
			c.release()
			c.got = -int(syscall.EAGAIN)
			return c.timeToHop() // true ends the wait before it begins
		default:
			c.got = -int(errno(err))
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
	if c.watch != nil && !c.busy && c.timeToHop() {
		// It tells at once if there is more, so the read that would find out is spared.
		c.release()
		return nil, errHop
	}
	if err := c.raw.Read(c.onRead); err != nil {
		return nil, err
	}
	switch {
	case c.got > 0:
		c.sized(c.got)
		return c.buf[:c.got], nil
	case c.got == 0:
		return nil, io.EOF
	case c.got == -int(syscall.EAGAIN):
		return nil, errHop
	default:
		return nil, os.NewSyscallError("read", syscall.Errno(-c.got))
	}
}

// write never waits: the caller decides what a full socket means.
func (op *writeOp) write(fd uintptr) {
	op.put, op.err = 0, 0
	for {
		n, err := syscall.Write(int(fd), op.out)
		switch err {
		case nil:
			op.put = n
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
		default:
			op.err = errno(err)
		}
		return
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
	op := writeOps.Get().(*writeOp)
	defer writeOps.Put(op)
	op.out = b
	// Control only keeps the descriptor from being closed meanwhile. Write would also
	// lock and prepare for a wait, 3 % of a delivery, and we do not wait.
	err = c.raw.Control(op.ready)
	op.out = nil
	if err != nil {
		return 0, err
	}
	if op.err != 0 {
		return 0, os.NewSyscallError("write", op.err)
	}
	return op.put, nil
}
