package engine

import (
	"errors"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/go-socketio/socketio/internal/fifo"
)

// flusher writes the queues of sessions that do not poll. It is a list of sessions
// with news and at most one goroutine per processor, started when the list
// gets its first entry and gone when it is empty. A write that would block is
// handed to a goroutine of the session's own, so a slow client holds nobody.
//
// Starting the goroutine after the fact is what joins messages: whoever emits
// goes on until it waits for something, and its receivers' queues then leave
// with one write each.
type flusher struct {
	group *group
	limit int
	work  func() // run, bound once

	mu      sync.Mutex // a leaf: nothing else is locked while it is held
	dirty   fifo.List[*Session]
	running int
}

// spareDirty is how many sessions the list keeps space for, which a broadcast to
// as many would otherwise have to make anew: half a megabyte.
const spareDirty = 64 << 10

// busyFlusher is how many waiting sessions are worth another goroutine.
const busyFlusher = 32

// writeBufs holds buffers of maxBatch: as many as there are goroutines that write.
var writeBufs = sync.Pool{New: func() any { b := make([]byte, 0, maxBatch); return &b }}

func (f *flusher) init(g *group) {
	f.group = g
	f.limit = runtime.GOMAXPROCS(0)
	f.work = f.run
	f.dirty.Spare = spareDirty
}

func (f *flusher) add(s *Session) {
	f.mu.Lock()
	f.dirty.Push(s)
	more := f.running < f.limit && f.dirty.Len() > f.running*busyFlusher
	if more {
		f.running++
		f.group.start()
	}
	f.mu.Unlock()
	if more {
		f.group.run(f.work)
	}
}

// run flushes sessions until none is left. Server.Shutdown waits for it
// through the group.
func (f *flusher) run() {
	var batch [16]*Session
	var buf *[]byte
	for {
		f.mu.Lock()
		n := f.dirty.PopInto(batch[:])
		if n == 0 {
			f.running--
			f.mu.Unlock()
			if buf != nil {
				writeBufs.Put(buf)
			}
			return
		}
		f.mu.Unlock()
		for i, s := range batch[:n] {
			if buf == nil {
				buf = writeBufs.Get().(*[]byte)
			}
			if s.flush(buf) {
				buf = nil
			}
			batch[i] = nil
		}
	}
}

// wakeLocked says that the queue has news. The caller passes the result to
// wake after it has let go of the lock.
func (s *Session) wakeLocked() bool {
	if s.line != nil {
		if s.flushing {
			return false
		}
		s.flushing = true
		return true
	}
	if s.poll != nil {
		s.poll.signal()
	}
	return false
}

func (s *Session) wake(needed bool) {
	if needed {
		s.srv.flusher.add(s)
	}
}

// flush writes what is queued without waiting. Only one flush or drain of a
// session runs at a time: s.flushing is theirs. It reports whether it has passed
// the buffer on.
func (s *Session) flush(bp *[]byte) (kept bool) {
	for {
		s.mu.Lock()
		line := s.line
		batch, big := s.batchLocked((*bp)[:0])
		if len(batch) == 0 && big == nil {
			last, talking := s.flushedLocked()
			s.mu.Unlock()
			if last {
				s.partSoon(line, talking)
			}
			return false
		}
		s.mu.Unlock()
		out := batch
		if big != nil {
			out = big
		}
		n, err := 0, error(nil)
		if line.CanTryWrite() {
			n, err = line.TryWrite(out)
		}
		if err != nil {
			s.writeFailed(err)
			return false
		}
		if n < len(out) {
			s.mu.Lock()
			s.stalled = true
			s.mu.Unlock()
			s.srv.group.start()
			go s.drain(line, bp, out[n:])
			return true
		}
	}
}

// drain writes the rest of a batch, and what came meanwhile, waiting for the
// client up to WriteTimeout for each write. It owns bp, in which rest lies.
// Server.Shutdown waits for it through the group.
func (s *Session) drain(line carrier, bp *[]byte, rest []byte) {
	defer s.srv.group.done()
	defer writeBufs.Put(bp)
	for {
		_ = line.SetWriteDeadline(time.Now().Add(s.srv.cfg.WriteTimeout))
		if _, err := line.Write(rest); err != nil {
			s.writeFailed(err)
			return
		}
		s.mu.Lock()
		batch, big := s.batchLocked((*bp)[:0])
		if len(batch) == 0 && big == nil {
			// An old deadline would make the next flush fail.
			_ = line.SetWriteDeadline(time.Time{})
			last, talking := s.flushedLocked()
			s.mu.Unlock()
			if last {
				s.partSoon(line, talking)
			}
			return
		}
		s.mu.Unlock()
		if rest = batch; big != nil {
			rest = big
		}
	}
}

// flushedLocked runs when a flush found nothing more. last says that the
// connection has served its purpose and is the caller's to close.
func (s *Session) flushedLocked() (last, talking bool) {
	s.flushing, s.stalled = false, false
	switch {
	case s.state == open || s.line == nil:
	case s.unread:
		s.state = closed
		return true, s.talking
	case s.state == closed: // cut off, and closed by whoever did that
	case s.hangUp && s.streams:
		// Closing a stream throws away what is under way: the client is given the
		// time to answer the farewell, see stream.go.
		_ = s.line.SetReadDeadline(time.Now().Add(lingerTime))
	case s.hangUp:
		s.state = closed
		if s.busy() {
			s.srv.discard(s.line) // nobody reads, so there is nothing to wait for
		} else {
			// The reader wakes, ends and closes; see readEnded.
			_ = s.line.SetReadDeadline(time.Now())
		}
	default:
		// The farewell is out. The client answers it, and the reader then ends;
		// one that does not is not waited for longer.
		_ = s.line.SetReadDeadline(time.Now().Add(s.srv.cfg.CloseTimeout))
	}
	return false, false
}

// partSoon is part for a goroutine that must not block.
func (s *Session) partSoon(line carrier, talking bool) {
	if talking {
		s.srv.Go(func() { s.part(line, true) })
		return
	}
	s.part(line, false)
}

// writeFailed ends a session whose connection took no more.
func (s *Session) writeFailed(err error) {
	reason := TransportClose
	if errors.Is(err, os.ErrDeadlineExceeded) {
		reason = SlowConsumer
	}
	s.end(reason, err, cutOff)
	s.mu.Lock()
	s.flushing = false
	s.state = closed
	s.dropQueueLocked()
	line, unread := s.line, s.unread
	s.mu.Unlock()
	if unread {
		s.part(line, false)
	} else {
		_ = line.CloseNow()
	}
}
