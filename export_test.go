package socketio

import (
	"context"

	"github.com/go-socketio/socketio/packet"
)

// PendingAcks tells how many answers of its client a socket waits for.
func PendingAcks(s *Socket) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.extra == nil {
		return 0
	}
	return len(s.extra.acks)
}

// InboxBytes tells how much the events that wait for a socket's handlers weigh.
func InboxBytes(s *Socket) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inbox.bytes
}

// InboxGrowth moves n events through an inbox in which one always waits, and
// returns the capacity of its list.
func InboxGrowth(n int) int {
	var in inbox
	in.put(item{event: &Event{}})
	for range n {
		in.put(item{event: &Event{}})
		in.take()
	}
	return in.items.Cap()
}

// Visits walks over the receivers of a broadcast, and counts them.
func Visits(b Broadcast) (n int) {
	b.visit(func(*Socket) { n++ })
	return n
}

// Departures tells how many clients that are gone a namespace remembers.
func Departures(ns *Namespace) int {
	ns.gone.mu.Lock()
	defer ns.gone.mu.Unlock()
	return len(ns.gone.byName)
}

// Overlap enters a socket, another with its id, and lets the first one go. It
// returns how many are left, and whether the second is found by the id.
func Overlap() (left int, found bool) {
	var rs rooms
	rs.init()
	first, second := &Socket{id: "id"}, &Socket{id: "id"}
	rs.enter(first)
	rs.enter(second)
	rs.exit(first)
	rs.exit(first)
	return len(rs.all), rs.byID["id"] == second && second.place == 0
}

// ServerSide delivers an event as another server would.
func ServerSide(ns *Namespace, event string, args ...any) ([]any, error) {
	text, _, err := ns.srv.codec.AppendEvent(nil, ns.name, 0, false, event, args)
	if err != nil {
		return nil, err
	}
	h, err := packet.Parse(text, packet.Limits{})
	if err != nil {
		return nil, err
	}
	return ns.serverSide(context.Background(), event, arguments{json: h.Args})
}

// ConfigDefaults and RecoveryDefaults return what holds when nothing is set.
func ConfigDefaults() Config { return Config{}.withDefaults() }

func RecoveryDefaults() Recovery { return Recovery{}.withDefaults() }
