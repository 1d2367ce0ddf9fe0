package fasthttpbridge

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// response is the http.ResponseWriter of one request. Its methods are the
// handler's, on one goroutine at a time. What serve reads of it was written
// before w.next told it to.
type response struct {
	header http.Header // the handler's
	sent   http.Header // what it was at WriteHeader; nil before
	seeded []string    // names that were there before the handler
	status int
	body   []byte // written before the first Flush
	logger fasthttp.Logger
	cancel context.CancelFunc
	tcp    net.Conn // fasthttp's
	sendBy deadline // of what serve sends once the handler has returned

	next     chan turn // holds the one turn that serve waits for
	peer     *peer
	panicked any

	pipe      *io.PipeWriter // set by Flush
	source    *stream
	streaming chan struct{} // closed when serve has taken the header

	hijacked bool
	conn     chan takenConn // fasthttp's, when it lets go
	given    chan struct{}  // closed when nobody waits for conn any more
}

func newResponse(ctx *fasthttp.RequestCtx, cancel context.CancelFunc) *response {
	w := &response{
		header: http.Header{},
		logger: ctx.Logger(),
		cancel: cancel,
		tcp:    ctx.Conn(),
		next:   make(chan turn, 1),
	}
	for name, value := range ctx.Response.Header.All() {
		switch name := string(name); name {
		case "Content-Type", "Content-Length", "Server", "Connection": // what fasthttp says unasked
		default:
			if w.header[name] == nil {
				w.seeded = append(w.seeded, name)
			}
			w.header[name] = append(w.header[name], string(value))
		}
	}
	return w
}

func (w *response) Header() http.Header { return w.header }

func (w *response) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("fasthttpbridge: invalid status %d", status))
	}
	if w.sent != nil || w.hijacked || status < 200 && status != http.StatusSwitchingProtocols {
		return // informational answers are left out, as a server may
	}
	w.status, w.sent = status, w.header.Clone()
}

func (w *response) Write(p []byte) (int, error) {
	if w.hijacked {
		return 0, http.ErrHijacked
	}
	if w.sent == nil {
		w.WriteHeader(http.StatusOK)
	}
	if w.status < 200 || w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	if w.pipe != nil {
		return w.pipe.Write(p)
	}
	w.body = append(w.body, p...)
	return len(p), nil
}

// FlushError sends what was written so far, and from now on everything as it
// is written. A response that is complete, by its Content-Length, is sent as
// soon as the handler has returned.
func (w *response) FlushError() error {
	if w.hijacked {
		return http.ErrHijacked
	}
	if w.sent == nil {
		w.WriteHeader(http.StatusOK)
	}
	if w.pipe != nil {
		return nil // Write returned when fasthttp had the bytes
	}
	if w.complete() {
		w.sendBy.fixed = !w.sendBy.at.IsZero()
		return nil
	}
	var from *io.PipeReader
	from, w.pipe = io.Pipe()
	w.streaming = make(chan struct{})
	w.source = &stream{ahead: bytes.NewReader(w.body), rest: from, gone: w.cancel}
	w.hand(turnStream)
	<-w.streaming
	return nil
}

// Flush is [response.FlushError] for handlers that know [http.Flusher] only.
func (w *response) Flush() { _ = w.FlushError() }

// SetWriteDeadline bounds the sending of the response, instead of fasthttp's
// WriteTimeout. Once a response is streamed, it works on the connection at once.
func (w *response) SetWriteDeadline(at time.Time) error {
	switch {
	case w.hijacked:
		return http.ErrHijacked
	case w.source != nil:
		return w.source.setDeadline(w.tcp, at)
	}
	w.sendBy.set(at)
	return nil
}

// deadline is the write deadline of a response that is sent later. What is in
// force when the handler flushes a complete response holds, even if the handler,
// who takes it for sent, lifts it then.
type deadline struct {
	at    time.Time
	fixed bool
}

func (d *deadline) set(at time.Time) {
	if !d.fixed {
		d.at = at
	}
}

// apply makes fasthttp honour the deadline, and lift it after the response.
func (d *deadline) apply(ctx *fasthttp.RequestCtx) {
	if !d.at.IsZero() {
		_ = ctx.SetWriteDeadline(d.at) // a closed connection shows when it is written to
	}
}

func (w *response) complete() bool {
	length, err := strconv.Atoi(w.sent.Get("Content-Length"))
	return err == nil && length == len(w.body)
}

// hand tells serve what to do. It is called once.
func (w *response) hand(t turn) {
	w.peer.wake()
	w.next <- t
}

// finish ends the response of a handler that has returned.
func (w *response) finish() {
	switch {
	case w.pipe != nil:
		_ = w.pipe.Close() // never fails
	case w.hijacked:
	default:
		if w.sent == nil {
			w.status, w.sent = http.StatusOK, w.header
		}
		w.hand(turnDone)
	}
}

// fill puts status and header into fasthttp's response.
func (w *response) fill(ctx *fasthttp.RequestCtx) {
	h := &ctx.Response.Header
	ctx.SetStatusCode(w.status)
	w.sendBy.apply(ctx)
	for _, name := range w.seeded {
		h.Del(name)
	}
	for name, list := range w.sent {
		switch name {
		case "Transfer-Encoding", "Trailer": // fasthttp frames the body
			continue
		case "Content-Length":
			if !ctx.IsHead() {
				continue // fasthttp counts
			}
		}
		if !slices.Contains(w.seeded, name) {
			h.Del(name)
		}
		for _, value := range list {
			h.Add(name, value)
		}
	}
	if _, ok := w.sent["Content-Type"]; !ok && len(w.body) > 0 && w.sent.Get("Content-Encoding") == "" {
		h.SetContentType(http.DetectContentType(w.body))
	}
}

func (w *response) stream(ctx *fasthttp.RequestCtx) {
	w.fill(ctx)
	ctx.Response.ImmediateHeaderFlush = true
	ctx.Response.SetBodyStream(w.source, -1)
	close(w.streaming)
}

// stream is the body of a streamed response, which fasthttp reads.
type stream struct {
	ahead *bytes.Reader
	rest  *io.PipeReader
	gone  context.CancelFunc

	mu    sync.Mutex // guards the rest
	timed net.Conn   // the connection, if the handler has set a deadline on it
	done  bool       // the connection is fasthttp's alone
}

func (s *stream) setDeadline(c net.Conn, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return net.ErrClosed
	}
	s.timed = c
	return c.SetWriteDeadline(at)
}

func (s *stream) Read(p []byte) (int, error) {
	if s.ahead.Len() > 0 {
		return s.ahead.Read(p)
	}
	return s.rest.Read(p)
}

// Close is called by fasthttp when it is done, or the client is gone.
func (s *stream) Close() error {
	s.gone()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = true
	if s.timed != nil {
		_ = s.timed.SetWriteDeadline(time.Time{}) // or it would hold for the next response
	}
	return s.rest.Close()
}
