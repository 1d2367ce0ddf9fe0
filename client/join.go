package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// join asks the server to let the socket in, by a connection that is open. It
// does nothing if the socket has asked already.
func (s *Socket) join(c *conn) {
	s.mu.Lock()
	if s.conn == c || s.over || !s.active.Load() {
		s.mu.Unlock()
		return
	}
	s.conn, s.state, s.early, s.earlyLen, s.earlyOffset = c, asking, nil, 0, ""
	auth, f := s.opt.auth, s.opt.authFunc
	s.mu.Unlock()
	if f == nil {
		s.ask(c, auth, nil)
		return
	}
	s.m.tasks.Go(func() {
		var auth any
		err := errors.New("client: AuthFunc has ended its goroutine")
		defer func() { s.ask(c, auth, err) }()
		defer s.m.catch("AuthFunc", &err)
		auth, err = f(c.context())
	})
}

// ask sends the CONNECT packet.
func (s *Socket) ask(c *conn, auth any, err error) {
	var payload []byte
	if err == nil {
		payload, err = s.m.authPayload(s.nsp, auth) // without the lock: the value may have a MarshalJSON of the application's
	} else {
		err = fmt.Errorf("client: the auth of %s: %w", s.nsp, err)
	}
	s.mu.Lock()
	for {
		if s.conn != c || s.state != asking {
			s.mu.Unlock()
			return // the connection is lost meanwhile
		}
		if !s.active.Load() {
			s.conn, s.state = nil, idle
			s.mu.Unlock()
			return
		}
		if err != nil && !c.wanted() {
			s.mu.Unlock()
			return // the connection is lost, which is no refusal: lost is about to tell
		}
		if err != nil {
			break
		}
		pid, offset := s.pid, s.offset
		s.mu.Unlock()
		var f frames
		f, err = s.connectPacket(payload, pid, offset)
		s.mu.Lock()
		if err == nil && s.conn == c && s.state == asking && s.active.Load() && s.pid == pid && s.offset == offset {
			_ = c.send(f, true) // if it is lost, so is the connection, and the next one asks again
			s.mu.Unlock()
			return
		}
	}
	s.conn, s.state = nil, idle
	s.mu.Unlock()
	s.refuse(err)
}

// authPayload encodes an auth; nil if there is none.
func (m *Manager) authPayload(nsp string, auth any) (payload []byte, err error) {
	if auth == nil {
		return nil, nil
	}
	defer m.catch("Auth", &err)
	text, _, err := m.codec.AppendAck(nil, "", 0, []any{auth})
	if err != nil {
		return nil, fmt.Errorf("client: the auth of %s: %w", nsp, err)
	}
	payload = text[len(`30[`) : len(text)-len(`]`)]
	if len(payload) == 0 || payload[0] != '{' {
		return nil, fmt.Errorf("client: the auth of %s must be a JSON object, such as that of a struct or a map; it is a %T", nsp, auth)
	}
	return payload, nil
}

// connectPacket makes the CONNECT packet: the auth, and what a server needs to
// let a lost session go on. Keys of the auth go before ours. B-92 B-96
func (s *Socket) connectPacket(payload []byte, pid, offset string) (f frames, err error) {
	if pid != "" {
		all := map[string]json.RawMessage{}
		if payload != nil {
			if err := json.Unmarshal(payload, &all); err != nil {
				return frames{}, fmt.Errorf("client: the auth of %s: %w", s.nsp, err)
			}
		}
		for key, v := range map[string]string{"pid": pid, "offset": offset} {
			if _, taken := all[key]; !taken && v != "" {
				all[key], _ = json.Marshal(v)
			}
		}
		payload, _ = json.Marshal(all)
	}
	defer s.m.catch("Config.Parser", &err)
	return s.m.encodeConnect(s.nsp, payload)
}

// goodbye is the DISCONNECT packet, to be made before a lock is taken: nothing
// if Config.Parser, which is code of the application, cannot make it.
func (s *Socket) goodbye() (f frames) {
	var err error
	defer s.m.catch("Config.Parser", &err)
	f, err = s.m.encodeDisconnect(s.nsp)
	if err != nil {
		return frames{}
	}
	return f
}

// SetAuth replaces the [Auth] of the socket, from the next attempt to connect on.
func (s *Socket) SetAuth(v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	Auth(v)(&s.opt)
}

// welcomed takes the server's answer to the CONNECT packet.
func (s *Socket) welcomed(c *conn, id, pid string) {
	goodbye := s.goodbye()
	s.mu.Lock()
	if s.conn != c || s.state != asking {
		s.mu.Unlock()
		return // a server that says it twice
	}
	if !s.active.Load() { // it has been left in the meantime
		s.conn, s.state = nil, idle
		s.part(c, goodbye)
		s.mu.Unlock()
		return
	}
	s.id, s.recovered = id, pid != "" && pid == s.pid
	if !s.recovered {
		s.pid, s.offset = pid, ""
	}
	s.state, s.left, s.last = connected, nil, nil
	s.takeLocked(s.early, s.earlyOffset)
	s.early, s.earlyLen, s.earlyOffset = nil, 0, ""
	s.turns.add(func() {
		for _, f := range s.connects.all() {
			s.m.attempt("OnConnect", *f)
		}
	})
	s.buffer.flush(func(f frames) error { return c.send(f, true) })
	s.resolveLocked(nil)
	s.mu.Unlock()
	s.try()
}

// part says goodbye by a connection, with the lock held.
func (s *Socket) part(c *conn, goodbye frames) {
	if goodbye.size() > 0 {
		_ = c.send(goodbye, true) // a connection that is lost needs none
	}
	s.left = c
}

// refused takes the server's refusal.
func (s *Socket) refused(c *conn, err error) {
	s.mu.Lock()
	if s.conn != c || s.state != asking {
		s.mu.Unlock()
		return
	}
	s.conn, s.state, s.early = nil, idle, nil
	s.mu.Unlock()
	s.refuse(err)
}

// refuse makes the socket inactive: it does not try again by itself. B-106
func (s *Socket) refuse(err error) {
	s.m.mu.Lock()
	s.mu.Lock()
	was := s.active.Swap(false)
	if was {
		s.last = err
		s.resolveLocked(err)
	}
	s.mu.Unlock()
	s.m.mu.Unlock()
	if was {
		s.tellConnectError(err)
		s.m.release()
	}
}

// thrownOut takes the server's DISCONNECT. B-107
func (s *Socket) thrownOut(c *conn) {
	s.m.mu.Lock()
	s.mu.Lock()
	if s.conn != c || s.state != connected {
		s.mu.Unlock()
		s.m.mu.Unlock()
		return
	}
	s.active.Store(false)
	lost := s.endLocked(ServerDisconnect, nil)
	s.pid, s.offset = "", ""
	s.mu.Unlock()
	s.m.mu.Unlock()
	for _, w := range lost {
		w(Reply{}, lostError(ServerDisconnect))
	}
	s.m.release()
}

// lost takes the end of the connection.
func (s *Socket) lost(c *conn, why DisconnectReason, err error) {
	s.mu.Lock()
	if s.left == c {
		s.left = nil
	}
	if s.conn != c {
		s.mu.Unlock()
		return
	}
	var waits []waiter
	wasIn := s.state == connected
	if wasIn {
		waits = s.endLocked(why, err)
	} else {
		s.conn, s.state, s.early = nil, idle, nil
	}
	s.mu.Unlock()
	for _, w := range waits {
		w(Reply{}, lostError(why))
	}
	if !wasIn && s.active.Load() {
		if err == nil {
			err = why
		}
		s.failedToConnect(fmt.Errorf("client: the connection ended before %s was connected: %w", s.nsp, err))
	}
}

// failedToConnect tells of an attempt to connect that is not the last one.
func (s *Socket) failedToConnect(err error) {
	s.mu.Lock()
	s.last = err
	s.mu.Unlock()
	s.tellConnectError(err)
}

// arrived takes events. It does not keep the list.
func (s *Socket) arrived(c *conn, list []*Event) error {
	s.turns.await(c)
	s.mu.Lock()
	if s.pid != "" || s.state != connected {
		s.mu.Unlock()
		offset := s.lastOffset(list)
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.arrivedLocked(c, list, offset)
	}
	err := s.arrivedLocked(c, list, "")
	s.mu.Unlock()
	return err
}

func (s *Socket) arrivedLocked(c *conn, list []*Event, offset string) error {
	switch {
	case s.conn != c || s.left == c:
		// Of a socket that was left, on its way when it was.
	case s.state == connected:
		s.takeLocked(list, offset)
	default:
		for _, e := range list {
			if s.earlyLen > 0 && s.earlyLen+e.size+eventCost > s.m.cfg.MaxQueuedBytes {
				return errors.New("more than MaxQueuedBytes of events before the CONNECT")
			}
			s.earlyLen += e.size + eventCost
			s.early = append(s.early, e)
		}
		if offset != "" {
			s.earlyOffset = offset
		}
	}
	return nil
}

// lastOffset returns the last offset that events have, "" if none has one: their
// last argument, for a server that recovers sessions. It decodes, which may be
// code of the application, so no lock is held. B-97
func (s *Socket) lastOffset(list []*Event) (offset string) {
	var err error
	defer s.m.catch("Config.Parser", &err)
	for _, e := range slices.Backward(list) {
		if e.wantsAck {
			continue // an event that asks for an answer has no offset
		}
		if offset, ok := e.args.last(&s.m.codec); ok {
			return offset
		}
	}
	return ""
}

// takeLocked hands events to the worker, and notes how far the socket has come.
func (s *Socket) takeLocked(list []*Event, offset string) {
	if s.pid != "" && offset != "" {
		s.offset = offset
	}
	s.turns.put(list)
}

// close ends the socket for good.
func (s *Socket) close() {
	goodbye := s.goodbye()
	s.mu.Lock()
	lost := s.leaveLocked(goodbye)
	s.over = true
	acks, queue := s.acks, s.queue.list
	s.acks, s.buffer = nil, buffer{}
	for _, d := range queue {
		delete(acks, d.id)
		if d.done == nil {
			d.done = func(Reply, error) {} // nobody is told of what the end cuts off
		}
		s.settleLocked(d, Reply{}, ErrClosed)
	}
	s.resolveLocked(ErrClosed)
	s.mu.Unlock()
	for _, w := range lost {
		w(Reply{}, lostError(ClientDisconnect))
	}
	for _, w := range acks {
		w(Reply{}, ErrClosed)
	}
}
