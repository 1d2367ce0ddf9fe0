package main

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// end is one end of a connection within the process: what is written waits in
// memory until the other end reads it. An end that is silent holds nothing, which
// cannot be said of [net.Pipe].
type end struct {
	mine, other *half
}

// half is what goes in one direction.
type half struct {
	mu     sync.Mutex
	data   []byte
	closed bool
	late   bool        // the reader's deadline is over
	timer  *time.Timer // of the deadline
	news   sync.Cond   // of mu
}

func newPair() (a, b net.Conn) {
	x, y := new(half), new(half)
	x.news.L, y.news.L = &x.mu, &y.mu
	return &end{x, y}, &end{y, x}
}

func (e *end) Read(p []byte) (int, error) {
	h := e.mine
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.data) == 0 {
		switch {
		case h.closed:
			return 0, io.EOF
		case h.late:
			return 0, os.ErrDeadlineExceeded
		}
		h.news.Wait()
	}
	n := copy(p, h.data)
	if h.data = h.data[n:]; len(h.data) == 0 {
		h.data = nil
	}
	return n, nil
}

func (e *end) Write(p []byte) (int, error) {
	h := e.other
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return 0, net.ErrClosed
	}
	h.data = append(h.data, p...)
	h.news.Broadcast()
	return len(p), nil
}

func (e *end) Close() error {
	for _, h := range []*half{e.mine, e.other} {
		h.mu.Lock()
		h.closed = true
		h.news.Broadcast()
		h.mu.Unlock()
	}
	return nil
}

func (e *end) SetReadDeadline(t time.Time) error {
	h := e.mine
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.timer != nil {
		h.timer.Stop()
		h.timer = nil
	}
	h.late = false
	if t.IsZero() {
		return nil
	}
	wait := time.Until(t)
	if h.late = wait <= 0; h.late {
		h.news.Broadcast()
		return nil
	}
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.timer == timer {
			h.late = true
			h.news.Broadcast()
		}
	})
	h.timer = timer
	return nil
}

func (e *end) SetWriteDeadline(time.Time) error { return nil } // a write never waits

func (e *end) SetDeadline(t time.Time) error { return e.SetReadDeadline(t) }

func (e *end) LocalAddr() net.Addr  { return nowhere{} }
func (e *end) RemoteAddr() net.Addr { return nowhere{} }
