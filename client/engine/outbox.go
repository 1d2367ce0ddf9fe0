package engine

import (
	"sync"

	"github.com/go-socketio/socketio/internal/eio"
)

// Kind tells text from binary messages.
type Kind uint8

const (
	Text Kind = iota
	Binary
)

// Message is one message to send.
type Message struct {
	Kind Kind
	Data []byte
	// Plain keeps the message from being compressed, see Config.PerMessageDeflate.
	Plain bool
}

// outbox holds packets that wait, their data in one piece: a connection with
// nothing to say has none, and one that talks allocates nothing per message.
type outbox struct {
	items   []item
	data    []byte
	counted bool // in Conn.sending
}

type item struct {
	n      int // bytes of data
	typ    eio.PacketType
	binary bool
	plain  bool
}

// webSocketPong is no packet of Engine.IO: it answers a WebSocket ping.
const webSocketPong eio.PacketType = 0xa

// itemSize is what an item costs beside its data. It counts for the bound, or
// empty messages would cost nothing.
const itemSize = 16

const (
	// maxPooledItems and maxPooledData keep a burst's memory from staying in
	// the pool for ever.
	maxPooledItems = 1024
	maxPooledData  = 64 << 10
)

// outboxes saves growing from nothing for each message: as many as there are
// connections with something to send at this moment.
var outboxes = sync.Pool{New: func() any { return new(outbox) }}

func (b *outbox) add(typ eio.PacketType, binary, plain bool, data []byte) {
	b.items = append(b.items, item{n: len(data), typ: typ, binary: binary, plain: plain})
	b.data = append(b.data, data...)
}

// each calls f for each packet, in order, until it fails.
func (b *outbox) each(f func(it item, data []byte) error) error {
	rest := b.data
	for _, it := range b.items {
		if err := f(it, rest[:it.n]); err != nil {
			return err
		}
		rest = rest[it.n:]
	}
	return nil
}

// packet is how package eio sees an item.
func (it item) packet(data []byte) eio.Packet {
	return eio.Packet{Type: it.typ, Binary: it.binary, Data: data}
}

// release gives an outbox back. Nobody may hold a part of it.
func (b *outbox) release() {
	if cap(b.items) > maxPooledItems || cap(b.data) > maxPooledData {
		return
	}
	b.items, b.data, b.counted = b.items[:0], b.data[:0], false
	outboxes.Put(b)
}

// sent takes note of n bytes of b that have left.
func (c *Conn) sent(b *outbox, n int) {
	if b.counted {
		c.sending.Add(int64(-n))
	}
}

// pushLocked queues a packet.
func (c *Conn) pushLocked(typ eio.PacketType, binary, plain bool, data []byte) {
	if c.queue == nil {
		c.queue = outboxes.Get().(*outbox)
	}
	c.queue.add(typ, binary, plain, data)
	c.queued += len(data)
}

func (c *Conn) dropQueueLocked() {
	if c.queue != nil {
		c.queue.release()
		c.queue, c.queued = nil, 0
	}
}
