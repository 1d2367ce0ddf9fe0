package engine

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/internal/wsock"
)

// openWebSocket turns the handshake request into the session's WebSocket.
func (srv *Server) openWebSocket(s *Session, w http.ResponseWriter, r *http.Request) {
	h := srv.upgradeHeader(w)
	srv.setCookie(h, s)
	s.setInitialHeaders(h, r)
	s.setHeaders(h, r)
	opt := srv.websocketOptions()
	opt.Greeting = s.takeGreeting()
	conn, err := wsock.Accept(w, r, h, opt)
	if err != nil {
		srv.acceptFailed(w, r, err)
		s.end(TransportError, err, cutOff)
		return
	}
	s.mu.Lock()
	if s.state == closed {
		s.mu.Unlock()
		_ = conn.CloseNow()
		return
	}
	s.line = conn // also of a session that is closing: its last words go out here
	ended := s.state != open
	wake := (ended || s.queued > 0) && s.wakeLocked() // the flusher also ends what has ended
	srv.group.start()
	s.mu.Unlock()
	if ended {
		srv.forget(s) // once more: it has a WebSocket now, which Shutdown may have to cut
	}
	s.wake(wake)
	// A goroutine of its own: that of net/http has a grown stack and holds the
	// request, and both go free when ServeHTTP returns. Server.Shutdown waits
	// for it through the group.
	conn.Go((*lineReceiver)(s), func(err error) {
		s.readEnded(conn, err)
		srv.group.done()
	})
}

// maxGreeting is what leaves together with the 101 response, in bytes: enough
// for the open packet, and little enough for any socket's empty buffer.
const maxGreeting = 2 << 10

// takeGreeting takes the open packet, and what else the queue begins with, so
// that a connection is opened with one write instead of two.
func (s *Session) takeGreeting() (frames []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queue
	for q != nil && q.msgs.Len() > 0 {
		m := q.msgs.Waiting()[0]
		if len(frames)+len(m.frame) > maxGreeting || m.kind == Binary { // which may need another form
			return frames
		}
		frames = append(frames, m.frame...)
		q.msgs.Drop(1)
		s.queued -= len(m.frame)
		if q.msgs.Len() == 0 {
			s.releaseQueueLocked()
			break
		}
	}
	return frames
}

// upgradeHeader takes over what middleware and the CORS setting have put into the answer.
func (srv *Server) upgradeHeader(w http.ResponseWriter) http.Header {
	if h := w.Header(); len(h) > 0 {
		return h.Clone()
	}
	return http.Header{}
}

// acceptFailed answers an upgrade that could not be completed. A
// ResponseWriter wrapped by middleware that hides its Hijack method is the
// usual cause, and the error names it.
func (srv *Server) acceptFailed(w http.ResponseWriter, r *http.Request, err error) {
	if _, ok := errors.AsType[*wsock.HandshakeError](err); !ok {
		srv.cfg.Logger.Debug("engine: client left during the WebSocket upgrade", "error", err, "remote", r.RemoteAddr)
		return
	}
	srv.cfg.Logger.Warn("engine: WebSocket upgrade failed", "error", err, "remote", r.RemoteAddr)
	srv.refuse(w, r, BadRequest, "", "TRANSPORT_HANDSHAKE_ERROR: "+err.Error())
}

// sayNo closes a WebSocket that gets no session. It blocks for lingerTime at most
// beyond the write.
func (srv *Server) sayNo(c *wsock.Conn) {
	_ = c.SetWriteDeadline(time.Now().Add(srv.cfg.WriteTimeout))
	_, _ = c.Write(wsock.AppendClose(nil, 0, ""))
	_ = c.CloseLinger(lingerTime)
}

// echoCode is the status code that answers the peer's close frame.
func echoCode(e *wsock.CloseError) int {
	if e.Code == wsock.CodeNoStatus {
		return 0 // RFC 6455 section 7.4.1: never on the wire
	}
	return e.Code
}

// readEnded ends the session after its line.
func (s *Session) readEnded(line carrier, err error) {
	ce, polite := errors.AsType[*wsock.CloseError](err)
	if polite {
		s.endWithCode(TransportClose, err, tellAndHangUp, echoCode(ce))
	} else if pe, ok := errors.AsType[*wsock.ProtocolError](err); ok {
		s.endWithCode(TransportError, err, tellAndHangUp, pe.Code)
	} else if unreadable(err) {
		s.end(ParseError, err, cutOff)
	} else {
		s.end(TransportClose, err, cutOff)
	}
	s.mu.Lock()
	s.unread = true
	s.talking = s.hangUp && !polite && err != io.EOF
	idle, talking := !s.flushing, s.talking
	if idle {
		s.state = closed
	}
	s.mu.Unlock()
	if idle { // otherwise whoever flushes closes
		s.part(line, talking)
	}
}

// part closes a line that has neither reader nor writer any more.
func (s *Session) part(line carrier, talking bool) {
	if talking {
		_ = line.CloseLinger(lingerTime)
	} else {
		_ = line.CloseNow()
	}
	s.srv.parted(s)
}

// errEnded stops the reader of a session that has ended.
var errEnded = errors.New("engine: session has ended")

// lineReceiver is the Session as its line sees it. It is a type of its own so
// that these methods are not the Session's.
type lineReceiver Session

func (r *lineReceiver) Message(op wsock.Opcode, data []byte) error {
	s := (*Session)(r)
	p := eio.Packet{Type: eio.Message, Binary: true, Data: data}
	var err error
	if s.dialect&protocol3 != 0 {
		p, err = parseFrame3(op, data)
	} else if op == wsock.Text {
		p, err = eio.ParseText(data)
	}
	if err != nil {
		s.end(ParseError, err, tellAndHangUp)
		return errEnded
	}
	if s.receive(p, false) {
		return nil
	}
	// A session that closes in peace still waits for the client's answer, which
	// stands behind whatever the client had sent before.
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, ok := s.line.(*stream); ok && s.state == closing {
		if st.pings > 0 || s.queued > 0 {
			return nil
		}
		return errEnded
	}
	if s.hangUp || s.state != closing {
		return errEnded
	}
	return nil
}

func (r *lineReceiver) Control(op wsock.Opcode, data []byte) error {
	if op == wsock.Ping {
		pong := wsock.AppendFrame(nil, wsock.Pong, data)
		_ = (*Session)(r).Send(&Message{frame: pong, kind: websocketEnd})
	}
	return nil
}

func (r *lineReceiver) Drained() {}
