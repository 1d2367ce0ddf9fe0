package client

import (
	"context"
	"slices"
)

// handler is a registered HandlerFunc; a pointer, so that it can be found again
// to be removed.
type handler struct{ f HandlerFunc }

// Handle adds a handler for an event. Several handlers of one event run in the
// order of their registration, and the first that answers is the one whose
// answer is sent. See [On] and [OnAck] for handlers with Go types. It panics if
// the name is reserved: no server could ever send it. remove takes the handler
// off again. Handlers stay through reconnections, and may be added and removed at any time.
func (s *Socket) Handle(event string, h HandlerFunc) (remove func()) {
	return s.handleWith(event, &handler{h})
}

func (s *Socket) handleWith(event string, e *handler) (remove func()) {
	mustBeFree(event)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changeLocked(event, func(list []*handler) []*handler { return append(list, e) })
	return func() { s.removeHandler(event, e) }
}

func (s *Socket) removeHandler(event string, e *handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changeLocked(event, func(list []*handler) []*handler {
		return slices.DeleteFunc(list, func(h *handler) bool { return h == e })
	})
}

// changeLocked replaces the list of an event: it may be in use at this moment.
func (s *Socket) changeLocked(event string, change func([]*handler) []*handler) {
	list := change(slices.Clone(s.events.get(event)))
	if len(list) == 0 {
		s.events.remove(event)
		return
	}
	s.events.set(event, list)
}

// Once adds a handler for the next event of that name.
func (s *Socket) Once(event string, h HandlerFunc) (remove func()) {
	e := &handler{} // whole before anybody knows of it: its event may come at once
	e.f = func(ctx context.Context, ev *Event) ([]any, error) {
		s.removeHandler(event, e) // the worker handles one event at a time, so there is no second call before this one
		return h(ctx, ev)
	}
	return s.handleWith(event, e)
}

// OnAny adds a function that sees every event, handled or not, before its
// handlers. remove takes it off again.
func (s *Socket) OnAny(f func(ctx context.Context, e *Event)) (remove func()) { return s.any.add(f) }

// OnAnyOutgoing adds a function that sees every event that is emitted, sent or
// buffered; not the answers to events. It runs on the goroutine that emits.
// remove takes it off again.
func (s *Socket) OnAnyOutgoing(f func(event string, args []any)) (remove func()) {
	return s.outgoing.add(f)
}

// OnConnect adds a function that runs each time when the server has let the
// socket in: the event connect. It runs in turn with the handlers, as do those
// of OnConnectError, OnConnectTimeout and OnDisconnect. remove takes it off again.
func (s *Socket) OnConnect(f func()) (remove func()) { return s.connects.add(f) }

// OnConnectError adds a function that is told why an attempt to connect has
// failed: the event connect_error. The error is a [*ConnectError] if the server
// has refused the socket, which then is no longer active; after any other
// failure the Manager tries again by itself while [Socket.Active]. remove takes it off again.
func (s *Socket) OnConnectError(f func(error)) (remove func()) { return s.connectErrors.add(f) }

// OnConnectTimeout adds a function that is told of attempts to connect that took
// longer than Config.ConnectTimeout, before OnConnectError is. remove takes it off again.
func (s *Socket) OnConnectTimeout(f func()) (remove func()) { return s.connectTimeouts.add(f) }

// OnDisconnect adds a function that runs each time when the socket was
// connected and no longer is: the event disconnect. err says more than the
// reason, if there is more to say; it may be nil. remove takes it off again.
func (s *Socket) OnDisconnect(f func(why DisconnectReason, err error)) (remove func()) {
	return s.disconnects.add(f)
}

// OnError adds a function that is told of each event that failed: arguments
// that do not fit, an error or a panic of a handler. e is nil for an emitted
// event that was given up, a [*DeliveryError]. remove takes it off again.
func (s *Socket) OnError(f func(e *Event, err error)) (remove func()) { return s.failures.add(f) }
