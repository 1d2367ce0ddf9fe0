package wsock

import (
	"sync"

	"github.com/go-socketio/socketio/internal/crew"
)

// Watch has many connections read, see [Conn.Go], by as few goroutines as it
// takes, and on Linux waits with one for all that are silent. A goroutine of its
// own costs a silent connection 2.5 KB, stack and bookkeeping, which is more than
// all the rest of it; a place here costs 8 bytes, and some 200 in the kernel.
//
// A reader whose connection falls silent, or ends, goes on with the next that has news.
type Watch struct {
	start   func(func())
	readers crew.Crew[*Conn]

	mu sync.Mutex // a leaf: nothing else is locked while it is held, but what readers and start lock
	watch
}

// NewWatch makes a Watch. start runs a function on a goroutine that the owner
// waits for; it is called with a lock held. There are none until there is
// something to read or to wait for.
func NewWatch(start func(func())) *Watch {
	w := &Watch{start: start}
	w.readers.Init(start, w.read)
	return w
}

// add has the connection read.
func (w *Watch) add(c *Conn, h Handler, ended func(error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.handler, c.ended = h, ended
	w.readers.Add(c)
}

// read is what a reader does with a connection.
func (w *Watch) read(c *Conn) {
	w.mu.Lock()
	h, ended := c.handler, c.ended
	c.handler, c.ended = nil, nil
	w.mu.Unlock()
	c.reader(h, ended)
}
