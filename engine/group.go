package engine

import (
	"context"
	"runtime"
	"sync"
)

// group counts the goroutines that a server owns, and the polling sessions
// whose last words are still to be fetched. A sync.WaitGroup does not do: it
// forbids the first Add beside a Wait, and here a session may start a
// goroutine at any time.
//
// It also keeps a few goroutines that have nothing to do for what comes next.
// Each burst of messages wants a worker and a flusher, for microseconds; a new
// goroutine would grow its stack for each of them anew, which was 5 to 7 % of
// all that a busy server did. They go home when nothing else runs.
type group struct {
	mu     sync.Mutex
	n      int           // running; those that wait for a task do not count
	idle   chan struct{} // closed when n reaches zero while somebody waits
	parked []chan func() // of goroutines that wait for a task; the last came last
	most   int           // of parked
}

// parkedPerProcessor is one that works and one that flushes.
const parkedPerProcessor = 2

func (g *group) init() { g.most = parkedPerProcessor * runtime.GOMAXPROCS(0) }

func (g *group) start() {
	g.mu.Lock()
	g.n++
	g.mu.Unlock()
}

func (g *group) done() {
	g.mu.Lock()
	g.doneLocked()
	g.mu.Unlock()
}

func (g *group) doneLocked() {
	g.n--
	if g.n > 0 {
		return
	}
	if g.idle != nil {
		close(g.idle)
		g.idle = nil
	}
	for i, w := range g.parked {
		close(w)
		g.parked[i] = nil
	}
	g.parked = g.parked[:0]
}

// run runs f, for which start was called already, on a goroutine that waits
// for a task, or on a new one.
func (g *group) run(f func()) {
	g.mu.Lock()
	last := len(g.parked) - 1
	if last < 0 {
		g.mu.Unlock()
		go g.work(f)
		return
	}
	w := g.parked[last]
	g.parked[last] = nil
	g.parked = g.parked[:last]
	g.mu.Unlock()
	w <- f // never blocks: it was taken off the list, so nothing else is in it
}

// work is such a goroutine.
func (g *group) work(f func()) {
	returned := false
	defer func() {
		if !returned {
			g.done() // f has called runtime.Goexit
		}
	}()
	var w chan func()
	for f != nil {
		returned = false
		f()
		returned = true
		g.mu.Lock()
		g.doneLocked()
		park := g.n > 0 && len(g.parked) < g.most
		if park {
			if w == nil {
				w = make(chan func(), 1)
			}
			g.parked = append(g.parked, w)
		}
		g.mu.Unlock()
		if !park {
			return
		}
		f = <-w // nil when it is closed
	}
}

// wait returns when nothing runs, or with ctx's error.
func (g *group) wait(ctx context.Context) error {
	g.mu.Lock()
	if g.n == 0 {
		g.mu.Unlock()
		return nil
	}
	if g.idle == nil {
		g.idle = make(chan struct{})
	}
	idle := g.idle
	g.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Go runs f on a goroutine that Shutdown waits for. It is for work that belongs
// to sessions and ends with them.
func (srv *Server) Go(f func()) {
	srv.group.start()
	srv.group.run(f)
}
