package engine

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/internal/wsock"
)

// handshake opens a session, after the checks that concern its transport.
func (srv *Server) handshake(w http.ResponseWriter, r *http.Request, query url.Values, transport string, upgrade bool) {
	if srv.isDown() {
		srv.refuseDown(w, r)
		return
	}
	if f := srv.cfg.AllowRequest; f != nil {
		if err := f(r); err != nil {
			message := ""
			if d, ok := errors.AsType[*Denial](err); ok {
				message = d.Message
			}
			srv.refuse(w, r, Forbidden, message, "AllowRequest: "+err.Error())
			return
		}
	}
	if eioVersion, _ := single(query, "EIO"); eioVersion != "4" {
		srv.refuse(w, r, UnsupportedVersion, "", "client speaks EIO="+eioVersion+", this server EIO=4 (Socket.IO v3 and v4 clients)")
		return
	}
	if upgrade && transport != WebSocket {
		// The reference completes this handshake and then closes the connection; so do we.
		c, err := wsock.Accept(w, r, nil, srv.websocketOptions())
		if err != nil {
			srv.acceptFailed(w, r, err)
			return
		}
		_ = c.SetWriteDeadline(time.Now().Add(srv.cfg.WriteTimeout))
		_, _ = c.Write(wsock.AppendClose(nil, 0, ""))
		_ = c.CloseNow()
		return
	}
	if upgrade {
		if err := wsock.Check(r); err != nil {
			srv.refuse(w, r, BadRequest, "", "TRANSPORT_HANDSHAKE_ERROR: "+err.Error())
			return
		}
	}
	s, err := srv.newSession(r, transport)
	if err != nil {
		srv.refuse(w, r, BadRequest, "", err.Error())
		return
	}
	if !srv.admit(s) {
		s.end(TransportError, nil, cutOff)
		if srv.isDown() {
			srv.refuseDown(w, r)
			return
		}
		srv.refuse(w, r, BadRequest, "", "ID_GENERATION_ERROR: the id is in use")
		return
	}
	if upgrade {
		srv.openWebSocket(s, w, r)
	} else {
		srv.openPolling(s, w, r)
	}
}

func (srv *Server) refuseDown(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "close")
	w.Header().Set("Retry-After", "1")
	srv.cfg.Logger.Debug("engine: request refused, server is shutting down", "remote", r.RemoteAddr)
	http.Error(w, `{"code":3,"message":"Server is shutting down"}`, http.StatusServiceUnavailable)
}

// newSession makes a session whose queue begins with the open packet, and asks
// the Handler for its receiver.
func (srv *Server) newSession(r *http.Request, transport string) (*Session, error) {
	id, err := srv.newID(r)
	if err != nil {
		return nil, errors.New("ID_GENERATION_ERROR: " + err.Error())
	}
	s := &Session{srv: srv, id: id, req: newRequest(r, srv.cfg.KeepHeaders)}
	open := eio.AppendHandshake([]byte{byte(eio.Open)}, eio.Handshake{
		SID:          id,
		Upgrades:     srv.upgradable(transport),
		PingInterval: max(srv.cfg.PingInterval, 0),
		PingTimeout:  srv.cfg.PingTimeout,
		MaxPayload:   srv.cfg.MaxPayload,
	})
	s.pushLocked(&Message{
		frame: wsock.AppendFrame(nil, wsock.Text, open),
		body:  uint8(wsock.HeaderSize(len(open))),
		kind:  control,
	})
	recv, err := srv.handler.Open(s)
	if err != nil {
		return nil, errors.New("refused by the application: " + err.Error())
	}
	s.recv = recv
	s.startHeartbeat()
	return s, nil
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
