package engine

import (
	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/internal/wsock"
)

// maxLead bounds the bytes that a queue holds as frames rather than as
// messages. What a client cannot take at once is kept for long, and then a
// buffer that is larger than what lies in it costs memory.
const maxLead = 4 << 10

// SendPacket queues a text message, unless text is empty, and binary messages
// behind it, for this session alone. It is [Session.Send], or with volatile
// [Session.SendVolatile], of [NewText] and [NewBinary], and keeps nothing of its arguments.
//
// A message is an object because many sessions may share it. What one session
// gets needs none: over a plain WebSocket the frames are written right into the
// queue's buffer.
func (s *Session) SendPacket(text []byte, binary [][]byte, volatile bool) error {
	size := 0
	if len(text) > 0 {
		size = frameSize(1 + len(text))
	}
	for _, b := range binary {
		size += frameSize(len(b))
	}
	s.mu.Lock()
	if !s.leadsLocked(size) {
		s.mu.Unlock()
		return s.send(NewPacket(text, binary), volatile)
	}
	if err := s.refuseLocked(size, volatile); err != nil {
		s.mu.Unlock()
		return err
	}
	if s.queue == nil {
		s.queue = queuePool.Get().(*queue)
	}
	lead := s.queue.lead
	if len(text) > 0 {
		lead = appendFrameHeader(lead, wsock.Text, 1+len(text))
		lead = append(append(lead, byte(eio.Message)), text...)
	}
	for _, b := range binary {
		lead = append(appendFrameHeader(lead, wsock.Binary, len(b)), b...)
	}
	s.queue.lead = lead
	s.queued += size
	wake := s.wakeLocked()
	s.mu.Unlock()
	s.wake(wake)
	return nil
}

// leadsLocked tells whether frames may be added to the queue's bytes: the
// session takes the usual form of everything, and no message waits already.
func (s *Session) leadsLocked(size int) bool {
	if s.line == nil || s.only != nil || !s.takesFrames() || s.line.Deflates() {
		return false
	}
	q := s.queue
	return q == nil && size <= maxLead ||
		q != nil && q.msgs.Len() == 0 && len(q.lead)+size <= maxLead
}

func frameSize(n int) int { return wsock.HeaderSize(n) + n }

func appendFrameHeader(dst []byte, op wsock.Opcode, n int) []byte {
	var h [10]byte
	return append(dst, h[:wsock.PutHeader(h[:], op, n)]...)
}
