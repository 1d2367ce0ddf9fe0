package socketio

import (
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/go-socketio/socketio/engine"
)

// Broadcast says who shall receive an event and how. It is a value: each
// method returns a changed copy, so that one may be kept and shared between
// goroutines. The zero Broadcast is of no use; get one from a [Namespace] or a [Socket].
type Broadcast struct {
	ns         *Namespace
	from       *Socket // left out
	rooms      []Room
	except     []Room
	targeted   bool // To was called: with no rooms it reaches nobody, not everybody
	volatile   bool
	local      bool
	noCompress bool
}

// To adds rooms: their members receive, each once, however many of the rooms
// they are in. To() without rooms, or with an empty list, reaches nobody.
func (b Broadcast) To(rooms ...Room) Broadcast {
	b.targeted = true
	b.rooms = append(slices.Clip(b.rooms), rooms...)
	return b
}

// Except leaves out the members of rooms, whatever To says.
func (b Broadcast) Except(rooms ...Room) Broadcast {
	b.except = append(slices.Clip(b.except), rooms...)
	return b
}

// Volatile drops the event for each receiver that cannot take it at once; see [Socket.Volatile].
func (b Broadcast) Volatile() Broadcast { b.volatile = true; return b }

// Local keeps the event on this server when there are several.
func (b Broadcast) Local() Broadcast { b.local = true; return b }

// Compress allows or forbids compression where it was negotiated; see [Socket.Compress].
func (b Broadcast) Compress(on bool) Broadcast { b.noCompress = !on; return b }

// Emit sends an event to the receivers. It is encoded and framed once, only
// queued, and never waits for a receiver: one that reads too slowly is closed.
// The error is about the event: [ErrReservedEvent], or a value that cannot be
// encoded. That nobody receives it is no error.
func (b Broadcast) Emit(event string, args ...any) error {
	if b.ns.parent != nil {
		return b.eachChild(func(b Broadcast) error { return b.Emit(event, args...) })
	}
	srv := b.ns.srv
	enc := func(dst []byte) ([]byte, [][]byte, error) {
		return srv.appendEvent(dst, b.ns.name, 0, false, event, args)
	}
	if len(b.ns.table.Load().outgoing) > 0 {
		for _, s := range b.receivers() {
			s.tellOutgoing(event, args)
		}
	}
	n := 0
	deliver := func(msgs []*engine.Message) {
		b.visit(func(s *Socket) {
			if s.transmit(msgs, b.volatile) == nil { // a failure is the receiver's end, not the sender's business
				n++
			}
		})
	}
	f, err := b.send(enc, deliver)
	if err != nil {
		return err
	}
	if hook := srv.cfg.Hooks.Broadcast; hook != nil {
		srv.attempt("Hooks.Broadcast", func() { hook(b.ns, event, n, f.size) })
	}
	return nil
}

// send encodes the event, through the history of the namespace if it has one.
func (b Broadcast) send(enc encodeFunc, deliver func([]*engine.Message)) (frames, error) {
	if h := b.ns.history; h != nil {
		if !b.volatile {
			e := entry{rooms: b.rooms, except: b.except, all: !b.targeted, plain: b.noCompress}
			if b.from != nil {
				e.from = b.from.id
			}
			return h.publish(e, enc, deliver)
		}
		enc = h.mark(enc)
	}
	f, err := encode(enc)
	if err == nil {
		if b.noCompress {
			f.uncompress()
		}
		deliver(f.messages)
	}
	return f, err
}

// eachChild does for every child of a parent namespace what was asked of the
// parent, and returns the first error.
func (b Broadcast) eachChild(f func(Broadcast) error) error {
	var first error
	for _, child := range b.ns.Children() {
		b.ns = child
		if err := f(b); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// socketSets holds the sets that find sockets standing in several rooms.
var socketSets = sync.Pool{New: func() any { return map[*Socket]struct{}{} }}

// visit calls f once for each receiver. f must not call back into the rooms.
func (b Broadcast) visit(f func(*Socket)) {
	rs := &b.ns.rooms
	skip := b.skipped()
	if skip != nil {
		defer func() { clear(skip); socketSets.Put(skip) }()
	}
	deliver := f
	if skip != nil || b.from != nil {
		deliver = func(s *Socket) {
			if s == b.from {
				return
			}
			if _, ok := skip[s]; !ok {
				f(s)
			}
		}
	}
	if !b.targeted {
		rs.visitAll(deliver)
		return
	}
	if len(b.rooms) == 1 && rs.socket(b.rooms[0]) == nil {
		rs.visitSeats(b.rooms[0], deliver) // nobody can be there twice
		return
	}
	seen := socketSets.Get().(map[*Socket]struct{})
	defer func() { clear(seen); socketSets.Put(seen) }()
	for _, name := range b.rooms {
		rs.visit(name, func(s *Socket) {
			if _, twice := seen[s]; !twice {
				seen[s] = struct{}{}
				deliver(s)
			}
		})
	}
}

// skipped returns the set of those left out, nil if there is none.
func (b Broadcast) skipped() map[*Socket]struct{} {
	if len(b.except) == 0 {
		return nil
	}
	skip := socketSets.Get().(map[*Socket]struct{})
	for _, name := range b.except {
		b.ns.rooms.visit(name, func(s *Socket) { skip[s] = struct{}{} })
	}
	return skip
}

// receivers returns the receivers as a list, for work that may not be done
// while the rooms are held.
func (b Broadcast) receivers() []*Socket {
	var list []*Socket
	if b.ns.parent != nil {
		_ = b.eachChild(func(b Broadcast) error {
			list = append(list, b.receivers()...)
			return nil
		})
		return list
	}
	b.visit(func(s *Socket) { list = append(list, s) })
	return list
}

// RemoteSocket describes a receiver of a broadcast, which may be connected to
// another server.
type RemoteSocket struct {
	ID        string
	Rooms     []Room // sorted
	Data      any    // as Socket.SetData stored it
	Handshake *Handshake
	ns        *Namespace
}

// Broadcast returns a broadcast to this socket alone, wherever it is connected:
// emit to it, wait for its ack, have it join or leave rooms, disconnect it.
func (s RemoteSocket) Broadcast() Broadcast { return s.ns.To(s.ID) }

// Sockets yields the receivers.
func (b Broadcast) Sockets(ctx context.Context) iter.Seq2[RemoteSocket, error] {
	return func(yield func(RemoteSocket, error) bool) {
		for _, s := range b.receivers() {
			if err := ctx.Err(); err != nil {
				yield(RemoteSocket{}, err)
				return
			}
			if !yield(RemoteSocket{ID: s.id, Rooms: s.Rooms(), Data: s.Data(), Handshake: s.Handshake(), ns: s.ns}, nil) {
				return
			}
		}
	}
}

// Join puts the receivers into rooms.
func (b Broadcast) Join(_ context.Context, rooms ...Room) error {
	for _, s := range b.receivers() {
		_ = s.Join(rooms...) // one that is gone meanwhile is no failure
	}
	return nil
}

// Leave takes the receivers out of rooms.
func (b Broadcast) Leave(_ context.Context, rooms ...Room) error {
	for _, s := range b.receivers() {
		_ = s.Leave(rooms...)
	}
	return nil
}

// Disconnect disconnects the receivers; see [Socket.Disconnect].
func (b Broadcast) Disconnect(_ context.Context, close bool) error {
	for _, s := range b.receivers() {
		_ = s.Disconnect(close)
	}
	return nil
}

// Broadcast returns a broadcast to everyone in the namespace but the socket itself.
func (s *Socket) Broadcast() Broadcast { return Broadcast{ns: s.ns, from: s} }

// To returns a broadcast to rooms that leaves out the socket itself.
func (s *Socket) To(rooms ...Room) Broadcast { return s.Broadcast().To(rooms...) }

// Except returns a broadcast to all but the members of rooms and the socket itself.
func (s *Socket) Except(rooms ...Room) Broadcast { return s.Broadcast().Except(rooms...) }
