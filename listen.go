package socketio

import "context"

// What listens to events: handlers of one event, catch-all listeners, and the
// screens before them. Each is a pointer, so that it can be found again to be removed.
type (
	handler struct {
		name string // of its event, so that no event needs a copy of its own
		f    HandlerFunc
	}
	listener struct {
		f func(context.Context, *Socket, *Event)
	}
	outgoingListener struct {
		f func(s *Socket, event string, args []any)
	}
	screen func(context.Context, *Socket, *Event) error
)

// Handle adds a handler for an event. Several handlers of one event run in the
// order of their registration, and the first that answers is the one whose
// answer is sent. See [On] and [OnAck] for handlers with Go types. It panics
// if the name is reserved: no client could ever send it. remove takes the handler off again.
func (ns *Namespace) Handle(event string, h HandlerFunc) (remove func()) {
	mustBeFree(event)
	e := &handler{event, h}
	ns.register(func(t *table) { t.events = withHandler(t.events, event, e) })
	return func() { ns.register(func(t *table) { t.events = withoutHandler(t.events, event, e) }) }
}

// Handle adds a handler for an event of this socket alone; it runs after the
// namespace's. It panics if the name is reserved. remove takes the handler off again.
func (s *Socket) Handle(event string, h HandlerFunc) (remove func()) {
	return s.handleWith(event, &handler{event, h})
}

func (s *Socket) handleWith(event string, e *handler) (remove func()) {
	mustBeFree(event)
	s.mu.Lock()
	x := s.extraLocked()
	x.events = withHandler(x.events, event, e)
	x.own.Store(true)
	s.mu.Unlock()
	return func() { s.removeHandler(event, e) }
}

func (s *Socket) removeHandler(event string, e *handler) {
	s.mu.Lock()
	x := s.extraLocked()
	x.events = withoutHandler(x.events, event, e)
	s.mu.Unlock()
}

// Once adds a handler for the next event of that name of this socket.
func (s *Socket) Once(event string, h HandlerFunc) (remove func()) {
	e := &handler{name: event} // whole before anybody knows of it: its event may come at once
	e.f = func(ctx context.Context, s *Socket, ev *Event) ([]any, error) {
		s.removeHandler(event, e) // the worker handles one event at a time, so there is no second call before this one
		return h(ctx, s, ev)
	}
	return s.handleWith(event, e)
}

func withHandler(old map[string][]*handler, event string, h *handler) map[string][]*handler {
	events := make(map[string][]*handler, len(old)+1)
	for name, list := range old {
		events[name] = list
	}
	events[event] = with(events[event], h)
	return events
}

func withoutHandler(old map[string][]*handler, event string, h *handler) map[string][]*handler {
	events := make(map[string][]*handler, len(old))
	for name, list := range old {
		if name == event {
			if list = without(list, h); len(list) == 0 {
				continue
			}
		}
		events[name] = list
	}
	return events
}

// OnAny adds a function that sees every event of every socket, handled or not,
// before its handlers. remove takes it off again.
func (ns *Namespace) OnAny(f func(ctx context.Context, s *Socket, e *Event)) (remove func()) {
	l := &listener{f}
	ns.register(func(t *table) { t.any = with(t.any, l) })
	return func() { ns.register(func(t *table) { t.any = without(t.any, l) }) }
}

// OnAnyOutgoing adds a function that sees every event that is emitted to a
// socket, once for each receiver of a broadcast; not the answers to events. It runs on
// the goroutine that emits. remove takes it off again.
func (ns *Namespace) OnAnyOutgoing(f func(s *Socket, event string, args []any)) (remove func()) {
	l := &outgoingListener{f}
	ns.register(func(t *table) { t.outgoing = with(t.outgoing, l) })
	return func() { ns.register(func(t *table) { t.outgoing = without(t.outgoing, l) }) }
}

// UseEvent adds a function that runs before the handlers of each event, after
// OnAny. An error keeps the event from them: it is answered with the error, if
// the client asked for an answer, by the rules of [Error], and OnError is told.
func (ns *Namespace) UseEvent(f func(ctx context.Context, s *Socket, e *Event) error) {
	ns.register(func(t *table) { t.screens = with(t.screens, screen(f)) })
}

// UseEvent is [Namespace.UseEvent] for this socket alone; it runs after the namespace's.
func (s *Socket) UseEvent(f func(ctx context.Context, s *Socket, e *Event) error) {
	s.mu.Lock()
	x := s.extraLocked()
	x.screens = with(x.screens, screen(f))
	x.own.Store(true)
	s.mu.Unlock()
}

// OnError adds a function that is told of each event that failed: refused by UseEvent,
// arguments that do not fit, an error or a panic of a handler.
func (ns *Namespace) OnError(f func(s *Socket, e *Event, err error)) {
	ns.register(func(t *table) { t.failed = with(t.failed, f) })
}

// tellOutgoing shows an emitted event to those who watch.
func (s *Socket) tellOutgoing(event string, args []any) {
	for _, l := range s.ns.table.Load().outgoing {
		s.attempt("OnAnyOutgoing", func() { l.f(s, event, args) })
	}
}
