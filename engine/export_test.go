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
