// Package crew has many things worked on by few goroutines.
package crew

import (
	"sync"

	"github.com/go-socketio/socketio/internal/fifo"
)

// Crew is the goroutines that work on what is added: sockets with events,
// connections with news. One that is done goes on with the next that waits
// instead of ending: its stack has grown to what the application's code needs,
// which a new goroutine would pay for again with every burst.
//
// That code may wait for as long as it likes, so what waits never depends on a
// busy goroutine: while anything does, one goroutine has been started and has not
// yet looked. It starts its successor before it begins to work.
type Crew[T any] struct {
	start func(func())
	work  func(T)
	run   func() // bound once

	mu      sync.Mutex // a leaf: nothing else is locked while it is held
	waiting fifo.List[T]
	coming  bool // a goroutine was started and has not looked yet
}

// Init says how things are worked on, and how a goroutine is started, whose end
// is then start's to wait for. It is called once, before anything is added.
func (c *Crew[T]) Init(start func(func()), work func(T)) {
	c.start, c.work, c.run = start, work, c.runAll
}

// Add has something worked on. What is added twice is worked on twice, perhaps
// at the same time. It may be called concurrently, and blocks only as start does.
func (c *Crew[T]) Add(v T) {
	c.mu.Lock()
	c.waiting.Push(v)
	more := !c.coming
	c.coming = true
	c.mu.Unlock()
	if more {
		c.start(c.run)
	}
}

// take returns the next that waits, false if there is none, and whether
// somebody has to look after the rest.
func (c *Crew[T]) take(arrived bool) (v T, ok, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if arrived {
		c.coming = false
	}
	v, ok = c.waiting.Pop()
	if c.waiting.Len() > 0 && !c.coming {
		c.coming, more = true, true
	}
	return v, ok, more
}

// runAll is one goroutine.
func (c *Crew[T]) runAll() {
	for arrived := true; ; arrived = false {
		v, ok, more := c.take(arrived)
		if !ok {
			return
		}
		if more {
			c.start(c.run)
		}
		c.work(v)
	}
}
