package client

import (
	"sync"
	"sync/atomic"

	"github.com/go-socketio/socketio/internal/fifo"
)

// turns runs what it is given one at a time and in order, on a goroutine that
// lives while there is anything to run. Each Socket has one, for its events
// and what happens to it between them, and so has a Manager.
type turns struct {
	tasks  *tasks
	limit  int          // bytes of events
	handle func(*Event) // runs an event
	guard  func(func()) // runs anything else, and survives its panics

	mu      sync.Mutex
	queue   *fifo.List[item] // nil while nothing waits
	bytes   int              // of events
	working bool
	room    chan struct{} // closed when a reader that waits for room may go on

	drops atomic.Uint32 // calls of drop
	now   *batch        // of the goroutine that works; nil while there is none
}

// item is an event, or something else to run in its turn.
type item struct {
	event *Event
	run   func()
}

// itemsPool saves each burst of events the growth of its list: as many as there
// are sockets with something to do at this moment.
var itemsPool = sync.Pool{New: func() any { l := fifo.Make[item](16); return &l }}

// eventCost is what an event weighs in memory beside its bytes, so that many
// small ones meet the bound too.
const eventCost = 256

// batch is what the worker took with one lock. It is not on the worker's stack,
// for a handler may end that goroutine.
type batch struct {
	list  [maxBatch]item
	next  int
	n     int
	drops uint32 // when it was taken
}

const (
	// maxBatch is how many items are taken with one lock at most.
	maxBatch = 16
	// maxBatchBytes keeps what was taken small beside the limit, which counts
	// only what waits.
	maxBatchBytes = 16 << 10
)

// batches holds as many as there are sockets that work at this moment.
var batches = sync.Pool{New: func() any { return new(batch) }}

// add runs f in its turn.
func (t *turns) add(f func()) {
	t.mu.Lock()
	t.appendLocked(item{run: f})
	t.startAndUnlock()
}

// put runs events in their turns. It does not keep the list.
func (t *turns) put(list []*Event) {
	if len(list) == 0 {
		return
	}
	t.mu.Lock()
	for _, e := range list {
		t.appendLocked(item{event: e})
		t.bytes += e.size + eventCost
	}
	t.startAndUnlock()
}

func (t *turns) appendLocked(it item) {
	if t.queue == nil {
		t.queue = itemsPool.Get().(*fifo.List[item])
	}
	t.queue.Push(it)
}

func (t *turns) startAndUnlock() {
	start := !t.working
	t.working = true
	t.mu.Unlock()
	if start {
		t.tasks.Go(t.work)
	}
}

// await waits until less than the limit is queued, or the connection is not
// wanted any more. The caller reads for it: meanwhile TCP holds the server.
func (t *turns) await(c *conn) {
	t.mu.Lock()
	for t.bytes > t.limit {
		if t.room == nil {
			t.room = make(chan struct{})
		}
		room := t.room
		t.mu.Unlock()
		select {
		case <-room:
		case <-c.context().Done():
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
	t.drops.Add(1)
	if t.queue != nil {
		t.queue.Keep(func(it item) bool { return it.event == nil })
	}
	t.bytes = 0
	t.unblockLocked()
}

func (t *turns) unblockLocked() {
	if t.room != nil {
		close(t.room)
		t.room = nil
	}
}

// take fills the worker's batch, and reports whether there was anything.
func (t *turns) take() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, q := t.now, t.queue
	if q == nil || q.Len() == 0 {
		t.queue, t.now, t.working = nil, nil, false
		batches.Put(b)
		if q != nil {
			itemsPool.Put(q)
		}
		return false
	}
	bytes, most := 0, min(maxBatchBytes, t.limit/8)
	b.next, b.n, b.drops = 0, 0, t.drops.Load()
	for b.n < maxBatch && (b.n == 0 || bytes < most) && q.Len() > 0 {
		it, _ := q.Pop()
		if it.event != nil {
			bytes += it.event.size + eventCost
		}
		b.list[b.n] = it
		b.n++
	}
	t.bytes -= bytes
	if t.bytes <= t.limit/2 {
		t.unblockLocked()
	}
	return true
}

func (t *turns) work() {
	done := false
	defer func() {
		if !done { // a handler has called runtime.Goexit, as testing.T.Fatal does
			t.tasks.Go(t.work)
		}
	}()
	if t.now == nil { // else the goroutine before has ended in the midst of it
		t.now = batches.Get().(*batch)
	}
	for b := t.now; ; {
		for b.next < b.n {
			it := b.list[b.next]
			b.list[b.next] = item{}
			b.next++
			switch {
			case it.run != nil:
				t.guard(it.run)
			case b.drops == t.drops.Load():
				t.handle(it.event)
			}
		}
		if !t.take() {
			done = true
			return
		}
	}
}
