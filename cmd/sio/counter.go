package main

import "sync"

// counter is a view that shows so many events and no more.
type counter struct {
	view view
	all  chan struct{} // closed when the last one was shown

	mu   sync.Mutex
	left int
}

func (c *counter) show(h happening) {
	if h.Kind != received {
		c.view.show(h)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == 0 {
		return
	}
	c.view.show(h)
	if c.left--; c.left == 0 {
		close(c.all)
	}
}
