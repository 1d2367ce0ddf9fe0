package engine

import (
	"sync"

	"github.com/go-socketio/socketio/internal/fifo"
)

// queue is a session's outbox. A session without news has none, and one with a
// single message for a plain WebSocket has that in Session.only instead: of a
// broadcast to many, each would take a queue from the pool, which runs empty, and
// its memory into the processor's caches, twice.
type queue struct {
	lead  []byte // frames before all messages, see SendPacket
	msgs  fifo.List[*Message]
	begun bool // the header of the first message was taken already
}

const (
	// maxBatch is what one write carries at most, in bytes. More gains nothing:
	// the cost of the system call is then a small part of the copy.
	maxBatch = 64 << 10
	// copyLimit is the size from which a frame is written by itself, without a copy.
	copyLimit = 16 << 10
)

// queuePool saves the growth from nothing to a batch's length that each burst
// would repeat. Only slices of nil pointers go back.
var queuePool = sync.Pool{New: func() any { return &queue{msgs: fifo.Make[*Message](16)} }}

func (s *Session) pushLocked(msgs ...*Message) {
	if s.queue == nil {
		if s.only == nil && len(msgs) == 1 && s.line != nil && s.takesFrames() {
			s.only = msgs[0]
			s.queued += len(s.only.frame)
			return
		}
		s.queue = queuePool.Get().(*queue)
		if s.only != nil {
			s.queue.msgs.Push(s.only)
			s.only = nil
		}
	}
	s.queue.msgs.Push(msgs...)
	for _, m := range msgs {
		s.queued += len(m.frame)
	}
}

// takesFrames tells whether the session gets the frames of messages as they are,
// but for compression.
func (s *Session) takesFrames() bool { return !s.streams && s.dialect == 0 && !s.base64 }

// takeOnlyLocked is takeLocked for the one message without a queue. Its frame
// needs no copy.
func (s *Session) takeOnlyLocked(buf []byte) (batch, big []byte, raw *Message) {
	m := s.only
	f := m.frame
	if len(f)-int(m.body) >= s.deflateFromLocked() && m.compressible() {
		if f = m.deflatedFrame(); f == nil {
			return buf, nil, m
		}
	}
	s.only, s.backlog = nil, 0
	s.queued -= len(m.frame)
	return buf, f, nil
}

// takeLocked appends the frames of a batch to buf. A frame too large to copy
// comes alone, as big. A message that is to be compressed first is returned as
// raw: the caller does that and calls again, with the batch so far.
func (s *Session) takeLocked(buf []byte) (batch, big []byte, raw *Message) {
	q := s.queue
	if q == nil {
		if s.only != nil {
			return s.takeOnlyLocked(buf)
		}
		return buf, nil, nil
	}
	if s.streams {
		batch, big = s.takeFramesLocked(buf)
		return batch, big, nil
	}
	if len(q.lead) > 0 {
		buf = append(buf, q.lead...) // less than a batch, and buf is empty
		s.queued -= len(q.lead)
		q.lead = q.lead[:0]
	}
	other := s.dialect != 0 || s.base64
	deflateFrom := s.deflateFromLocked()
	waiting, n := q.msgs.Waiting(), 0
	for n < len(waiting) && big == nil {
		m := waiting[n]
		f := m.frame
		if other && m.kind == Binary {
			f = s.binaryFrame(m) // not compressed: that is done once for all receivers, and few want this one
		} else if len(f)-int(m.body) >= deflateFrom && m.compressible() {
			if f = m.deflatedFrame(); f == nil {
				raw = m
				break
			}
		}
		if len(f) <= copyLimit && len(buf)+len(f) <= maxBatch {
			buf = append(buf, f...)
		} else if len(f) > copyLimit && len(buf) == 0 {
			big = f
		} else {
			break
		}
		s.queued -= len(m.frame)
		n++
	}
	q.msgs.Drop(n)
	if q.msgs.Len() == 0 {
		s.releaseQueueLocked()
	}
	return buf, big, raw
}

// takePayloadLocked appends what is queued in its polling form. A close packet
// stays for a GET of its own: the official client acts on it at once but on the
// messages before it a moment later, and would never see them.
func (s *Session) takePayloadLocked(buf []byte) []byte {
	q := s.queue
	if q == nil {
		return buf
	}
	msgs := q.msgs.Waiting()
	if last := len(msgs) - 1; last > 0 && msgs[last] == s.srv.closing {
		msgs = msgs[:last]
	}
	for _, m := range msgs {
		buf = m.appendRecord(buf, len(buf) == 0)
	}
	closes := len(msgs) < q.msgs.Len()
	s.dropQueueLocked()
	if closes {
		s.pushLocked(s.srv.closing)
	}
	return buf
}

func (s *Session) dropQueueLocked() {
	if s.only != nil {
		s.only, s.queued, s.backlog = nil, 0, 0
	}
	if s.queue != nil {
		s.queued = 0
		s.releaseQueueLocked()
	}
}

func (s *Session) releaseQueueLocked() {
	q := s.queue
	s.queue, s.backlog = nil, 0
	q.msgs.Clear()
	q.lead, q.begun = q.lead[:0], false
	queuePool.Put(q)
}
