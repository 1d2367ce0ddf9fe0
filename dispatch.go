package socketio

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/internal/fifo"
)

// inbox is what waits for a socket's worker: its client's events, and the
// steps of its own life between them. It is guarded by the Socket's lock.
type inbox struct {
	items   *fifo.List[item] // nil while nothing waits
	bytes   int              // of events
	working bool             // a worker runs
	full    chan struct{}    // closed when a reader that waits for room may go on
}

// item is an event or, rarely, something else to run in its turn.
type item struct {
	event *Event
	run   func()
}

// eventCost is what an event weighs in memory beside its bytes, so that many
// small ones meet the bound too.
const eventCost = 256

// itemsPool saves each burst of events the growth of its list.
var itemsPool = sync.Pool{New: func() any { l := fifo.Make[item](16); return &l }}

func (in *inbox) put(it item) {
	if in.items == nil {
		in.items = itemsPool.Get().(*fifo.List[item])
	}
	in.items.Push(it)
}

// take returns the next item, false when there is none.
func (in *inbox) take() (item, bool) {
	if in.items == nil {
		return item{}, false
	}
	it, ok := in.items.Pop()
	if it.event != nil {
		in.bytes -= it.event.size + eventCost
	}
	in.release()
	return it, ok
}

// release gives an empty list back.
func (in *inbox) release() {
	if in.items.Len() == 0 {
		itemsPool.Put(in.items)
		in.items = nil
	}
}

const (
	// maxTurn is how many events are taken with one lock at most.
	maxTurn = 16
	// maxTurnBytes keeps what was taken small beside MaxQueuedBytes, which counts
	// only what waits.
	maxTurnBytes = 16 << 10
)

// turn takes what comes next: a step of the socket's life, or some events, which
// it puts into batch. Both are nothing when the inbox is empty.
func (in *inbox) turn(batch *[maxTurn]*Event) (run func(), n int) {
	before := in.bytes
	for n < maxTurn && before-in.bytes < maxTurnBytes && in.items != nil {
		if n > 0 && in.items.Waiting()[0].event == nil {
			break // its turn is next
		}
		it, _ := in.take()
		if it.run != nil {
			return it.run, 0
		}
		batch[n] = it.event
		n++
	}
	return nil, n
}

// clear drops the events that wait. Steps of the socket's life stay.
func (in *inbox) clear() {
	if in.items == nil {
		return
	}
	in.items.Keep(func(it item) bool { return it.event == nil })
	in.bytes = 0
	in.release()
}

func (in *inbox) unblock() {
	if in.full != nil {
		close(in.full)
		in.full = nil
	}
}

// push hands an event to the worker. While more than MaxQueuedBytes of events
// wait it holds the caller, who reads for this client: TCP then holds the client.
func (s *Socket) push(e *Event) {
	limit := s.ns.srv.cfg.MaxQueuedBytes
	s.mu.Lock()
	for s.inbox.bytes > limit && s.state.Load() == connected {
		if s.inbox.full == nil {
			s.inbox.full = make(chan struct{})
		}
		wait := s.inbox.full
		s.mu.Unlock()
		<-wait
		s.mu.Lock()
	}
	if s.state.Load() != connected {
		s.mu.Unlock()
		return
	}
	s.inbox.bytes += e.size + eventCost
	s.putLocked(item{event: e})
}

// enqueue runs f in its turn on the worker.
func (s *Socket) enqueue(f func()) {
	s.mu.Lock()
	s.putLocked(item{run: f})
}

// putLocked adds an item and lets go of the lock.
func (s *Socket) putLocked(it item) {
	s.inbox.put(it)
	start := !s.inbox.working
	s.inbox.working = true
	s.mu.Unlock()
	if start {
		s.ns.srv.crew.Add(s)
	}
}

// work handles what is in the inbox, one item at a time, and ends when nothing
// is left. It runs on a goroutine of the crew.
func (s *Socket) work() {
	done := false
	defer func() {
		if !done {
			// A handler has called runtime.Goexit, as testing.T.Fatal does. It
			// counts as a panic: what the client has sent since is not wanted any
			// more, but the steps of the socket's life have to go on.
			s.kick()
			s.ns.srv.crew.Add(s)
		}
	}()
	var batch [maxTurn]*Event
	var last lookup
	for {
		s.mu.Lock()
		run, n := s.inbox.turn(&batch)
		if run == nil && n == 0 {
			s.inbox.working = false
			s.mu.Unlock()
			done = true
			return
		}
		if s.inbox.full != nil && s.inbox.bytes <= s.ns.srv.cfg.MaxQueuedBytes/2 {
			s.inbox.unblock()
		}
		if run != nil {
			s.mu.Unlock()
			s.attempt("socket", run)
			continue
		}
		ctx, x := s.contextLocked(), s.extra // which stays once it is there
		s.mu.Unlock()
		for i, e := range batch[:n] {
			batch[i] = nil
			if i > 0 && s.state.Load() == gone && s.reason() == ServerNamespaceDisconnect {
				continue // as with those that still waited when it was thrown out
			}
			s.handle(ctx, e, &x.own, &last)
		}
	}
}

// handle runs the handlers of one event. own tells whether the socket has
// handlers beside its namespace's.
func (s *Socket) handle(ctx context.Context, e *Event, own *atomic.Bool, last *lookup) {
	hook := s.ns.srv.cfg.Hooks.EventHandled
	var began time.Time
	if hook != nil {
		began = time.Now()
	}
	out, err := s.call(ctx, e, own, last)
	if err != nil {
		s.failed(e, err)
	}
	if aerr := s.answer(e, out, err); aerr != nil && !errors.Is(aerr, ErrClosed) && !errors.Is(aerr, ErrAckSent) {
		s.ns.srv.cfg.Logger.Error("socketio: an ack could not be sent", "namespace", s.ns.name, "event", e.Name(), "error", aerr)
		_ = s.answer(e, nil, aerr) // so that the client does not wait for its timeout
		if _, panicked := errors.AsType[errPanic](aerr); panicked || err == nil {
			err = aerr
		}
	}
	if err != nil {
		if _, panicked := errors.AsType[errPanic](err); panicked {
			s.kick()
		}
	}
	if hook != nil {
		took := time.Since(began)
		s.attempt("Hooks.EventHandled", func() { hook(s, e, took, err) })
	}
}

// answer sends what the handlers returned. That runs code of the application
// once more: Config.AckError, and the MarshalJSON of its types.
func (s *Socket) answer(e *Event, out []any, err error) (failed error) {
	defer func() {
		if v := recover(); v != nil {
			s.logPanic("ack of "+e.Name(), v)
			failed = errPanic{v}
		}
	}()
	return e.answer(out, err)
}

// failed makes an error of a handler known: to OnError, and to the log unless
// it is one that the client is told.
func (s *Socket) failed(e *Event, err error) {
	for _, f := range s.ns.table.Load().failed {
		s.attempt("OnError", func() { f(s, e, err) })
	}
	log := s.ns.srv.cfg.Logger
	if _, told := errors.AsType[*Error](err); told {
		log.Debug("socketio: event refused", "namespace", s.ns.name, "event", e.Name(), "error", err)
		return
	}
	if errors.Is(err, ErrClosed) || s.state.Load() == gone {
		// Clients leave while they are being served, every day.
		log.Debug("socketio: client left before its event was handled", "namespace", s.ns.name, "event", e.Name(), "error", err)
		return
	}
	if _, panicked := errors.AsType[errPanic](err); !panicked { // a panic is logged already, with its stack
		log.Error("socketio: handler failed", "namespace", s.ns.name, "event", e.Name(), "socket", s.id, "error", err)
	}
}

// call runs everything that listens to the event. The first answer counts.
func (s *Socket) call(ctx context.Context, e *Event, own *atomic.Bool, last *lookup) (out []any, err error) {
	defer func() {
		if v := recover(); v != nil {
			s.logPanic(e.Name(), v)
			out, err = nil, errPanic{v}
		}
	}()
	t := s.ns.table.Load()
	shared := last.find(t, e.name)
	if len(shared) > 0 {
		e.known = shared[0].name
	}
	for _, l := range t.any {
		l.f(ctx, s, e)
	}
	var screens []screen
	var handlers []*handler
	if own.Load() {
		screens, handlers = s.own(e.name)
	}
	for _, list := range [2][]screen{t.screens, screens} {
		for _, f := range list {
			if err := f(ctx, s, e); err != nil {
				return nil, err
			}
		}
	}
	if len(shared)+len(handlers) == 0 && s.ns.srv.cfg.Logger.Enabled(ctx, slog.LevelDebug) {
		s.ns.srv.cfg.Logger.Debug("socketio: no handler for an event", "namespace", s.ns.name, "event", e.Name())
	}
	for _, list := range [2][]*handler{shared, handlers} {
		for _, h := range list {
			switch o, herr := h.f(ctx, s, e); {
			case out == nil && err == nil:
				out, err = o, herr
			case herr != nil: // too late to be the answer, but not to be known
				s.failed(e, herr)
			}
		}
	}
	return out, err
}

// lookup remembers the handlers of the last event: a burst has mostly one name,
// and to look it up each time is 2 % of an echo.
type lookup struct {
	table    *table
	handlers []*handler // at least one
}

func (l *lookup) find(t *table, name []byte) []*handler {
	if l.table == t && l.handlers[0].name == string(name) {
		return l.handlers
	}
	list := t.events[string(name)]
	if len(list) > 0 {
		l.table, l.handlers = t, list
	}
	return list
}

// own returns what the socket has of its own for an event.
func (s *Socket) own(name []byte) ([]screen, []*handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.extra == nil {
		return nil, nil
	}
	return s.extra.screens, s.extra.events[string(name)]
}
