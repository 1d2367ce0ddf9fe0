package engine

import (
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/internal/wsock"
)

// dialect is how a session differs from one of Engine.IO 4 with XHR or
// WebSocket, for which it is 0. It is fixed by the first request. What it
// changes is all in this file; sessions without one pay a comparison with 0.
type dialect uint8

const (
	// protocol3 is Engine.IO 3: other polling bodies, a type byte in front of
	// binary frames, and the client pings.
	protocol3 dialect = 1 << iota
	// jsonp is polling by scripts and forms.
	jsonp
)

// dialectOf reads the handshake request. What is not Engine.IO 4 counts as 3,
// as in the reference. problem says why there can be no session.
func (srv *Server) dialectOf(query params, transport string) (d dialect, problem string) {
	version, once := query.single("EIO")
	switch {
	case !once:
		return 0, "more than one EIO"
	case version == "4":
	case srv.cfg.AllowEIO3:
		d = protocol3
	default:
		return 0, "VERSION_MISMATCH: the client speaks " + spoken(version) +
			", this server Engine.IO 4 (clients of Socket.IO 3 and 4); set Config.AllowEIO3 to serve older clients too"
	}
	if query.count("j") == 1 && transport == Polling {
		d |= jsonp
	}
	return d, ""
}

// spoken names the version of a client by what it sent as EIO.
func spoken(version string) string {
	switch version {
	case "":
		return "no version of Engine.IO (EIO is missing)"
	case "2", "3":
		return "Engine.IO " + version + " (EIO=" + version + ", a client of Socket.IO 1 or 2)"
	}
	return "an unknown version of Engine.IO (EIO=" + version + ")"
}

// wantsBase64 tells whether the client cannot take binary frames or bodies.
func wantsBase64(query params) bool { return query.first("b64") != "" }

// Protocol returns the version of Engine.IO that the client speaks: 4, or 3 for
// the clients that Config.AllowEIO3 lets in.
func (s *Session) Protocol() int {
	if s.dialect&protocol3 != 0 {
		return 3
	}
	return 4
}

// binaryFrame is the WebSocket frame of a binary message for a client that
// wants another one than Message holds.
func (s *Session) binaryFrame(m *Message) []byte {
	p := m.packet()
	switch old := s.dialect&protocol3 != 0; {
	case s.base64 && old:
		return wsock.AppendFrame(nil, wsock.Text, eio.AppendText3(nil, p))
	case s.base64:
		return wsock.AppendFrame(nil, wsock.Text, eio.AppendText(nil, p))
	case old:
		return wsock.AppendFrame(nil, wsock.Binary, []byte{byte(p.Type - eio.Open)}, p.Data)
	}
	return m.frame
}

// parseFrame3 reads a WebSocket message of a client of Engine.IO 3.
func parseFrame3(op wsock.Opcode, data []byte) (eio.Packet, error) {
	if op == wsock.Text {
		return eio.ParseText3(data)
	}
	return eio.ParseBinary3(data)
}

const (
	plainText  = "text/plain; charset=UTF-8"
	octets     = "application/octet-stream"
	javaScript = "text/javascript; charset=UTF-8"
)

// takeOldPayloadLocked is takePayloadLocked in the session's dialect. It
// returns a whole body, if need be with a noop, and its content type.
func (s *Session) takeOldPayloadLocked(buf []byte) (body []byte, contentType string) {
	var msgs []*Message
	if q := s.queue; q != nil && s.line == nil { // otherwise the queue is the WebSocket's
		msgs = q.msgs.Waiting()
	}
	// As in takePayloadLocked, the close packet comes alone.
	last := len(msgs) - 1
	closes := last > 0 && msgs[last] == s.srv.closing
	if closes {
		msgs = msgs[:last]
	}
	contentType = plainText
	if s.dialect&protocol3 == 0 {
		for _, m := range msgs {
			buf = m.appendRecord(buf, len(buf) == 0)
		}
		if len(buf) == 0 {
			buf = s.srv.noop.appendRecord(buf, true)
		}
	} else {
		add := eio.AppendRecord3
		if s.takesOctets(msgs) {
			add, contentType = eio.AppendBinaryRecord3, octets
		}
		for _, m := range msgs {
			if m.kind != websocketEnd {
				buf = add(buf, m.packet())
			}
		}
		if len(buf) == 0 {
			buf = add(buf, s.srv.noop.packet())
		}
	}
	if s.line == nil {
		s.dropQueueLocked()
	}
	if closes {
		s.pushLocked(s.srv.closing)
	}
	if s.dialect&jsonp != 0 {
		index := s.req.Query().Get("j") // there is one
		return eio.AppendJSONP(nil, index, buf), javaScript
	}
	return buf, contentType
}

// takesOctets tells whether a body of Engine.IO 3 is to be a binary one: when
// there are bytes in it, and the client can read them.
func (s *Session) takesOctets(msgs []*Message) bool {
	if s.base64 || s.dialect&jsonp != 0 {
		return false
	}
	for _, m := range msgs {
		if m.kind == Binary {
			return true
		}
	}
	return false
}

// receiveOldPayload is receivePayload in the session's dialect; binary is what
// the request says of its body. It returns the status of the answer.
func (s *Session) receiveOldPayload(body []byte, binary bool) (status int) {
	if s.dialect&jsonp != 0 {
		payload, ok, err := eio.FormPayload(body)
		if err != nil {
			s.end(ParseError, err, tellAndHangUp)
			return http.StatusOK
		}
		if !ok { // the reference ignores it too
			return http.StatusOK
		}
		body = payload
	}
	switch {
	case s.dialect&protocol3 == 0:
		if s.tooMany(body) {
			return s.refuseMany()
		}
		s.receivePayload(body)
	case s.tooMany3(body, binary):
		return s.refuseMany()
	case binary:
		s.receiveOctets(body)
	default:
		s.receiveText3(body)
	}
	return http.StatusOK
}

// tooMany3 is tooMany for a body of Engine.IO 3. It counts up to a record that
// cannot be read.
func (s *Session) tooMany3(body []byte, binary bool) bool {
	limit := s.srv.cfg.MaxPacketsPerPost
	if limit <= 0 {
		return false
	}
	var err error
	for n := 0; len(body) > 0 && err == nil; n++ {
		if n == limit {
			return true
		}
		if binary {
			_, _, body, err = eio.NextBinary3(body)
		} else {
			_, body, err = eio.NextText3(body)
		}
	}
	return false
}

func (s *Session) receiveText3(body []byte) {
	if !utf8.Valid(body) {
		s.end(ParseError, errNotUTF8, tellAndHangUp)
		return
	}
	for more := true; more; more = len(body) > 0 {
		record, rest, err := eio.NextText3(body)
		body = rest
		if err == nil && len(record) == 0 { // what an old client makes of no packets
			continue
		}
		if err != nil || !s.receiveRecord3(record, false) {
			s.endBadRecord(err)
			return
		}
	}
}

func (s *Session) receiveOctets(body []byte) {
	for more := true; more; more = len(body) > 0 {
		record, binary, rest, err := eio.NextBinary3(body)
		body = rest
		if err == nil && !binary && !utf8.Valid(record) {
			err = errNotUTF8
		}
		if err != nil || !s.receiveRecord3(record, binary) {
			s.endBadRecord(err)
			return
		}
	}
}

// endBadRecord ends the session for an error; without one it has ended already.
func (s *Session) endBadRecord(err error) {
	if err != nil {
		s.end(ParseError, err, tellAndHangUp)
	}
}

func (s *Session) receiveRecord3(record []byte, binary bool) (going bool) {
	parse := eio.ParseText3
	if binary {
		parse = eio.ParseBinary3
	}
	p, err := parse(record)
	if err != nil {
		s.end(ParseError, err, tellAndHangUp)
		return false
	}
	return s.receive(keep(p, p.Binary && !binary), true)
}

// allowJSONP decides for a JSONP handshake what origins.allow decides for
// others. Any page may load a script from here and read what it says, and a
// browser names no Origin with it; so the page is known by its Referer, and a
// browser that hides that still tells that the page is a foreign one.
func (o *origins) allowJSONP(r *http.Request) (origin string, ok bool) {
	if o.any || r.Header.Get("Origin") != "" { // which has been checked
		return "", true
	}
	if u, err := url.Parse(r.Header.Get("Referer")); err == nil && u.Host != "" {
		origin = u.Scheme + "://" + u.Host
		return origin, o.allowOrigin(origin, r.Host)
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return "of a page that hides it", false
	}
	return "", true
}
