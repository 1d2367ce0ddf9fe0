package engine

// Busy is what Shutdown waits for: goroutines and sessions with last words. The
// tests check that it ends at zero, neither more nor less.
func (srv *Server) Busy() int {
	srv.group.mu.Lock()
	defer srv.group.mu.Unlock()
	return srv.group.n
}

// Leaving is how many ended sessions still have a WebSocket.
func (srv *Server) Leaving() int {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return len(srv.leaving)
}

// Waiting tells whether a GET is parked for the session.
func (s *Session) Waiting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.poll != nil
}

// Posting tells whether a POST is being read or delivered.
func (s *Session) Posting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posting
}

// Probed tells whether a WebSocket has been answered its probe.
func (s *Session) Probed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.upgrading
}

// Applying tells whether a WebSocket asks to take over.
func (s *Session) Applying() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.candidate != nil
}

// QueueCap is how many messages the queue has room for, taken ones included.
func (s *Session) QueueCap() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queue == nil {
		return 0
	}
	return s.queue.msgs.Cap()
}

// Record is the message as it stands in a polling payload.
func Record(m *Message) []byte { return m.appendRecord(nil, true) }

// DeflatedFrame is the compressed frame, nil if none was made.
func DeflatedFrame(m *Message) []byte { return m.deflatedFrame() }

// ConfigDefaults returns what holds when nothing is set.
func ConfigDefaults() Config { return Config{}.withDefaults() }
