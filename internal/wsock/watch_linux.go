package wsock

import (
	"os"
	"syscall"
	"time"
)

// watch is an epoll instance of the Watch's own. The descriptor of every
// connection is in the runtime's poller already, but that can wake nothing but
// goroutines. This one waits in the runtime's poller itself, so that no thread is
// blocked.
type watch struct {
	epoll   *os.File // nil while no connection is known
	unable  bool     // it does not work on this system: every connection keeps its goroutine
	fd      int      // of epoll
	members int      // connections that were here once and whose reader has not ended
	silent  []*Conn  // those that are here now, by descriptor
}

// whenReadable is one event, for which the kernel also counts an end and an
// error. Then the entry rests until the connection comes back.
const whenReadable = syscall.EPOLLIN | syscall.EPOLLRDHUP | syscall.EPOLLONESHOT

// park leaves the waiting to the Watch. If it returns true, the caller must
// not touch the connection any more: another goroutine may be reading already.
func (c *Conn) park(h Handler, ended func(error)) (parked bool) {
	if c.watch == nil || c.raw == nil {
		return false
	}
	// The descriptor is only sure to be this connection's within the callback.
	_ = c.raw.Control(func(fd uintptr) { parked = c.watch.park(c, int(fd), h, ended) })
	return parked
}

func (w *Watch) park(c *Conn, fd int, h Handler, ended func(error)) bool {
	w.mu.Lock()
	parked := !c.timed && w.openLocked() && w.parkLocked(c, fd)
	if parked {
		c.handler, c.ended = h, ended
	}
	empty := w.emptyLocked()
	w.mu.Unlock()
	_ = empty.Close()
	return parked
}

func (w *Watch) parkLocked(c *Conn, fd int) bool {
	for len(w.silent) <= fd {
		w.silent = append(w.silent, nil)
	}
	// A descriptor has one connection at a time, so a former one was closed
	// just now, and whoever closed it has not come to wake it yet.
	w.wakeLocked(fd)
	op := syscall.EPOLL_CTL_MOD
	if !c.member {
		op = syscall.EPOLL_CTL_ADD
	}
	if syscall.EpollCtl(w.fd, op, fd, &syscall.EpollEvent{Events: whenReadable, Fd: int32(fd)}) != nil {
		return false // fs.epoll.max_user_watches is reached
	}
	if !c.member {
		c.member = true
		w.members++
	}
	c.fd, w.silent[fd] = fd, c
	return true
}

// resume has the connection read by a goroutine of its own again, if it is here.
func (c *Conn) resume(timed bool) {
	w := c.watch
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c.timed = timed
	if c.member && c.fd < len(w.silent) && w.silent[c.fd] == c { // the list goes with the epoll instance
		w.wakeLocked(c.fd)
	}
}

// wakeLocked has a descriptor's connection read on. A wake for nothing does no
// harm: the reader finds no bytes and waits for them. That happens when an event of a
// closed connection is still under way to one that has its descriptor now.
func (w *Watch) wakeLocked(fd int) {
	if c := w.silent[fd]; c != nil {
		w.silent[fd] = nil
		w.readers.Add(c)
	}
}

// leave is called when the reader has ended for good.
func (c *Conn) leave() {
	w := c.watch
	if w == nil || !c.member {
		return
	}
	w.mu.Lock()
	c.member = false
	w.members--
	empty := w.emptyLocked()
	w.mu.Unlock()
	_ = empty.Close()
}

func (w *Watch) openLocked() bool {
	if w.epoll != nil || w.unable {
		return w.epoll != nil
	}
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return false // of descriptors there may be more soon
	}
	_ = syscall.SetNonblock(fd, true) // which tells os.NewFile to use the runtime's poller
	return w.adoptLocked(fd)
}

// adoptLocked waits for connections with an epoll instance, which is the Watch's now.
func (w *Watch) adoptLocked(fd int) bool {
	file := os.NewFile(uintptr(fd), "epoll")
	raw, err := file.SyscallConn()
	if err == nil {
		// Not every kernel lets one epoll instance wait for another, and os.NewFile
		// does not tell: but a file that nothing can wait for takes no deadline.
		err = file.SetReadDeadline(time.Time{})
	}
	if err != nil {
		w.unable = true
		_ = file.Close()
		return false
	}
	w.fd, w.epoll = fd, file
	w.start(func() { w.await(file, raw) })
	return true
}

// emptyLocked returns the file to close, with which await ends, if there is nothing
// left that it could wait for; nil, whose Close does nothing, otherwise. To
// close it takes waiting for await, which may be waiting for the lock.
func (w *Watch) emptyLocked() *os.File {
	file := w.epoll
	if w.members > 0 || file == nil {
		return nil
	}
	w.epoll, w.silent = nil, nil
	return file
}

// await has every connection that has news read on. It is one
// long read of the runtime's that never gets what it waits for, which spares the
// system call that would tell that there is no more: the runtime calls ready
// again when there is.
func (w *Watch) await(file *os.File, raw syscall.RawConn) {
	var events [128]syscall.EpollEvent
	ready := func(fd uintptr) (failed bool) {
		for {
			n, err := syscall.EpollWait(int(fd), events[:], 0)
			if err != nil && err != syscall.EINTR {
				return true
			}
			w.wake(events[:max(n, 0)])
			if n < len(events) && err == nil {
				return false
			}
		}
	}
	_ = raw.Read(ready) // ends with the file
	w.mu.Lock()
	broken := w.epoll == file
	if broken { // and nobody else has closed it
		w.giveUpLocked()
	}
	w.mu.Unlock()
	if broken {
		_ = file.Close()
	}
}

// giveUpLocked gives all connections a goroutine of their own for good, for nobody
// waits for them any more.
func (w *Watch) giveUpLocked() {
	for fd := range w.silent {
		w.wakeLocked(fd)
	}
	w.epoll, w.silent, w.unable = nil, nil, true
}

func (w *Watch) wake(events []syscall.EpollEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range events {
		if fd := int(events[i].Fd); fd < len(w.silent) { // the list may be another one by now
			w.wakeLocked(fd)
		}
	}
}
