package engine

import (
	"math"
	"time"
)

// The heartbeat is one timer per session and no goroutine: the server pings,
// the client answers, and the next ping is counted from the answer, so that
// the period is the interval plus a round trip. In Engine.IO 3 the client pings,
// and the timer is the time for its next ping.

// announcedInterval is what the open packet says of PingInterval. Clients give
// a server up that is silent for PingInterval + PingTimeout, so one that never
// pings announces the longest time that their timers can hold: 2^31-1 ms.
func (srv *Server) announcedInterval() time.Duration {
	if i := srv.cfg.PingInterval; i >= 0 {
		return i
	}
	return math.MaxInt32*time.Millisecond - srv.cfg.PingTimeout
}

// PingInterval returns the time between an answered heartbeat and the next, as
// configured; negative: there are none.
func (srv *Server) PingInterval() time.Duration { return srv.cfg.PingInterval }

func (s *Session) startHeartbeat() {
	if s.srv.cfg.PingInterval < 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == open {
		s.beat = time.AfterFunc(s.beatTime(), s.onBeat)
	}
}

// beatTime is for how long nothing has to happen.
func (s *Session) beatTime() time.Duration {
	if s.dialect&protocol3 != 0 {
		return s.srv.cfg.PingInterval + s.srv.cfg.PingTimeout
	}
	return s.srv.cfg.PingInterval
}

// pinged3 answers the ping of a client of Engine.IO 3.
func (s *Session) pinged3() {
	s.mu.Lock()
	if s.state != open {
		s.mu.Unlock()
		return
	}
	if s.beat != nil {
		s.beat.Reset(s.beatTime())
	}
	s.pushLocked(s.srv.pong)
	wake := s.wakeLocked()
	s.mu.Unlock()
	s.wake(wake)
	s.protect(func() { s.recv.Heartbeat(0) })
}

// onBeat runs when an interval is over, or the time for an answer.
func (s *Session) onBeat() {
	s.mu.Lock()
	switch {
	case s.state != open:
		s.mu.Unlock()
	case s.pinged == 0 && s.dialect&protocol3 == 0:
		s.pinged = time.Now().UnixNano()
		s.beat.Reset(s.srv.cfg.PingTimeout)
		s.pushLocked(s.srv.ping)
		wake := s.wakeLocked()
		s.mu.Unlock()
		s.wake(wake)
	case s.busy():
		// The answer may lie unread behind a message that the Receiver still
		// holds: the client is not to blame. It is pinged on, since it would give
		// up a silent server, and since nothing but a write that fails can tell
		// that it has gone while nobody reads.
		s.beat.Reset(s.srv.cfg.PingTimeout)
		beat := s.srv.ping
		if s.dialect&protocol3 != 0 {
			beat = s.srv.pong // to the ping that lies unread, most likely
		}
		s.pushLocked(beat)
		wake := s.wakeLocked()
		s.mu.Unlock()
		s.wake(wake)
	default:
		s.mu.Unlock()
		s.end(PingTimeout, nil, tellAndHangUp)
	}
}

// pong takes an answer. One that nobody asked for restarts the interval too. It
// reports whether the session goes on.
func (s *Session) pong() (going bool) {
	s.mu.Lock()
	if st, ok := s.line.(*stream); ok {
		st.answered()
	}
	if s.state != open || s.beat == nil {
		going = s.state == open
		s.mu.Unlock()
		return going
	}
	asked := s.pinged
	s.pinged = 0
	s.beat.Reset(s.srv.cfg.PingInterval)
	s.mu.Unlock()
	if asked != 0 {
		s.protect(func() { s.recv.Heartbeat(time.Duration(time.Now().UnixNano() - asked)) })
	}
	return true
}

// forgivePingLocked drops an open ping: its answer may have been under way on
// the transport that an upgrade leaves behind. So may a ping of Engine.IO 3.
func (s *Session) forgivePingLocked() {
	if s.beat != nil && s.state == open && (s.pinged != 0 || s.dialect&protocol3 != 0) {
		s.pinged = 0
		s.beat.Reset(s.beatTime())
	}
}
