package socketio

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Departure is what is remembered of a client that is gone.
type Departure struct {
	ID     string // the id of its last socket
	Reason DisconnectReason
	At     time.Time
	Rooms  []Room // it was in, its own among them
	Data   any    // of its last socket
}

// maxDepartures bounds how many gone clients a namespace remembers; the oldest
// are forgotten first.
const maxDepartures = 10_000

// departures are the clients of a namespace that were here not long ago.
type departures struct {
	mu     sync.Mutex
	byName map[string]*list.Element
	order  list.List // of departed, oldest first
}

type departed struct {
	name string
	Departure
}

// OnReconnect adds a function that runs when a client comes back within
// Config.ReturnWindow after it was gone, following those of OnConnect and with
// the same rules. A new connection has a new socket id, so the application says
// who is who: identity returns what stays the same for one client, such as a
// user id that a middleware has checked or a device id in the auth payload, or
// "" for a client that is not to be recognized. The last identity function
// that was registered serves all.
func (ns *Namespace) OnReconnect(identity func(*Socket) string, f func(ctx context.Context, s *Socket, last Departure) error) {
	ns.register(func(t *table) {
		t.identity = identity
		t.greet = with(t.greet, f)
	})
}

// remember notes that a client is gone.
func (g *departures) remember(s *Socket, why DisconnectReason) {
	t := s.ns.table.Load()
	if len(t.greet) == 0 {
		return
	}
	var name string
	s.attempt("OnReconnect identity", func() { name = t.identity(s) })
	if name == "" {
		return
	}
	d := &departed{name: name, Departure: Departure{ID: s.id, Reason: why, At: time.Now(), Rooms: s.Rooms(), Data: s.Data()}}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byName == nil {
		g.byName = map[string]*list.Element{}
	}
	g.forgetLocked(name)
	g.byName[name] = g.order.PushBack(d)
	g.pruneLocked(s.ns.srv.cfg.ReturnWindow)
}

// pruneLocked forgets those who are gone for too long, or too many.
func (g *departures) pruneLocked(window time.Duration) {
	for e := g.order.Front(); e != nil; e = g.order.Front() {
		old := e.Value.(*departed)
		if g.order.Len() <= maxDepartures && time.Since(old.At) <= window {
			break
		}
		g.forgetLocked(old.name)
	}
}

func (g *departures) forgetLocked(name string) {
	if e := g.byName[name]; e != nil {
		g.order.Remove(e)
		delete(g.byName, name)
	}
}

// greet runs the application's functions for a client that is back.
func (g *departures) greet(ctx context.Context, s *Socket) error {
	t := s.ns.table.Load()
	if len(t.greet) == 0 {
		return nil
	}
	name := t.identity(s)
	if name == "" {
		return nil
	}
	g.mu.Lock()
	g.pruneLocked(s.ns.srv.cfg.ReturnWindow)
	e := g.byName[name]
	g.forgetLocked(name)
	g.mu.Unlock()
	if e == nil {
		return nil
	}
	d := e.Value.(*departed).Departure
	for _, f := range t.greet {
		if err := f(ctx, s, d); err != nil {
			return err
		}
	}
	return nil
}
