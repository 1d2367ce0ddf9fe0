package load

import (
	"sync"

	"github.com/go-socketio/socketio/client/engine"
)

// echoes is the traffic of the scenarios in which a client gets back what it
// sent: echo, ack, binary and polling.
type echoes struct {
	run    *run
	shapes []*shape // of each namespace
}

// echo is what one client waits for.
type echo struct {
	mu      sync.Mutex
	next    uint32  // number of the next message
	newest  uint32  // behind the highest that came back
	pending int     // how many wait
	sent    []int64 // a ring by number: when it was sent, or one of the marks below
	half    bool    // the packet was there, its attachment is not
}

const (
	settled int64 = 0  // came back, or was never sent
	givenUp int64 = -1 // did not come back in time
)

// maxRing bounds what waits for one client whose server takes no notice.
const maxRing = 1 << 16

func newEcho(r *run) traffic {
	t := &echoes{run: r}
	for _, ns := range r.cfg.Namespaces {
		t.shapes = append(t.shapes, newShape(ns, r.cfg.Event, r.cfg.Reply, "", r.cfg.Size,
			r.scenario.Name == "binary", r.scenario.Name == "ack"))
	}
	ring := 4
	for ring < 2*r.cfg.Window {
		ring *= 2
	}
	for _, c := range r.clients {
		c.echo = &echo{sent: make([]int64, ring)}
	}
	return t
}

func (t *echoes) prepare(<-chan struct{}) error { return nil }

func (t *echoes) begin() {
	for _, c := range t.run.clients {
		t.top(c, now())
	}
}

// top fills the window at the given moment, which saves asking for the time once
// more for each message.
func (t *echoes) top(c *client, at int64) {
	for c.stage.Load() == here {
		c.echo.mu.Lock()
		// Asked for with the lock, so that drain, which takes it too, misses nothing.
		if c.echo.pending >= t.run.cfg.Window || !t.run.sending.Load() {
			c.echo.mu.Unlock()
			return
		}
		c.send(t.shapes[c.ns], c.n, c.echo.takeLocked(c, at)) // with the lock: in the order of the numbers
		c.echo.mu.Unlock()
	}
}

func (t *echoes) send(k, at int64) {
	c := t.run.clients[k%int64(len(t.run.clients))]
	if c.stage.Load() != here {
		return
	}
	c.echo.mu.Lock()
	defer c.echo.mu.Unlock()
	if t.run.sending.Load() {
		c.send(t.shapes[c.ns], c.n, c.echo.takeLocked(c, at))
	}
}

// takeLocked takes the next number.
func (e *echo) takeLocked(c *client, at int64) uint32 {
	slot := &e.sent[e.next&uint32(len(e.sent)-1)]
	if *slot > 0 { // the ring is full
		if len(e.sent) < maxRing {
			e.growLocked()
		} else {
			c.shard.lost.Add(1)
			e.pending--
		}
		slot = &e.sent[e.next&uint32(len(e.sent)-1)]
	}
	*slot = at
	e.pending++
	e.next++
	return e.next - 1
}

func (e *echo) growLocked() {
	old := e.sent
	e.sent = make([]int64, 2*len(old))
	for i := range old {
		seq := e.next - uint32(i) - 1
		e.sent[seq&uint32(len(e.sent)-1)] = old[seq&uint32(len(old)-1)]
	}
}

func (t *echoes) receive(c *client, kind engine.Kind, data []byte) {
	s, e := t.shapes[c.ns], c.echo
	var owner int
	var seq uint32
	var ok bool
	switch {
	case s.binary && kind == engine.Binary && e.half:
		e.half = false
		owner, seq, ok = s.readPayload(data)
	case s.binary && kind == engine.Text && string(data) == string(s.wantHead):
		e.half = true
		return
	case !s.binary && kind == engine.Text:
		owner, seq, ok = s.read(data)
	}
	if !ok {
		p, parsed := parse(data)
		if kind == engine.Text && s.binary {
			name, _ := p.event()
			if e.half = parsed && p.attachments == 1 && name == s.reply; e.half {
				return
			}
		}
		ours := kind == engine.Binary
		if kind == engine.Text && parsed {
			owner, seq, ours, ok = s.readLoosely(p)
		}
		if !ours {
			c.odd(kind, data)
			return
		}
	}
	if !ok || owner != c.n {
		c.shard.wrong.Add(1)
		return
	}
	if at := now(); t.returned(c, seq, at) && t.run.cfg.Window > 0 {
		t.top(c, at)
	}
}

// returned takes note of a reply, and reports whether it was one that waited.
func (t *echoes) returned(c *client, seq uint32, at int64) bool {
	e := c.echo
	e.mu.Lock()
	age := e.next - seq // 1 is the newest
	if age == 0 || age > uint32(len(e.sent)) {
		e.mu.Unlock()
		c.shard.duplicated.Add(1) // or far too late, which cannot be told apart
		return false
	}
	slot := &e.sent[seq&uint32(len(e.sent)-1)]
	then := *slot
	*slot = settled
	if then > 0 {
		e.pending--
	}
	early := int32(seq-e.newest) >= 0
	if early {
		e.newest = seq + 1
	}
	e.mu.Unlock()
	switch then {
	case settled:
		c.shard.duplicated.Add(1)
		return false
	case givenUp:
		c.shard.lost.Add(-1)
		c.shard.late.Add(1)
		return false
	}
	if !early {
		c.shard.reordered.Add(1)
	}
	c.shard.received.Add(1)
	c.shard.latency.add(at - then)
	return true
}

func (t *echoes) sweep(before int64) {
	for _, c := range t.run.clients {
		if n := c.echo.giveUp(before); n > 0 {
			c.shard.lost.Add(int64(n))
			if t.run.cfg.Window > 0 {
				t.top(c, now())
			}
		}
	}
}

func (e *echo) giveUp(before int64) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pending == 0 {
		return 0
	}
	n := 0
	for i, at := range e.sent {
		if at > 0 && at < before {
			e.sent[i] = givenUp
			n++
		}
	}
	e.pending -= n
	return n
}

func (t *echoes) waiting() int {
	n := 0
	for _, c := range t.run.clients {
		c.echo.mu.Lock()
		if c.stage.Load() == here {
			n += c.echo.pending
		}
		c.echo.mu.Unlock()
	}
	return n
}

// gone counts what will never come back.
func (t *echoes) gone(c *client) {
	c.echo.mu.Lock()
	c.shard.lost.Add(int64(c.echo.pending))
	c.echo.pending = 0
	clear(c.echo.sent)
	c.echo.mu.Unlock()
}
