package client

import "sync"

// turns runs what it is given one at a time and in order, on a goroutine that
// lives while there is anything to run. Each Socket has one, for its events
// and what happens to it between them, and so has a Manager.
type turns struct {
	tasks  *tasks
	limit  int          // bytes of events
	handle func(*Event) // runs an event
	guard  func(func()) // runs anything else, and survives its panics

	mu      sync.Mutex
	list    []item
	head    int
	bytes   int
	working bool
	room    chan struct{} // closed when a reader that waits for room may go on
}

// item is an event, or something else to run in its turn.
type item struct {
	event *Event
	run   func()
}

// eventCost is what an event weighs in memory beside its bytes, so that many
// small ones meet the bound too.
const eventCost = 256

// add runs f in its turn.
func (t *turns) add(f func()) { t.put(item{run: f}) }

func (t *turns) put(it item) {
	t.mu.Lock()
	if len(t.list) == cap(t.list) && t.head > len(t.list)/2 {
		// A worker that is always a little behind never comes to the end, where
		// the list begins anew.
		n := copy(t.list, t.list[t.head:])
		clear(t.list[n:])
		t.list, t.head = t.list[:n], 0
	}
	t.list = append(t.list, it)
	if it.event != nil {
		t.bytes += it.event.size + eventCost
	}
	start := !t.working
	t.working = true
	t.mu.Unlock()
	if start {
		t.tasks.Go(t.work)
	}
}

// await waits until less than the limit is queued, or stop is closed. The
// caller reads for the connection: meanwhile TCP holds the server.
func (t *turns) await(stop <-chan struct{}) {
	t.mu.Lock()
	for t.bytes > t.limit {
		if t.room == nil {
			t.room = make(chan struct{})
		}
		room := t.room
		t.mu.Unlock()
		select {
		case <-room:
		case <-stop:
			return
		}
		t.mu.Lock()
	}
	t.mu.Unlock()
}

// drop forgets the events that wait. Everything else stays.
func (t *turns) drop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	rest := t.list[t.head:]
	kept := rest[:0]
	for _, it := range rest {
		if it.event == nil {
			kept = append(kept, it)
		}
	}
	clear(rest[len(kept):])
	t.list, t.bytes = t.list[:t.head+len(kept)], 0
	t.unblockLocked()
}

func (t *turns) unblockLocked() {
	if t.room != nil {
		close(t.room)
		t.room = nil
	}
}

func (t *turns) take() (item, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.head == len(t.list) {
		t.list, t.head, t.working = nil, 0, false
		return item{}, false
	}
	it := t.list[t.head]
	t.list[t.head] = item{}
	t.head++
	if it.event != nil {
		t.bytes -= it.event.size + eventCost
		if t.bytes <= t.limit/2 {
			t.unblockLocked()
		}
	}
	return it, true
}

func (t *turns) work() {
	done := false
	defer func() {
		if !done { // a handler has called runtime.Goexit, as testing.T.Fatal does
			t.tasks.Go(t.work)
		}
	}()
	for {
		it, ok := t.take()
		switch {
		case !ok:
			done = true
			return
		case it.event != nil:
			t.handle(it.event)
		default:
			t.guard(it.run)
		}
	}
}
