package client

// Emit sends an event to the server. It only queues and never blocks; what one
// goroutine emits arrives in that order. While the socket is not connected the
// event waits in the send buffer, and is sent when it is: before Connect, during
// a reconnection. [Socket.Volatile] and [Socket.Connected] are for those who do not want that.
//
// []byte and [Binary] values travel as binary attachments; they are copied.
// Errors: [ErrBufferFull], [ErrReservedEvent], [ErrClosed], and values that
// cannot be encoded.
func (s *Socket) Emit(event string, args ...any) error {
	return Outgoing{socket: s}.Emit(event, args...)
}

// Send emits the event "message".
func (s *Socket) Send(args ...any) error { return s.Emit("message", args...) }

// Volatile returns a form of the socket whose emits are dropped, without an
// error, when they cannot leave at once: the socket is not connected, or the
// connection is busy. They do not take part in [Retries].
func (s *Socket) Volatile() Outgoing { return Outgoing{socket: s}.Volatile() }

// Compress returns a form of the socket whose emits may or may not be
// compressed; without it they may. It has an effect only where the connection
// compresses at all.
func (s *Socket) Compress(on bool) Outgoing { return Outgoing{socket: s}.Compress(on) }

// Outgoing is a Socket with modifiers for what is emitted through it; a value,
// to be chained, kept or shared.
type Outgoing struct {
	socket   *Socket
	volatile bool
	plain    bool
}

// Volatile returns o with the volatile flag; see [Socket.Volatile].
func (o Outgoing) Volatile() Outgoing { o.volatile = true; return o }

// Compress returns o with compression allowed or not; see [Socket.Compress].
func (o Outgoing) Compress(on bool) Outgoing { o.plain = !on; return o }

// Emit sends an event with the modifiers; see [Socket.Emit].
func (o Outgoing) Emit(event string, args ...any) error {
	s := o.socket
	s.tellOutgoing(event, args)
	t := scratches.Get().(*scratch)
	f, err := s.m.encodeEvent(t.b, s.nsp, 0, false, event, args)
	if err != nil {
		return err
	}
	f.plain = o.plain
	err = o.send(f, event)
	t.giveBack(f)
	return err
}

// send sends an event, or keeps it, or drops it, as the modifiers have it.
func (o Outgoing) send(f frames, event string) error {
	s := o.socket
	s.mu.Lock()
	switch {
	case o.volatile:
		if s.state == connected && s.conn.link.writable() {
			_ = s.conn.send(f, false) // one that does not leave is dropped
		}
	case s.opt.retries > 0:
		s.mu.Unlock()
		_, err := s.enqueue(f, event, nil)
		return err
	default:
		err := s.sendLocked(f, 0, false)
		s.mu.Unlock()
		return err
	}
	s.mu.Unlock()
	return nil
}

// sendLocked sends a packet, or keeps it until the socket is connected.
func (s *Socket) sendLocked(f frames, id uint64, hasID bool) error {
	if s.over {
		return ErrClosed
	}
	if s.state == connected && len(s.buffer.list) == 0 {
		switch err := s.conn.send(f, false); err {
		case errLinkClosed:
			// The connection is lost and the socket is about to hear of it.
		default:
			return err
		}
	}
	return s.buffer.add(f, id, hasID, s.m.cfg.MaxQueuedBytes)
}

// tellOutgoing shows an emitted event to those who watch.
func (s *Socket) tellOutgoing(event string, args []any) {
	for _, f := range s.outgoing.all() {
		s.m.attempt("OnAnyOutgoing", func() { (*f)(event, args) })
	}
}
