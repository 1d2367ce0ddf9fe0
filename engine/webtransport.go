package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-socketio/socketio/internal/eio"
)

// ServeStream serves one client over WebTransport, which Config.Transports must
// list, and returns when the client has gone. It is the seam for a server of
// HTTP/3, which the module engine/webtransport provides: a program calls it
// only to bring its own.
//
// r is the request that asks for a WebTransport session. It passes the checks
// that requests for other transports pass: path, Origin, Config.AllowRequest;
// refusals are written to w. Then accept is called, once. It answers r with
// success, with the headers in w, waits for the stream that the client opens and
// returns it. Its context ends after Config.UpgradeTimeout and with Shutdown;
// when it returns an error, it has ended everything itself.
//
// A client says "0" first for a new session, or 0{"sid":"…"} to take a polling
// session over. Config.Headers is called before accept, with the polling session
// if r names one; Config.InitialHeaders and Config.Cookie need an id that is not
// known by then, and are left out.
//
// It may be called concurrently.
func (srv *Server) ServeStream(w http.ResponseWriter, r *http.Request, accept func(context.Context) (Stream, error)) {
	named, ok := srv.greetStream(w, r)
	if !ok {
		return
	}
	srv.group.start()
	defer srv.group.done()
	ctx, cancel := context.WithTimeout(srv.newcomers, srv.cfg.UpgradeTimeout)
	defer cancel()
	conn, err := accept(ctx)
	if err != nil {
		srv.cfg.Logger.Debug("engine: no WebTransport stream", "error", err, "remote", r.RemoteAddr)
		return
	}
	defer func() { _ = conn.Close() }()
	st := &stream{Stream: conn, frames: eio.Deframer{Max: maxFirstFrame}}
	late := context.AfterFunc(ctx, func() { _ = conn.Close() })
	sid, err := st.first()
	if !late() {
		err = fmt.Errorf("no first packet within UpgradeTimeout: %w", context.Cause(ctx))
	}
	cancel() // the session may last for days
	st.frames.Max = srv.cfg.MaxPayload
	switch {
	case err == errLeft:
		srv.cfg.Logger.Debug("engine: client left before its first packet", "error", st.err, "remote", r.RemoteAddr)
		return
	case err != nil:
	case sid != "":
		err = srv.upgradeStream(st, sid, named)
	case named != nil:
		err = errors.New(`the URL names a session, the first packet does not: it has to be 0{"sid":"…"}`)
	default:
		err = srv.openStream(st, r)
	}
	if err != nil {
		srv.reportRefusal(r, BadRequest, BadRequest.Message(), "TRANSPORT_HANDSHAKE_ERROR: "+err.Error())
	}
}

// maxFirstFrame bounds a client's first packet: it holds nothing but a session's id.
const maxFirstFrame = maxKept

// greetStream makes the checks before the request is accepted, in the order of
// route. It returns the session that the query names, if any.
func (srv *Server) greetStream(w http.ResponseWriter, r *http.Request) (named *Session, ok bool) {
	if !srv.isMine(r) {
		http.NotFound(w, r)
		return nil, false
	}
	if !srv.originAllowed(w, r) {
		return nil, false
	}
	query := appendParams(nil, r.URL.RawQuery)
	if !srv.serves(WebTransport) {
		srv.refuse(w, r, UnknownTransport, "", "transport webtransport is not in Config.Transports")
		return nil, false
	}
	sid, once := query.single("sid")
	if !once {
		srv.refuse(w, r, UnknownSession, "", "more than one sid")
		return nil, false
	}
	if sid != "" {
		if named = srv.session(sid); named == nil {
			srv.refuse(w, r, UnknownSession, "", unknownSession)
			return nil, false
		}
	}
	switch {
	case srv.isDown():
		srv.refuseDown(w, r)
		return nil, false
	case named == nil && !srv.requestAllowed(w, r):
		return nil, false
	}
	// Engine.IO 3 knows no WebTransport, so a client that does not say is none of it.
	if version, once := query.single("EIO"); !once || version != "4" && version != "" {
		srv.refuseVersion(w, r, "VERSION_MISMATCH: WebTransport takes Engine.IO 4")
		return nil, false
	}
	if named != nil {
		named.setHeaders(w.Header(), r)
	} else if f := srv.cfg.Headers; f != nil {
		f(w.Header(), r, nil)
	}
	return named, true
}

// first waits for the client's first packet, and returns the id of the session
// to take over, or "" for a new one.
func (st *stream) first() (sid string, err error) {
	data, binary, err := st.next()
	if unreadable(err) {
		return "", err
	} else if err != nil {
		return "", errLeft
	}
	if binary || eio.PacketType(data[0]) != eio.Open {
		return "", errors.New("the first packet is not an open packet")
	}
	if len(data) == 1 {
		return "", nil
	}
	var hello struct {
		SID string `json:"sid"`
	}
	if err := json.Unmarshal(data[1:], &hello); err != nil || hello.SID == "" {
		return "", errors.New(`the first packet is neither 0 nor 0{"sid":"…"}`)
	}
	return hello.SID, nil
}

var errLeft = errors.New("the client has left")

// openStream opens a session and stays until it is over.
func (srv *Server) openStream(st *stream, r *http.Request) error {
	s, err := srv.begin(r, WebTransport, 0, false)
	if err != nil {
		return err
	}
	s.mu.Lock()
	if s.state == closed {
		s.mu.Unlock()
		return nil // it was told why
	}
	s.line = st // also of a session that is closing: its last words go out here
	ended := s.state != open
	wake := s.wakeLocked()
	s.mu.Unlock()
	if ended {
		srv.forget(s) // once more: it has a stream now, which Shutdown may have to cut
	}
	s.wake(wake)
	s.readEnded(st, st.serve((*lineReceiver)(s)))
	return nil
}

// upgradeStream lets the stream apply for taking over a polling session, and
// stays until the stream is over.
func (srv *Server) upgradeStream(st *stream, sid string, named *Session) error {
	s := srv.session(sid)
	c := &candidate{s: s, conn: st}
	switch {
	case s == nil:
		return errors.New(unknownSession)
	case named != nil && named != s:
		return errors.New("the URL and the first packet name different sessions")
	case srv.cfg.DisableUpgrade:
		return errors.New("TRANSPORT_MISMATCH: upgrades are switched off")
	case s.dialect&protocol3 != 0:
		return errors.New("VERSION_MISMATCH: a session of Engine.IO 3 cannot be on WebTransport")
	case !c.apply():
		return errors.New("the session polls no more, or another connection is taking it over")
	}
	c.ended(st.serve(c))
	return nil
}
