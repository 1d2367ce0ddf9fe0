package wsock

import (
	"syscall"
	"testing"
	"time"
)

// Break ends the Watch's wait with an error, as a kernel might.
func (w *Watch) Break(t *testing.T) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.epoll.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
}

// AdoptBlocking gives the Watch an epoll instance that the runtime does not wait
// for, as where one epoll instance cannot wait for another.
func (w *Watch) AdoptBlocking(t *testing.T) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.adoptLocked(fd)
}
