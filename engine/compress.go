package engine

import (
	"net/http"
	"runtime"
	"strconv"

	"github.com/go-socketio/socketio/internal/deflate"
)

// Compression switches on the compression of what is sent, and says of what.
//
// It saves bytes and costs CPU and memory: a compressor takes 1.2 MB. They are
// shared by all sessions, one for each processor at most (GOMAXPROCS), and
// nothing is kept for a session, so that the bill does not grow with the number
// of clients. Where a secret and text chosen by somebody else stand in
// one message, its compressed length tells an eavesdropper about the secret:
// send such messages with [Message.Uncompressed].
type Compression struct {
	// Threshold is the size from which something is compressed, in bytes: a
	// WebSocket message, or the whole body of a polling answer. Smaller ones
	// gain little. Default 1024; 1 compresses everything that becomes smaller by it.
	Threshold int
}

const defaultThreshold = 1024

// threshold returns the size from which to compress, or 0 for never.
func (c *Compression) threshold() int {
	if c == nil {
		return 0
	}
	return positive(c.Threshold, defaultThreshold)
}

// newWriters makes the server's compressors, if it needs any. More than
// GOMAXPROCS cannot work at the same time, and each takes 1.2 MB.
func newWriters(cfg *Config) *deflate.Writers {
	if cfg.HTTPCompression == nil && cfg.PerMessageDeflate == nil {
		return nil
	}
	return deflate.NewWriters(runtime.GOMAXPROCS(0))
}

// Uncompressed returns a form of the message that no transport compresses.
func (m *Message) Uncompressed() *Message {
	return &Message{frame: m.frame, body: m.body, kind: m.kind, plain: true}
}

// compressible tells whether the message wishes to be compressed. Packets of
// the session itself have no wish.
func (m *Message) compressible() bool { return !m.plain && m.kind <= Binary }

// compressibleLocked tells whether the queue holds a message that may be
// compressed: one is enough for the whole answer to be, as in the reference.
func (s *Session) compressibleLocked() bool {
	if s.srv.cfg.HTTPCompression == nil || s.queue == nil {
		return false
	}
	for _, m := range s.queue.msgs.Waiting() {
		if m.compressible() {
			return true
		}
	}
	return false
}

// writeEncoded writes an answer, compressed if it may be and is smaller then.
func (s *Session) writeEncoded(w http.ResponseWriter, r *http.Request, body []byte, allowed bool) error {
	h := w.Header()
	if format, ok := s.srv.encoding(h, r, len(body), allowed); ok {
		bp := pollBufs.Get().(*[]byte)
		small := s.srv.writers.Append((*bp)[:0], format, body)
		defer func() {
			if *bp = small; cap(small) <= maxPooledPayload {
				pollBufs.Put(bp)
			}
		}()
		if len(small) < len(body) {
			h.Set("Content-Encoding", format.Token())
			body = small
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	// Said aloud: compressing middlewares take the Content-Length off in
	// WriteHeader, and some do not call it themselves.
	w.WriteHeader(http.StatusOK)
	return s.writeBody(w, r, body)
}

// encoding chooses how to compress an answer of n bytes, if at all.
func (srv *Server) encoding(h http.Header, r *http.Request, n int, allowed bool) (deflate.Format, bool) {
	threshold := srv.cfg.HTTPCompression.threshold()
	if threshold == 0 {
		return 0, false
	}
	if deflate.Taken(h) {
		return 0, false
	}
	// On the plain answers too: a cache must not take one for the other.
	h.Add("Vary", "Accept-Encoding")
	if !allowed || n < threshold {
		return 0, false
	}
	return deflate.Negotiate(r.Header)
}
