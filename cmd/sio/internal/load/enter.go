package load

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/go-socketio/socketio/client/engine"
)

// silent is for connections: what happens to them is counted, not logged.
var silent = slog.New(slog.DiscardHandler)

// enterAll connects all clients. The first one goes alone: what is wrong with
// the address or the auth shows there, once.
func (r *run) enterAll(ctx context.Context) error {
	if r.scenario.churns {
		return nil
	}
	if err := r.enter(ctx, r.clients[0]); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return &Unreachable{URL: fill(r.cfg.URL, 0), Err: err}
	}
	queue := make(chan *client)
	var workers sync.WaitGroup
	for range min(r.cfg.Connecting, len(r.clients)) {
		workers.Go(func() {
			for c := range queue {
				_ = r.enter(ctx, c) // counted
			}
		})
	}
	done := make(chan struct{})
	var feeder sync.WaitGroup
	feeder.Go(func() {
		defer close(done)
		r.feed(ctx, queue)
		close(queue)
		workers.Wait()
	})
	r.during(ctx, "connecting", 0, done)
	feeder.Wait()
	return nil
}

// feed hands out the clients, spread over the ramp.
func (r *run) feed(ctx context.Context, queue chan<- *client) {
	start := now()
	for i, c := range r.clients[1:] {
		due := start + int64(float64(r.cfg.Ramp)*float64(i)/float64(len(r.clients)))
		if !waitUntil(ctx.Done(), due) {
			return
		}
		select {
		case queue <- c:
		case <-ctx.Done():
			return
		}
	}
}

// waitUntil reports false if it was stopped.
func waitUntil(stop <-chan struct{}, due int64) bool {
	wait := time.Duration(due - now())
	if wait <= 0 {
		select {
		case <-stop:
			return false
		default:
			return true
		}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-stop:
		return false
	}
}

// enter connects one client and counts what came of it.
func (r *run) enter(ctx context.Context, c *client) error {
	start := now()
	err := c.enter(ctx)
	switch {
	case err == nil:
		r.entered.Add(1)
		r.entries.add(now() - start)
	case ctx.Err() == nil:
		r.failed.Add(1)
		r.errors.add("not connected", err)
	}
	return err
}

// Unreachable says why the first client could not connect.
type Unreachable struct {
	URL string
	Err error
}

func (e *Unreachable) Unwrap() error { return e.Err }

func (e *Unreachable) Error() string {
	text := "no connection to " + e.URL + ": " + explain(e.Err)
	if h, ok := errors.AsType[*engine.HandshakeError](e.Err); ok && h.Code < 0 {
		text += "\nIs that a Socket.IO server (version 3 or 4), and is its path the one of -path?"
	}
	return text
}
