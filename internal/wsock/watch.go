package wsock

import "sync"

// Watch has the connections of a server read, see [Conn.Go], by as few
// goroutines as it takes, and on Linux waits with one for all that are silent. A
// goroutine of its own costs a silent connection 2.5 KB, stack and bookkeeping,
// which is more than all the rest of it; a place here costs 8 bytes, and some 200
// in the kernel.
//
// A reader whose connection falls silent, or ends, goes on with the next that
// has news instead of ending: its stack has grown to what handlers need.
// A handler may block, so a connection with news never depends on a busy
// reader: while any waits, one goroutine has been started and not yet looked.
type Watch struct {
	start func(func())
	work  func() // read, bound once

	mu     sync.Mutex // a leaf: nothing else is locked while it is held, but what start locks
	news   []*Conn
	head   int
	coming bool // a reader was started and has not looked yet
	watch
}

// NewWatch makes a Watch. start runs a function on a goroutine that the owner
// waits for; it is called with a lock held. There are none until there is
// something to read or to wait for.
func NewWatch(start func(func())) *Watch {
	w := &Watch{start: start}
	w.work = w.read
	return w
}

// add has the connection read.
func (w *Watch) add(c *Conn, h Handler, ended func(error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.handler, c.ended = h, ended
	w.readLocked(c)
}

// readLocked puts the connection on the list of those that have news.
func (w *Watch) readLocked(c *Conn) {
	if len(w.news) == cap(w.news) && w.head > len(w.news)/2 {
		// Or a list that is never quite empty would grow for ever.
		n := copy(w.news, w.news[w.head:])
		clear(w.news[n:])
		w.news, w.head = w.news[:n], 0
	}
	w.news = append(w.news, c)
	w.summonLocked()
}

func (w *Watch) summonLocked() {
	if !w.coming {
		w.coming = true
		w.start(w.work)
	}
}

// maxIdleNews is the length from which an empty list is left to the collector.
const maxIdleNews = 1024

// take returns the next connection that has news, nil if there is none.
func (w *Watch) take(arrived bool) (c *Conn, h Handler, ended func(error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if arrived {
		w.coming = false
	}
	if w.head == len(w.news) {
		return nil, nil, nil
	}
	c = w.news[w.head]
	w.news[w.head] = nil
	w.head++
	if w.head == len(w.news) {
		w.news, w.head = w.news[:0], 0
		if cap(w.news) > maxIdleNews {
			w.news = nil
		}
	} else {
		w.summonLocked()
	}
	h, ended = c.handler, c.ended
	c.handler, c.ended = nil, nil
	return c, h, ended
}

// read is one reader.
func (w *Watch) read() {
	for arrived := true; ; arrived = false {
		c, h, ended := w.take(arrived)
		if c == nil {
			return
		}
		c.reader(h, ended)
	}
}
