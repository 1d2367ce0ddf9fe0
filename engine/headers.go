package engine

import "net/http"

// setHeaders lets the application add to an answer of the session. It is called
// before the answer's messages are taken from the queue, so that a panic there,
// which ends the session, takes none along unseen.
func (s *Session) setHeaders(h http.Header, r *http.Request) {
	if f := s.srv.cfg.Headers; f != nil {
		s.protect(func() { f(h, r, s) })
	}
}

// setInitialHeaders lets the application add to the session's first answer.
func (s *Session) setInitialHeaders(h http.Header, r *http.Request) {
	if f := s.srv.cfg.InitialHeaders; f != nil {
		s.protect(func() { f(h, r, s) })
	}
}

// answerStatus answers a request of the session with nothing but a status.
func (s *Session) answerStatus(w http.ResponseWriter, r *http.Request, status int) {
	s.setHeaders(w.Header(), r)
	w.WriteHeader(status)
}
