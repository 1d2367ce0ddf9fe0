package engine

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/internal/wsock"
)

// Stream is a connection for [Server.ServeStream]: one stream of a WebTransport
// session, or whatever else carries bytes reliably and in order. One goroutine
// reads and one writes; Close and the deadlines are called from any.
//
// Write returns an error that wraps [os.ErrDeadlineExceeded] when its deadline
// has passed. Close ends the whole connection at once, without waiting for
// what was written to arrive, and makes Read and Write return; it may be called
// more than once.
type Stream interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// stream carries a session over a Stream. A server's WebSocket frame without its
// first byte is a frame of WebTransport, but for the mark of binary ones, so
// that a Message needs no third form.
//
// There is no close frame, and closing a WebTransport session throws away what is
// under way. So the last words of a session are followed by a ping, and when
// the client has answered all pings, it has everything.
type stream struct {
	Stream
	frames eio.Deframer
	rest   []byte // read and not yet taken apart
	err    error  // came with the last bytes
	pings  int    // taken from the queue and not answered; guarded by the session's lock
	small  [streamBuffer]byte
	chunk  *[streamChunk]byte // borrowed in the midst of a frame
}

const (
	// streamBuffer is what a silent stream waits with: enough for most of what a
	// client says at a time, and little beside a QUIC connection.
	streamBuffer = 512
	// streamChunk is for the rest of a frame that did not fit.
	streamChunk = 16 << 10
)

// streamChunks holds as many as there are streams in the midst of a large frame.
var streamChunks = sync.Pool{New: func() any { return new([streamChunk]byte) }}

func (st *stream) TryWrite([]byte) (int, error)    { return 0, nil }
func (st *stream) CanTryWrite() bool               { return false }
func (st *stream) CloseNow() error                 { return st.Close() }
func (st *stream) CloseLinger(time.Duration) error { return st.Close() }
func (st *stream) Deflates() bool                  { return false }

// answered takes note of a pong. The session's lock is held.
func (st *stream) answered() {
	if st.pings > 0 {
		st.pings--
	}
}

// serve reads until the stream, or h, has had enough, and returns why.
func (st *stream) serve(h wsock.Handler) error {
	defer st.release()
	for {
		data, binary, err := st.next()
		if err != nil {
			return err
		}
		op := wsock.Text
		if binary {
			op = wsock.Binary
		}
		if err := h.Message(op, bytes.Clone(data)); err != nil { // which is the handler's to keep
			return err
		}
	}
}

// next waits for one frame. Its data is valid until the next call.
func (st *stream) next() (data []byte, binary bool, err error) {
	for {
		if len(st.rest) > 0 {
			data, binary, st.rest, err = st.frames.Next(st.rest)
			if err == nil && data != nil && !binary && !utf8.Valid(data) {
				err = errTextNotUTF8
			}
			if err != nil {
				return nil, false, &unreadableError{err}
			}
			if data != nil {
				return data, binary, nil
			}
		}
		if st.err != nil {
			return nil, false, st.err
		}
		st.read()
	}
}

// read waits for bytes, which are in rest then. The frame before is done with.
func (st *stream) read() {
	buf := st.small[:]
	if st.frames.Partial() {
		if st.chunk == nil {
			st.chunk = streamChunks.Get().(*[streamChunk]byte)
		}
		buf = st.chunk[:]
	} else {
		st.release()
	}
	n := 0
	n, st.err = st.Read(buf)
	st.rest = buf[:n]
}

func (st *stream) release() {
	if st.chunk != nil {
		streamChunks.Put(st.chunk)
		st.chunk = nil
	}
}

// unreadableError is an error of the bytes and not of the stream.
type unreadableError struct{ err error }

func (e *unreadableError) Error() string { return e.err.Error() }
func (e *unreadableError) Unwrap() error { return e.err }

func unreadable(err error) bool {
	_, ok := errors.AsType[*unreadableError](err)
	return ok
}

var errTextNotUTF8 = errors.New("text packet is not UTF-8")

// takeFramesLocked is takeLocked for a stream.
func (s *Session) takeFramesLocked(buf []byte) (batch, big []byte) {
	q := s.queue
	if q == nil {
		return buf, nil
	}
	for q.msgs.Len() > 0 && big == nil {
		m := q.msgs.Waiting()[0]
		f := m.frame[1:]
		switch n := len(m.frame) - int(m.body); {
		case q.begun:
			q.begun, big = false, m.frame[m.body:]
		case m.kind == Binary && n == 0: // which a frame cannot hold
			buf = eio.AppendFrame(buf, m.packet())
		case len(buf)+min(len(f), copyLimit) > maxBatch:
			return buf, nil
		case len(f) <= copyLimit:
			at := len(buf)
			buf = append(buf, f...)
			if m.kind == Binary {
				buf[at] = eio.AppendFrameHeader(buf[:at], n, true)[at]
			}
		case m.kind == Binary: // its mark cannot be set where others read the frame
			q.begun = true
			return eio.AppendFrameHeader(buf, n, true), nil
		case len(buf) > 0:
			return buf, nil
		default:
			big = f
		}
		if m == s.srv.ping {
			s.line.(*stream).pings++
		}
		q.msgs.Drop(1)
		s.queued -= len(m.frame)
	}
	if q.msgs.Len() == 0 {
		s.releaseQueueLocked()
	}
	return buf, big
}
