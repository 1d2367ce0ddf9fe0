package socketio

import (
	"sync"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/fifo"
)

// crew is the goroutines that work off the sockets' inboxes. One that is done
// with a socket goes on with the next that waits instead of ending: its stack
// has grown to what handlers need, which a new goroutine would pay for again
// with every burst of events.
//
// A handler may wait for as long as it likes, so a waiting socket never depends
// on a busy goroutine: while any waits, one goroutine has been started and not
// yet looked. It starts its successor before it begins to work.
type crew struct {
	start func() // runs work on a goroutine of the engine, which Shutdown waits for

	mu      sync.Mutex // a leaf: nothing else is locked while it is held
	waiting fifo.List[*Socket]
	coming  bool // a goroutine was started and has not looked yet
}

func (c *crew) init(e *engine.Server) {
	work := c.work // bound once
	c.start = func() { e.Go(work) }
}

// add has the socket's inbox worked off.
func (c *crew) add(s *Socket) {
	c.mu.Lock()
	c.waiting.Push(s)
	more := !c.coming
	c.coming = true
	c.mu.Unlock()
	if more {
		c.start()
	}
}

// take returns the next socket that waits, nil if there is none, and whether
// somebody has to look after the rest.
func (c *crew) take(arrived bool) (s *Socket, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if arrived {
		c.coming = false
	}
	s, _ = c.waiting.Pop()
	if c.waiting.Len() > 0 && !c.coming {
		c.coming, more = true, true
	}
	return s, more
}

// work is what one goroutine of the crew does.
func (c *crew) work() {
	for arrived := true; ; arrived = false {
		s, more := c.take(arrived)
		if s == nil {
			return
		}
		if more {
			c.start()
		}
		s.work()
	}
}
