package socketio

// PendingAcks tells how many answers of its client a socket waits for.
func PendingAcks(s *Socket) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.extra == nil {
		return 0
	}
	return len(s.extra.acks)
}
