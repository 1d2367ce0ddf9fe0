package client

import "context"

// EmitAckFunc emits an event, as [Socket.Emit] does, and returns at once. f is
// called once with the server's answer or with what [Socket.EmitWithAck] would
// have returned in its place, at the same time. It runs in turn with the
// handlers: behind those of the events that came before the answer. What one
// goroutine emits, in whatever way, arrives in that order. If an error is
// returned the event is not sent and f is not called.
func (s *Socket) EmitAckFunc(ctx context.Context, f func(Reply, error), event string, args ...any) error {
	if ctx.Err() != nil {
		err := gaveUp(ctx) // nobody waits for an answer: nothing is sent
		s.turns.add(func() { f(Reply{}, err) })
		return nil
	}
	s.tellOutgoing(event, args)
	ctx, cancel := s.ackContext(ctx)
	done := func(r Reply, err error) {
		cancel()
		s.turns.add(func() { f(r, err) })
	}
	giveUp, err := s.emitAck(ctx, done, event, args)
	if err != nil {
		cancel()
		return err
	}
	context.AfterFunc(ctx, giveUp) // also when it is answered, and then in vain
	return nil
}

// emitAck emits an event for whose answer done waits. giveUp ends the wait when ctx
// has ended, and does nothing when done was called already.
func (s *Socket) emitAck(ctx context.Context, done waiter, event string, args []any) (giveUp func(), err error) {
	if s.retries() > 0 {
		return s.queueAsk(ctx, done, event, args)
	}
	return s.sendAsk(ctx, done, event, args)
}

// sendAsk is emitAck for a socket without [Retries].
func (s *Socket) sendAsk(ctx context.Context, done waiter, event string, args []any) (giveUp func(), err error) {
	id := s.nextID.Add(1) - 1
	t := scratches.Get().(*scratch)
	f, err := s.m.encodeEvent(t.b, s.nsp, id, true, event, args)
	if err != nil {
		return nil, err
	}
	defer t.giveBack(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.sendLocked(f, id, true); err != nil {
		return nil, err
	}
	s.awaitLocked(id, done)
	return func() {
		if s.forgo(id) {
			done(Reply{}, gaveUp(ctx))
		}
	}, nil
}

// queueAsk is emitAck for a socket with [Retries].
func (s *Socket) queueAsk(ctx context.Context, done waiter, event string, args []any) (giveUp func(), err error) {
	f, err := s.m.encodeEvent(nil, s.nsp, 0, false, event, args)
	if err != nil {
		return nil, err
	}
	d, err := s.enqueue(f, event, done)
	if err != nil {
		return nil, err
	}
	return func() {
		s.mu.Lock()
		if d.dropped {
			s.mu.Unlock()
			return
		}
		delete(s.acks, d.id)
		s.settleLocked(d, Reply{}, gaveUp(ctx))
		s.mu.Unlock()
		s.try()
	}, nil
}
