package socketio

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
	return cap(in.items.list)
}

// Departures tells how many clients that are gone a namespace remembers.
func Departures(ns *Namespace) int {
	ns.gone.mu.Lock()
	defer ns.gone.mu.Unlock()
	return len(ns.gone.byName)
}
