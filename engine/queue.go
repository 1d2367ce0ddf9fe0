package engine

import "sync"

// queue is a session's outbox. A session without news has none, and one with a
// single message for a plain WebSocket has that in Session.only instead: of a
// broadcast to many, each would take a queue from the pool, which runs empty, and
// its memory into the processor's caches, twice.
type queue struct {
	lead  []byte // frames before all messages, see SendPacket
	msgs  []*Message
	head  int
	begun bool // the header of msgs[head] was taken already
}

const (
	// maxPooledQueue keeps a burst's large slice from staying in the pool for ever.
	maxPooledQueue = 1024
	// maxBatch is what one write carries at most, in bytes. More gains nothing:
	// the cost of the system call is then a small part of the copy.
	maxBatch = 64 << 10
	// copyLimit is the size from which a frame is written by itself, without a copy.
	copyLimit = 16 << 10
)

// queuePool saves the growth from nothing to a batch's length that each burst
// would repeat. Only slices of nil pointers go back.
var queuePool = sync.Pool{New: func() any { return &queue{msgs: make([]*Message, 0, 16)} }}

// queued appends to a list whose entries before head are taken already. It
// uses their space before it takes more, or a list that is never quite empty
// would grow for ever.
func queued[T any](list []T, head int, more ...T) ([]T, int) {
	if len(list)+len(more) > cap(list) && head > len(list)/2 {
		n := copy(list, list[head:])
		clear(list[n:])
		list, head = list[:n], 0
	}
	return append(list, more...), head
}

func (s *Session) pushLocked(msgs ...*Message) {
	if s.queue == nil {
		if s.only == nil && len(msgs) == 1 && s.line != nil && s.takesFrames() {
			s.only = msgs[0]
			s.queued += len(s.only.frame)
			return
		}
		s.queue = queuePool.Get().(*queue)
		if s.only != nil {
			s.queue.msgs = append(s.queue.msgs, s.only)
			s.only = nil
		}
	}
	s.queue.msgs, s.queue.head = queued(s.queue.msgs, s.queue.head, msgs...)
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
	for q.head < len(q.msgs) {
		m := q.msgs[q.head]
		f := m.frame
		if other && m.kind == Binary {
			f = s.binaryFrame(m) // not compressed: that is done once for all receivers, and few want this one
		} else if len(f)-int(m.body) >= deflateFrom && m.compressible() {
			if f = m.deflatedFrame(); f == nil {
				return buf, nil, m
			}
		}
		if len(f) > copyLimit {
			if len(buf) > 0 {
				return buf, nil, nil
			}
			big = f
		} else if len(buf)+len(f) > maxBatch {
			return buf, nil, nil
		} else {
			buf = append(buf, f...)
		}
		q.msgs[q.head] = nil
		q.head++
		s.queued -= len(m.frame)
		if big != nil {
			break
		}
	}
	if q.head == len(q.msgs) {
		s.releaseQueueLocked()
	}
	return buf, big, nil
}

// takePayloadLocked appends what is queued in its polling form. A close packet
// stays for a GET of its own: the official client acts on it at once but on the
// messages before it a moment later, and would never see them.
func (s *Session) takePayloadLocked(buf []byte) []byte {
	q := s.queue
	if q == nil {
		return buf
	}
	msgs := q.msgs[q.head:]
	if last := len(msgs) - 1; last > 0 && msgs[last] == s.srv.closing {
		msgs = msgs[:last]
	}
	for _, m := range msgs {
		buf = m.appendRecord(buf, len(buf) == 0)
	}
	closes := len(msgs) < len(q.msgs)-q.head
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
	if cap(q.msgs) > maxPooledQueue {
		return
	}
	clear(q.msgs)
	q.lead, q.msgs, q.head, q.begun = q.lead[:0], q.msgs[:0], 0, false
	queuePool.Put(q)
}
