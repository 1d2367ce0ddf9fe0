package client

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
)

// handle runs the handlers of one event, on the socket's worker.
func (s *Socket) handle(e *Event) {
	out, err := s.call(e)
	if err != nil {
		s.failed(e, err)
	}
	aerr := s.answer(e, out, err)
	if aerr == nil || errors.Is(aerr, ErrDisconnected) || errors.Is(aerr, ErrAckSent) {
		return
	}
	s.m.cfg.Logger.Error("client: an ack could not be sent", "namespace", s.nsp, "event", e.name, "error", aerr)
	_ = s.answer(e, nil, aerr) // so that the server does not wait for its timeout
}

// answer sends what the handlers returned. That runs code of the application
// once more: Config.AckError, and the MarshalJSON of its types.
func (s *Socket) answer(e *Event, out []any, err error) (failed error) {
	if !e.wantsAck || out == nil && err == nil || e.acked.Load() {
		return nil
	}
	defer s.m.catch("ack of "+e.name, &failed)
	if err != nil {
		return e.Ack(s.m.cfg.AckError(public(err)))
	}
	return e.Ack(out...)
}

// call runs everything that listens to the event. The first answer counts.
func (s *Socket) call(e *Event) (out []any, err error) {
	ctx := s.m.ctx
	for _, f := range s.any.all() {
		s.m.attempt("OnAny", func() { (*f)(ctx, e) })
	}
	s.mu.Lock()
	handlers := s.events.get(e.name)
	s.mu.Unlock()
	if len(handlers) == 0 {
		s.m.cfg.Logger.Debug("client: no handler for an event", "namespace", s.nsp, "event", e.name)
	}
	for _, h := range handlers {
		switch o, herr := s.run(ctx, h, e); {
		case out == nil && err == nil:
			out, err = o, herr
		case herr != nil: // too late to be the answer, but not to be known
			s.failed(e, herr)
		}
	}
	return out, err
}

// run runs one handler. A panic of it is an error, and the others still run.
func (s *Socket) run(ctx context.Context, h *handler, e *Event) (out []any, err error) {
	defer s.m.catch(e.name, &err)
	return h.f(ctx, e)
}

// failed makes an error of a handler known: to OnError, and to the log unless
// it is one that the server is told.
func (s *Socket) failed(e *Event, err error) {
	for _, f := range s.failures.all() {
		s.m.attempt("OnError", func() { (*f)(e, err) })
	}
	log := s.m.cfg.Logger
	if given, ok := errors.AsType[*DeliveryError](err); ok && e == nil {
		log.Warn("client: event given up", "namespace", s.nsp, "event", given.Event, "tries", given.Tries, "error", given.Err)
		return
	}
	level := slog.LevelError
	if _, told := errors.AsType[*Error](err); told && e.wantsAck {
		level = slog.LevelDebug
	}
	if _, panicked := errors.AsType[panicError](err); !panicked { // logged already, with its stack
		log.Log(context.Background(), level, "client: handler failed", "namespace", s.nsp, "event", e.name, "error", err)
	}
}

// attempt runs code of the application whose panic has no further consequence.
func (m *Manager) attempt(where string, f func()) {
	var err error
	defer m.catch(where, &err)
	f()
}

// catch turns a panic into an error, logged with its stack. It is to be deferred.
func (m *Manager) catch(where string, err *error) {
	if v := recover(); v != nil {
		m.cfg.Logger.Error("client: panic", "where", where, "panic", v, "stack", string(debug.Stack()))
		*err = panicError{v}
	}
}
