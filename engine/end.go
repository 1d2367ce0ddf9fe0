package engine

import (
	"time"

	"github.com/go-socketio/socketio/internal/wsock"
)

// Close ends the session with the given reason, after what is queued was sent.
// It returns at once; only the first call counts.
func (s *Session) Close(reason Reason) { s.end(reason, nil, tellLast) }

// Abort ends the session and throws away what is queued. The client is told of
// the end alone.
func (s *Session) Abort(reason Reason) { s.end(reason, nil, tellClose) }

// ending says what the peer still gets when a session ends.
type ending uint8

const (
	tellLast      ending = iota // everything queued, then the close
	tellLastSoon                // the same; a polling client has to come for it within lingerTime
	tellClose                   // the close alone; a polling client may fetch it with its next GET
	tellBriefly                 // the close alone; to a polling client only if its GET waits or is about to come
	tellAndHangUp               // the close alone; to a polling client only if its GET waits
	tellNoop                    // the peer said goodbye itself: free its GET, which may be under way
	cutOff                      // nothing
)

// lingerTime is how long a WebSocket that this side closes is still read and
// ignored: closing with unread bytes makes the kernel reset the connection,
// which may overtake the close frame. It is also how long a polling session that
// is over waits for a GET that was under way when it ended.
const lingerTime = time.Second

// pollGap is how long Server.Shutdown waits for a polling client that has no
// GET open: one that is alive is between two of them. A second would be safer for
// clients far away, but all of a large server's clients would be waited for.
const pollGap = 100 * time.Millisecond

// end closes the session; only the first call does anything.
func (s *Session) end(reason Reason, cause error, how ending) {
	s.endWithCode(reason, cause, how, 0)
}

// endWithCode also sets the status code of the WebSocket close frame; 0 sends none.
func (s *Session) endWithCode(reason Reason, cause error, how ending, code int) {
	s.mu.Lock()
	s.endAndUnlock(reason, cause, how, code)
}

// endPolling is end for the fault of a polling request. A session that has
// moved to WebSocket meanwhile is none of that request's business any more.
func (s *Session) endPolling(reason Reason, cause error, how ending) {
	s.mu.Lock()
	if s.line != nil {
		s.mu.Unlock()
		return
	}
	s.endAndUnlock(reason, cause, how, 0)
}

func (s *Session) endAndUnlock(reason Reason, cause error, how ending, code int) {
	if s.state != open {
		s.mu.Unlock()
		return
	}
	s.state = closing
	s.turn.Or(over)
	if s.beat != nil {
		s.beat.Stop()
	}
	if s.life == nil {
		s.life = &lifetime{}
	}
	s.life.reason, s.life.cause = reason, cause
	if s.life.cancel != nil {
		s.life.cancel(reason)
	}
	var wake, linger bool
	var drop carrier
	if s.line != nil || s.direct {
		wake, drop = s.endCarriedLocked(how, code)
	} else {
		linger = s.endPollingLocked(how)
	}
	recv := s.recv
	s.mu.Unlock()
	if drop != nil {
		_ = drop.CloseNow() // without the lock: TLS writes a goodbye, and that may wait
	}
	s.wake(wake)
	if !linger {
		s.srv.forget(s)
	}
	if recv != nil { // otherwise Handler.Open is still running, and newSession tells
		s.protect(func() { recv.Closed(reason, cause) })
	}
}

// endCarriedLocked returns the connection if it is to be closed at once.
func (s *Session) endCarriedLocked(how ending, code int) (wake bool, drop carrier) {
	if s.streams && how == tellAndHangUp {
		how = cutOff // there is no close frame to tell the fault with
	}
	switch how {
	case cutOff, tellNoop:
		s.dropQueueLocked()
		s.state = closed
		return false, s.line
	case tellAndHangUp, tellClose, tellBriefly:
		s.dropQueueLocked()
		s.hangUp = true
	}
	s.pushLocked(s.farewell(code))
	return s.wakeLocked(), nil
}

// endPollingLocked reports whether the session stays known so that the
// client's next GET can fetch its last messages.
func (s *Session) endPollingLocked(how ending) (linger bool) {
	last := how == tellLast || how == tellLastSoon
	if s.candidate != nil && (!last || !s.upgrading) {
		s.srv.discard(s.candidate)
		s.candidate = nil
	}
	if !last {
		s.dropQueueLocked()
	}
	word, patience := s.srv.closing, s.srv.cfg.CloseTimeout
	switch {
	case how == tellNoop:
		word, patience = s.srv.noop, lingerTime
		linger = s.poll == nil
	case how == tellLastSoon:
		patience = lingerTime
		linger = true
	case last:
		linger = true
	case how == tellBriefly:
		patience = pollGap
		linger = s.poll == nil
	case how == tellClose: // its next GET is under way by now or never comes
		patience = lingerTime
		linger = s.poll == nil && s.recv != nil // a session that Handler.Open aborts is refused instead
	}
	if linger {
		s.srv.group.start()
		patience = min(patience, s.srv.cfg.CloseTimeout)
		s.patient = patience > lingerTime
		s.beat = time.AfterFunc(patience, s.lastWordsOver)
	} else {
		s.state = closed
	}
	if linger || s.poll != nil { // a GET that waits may always be told
		s.pushLocked(word)
	}
	if s.poll != nil {
		s.poll.signal()
	}
	return linger
}

// lastWordsOver ends the wait for a closing polling session's last GET.
func (s *Session) lastWordsOver() {
	s.mu.Lock()
	over := s.leaveLocked()
	s.mu.Unlock()
	s.left(over)
}

// hasten shortens the wait for a client that says goodbye itself: a GET of it
// may be under way, another will not come. Only its first goodbye counts.
func (s *Session) hasten() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.patient && s.state == closing && s.beat.Stop() {
		s.patient = false
		s.beat.Reset(lingerTime)
	}
}

// leaveLocked takes a lingering polling session to its end, once: the caller
// passes the result to left after it has let go of the lock.
func (s *Session) leaveLocked() (over bool) {
	if s.state != closing || s.line != nil || s.direct {
		return false
	}
	s.state = closed
	s.beat.Stop()
	s.dropQueueLocked()
	if s.candidate != nil {
		s.srv.discard(s.candidate)
		s.candidate = nil
	}
	return true
}

// farewell is the last message of a session that does not poll: it asks the
// client for an answer, behind which all before has arrived.
func (s *Session) farewell(code int) *Message {
	if s.streams {
		return s.srv.ping
	}
	return &Message{frame: wsock.AppendClose(nil, code, ""), kind: websocketEnd}
}

// discard closes a connection for a caller that holds a lock: over TLS a close
// writes a goodbye, and that may wait.
func (srv *Server) discard(c carrier) {
	srv.Go(func() { _ = c.CloseNow() })
}

// left ends what endPollingLocked began.
func (s *Session) left(over bool) {
	if over {
		s.srv.forget(s)
		s.srv.group.done()
	}
}

// shutdown closes the session for Server.Shutdown. A polling client that is there
// comes for its messages at once. Most of those that do not have gone without a
// word, and the end of the process must not wait for them for CloseTimeout.
func (s *Session) shutdown() {
	s.mu.Lock()
	polling := s.line == nil && !s.direct
	if polling && s.state == closing && s.beat != nil {
		s.beat.Reset(min(lingerTime, s.srv.cfg.CloseTimeout))
	}
	between := polling && s.poll == nil && s.queued == 0 && !s.upgrading
	s.mu.Unlock()
	if between {
		s.end(ShuttingDown, nil, tellBriefly)
		return
	}
	s.end(ShuttingDown, nil, tellLastSoon)
}

// cut drops the session, or whatever is left of it.
func (s *Session) cut(reason Reason, cause error) {
	s.end(reason, cause, cutOff)
	s.mu.Lock()
	line := s.line
	over := s.leaveLocked()
	s.state = closed
	s.mu.Unlock()
	if line != nil {
		_ = line.CloseNow()
	}
	s.left(over)
}
