package client

// buffer holds the packets that are emitted while the socket is not connected,
// in order. It is guarded by the Socket's lock.
type buffer struct {
	list  []*buffered
	byID  map[uint64]*buffered
	bytes int
	dead  int // of list: taken out
}

type buffered struct {
	frames
	id    uint64
	hasID bool
	gone  bool
}

// packetCost is what a packet weighs in memory beside its bytes.
const packetCost = 128

// add keeps a packet, unless more than limit bytes would wait. One alone may
// have any size: what can be sent when connected can be sent before.
func (b *buffer) add(f frames, id uint64, hasID bool, limit int) error {
	size := f.size() + packetCost
	if b.bytes > 0 && b.bytes+size > limit {
		return ErrBufferFull
	}
	p := &buffered{frames: f.kept(), id: id, hasID: hasID}
	b.list = append(b.list, p)
	b.bytes += size
	if hasID {
		if b.byID == nil {
			b.byID = map[uint64]*buffered{}
		}
		b.byID[id] = p
	}
	return nil
}

// remove takes the packet with an ack id out, and reports whether it was there. B-109
func (b *buffer) remove(id uint64) bool {
	p := b.byID[id]
	if p == nil {
		return false
	}
	delete(b.byID, id)
	b.bytes -= p.size() + packetCost
	p.frames, p.gone = frames{}, true
	if b.dead++; b.dead > len(b.list)/2 { // a long outage must not collect them
		kept := make([]*buffered, 0, len(b.list)-b.dead)
		for _, p := range b.list {
			if !p.gone {
				kept = append(kept, p)
			}
		}
		b.list, b.dead = kept, 0
	}
	return true
}

func (b *buffer) holds(id uint64) bool { return b.byID[id] != nil }

// flush gives the packets to send, in order, until it fails.
func (b *buffer) flush(send func(frames) error) {
	for i, p := range b.list {
		if p.gone {
			b.dead--
			continue
		}
		if send(p.frames) != nil {
			b.list = b.list[i:]
			return
		}
		b.bytes -= p.size() + packetCost
		if p.hasID {
			delete(b.byID, p.id)
		}
	}
	*b = buffer{}
}
