package engine

import (
	"errors"
	"io"
	"net/http"
	"strconv"
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
	s.mu.Lock()
	mismatch := s.ws != nil || transport != Polling
	s.mu.Unlock()
	if mismatch {
		srv.refuse(w, r, BadRequest, "", "TRANSPORT_MISMATCH: the session is not on transport "+transport)
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
		w.WriteHeader(http.StatusInternalServerError) // what the reference answers
	}
}

// openPolling answers the handshake with the open packet and what the
// application has sent already.
func (srv *Server) openPolling(s *Session, w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	srv.setCookie(h, s)
	s.serveGet(w, r)
}

func (s *Session) serveGet(w http.ResponseWriter, r *http.Request) {
	p := &poll{ready: make(chan struct{}, 1)}
	s.mu.Lock()
	if s.state == closed {
		s.mu.Unlock()
		s.srv.refuse(w, r, UnknownSession, "", "the session has just ended")
		return
	}
	if s.poll != nil {
		s.mu.Unlock()
		s.end(TransportError, errOverlap, tellAndHangUp)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.poll = p
	waiting := s.queued == 0
	s.mu.Unlock()
	if waiting && !s.awaitNews(w, r, p) {
		return
	}
	s.answerGet(w, r, p)
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
	// http.Server.ReadTimeout runs on for a parked request and would cancel it.
	if hs, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && hs.ReadTimeout > 0 {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	}
	var tick <-chan time.Time
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
			news := s.queued > 0 || p.noop || s.state == closed || s.ws != nil
			s.mu.Unlock()
			if news {
				return true
			}
		case <-tick:
			s.mu.Lock()
			p.noop = true
			s.mu.Unlock()
			return true
		case <-r.Context().Done():
			s.mu.Lock()
			if s.poll == p {
				s.poll = nil
			}
			s.mu.Unlock()
			s.end(TransportError, errCutGet, cutOff)
			return false
		}
	}
}

// pollBufs holds the payloads while they are written.
var pollBufs = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

const maxPooledPayload = 64 << 10

func (s *Session) answerGet(w http.ResponseWriter, r *http.Request, p *poll) {
	bp := pollBufs.Get().(*[]byte)
	s.mu.Lock()
	s.poll = nil
	body := (*bp)[:0]
	if s.ws == nil { // otherwise the queue is the WebSocket's, and the GET only has to end
		body = s.takePayloadLocked(body)
	}
	if len(body) == 0 {
		body = append(body, s.srv.noop.frame[s.srv.noop.body:]...)
	}
	over := s.leaveLocked() // the close packet was the last in the queue
	s.mu.Unlock()
	if over {
		s.srv.forget(s)
		defer s.srv.group.done()
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	err := s.writeBody(w, r, body)
	if *bp = body; cap(body) <= maxPooledPayload {
		pollBufs.Put(bp)
	}
	if err != nil {
		s.end(TransportError, errCutGet, cutOff)
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
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/octet-stream") {
		s.end(TransportError, errOctets, tellAndHangUp)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	overlap := s.posting
	s.posting = true
	s.mu.Unlock()
	if overlap {
		s.end(TransportError, errOverlap, tellAndHangUp)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	defer func() {
		s.mu.Lock()
		s.posting = false
		s.mu.Unlock()
	}()
	bp := pollBufs.Get().(*[]byte)
	body, err := s.readBody(w, r, (*bp)[:0])
	defer func() {
		if *bp = body; cap(body) <= maxPooledPayload {
			pollBufs.Put(bp)
		}
	}()
	switch {
	case errors.Is(err, errTooLarge):
		w.WriteHeader(http.StatusRequestEntityTooLarge) // and the session goes on, as in the reference
		return
	case err != nil:
		s.end(TransportError, errCutPost, cutOff)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.receivePayload(body)
	h := w.Header()
	h.Set("Content-Type", "text/html") // old browsers would offer text/plain for download
	h.Set("Content-Length", "2")
	_, _ = io.WriteString(w, "ok")
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
		if !s.receive(p, false) {
			return
		}
	}
}

var errTooLarge = errors.New("request body is larger than MaxPayload")

// readBody reads at most MaxPayload bytes, counted as they arrive.
func (s *Session) readBody(w http.ResponseWriter, r *http.Request, buf []byte) ([]byte, error) {
	limit := s.srv.cfg.MaxPayload
	if r.ContentLength > int64(limit) {
		return buf, errTooLarge
	}
	// A client that trickles its body in would hold this goroutine for ever.
	// net/http sets its own deadline again before the next request.
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
