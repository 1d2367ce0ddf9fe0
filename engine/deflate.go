package engine

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/go-socketio/socketio/internal/deflate"
	"github.com/go-socketio/socketio/internal/wsock"
)

// deflated is the compressed form of a message. It is made once, when the first
// session that wants it writes it, and shared by all others: whoever comes
// while it is being made waits for it, which is cheaper than making it again.
type deflated struct {
	once  sync.Once
	ready atomic.Bool // set after frame
	frame []byte      // the plain one if the compressed one is no smaller
}

// deflate makes the message's compressed form unless it is there.
func (m *Message) deflate(writers *deflate.Writers) {
	d := m.deflated.Load()
	if d == nil {
		d = new(deflated)
		if !m.deflated.CompareAndSwap(nil, d) {
			d = m.deflated.Load()
		}
	}
	d.once.Do(func() {
		op := wsock.Text
		if m.kind == Binary {
			op = wsock.Binary
		}
		if f, smaller := wsock.AppendDeflated(nil, writers, op, m.frame[m.body:]); smaller {
			d.frame = f
		} else {
			d.frame = m.frame
		}
		d.ready.Store(true)
	})
}

// deflatedFrame returns the compressed form, nil if it is still to be made.
func (m *Message) deflatedFrame() []byte {
	if d := m.deflated.Load(); d != nil && d.ready.Load() {
		return d.frame
	}
	return nil
}

// deflateFromLocked returns the size from which messages are compressed for
// this session: one that no message reaches, if its client has not agreed to it.
func (s *Session) deflateFromLocked() int {
	if s.line.Deflates() {
		return s.srv.cfg.PerMessageDeflate.threshold()
	}
	return math.MaxInt
}

// batchLocked is takeLocked with the compression that it asks for. That is done
// with the lock released, so that Send need not wait for it; the queue stays in
// order because only one flush or drain of a session runs at a time.
func (s *Session) batchLocked(buf []byte) (batch, big []byte) {
	for {
		batch, big, raw := s.takeLocked(buf)
		if raw == nil {
			return batch, big
		}
		s.mu.Unlock()
		raw.deflate(s.srv.writers)
		s.mu.Lock()
		buf = batch
	}
}
