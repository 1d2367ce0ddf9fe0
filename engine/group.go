package engine

import (
	"context"
	"sync"
)

// group counts the goroutines that a server owns, and the polling sessions
// whose last words are still to be fetched. A sync.WaitGroup does not do: it
// forbids the first Add beside a Wait, and here a session may start a
// goroutine at any time.
type group struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n reaches zero while somebody waits
}

func (g *group) start() {
	g.mu.Lock()
	g.n++
	g.mu.Unlock()
}

func (g *group) done() {
	g.mu.Lock()
	g.n--
	if g.n == 0 && g.idle != nil {
		close(g.idle)
		g.idle = nil
	}
	g.mu.Unlock()
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
	go func() {
		defer srv.group.done()
		f()
	}()
}
