package socketio

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/go-socketio/socketio/engine"
)

// The life of a Socket: start → (middlewares) → arriving → (OnConnect) →
// admit → events … → end → (the rest of the events, OnDisconnecting, OnDisconnect).

// start lets the client in. Without code of the application in the way it does
// so at once; otherwise that code runs on the socket's worker.
func (s *Socket) start() {
	resumed := false
	if h := s.history(); h != nil {
		if c, ok := readClaim(s.auth); ok {
			resumed = h.resume(s, c)
		}
	}
	t := s.ns.table.Load()
	if len(t.use)+len(t.connect)+len(t.greet) == 0 {
		if resumed || s.arrive() {
			s.admit()
		}
		return
	}
	s.enqueue(func() { s.enter(resumed) })
}

// enter runs the middlewares and OnConnect.
func (s *Socket) enter(resumed bool) {
	ctx := s.Context()
	t := s.ns.table.Load()
	if !resumed || s.ns.history.RunMiddlewares {
		for _, f := range t.use {
			if !s.ask(ctx, f) {
				return
			}
		}
	}
	if !resumed && !s.arrive() {
		return
	}
	for _, f := range t.connect {
		if !s.ask(ctx, f) {
			return
		}
	}
	if err := s.guard(func() error { return s.ns.gone.greet(ctx, s) }); err != nil {
		s.reject(err)
		return
	}
	s.admit()
}

// ask runs one function that may refuse the client. It reports whether the
// socket is still wanted.
func (s *Socket) ask(ctx context.Context, f func(context.Context, *Socket) error) bool {
	if s.state.Load() == gone {
		return false
	}
	if err := s.guard(func() error { return f(ctx, s) }); err != nil {
		s.reject(err)
		return false
	}
	return s.state.Load() != gone
}

// errPanic is what a panic of the application looks like to the rest.
type errPanic struct{ value any }

func (e errPanic) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// guard runs code of the application and turns a panic into an error, logged
// with its stack.
func (s *Socket) guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.logPanic("connect", v)
			err = errPanic{v}
		}
	}()
	return f()
}

func (s *Socket) logPanic(where string, v any) {
	s.ns.srv.cfg.Logger.Error("socketio: panic in a handler", "where", where,
		"namespace", s.ns.name, "socket", s.id, "panic", v, "stack", string(debug.Stack()))
}

// reject refuses the client, or disconnects one that was told already that it is in.
func (s *Socket) reject(err error) {
	e := public(err)
	switch {
	case e.Message != masked:
	case s.state.Load() == gone:
		// Code that was waiting for the client reports that it has left.
		s.ns.srv.cfg.Logger.Debug("socketio: client left before it was in", "namespace", s.ns.name, "error", err)
	default:
		s.ns.srv.cfg.Logger.Error("socketio: connection refused by an error that is not for the client",
			"namespace", s.ns.name, "remote", s.conn.session.Request().RemoteAddr(), "error", err)
	}
	was, ok := s.endWith(ServerNamespaceDisconnect)
	switch {
	case !ok:
	case was == connected:
		_ = s.conn.session.Send(s.ns.srv.disconnectMessages(s.ns.name)...)
	default:
		s.conn.refuse(s.ns.name, e)
	}
}

// arrive makes the socket a receiver of broadcasts. It reports false if the client has gone.
func (s *Socket) arrive() bool {
	h := s.history()
	if h != nil && s.rec == nil {
		h.enroll(s) // before anything can be published to it
	}
	if !s.step(entering, arriving) {
		if h != nil {
			h.lose(s, ServerNamespaceDisconnect, nil) // it never was one that could come back
		}
		return false
	}
	s.ns.rooms.enter(s)
	if s.state.Load() == gone {
		// It ended before it was entered, and nobody else would take it out.
		s.ns.rooms.exit(s)
		return false
	}
	return true
}

// step takes the socket from one state to the next, unless it is no longer in the first.
func (s *Socket) step(from, to socketState) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Load() != from {
		return false
	}
	s.state.Store(to)
	return true
}

// admit tells the client that it is connected, and sends what was held.
func (s *Socket) admit() {
	if s.state.Load() != arriving {
		return
	}
	var missed []*engine.Message
	pid := ""
	if s.rec != nil {
		pid, missed = s.rec.pid, s.rec.missed
	}
	hello, err := s.conn.connectMessages(s.ns.name, s.id, pid)
	if err != nil { // a parser that cannot say it lets nobody in
		s.conn.violation(err)
		return
	}
	s.mu.Lock()
	if s.state.Load() != arriving {
		s.mu.Unlock()
		return
	}
	// Under the lock, so that an end that comes right now finds the wait for a
	// namespace stopped and starts it again, not the other way round.
	s.conn.joined()
	// Under the lock, so that nothing overtakes what was held, and all at once,
	// so that no packet of another namespace comes between a held packet and
	// its attachments. The outbox never calls back.
	//
	// What it missed comes after the answer. The official server sends it before,
	// and the official client then keeps it until it has the answer: if the line
	// breaks in between it keeps it for good, gets it once more with the next
	// answer, and hands out both.
	msgs := append(hello, missed...)
	if x := s.extra; x != nil {
		msgs = append(msgs, x.held...)
		x.held, x.heldLen = nil, 0
	}
	// One that is gone is about to end this socket.
	if missed != nil {
		_ = s.conn.session.SendBacklog(msgs...)
	} else {
		_ = s.conn.session.Send(msgs...)
	}
	s.state.Store(connected)
	s.mu.Unlock()
}

// end takes the socket out of its namespace.
func (s *Socket) end(why DisconnectReason) { s.endWith(why) }

// endWith ends the socket, once, and reports the state that it was in.
func (s *Socket) endWith(why DisconnectReason) (was socketState, ok bool) {
	s.mu.Lock()
	was = s.state.Load()
	if was == gone {
		s.mu.Unlock()
		return was, false
	}
	s.state.Store(gone)
	x := s.extraLocked()
	x.why, x.held = why, nil
	acks := x.acks
	x.acks = nil
	if x.cancel != nil {
		x.cancel(why)
	}
	if why == ServerNamespaceDisconnect {
		// What the client sent before it was thrown out is not wanted any more.
		s.inbox.clear()
	}
	s.inbox.unblock()
	rec := s.rec
	s.mu.Unlock()

	if rec != nil && was != entering {
		s.ns.history.lose(s, why, s.Rooms())
	}
	for _, w := range acks {
		w.lost(s, why)
	}
	if was != entering {
		s.ns.rooms.exit(s)
	}
	s.conn.remove(s)
	s.ns.abandon()
	if was != connected {
		s.leaveAll()
		return was, true
	}
	t := s.ns.table.Load()
	if len(t.disconnecting)+len(t.disconnect)+len(t.leave)+len(t.drop)+len(t.greet) == 0 {
		s.leaveAll()
		return was, true
	}
	s.enqueue(func() { s.farewell(why) })
	return was, true
}

// farewell runs what the application wants done for a socket that is gone.
func (s *Socket) farewell(why DisconnectReason) {
	t := s.ns.table.Load()
	for _, f := range t.disconnecting {
		s.attempt("disconnecting", func() { f(s, why) })
	}
	s.ns.gone.remember(s, why)
	s.leaveAll()
	for _, f := range t.disconnect {
		s.attempt("disconnect", func() { f(s, why) })
	}
}

// attempt runs code of the application whose panic has no further consequence.
func (s *Socket) attempt(where string, f func()) {
	defer func() {
		if v := recover(); v != nil {
			s.logPanic(where, v)
		}
	}()
	f()
}

// attempt is [Socket.attempt] for code that belongs to no socket.
func (srv *Server) attempt(where string, f func()) {
	defer func() {
		if v := recover(); v != nil {
			srv.cfg.Logger.Error("socketio: panic", "where", where, "panic", v, "stack", string(debug.Stack()))
		}
	}()
	f()
}
