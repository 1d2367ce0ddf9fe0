package crew

import (
	"context"
	"sync"
)

// Count counts goroutines, so that somebody can wait for their end. A
// sync.WaitGroup does not do: it forbids the first Add beside a Wait, and here one
// may start at any time. The zero Count counts none. All methods may be called
// concurrently, Add and Done with other locks held: theirs is a leaf.
type Count struct {
	mu   sync.Mutex
	n    int
	zero chan struct{} // closed when n comes to 0; nil unless somebody waits
}

// Add counts one more.
func (c *Count) Add() {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
}

// Done counts one less.
func (c *Count) Done() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n--
	if c.n == 0 && c.zero != nil {
		close(c.zero)
		c.zero = nil
	}
}

// Wait returns when there is none, or the error of ctx if that ends first.
func (c *Count) Wait(ctx context.Context) error {
	for {
		c.mu.Lock()
		if c.n == 0 {
			c.mu.Unlock()
			return nil
		}
		if c.zero == nil {
			c.zero = make(chan struct{})
		}
		zero := c.zero
		c.mu.Unlock()
		select {
		case <-zero: // and perhaps there is one again
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
