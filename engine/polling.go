package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-socketio/socketio/internal/eio"
)

// poll is a GET that waits for messages.
type poll struct {
	ready chan struct{} // holds one signal
	noop  bool          // guarded by the session's lock: answer with a noop if there is no news
}

func (p *poll) signal() {
	select {
	case p.ready <- struct{}{}:
	default:
	}
}

// upgradeTick is how long a GET may wait while the client changes over to
// WebSocket: the client leaves polling only when its GET has returned.
const upgradeTick = 100 * time.Millisecond

// serveRequest takes the polling requests of a live session.
func (srv *Server) serveRequest(s *Session, w http.ResponseWriter, r *http.Request, transport string) {
	if transport != Polling || s.Transport() != Polling {
		srv.refuseMismatch(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if ua := r.UserAgent(); strings.Contains(ua, ";MSIE") || strings.Contains(ua, "Trident/") {
		h.Set("X-XSS-Protection", "0") // Internet Explorer would rewrite payloads that look like markup
	}
	switch r.Method {
	case http.MethodGet:
		s.serveGet(w, r)
	case http.MethodPost:
		s.servePost(w, r)
	default:
		s.answerStatus(w, r, http.StatusInternalServerError) // what the reference answers
	}
}

// refuseMismatch answers a request for a transport that the session is not on.
// It must not disturb the session: a late request is no attack.
func (srv *Server) refuseMismatch(w http.ResponseWriter, r *http.Request) {
	srv.refuse(w, r, BadRequest, "", "TRANSPORT_MISMATCH: the session is on another transport")
}

// openPolling answers the handshake with the open packet and what the
// application has sent already.
func (srv *Server) openPolling(s *Session, w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	srv.setCookie(h, s)
	s.setInitialHeaders(h, r)
	s.serveGet(w, r)
}

func (s *Session) serveGet(w http.ResponseWriter, r *http.Request) {
	p := &poll{ready: make(chan struct{}, 1)}
	s.mu.Lock()
	switch {
	case s.line != nil: // since serveRequest looked
		s.mu.Unlock()
		s.srv.refuseMismatch(w, r)
		return
	case s.state == closed:
		s.mu.Unlock()
		s.srv.refuse(w, r, UnknownSession, "", "the session has just ended")
		return
	case s.poll != nil:
		s.mu.Unlock()
		s.endPolling(TransportError, errOverlap, tellAndHangUp)
		s.answerStatus(w, r, http.StatusBadRequest)
		return
	}
	s.poll = p
	waiting := s.queued == 0
	s.mu.Unlock()
	if waiting && !s.awaitNews(w, r, p) {
		s.abandonGet(p)
		return
	}
	s.mu.Lock()
	moved := s.line != nil && !p.noop
	if moved {
		s.poll = nil
	}
	s.mu.Unlock()
	if moved {
		// It came after the probe, while the client was leaving. Official clients
		// have no GET open when they leave; others get the answer that they
		// would get a moment later.
		s.srv.refuseMismatch(w, r)
		return
	}
	s.answerGet(w, r)
}

// abandonGet ends the session of a client that went away from its GET.
func (s *Session) abandonGet(p *poll) {
	s.mu.Lock()
	if s.poll == p {
		s.poll = nil
	}
	over := s.leaveLocked()
	s.mu.Unlock()
	s.left(over)
	s.endPolling(TransportError, errCutGet, cutOff)
}

var (
	errOverlap = errors.New("overlapping polling requests: a session may have one GET and one POST open at a time")
	errCutGet  = errors.New("poll connection closed prematurely")
	errCutPost = errors.New("data request connection closed prematurely")
	errOctets  = errors.New("binary request body: Engine.IO 4 sends text, with bytes in base64")
	errNotUTF8 = errors.New("request body is not UTF-8")
)

// awaitNews parks the GET. It reports false when the client went away.
func (s *Session) awaitNews(w http.ResponseWriter, r *http.Request, p *poll) bool {
	var over, tick <-chan time.Time
	if limit := parkLimit(w, r); limit > 0 {
		t := time.NewTimer(limit)
		defer t.Stop()
		over = t.C
	}
	for {
		s.mu.Lock()
		if s.upgrading && tick == nil {
			t := time.NewTimer(upgradeTick)
			defer t.Stop()
			tick = t.C
		}
		s.mu.Unlock()
		select {
		case <-p.ready:
			s.mu.Lock()
			news := s.queued > 0 || p.noop || s.state == closed || s.line != nil
			s.mu.Unlock()
			if !news {
				continue
			}
		case <-tick:
		case <-over:
		case <-r.Context().Done():
		}
		// Asked in every case: an answer to a client that has gone would take
		// the messages with it and leave the session open. A deadline is not the
		// client's doing.
		return !errors.Is(r.Context().Err(), context.Canceled)
	}
}

// parkLimit returns how long a GET may wait before something above cuts it off,
// or 0 for as long as it takes. http.Server.WriteTimeout is lifted, which needs a
// ResponseWriter with all its methods or Unwrap; a deadline on the request, set
// by a middleware, cannot be. (ReadTimeout does not matter: net/http lifts it
// itself once a request is read.)
func parkLimit(w http.ResponseWriter, r *http.Request) (limit time.Duration) {
	hs, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if ok && hs.WriteTimeout > 0 && http.NewResponseController(w).SetWriteDeadline(time.Time{}) != nil {
		limit = max(hs.WriteTimeout/2, 1)
	}
	if at, ok := r.Context().Deadline(); ok {
		if d := max(time.Until(at)/2, 1); limit == 0 || d < limit {
			limit = d
		}
	}
	return limit
}

// pollBufs holds the payloads while they are written.
var pollBufs = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

const maxPooledPayload = 64 << 10

// answerGet ends the GET with what is queued, or a noop.
func (s *Session) answerGet(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	s.setHeaders(h, r)
	bp := pollBufs.Get().(*[]byte)
	s.mu.Lock()
	s.poll = nil
	body := (*bp)[:0]
	compressible := s.compressibleLocked()
	contentType := plainText
	if s.dialect != 0 {
		body, contentType = s.takeOldPayloadLocked(body)
	} else {
		if s.line == nil { // otherwise the queue is the WebSocket's, and the GET only has to end
			body = s.takePayloadLocked(body)
		}
		if len(body) == 0 {
			body = append(body, s.srv.noop.frame[s.srv.noop.body:]...)
		}
	}
	over := s.queue == nil && s.leaveLocked() // the last words are out
	s.mu.Unlock()
	defer s.left(over) // Shutdown shall wait for the answer
	h.Set("Content-Type", contentType)
	err := s.writeEncoded(w, r, body, compressible)
	if *bp = body; cap(body) <= maxPooledPayload {
		pollBufs.Put(bp)
	}
	if err != nil {
		s.endPolling(TransportError, errCutGet, cutOff)
	}
}

// writeBody writes an answer under the write timeout. Small ones go into
// net/http's buffer and need no deadline of ours, unless http.Server.WriteTimeout
// has run while the request was parked.
func (s *Session) writeBody(w http.ResponseWriter, r *http.Request, body []byte) error {
	hs, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
	timed := hs != nil && hs.WriteTimeout > 0
	if !timed && len(body) < 4<<10 {
		_, err := w.Write(body)
		return err
	}
	rc := http.NewResponseController(w)
	_ = rc.SetWriteDeadline(time.Now().Add(s.srv.cfg.WriteTimeout))
	_, err := w.Write(body)
	if !timed && err == nil {
		// Nobody else would take the deadline off this connection again.
		err = rc.Flush()
		_ = rc.SetWriteDeadline(time.Time{})
		if errors.Is(err, http.ErrNotSupported) {
			err = nil
		}
	}
	return err
}

func (s *Session) servePost(w http.ResponseWriter, r *http.Request) {
	binary := strings.HasPrefix(r.Header.Get("Content-Type"), octets)
	if binary && s.dialect&protocol3 == 0 {
		s.endPolling(TransportError, errOctets, tellAndHangUp)
		s.answerStatus(w, r, http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	moved, overlap := s.line != nil, s.posting
	if !moved {
		s.posting = true
	}
	s.mu.Unlock()
	switch {
	case moved: // since serveRequest looked
		s.srv.refuseMismatch(w, r)
		return
	case overlap:
		s.endPolling(TransportError, errOverlap, tellAndHangUp)
		s.answerStatus(w, r, http.StatusBadRequest)
		return
	}
	if status := s.takePost(w, r, binary); status != http.StatusOK {
		s.answerStatus(w, r, status)
		return
	}
	h := w.Header()
	s.setHeaders(h, r)
	h.Set("Content-Type", "text/html") // old browsers would offer text/plain for download
	h.Set("Content-Length", "2")
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, "ok")
}

// takePost reads the body of a POST and delivers it. The next POST, or an
// upgrade, may follow once this one is answered, so it has let go before.
func (s *Session) takePost(w http.ResponseWriter, r *http.Request, binary bool) (status int) {
	bp := pollBufs.Get().(*[]byte)
	body, err := s.readBody(w, r, (*bp)[:0])
	defer func() {
		if *bp = body; cap(body) <= maxPooledPayload {
			pollBufs.Put(bp)
		}
		s.mu.Lock()
		s.posting = false
		s.mu.Unlock()
	}()
	switch {
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge // and the session goes on, as in the reference
	case err != nil:
		s.endPolling(TransportError, errCutPost, cutOff)
		return http.StatusBadRequest
	case s.dialect != 0:
		return s.receiveOldPayload(body, binary)
	case s.tooMany(body):
		return s.refuseMany()
	}
	s.receivePayload(body)
	return http.StatusOK
}

// keep makes the data of a message the Receiver's to keep: the body that it lies
// in is used again. decoded says that it does not lie there, being base64. A copy
// of its own for each, so that a small message that is kept never keeps a large body.
func keep(p eio.Packet, decoded bool) eio.Packet {
	if p.Type == eio.Message && !decoded {
		p.Data = bytes.Clone(p.Data)
	}
	return p
}

// receivePayload delivers the records of a body in order. A bad one ends the
// session, after those before it.
func (s *Session) receivePayload(body []byte) {
	if !utf8.Valid(body) {
		s.end(ParseError, errNotUTF8, tellAndHangUp)
		return
	}
	for more := true; more; {
		var record []byte
		record, body, more = eio.NextRecord(body)
		p, err := eio.ParseText(record)
		if err != nil {
			s.end(ParseError, err, tellAndHangUp)
			return
		}
		if !s.receive(keep(p, p.Binary), true) {
			// The session is over; all that still counts is a goodbye, which is last.
			if more && string(body[bytes.LastIndexByte(body, eio.Separator)+1:]) == "1" {
				s.hasten()
			}
			return
		}
	}
}

// tooMany tells whether a body holds more packets than allowed. It only counts
// separators: nothing is parsed, let alone delivered, of a body that is refused.
func (s *Session) tooMany(body []byte) bool {
	limit := s.srv.cfg.MaxPacketsPerPost
	return limit > 0 && bytes.Count(body, []byte{eio.Separator}) >= limit
}

func (s *Session) refuseMany() (status int) {
	s.endPolling(ParseError, errTooMany, tellAndHangUp)
	return http.StatusBadRequest
}

var errTooMany = errors.New("request body holds more packets than MaxPacketsPerPost")

var errTooLarge = errors.New("request body is larger than MaxPayload")

// readBody reads at most MaxPayload bytes, counted as they arrive.
func (s *Session) readBody(w http.ResponseWriter, r *http.Request, buf []byte) ([]byte, error) {
	limit := s.srv.cfg.MaxPayload
	if r.ContentLength > int64(limit) {
		return buf, errTooLarge
	}
	// A client that trickles its body in would hold this goroutine for ever.
	// net/http lifts the deadline when the body is in.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.srv.cfg.WriteTimeout + s.srv.cfg.PingTimeout))
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if len(buf) > limit {
			return buf, errTooLarge
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}
