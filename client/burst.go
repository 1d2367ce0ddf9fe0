package client

import "sync"

// burst gathers events of one socket that came with one read, so that they
// reach its worker with one lock, and it runs once for all.
type burst struct {
	to    *Socket
	list  []*Event
	bytes int
	names [4]string // of the last events, of whatever socket, which are mostly the next ones', too
	next  uint8     // of names to be replaced
}

// bursts holds as many as there are connections with events in hand.
var bursts = sync.Pool{New: func() any { return new(burst) }}

const (
	// maxBurst and maxBurstBytes bound what a handler does not hear of yet, beside
	// MaxQueuedBytes. A read has 32 KiB at most.
	maxBurst      = 64
	maxBurstBytes = 16 << 10
)

// name returns an event's name, without a new string if it is one of the last.
func (b *burst) name(text []byte) string {
	for i := range b.names {
		if b.names[i] == string(text) {
			return b.names[i]
		}
	}
	name := string(text)
	if len(name) <= maxKeptName {
		b.names[b.next] = name
		b.next = (b.next + 1) % uint8(len(b.names))
	}
	return name
}

// maxKeptName keeps long names, which the server chooses, from staying in memory.
const maxKeptName = 64

// gather takes an event and gives it its name.
func (c *conn) gather(name []byte, e *Event) error {
	if c.burst != nil && c.burst.to != e.socket {
		if err := c.handOn(); err != nil {
			return err
		}
	}
	if c.burst == nil {
		c.burst = bursts.Get().(*burst)
		c.burst.to = e.socket
	}
	b := c.burst
	e.name = b.name(name)
	b.list = append(b.list, e)
	if b.bytes += e.size; b.bytes >= min(maxBurstBytes, c.m.cfg.MaxQueuedBytes/8) || len(b.list) >= maxBurst {
		return c.handOn()
	}
	return nil
}

// handOn gives the socket what was gathered.
func (c *conn) handOn() error {
	b := c.burst
	if b == nil {
		return nil
	}
	c.burst = nil
	err := b.to.arrived(c, b.list)
	clear(b.list)
	b.to, b.list, b.bytes = nil, b.list[:0], 0
	bursts.Put(b)
	return err
}
