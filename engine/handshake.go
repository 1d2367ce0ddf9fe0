package engine

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/internal/wsock"
)

// handshake opens a session, after the checks that concern its transport.
func (srv *Server) handshake(w http.ResponseWriter, r *http.Request, query params, transport string, upgrade bool) {
	if srv.isDown() {
		srv.refuseDown(w, r)
		return
	}
	if !srv.requestAllowed(w, r) {
		return
	}
	d, problem := srv.dialectOf(query, transport)
	if problem != "" {
		srv.refuseVersion(w, r, problem)
		return
	}
	if d&jsonp != 0 {
		if origin, ok := srv.origins.allowJSONP(r); !ok {
			srv.refuseOrigin(w, r, origin)
			return
		}
	}
	if upgrade && transport != WebSocket {
		// The reference completes this handshake and then closes the connection; so do we.
		c, err := wsock.Accept(w, r, nil, srv.websocketOptions())
		if err != nil {
			srv.acceptFailed(w, r, err)
			return
		}
		srv.sayNo(c)
		return
	}
	if upgrade {
		if err := wsock.Check(r); err != nil {
			srv.refuse(w, r, BadRequest, "", "TRANSPORT_HANDSHAKE_ERROR: "+err.Error())
			return
		}
	}
	s, err := srv.begin(r, transport, d, wantsBase64(query))
	switch {
	case err == errDown:
		srv.refuseDown(w, r)
	case err != nil:
		srv.refuse(w, r, BadRequest, "", err.Error())
	case upgrade:
		srv.openWebSocket(s, w, r)
	default:
		srv.openPolling(s, w, r)
	}
}

// requestAllowed asks Config.AllowRequest, and refuses the request if need be.
func (srv *Server) requestAllowed(w http.ResponseWriter, r *http.Request) bool {
	f := srv.cfg.AllowRequest
	if f == nil {
		return true
	}
	err := f(r)
	if err == nil {
		return true
	}
	message := ""
	if d, ok := errors.AsType[*Denial](err); ok {
		message = d.Message
	}
	srv.refuse(w, r, Forbidden, message, "AllowRequest: "+err.Error())
	return false
}

// begin makes a session and registers it.
func (srv *Server) begin(r *http.Request, transport string, d dialect, base64 bool) (*Session, error) {
	s, err := srv.newSession(r, transport, d, base64)
	if err != nil {
		return nil, err
	}
	if !srv.admit(s) {
		if srv.isDown() {
			s.cut(ShuttingDown, nil)
			return nil, errDown
		}
		s.cut(TransportError, errIDInUse)
		return nil, errIDInUse
	}
	if s.ReadyState() == closed {
		return nil, errEndedEarly
	}
	return s, nil
}

var (
	errDown       = errors.New("SHUTTING_DOWN")
	errIDInUse    = errors.New("ID_GENERATION_ERROR: the id is in use")
	errEndedEarly = errors.New("refused by the application: the session was ended while it opened")
)

// refuseDown answers with 503, which tells clients and load balancers to try
// elsewhere.
func (srv *Server) refuseDown(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if r.ProtoMajor < 3 { // which has no such header
		h.Set("Connection", "close")
	}
	h.Set("Retry-After", "1")
	srv.answerRefusal(w, r, http.StatusServiceUnavailable, BadRequest, "Server is shutting down", "SHUTTING_DOWN")
}

// newSession makes a session whose queue begins with the open packet, and asks
// the Handler for its receiver.
func (srv *Server) newSession(r *http.Request, transport string, d dialect, base64 bool) (*Session, error) {
	id, err := srv.newID(r)
	if err != nil {
		return nil, errors.New("ID_GENERATION_ERROR: " + err.Error())
	}
	s := &Session{
		srv: srv, id: id, req: newRequest(r, srv.cfg.KeepHeaders),
		direct: transport != Polling, streams: transport == WebTransport, dialect: d, base64: base64,
	}
	if f := srv.cfg.KeepContext; f != nil {
		s.keepContext(f(r))
	}
	s.pushLocked(srv.hello(id, transport))
	if m := srv.cfg.InitialPacket; m != nil {
		s.pushLocked(m)
	}
	recv, err := s.ask(srv.handler)
	if err != nil {
		err = fmt.Errorf("refused by the application: %w", err)
		s.cut(TransportError, err)
		return nil, err
	}
	s.mu.Lock()
	s.recv = recv
	ended := s.state != open
	s.mu.Unlock()
	if ended { // within Open, when nobody was there to be told
		s.protect(func() { recv.Closed(s.life.reason, s.life.cause) })
	}
	s.startHeartbeat()
	return s, nil
}

// hello is the open packet. It has a frame of its own on the stack, as have the
// other parts of a handshake: a large one below all of them makes the stack of
// net/http's goroutine grow once more, which is 6 % of a connect.
//
//go:noinline
func (srv *Server) hello(id, transport string) *Message {
	hello := eio.AppendHandshake([]byte{byte(eio.Open)}, eio.Handshake{
		SID:          id,
		Upgrades:     srv.upgradable(transport),
		PingInterval: srv.announcedInterval(),
		PingTimeout:  srv.cfg.PingTimeout,
		MaxPayload:   srv.cfg.MaxPayload,
	})
	return &Message{
		frame: wsock.AppendFrame(nil, wsock.Text, hello),
		body:  uint8(wsock.HeaderSize(len(hello))),
		kind:  control,
	}
}

// ask asks the Handler for the session's receiver.
func (s *Session) ask(h Handler) (recv Receiver, err error) {
	defer func() {
		if v := recover(); v != nil {
			s.logPanic(v)
			err = fmt.Errorf("panic in Handler.Open: %v", v)
		}
	}()
	if recv, err = h.Open(s); err == nil && recv == nil {
		err = errors.New("Handler.Open returned no Receiver")
	}
	return recv, err
}

func (srv *Server) newID(r *http.Request) (string, error) {
	if f := srv.cfg.GenerateID; f != nil {
		id, err := f(r)
		if err == nil && id == "" {
			err = errors.New("GenerateID returned an empty id")
		}
		return id, err
	}
	return RandomID(), nil
}

// RandomID returns 15 random bytes as 20 characters of URL-safe base64, the
// length that other servers of a cluster expect of a session id.
func RandomID() string {
	var b [15]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// setCookie adds Config.Cookie to a session's first answer.
func (srv *Server) setCookie(h http.Header, s *Session) {
	if srv.cfg.Cookie == nil {
		return
	}
	c := *srv.cfg.Cookie
	c.Value = s.id
	if c.Path == "" {
		c.Path = "/"
	}
	if v := c.String(); v != "" {
		h.Add("Set-Cookie", v)
	}
}
