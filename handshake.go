package socketio

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Handshake is what is known of how a socket connected: the HTTP request that
// opened its connection and the auth payload of its namespace.
type Handshake struct {
	Headers     http.Header // see Config.KeepHeaders; Host is among them
	Query       url.Values
	URL         string // path and query of the request
	RemoteAddr  string // "IP:port" as net/http saw it: behind a proxy, the proxy's
	Time        time.Time
	Secure      bool            // TLS ended in this process
	CrossDomain bool            // the request named an Origin
	Auth        json.RawMessage // the client's auth object; nil if it sent none
}

// DecodeAuth decodes the auth payload, as encoding/json does. No payload is an
// error, so that a missing token is not mistaken for an empty one.
func (h *Handshake) DecodeAuth(dst any) error {
	if len(h.Auth) == 0 {
		return errors.New("socketio: the client sent no auth payload")
	}
	return json.Unmarshal(h.Auth, dst)
}

// Handshake returns how the socket connected. It is put together by each call
// and belongs to the caller: an idle socket keeps the raw text only.
func (s *Socket) Handshake() *Handshake {
	r := s.conn.session.Request()
	h := r.Header()
	var auth json.RawMessage
	if s.auth != "" {
		auth = json.RawMessage(s.auth)
	}
	return &Handshake{
		Headers:     h,
		Query:       r.Query(),
		URL:         r.URL(),
		RemoteAddr:  r.RemoteAddr(),
		Time:        r.Time(),
		Secure:      r.Secure(),
		CrossDomain: h.Get("Origin") != "",
		Auth:        auth,
	}
}
