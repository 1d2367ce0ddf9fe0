package load

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/client/engine"
)

// fanout is the traffic of the scenarios in which one message reaches many:
// broadcast and rooms.
type fanout struct {
	run    *run
	groups []*group
}

// A group is clients that all get what one of them sends.
type group struct {
	n       int
	run     *run
	shape   *shape
	join    []byte // packet that enters the room; nil: there is none
	members []*client
	alive   atomic.Int32

	mu     sync.Mutex
	sender *client // nil: all have gone
	next   uint32
	slots  []fanSlot // a ring by number
}

// A fanSlot is a message on its way. Members count it down without the lock of
// the group: a thousand of them may do so at once.
type fanSlot struct {
	seq  atomic.Uint32
	sent atomic.Int64
	left atomic.Int32 // deliveries to come
}

// abandoned is left in a slot that was given up: no number of late deliveries
// brings it to 0.
const abandoned = -1 << 30

// A member is what one client has got of its group's messages.
type member struct {
	group  *group
	newest uint32
	seen   uint64 // bit i: newest-i came
	probed atomic.Bool
	in     bool // is counted; guarded by the group's mu
}

// probeSeq numbers the messages that only show whether everyone is reached.
const probeSeq = ^uint32(0)

func newFanout(r *run) traffic {
	cfg := &r.cfg
	count := len(cfg.Namespaces)
	if r.scenario.Name == "rooms" {
		count = cfg.Rooms
	}
	ring := 4
	for ring < 4*cfg.Window || float64(ring) < 2*cfg.Rate/float64(count)*cfg.Timeout.Seconds() && ring < maxRing {
		ring *= 2
	}
	t := &fanout{run: r}
	for i := range count {
		g := &group{n: i, run: r, slots: make([]fanSlot, ring)}
		ns, lead := cfg.Namespaces[i%len(cfg.Namespaces)], ""
		if r.scenario.Name == "rooms" {
			room := quote(fmt.Sprintf("load-%d", i))
			lead = room + ","
			g.join = newShape(ns, cfg.Join, "", "", tagSize, false, false).head
			g.join = append(g.join, "["+quote(cfg.Join)+","+room+"]"...)
		}
		g.shape = newShape(ns, cfg.Event, cfg.Reply, lead, cfg.Size, false, false)
		t.groups = append(t.groups, g)
	}
	for _, c := range r.clients {
		g := t.groups[c.n%count]
		c.ns = g.n % len(cfg.Namespaces)
		c.member = &member{group: g, newest: probeSeq}
	}
	return t
}

// prepare enters the rooms, and sends into each group until every member has
// got something: not every server acknowledges that a client is in.
func (t *fanout) prepare(stop <-chan struct{}) error {
	for _, c := range t.run.clients {
		c.member.group.admit(c)
	}
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	patience := time.NewTimer(t.run.cfg.Timeout)
	defer patience.Stop()
	for {
		deaf := 0
		for _, g := range t.groups {
			n := g.deaf()
			deaf += n
			if n > 0 {
				g.probe()
			}
		}
		if deaf == 0 {
			return nil
		}
		select {
		case <-again.C:
		case <-stop:
			return nil
		case <-patience.C:
			return &NoHandler{Scenario: t.run.scenario.Name, cfg: t.run.cfg,
				What: fmt.Sprintf("%d of %d clients got nothing of what was sent to them within %v", deaf, t.run.open.Load(), t.run.cfg.Timeout)}
		}
	}
}

// admit makes a client that is there a member.
func (g *group) admit(c *client) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.stage.Load() != here { // gone has been here, or waits and will take it out again
		return
	}
	if g.join != nil {
		_ = c.conn.Send(engine.Text, g.join) // Closed tells why it cannot
	}
	c.member.in = true
	g.members = append(g.members, c)
	g.alive.Add(1)
	if g.sender == nil {
		g.sender = c
	}
}

// deaf tells how many members have got nothing yet.
func (g *group) deaf() int {
	n := 0
	for _, c := range g.members {
		if c.stage.Load() == here && !c.member.probed.Load() {
			n++
		}
	}
	return n
}

func (g *group) probe() {
	if s := g.speaker(); s != nil {
		s.send(g.shape, g.n, probeSeq)
	}
}

func (g *group) speaker() *client {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sender
}

func (t *fanout) begin() {
	for _, g := range t.groups {
		for range t.run.cfg.Window {
			g.send(now())
		}
	}
}

func (t *fanout) send(k, at int64) { t.groups[k%int64(len(t.groups))].send(at) }

// send sends the next message of the group.
func (g *group) send(at int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	sender, seq := g.sender, g.next
	// Asked for with the lock, so that drain, which takes it too, misses nothing.
	if sender == nil || !g.run.sending.Load() {
		return
	}
	g.next++
	if g.next == probeSeq {
		g.next = 0
	}
	slot := &g.slots[seq&uint32(len(g.slots)-1)]
	if n := slot.left.Swap(abandoned); n > 0 { // the ring is full
		sender.shard.lost.Add(int64(n))
	}
	slot.seq.Store(seq)
	slot.sent.Store(at)
	slot.left.Store(g.alive.Load())
	sender.send(g.shape, g.n, seq) // with the lock: in the order of the numbers
}

func (t *fanout) receive(c *client, kind engine.Kind, data []byte) {
	m := c.member
	g := m.group
	owner, seq, ok := g.shape.read(data)
	if !ok && kind == engine.Text {
		ours := false
		if p, parsed := parse(data); parsed {
			owner, seq, ours, ok = g.shape.readLoosely(p)
		}
		if !ours {
			c.odd(kind, data)
			return
		}
	}
	switch {
	case !ok || owner != g.n:
		c.shard.wrong.Add(1)
	case seq == probeSeq:
		m.probed.Store(true)
	default:
		g.delivered(c, seq)
	}
}

// delivered takes note of a message that reached a member.
func (g *group) delivered(c *client, seq uint32) {
	fresh, inOrder := c.member.note(seq)
	if !fresh {
		c.shard.duplicated.Add(1)
		return
	}
	if !inOrder {
		c.shard.reordered.Add(1)
	}
	slot := &g.slots[seq&uint32(len(g.slots)-1)]
	then, at := slot.sent.Load(), now()
	left := slot.left.Add(-1)
	if slot.seq.Load() != seq || left < 0 {
		c.shard.lost.Add(-1)
		c.shard.late.Add(1)
		return
	}
	c.shard.received.Add(1)
	c.shard.latency.add(at - then)
	if left > 0 {
		return
	}
	g.run.fanouts.add(at - then)
	if g.run.cfg.Window > 0 {
		g.send(at)
	}
}

// note reports whether seq is new to the member, and not behind a later one.
func (m *member) note(seq uint32) (fresh, inOrder bool) {
	if d := seq - m.newest; int32(d) > 0 {
		m.seen = m.seen<<d | 1
		m.newest = seq
		return true, true
	}
	back := m.newest - seq
	if back >= 64 {
		return true, false // nobody knows any more
	}
	if m.seen&(1<<back) != 0 {
		return false, false
	}
	m.seen |= 1 << back
	return true, false
}

func (t *fanout) sweep(before int64) {
	for _, g := range t.groups {
		for i := range g.slots {
			slot := &g.slots[i]
			left := slot.left.Load()
			if left <= 0 || slot.sent.Load() >= before || !slot.left.CompareAndSwap(left, abandoned) {
				continue
			}
			g.members[0].shard.lost.Add(int64(left))
			if t.run.cfg.Window > 0 {
				g.send(now())
			}
		}
	}
}

func (t *fanout) waiting() int {
	n := 0
	for _, g := range t.groups {
		g.mu.Lock()
		for i := range g.slots {
			if g.sender != nil {
				n += max(int(g.slots[i].left.Load()), 0)
			}
		}
		g.mu.Unlock()
	}
	return n
}

// gone makes another member speak if it was the sender who has gone.
func (t *fanout) gone(c *client) {
	g := c.member.group
	g.mu.Lock()
	defer g.mu.Unlock()
	if !c.member.in {
		return
	}
	c.member.in = false
	g.alive.Add(-1)
	if g.sender != c {
		return
	}
	g.sender = nil
	for _, m := range g.members {
		if m.stage.Load() == here {
			g.sender = m
			return
		}
	}
}
