package load

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-socketio/socketio/client/engine"
)

// begin starts to send, until enough. What is not done then is cut short by stop.
func (r *run) begin(enough, stop <-chan struct{}, tasks *sync.WaitGroup) {
	switch {
	case r.scenario.churns:
		r.churn(enough, stop, tasks)
	case r.cfg.Rate > 0:
		tasks.Go(func() { r.pace(enough, r.traffic.send) })
	default:
		r.traffic.begin()
	}
}

// slack is how late a message may leave and yet count from when it left: timers
// are that coarse. What is later counts from when it was due, so that neither a
// slow server nor a slow generator hides a delay.
const slack = 2_000_000

// pace calls send at the rate, until enough.
func (r *run) pace(enough <-chan struct{}, send func(k, at int64)) {
	start, every := now(), 1e9/r.cfg.Rate
	for k := int64(0); ; k++ {
		due := start + int64(float64(k)*every)
		if !waitUntil(enough, due) {
			return
		}
		at := now()
		r.lag.add(at - due)
		if at-due > slack {
			at = due
		}
		send(k, at)
	}
}

// churn lets connections come and go, as many at a time as there are clients,
// and closes visited when the last one has gone.
func (r *run) churn(enough, stop <-chan struct{}, tasks *sync.WaitGroup) {
	ctx, cancel := context.WithCancel(context.Background())
	tasks.Go(func() { <-stop; cancel() })
	var count atomic.Int64
	var due chan int64 // with a rate
	if r.cfg.Rate > 0 {
		// Those that nobody takes wait here, and their time counts from when they were due.
		due = make(chan int64, maxRing)
		tasks.Go(func() {
			defer close(due)
			r.pace(enough, func(_, at int64) {
				select {
				case due <- at:
				default:
					r.errors.add("not connected", fmt.Errorf("%d connections are due and none of %d clients is free", maxRing, r.cfg.Clients))
				}
			})
		})
	}
	var visits sync.WaitGroup
	for range r.cfg.Clients {
		visits.Go(func() {
			for r.sending.Load() {
				at := now()
				if due != nil {
					var more bool
					if at, more = <-due; !more || !r.sending.Load() {
						return
					}
				}
				r.visit(ctx, int(count.Add(1)-1), at)
			}
		})
	}
	tasks.Go(func() {
		visits.Wait()
		close(r.visited)
	})
}

// visit is one connection: it comes, connects to its namespace, moves to
// WebSocket if it is to, and leaves.
func (r *run) visit(ctx context.Context, n int, at int64) {
	c := r.newClient(n)
	moved := make(chan error, 1)
	moves := r.cfg.Transports[0] == engine.Polling && slices.Contains(r.cfg.Transports, engine.WebSocket)
	if moves {
		c.moved = moved
	}
	c.shard.sent.Add(1)
	err := r.enter(ctx, c)
	if err == nil && moves {
		select {
		case err = <-moved:
		case <-c.conn.Done():
			err = fmt.Errorf("the connection ended before the change to WebSocket")
		case <-ctx.Done():
		}
		if err != nil {
			r.errors.add("not upgraded", err)
		}
	}
	if err == nil && ctx.Err() == nil {
		c.shard.received.Add(1)
		c.shard.latency.add(now() - at)
	}
	if c.conn == nil {
		return
	}
	c.leaving.Store(true)
	c.conn.Close()
	<-c.conn.Done()
}
