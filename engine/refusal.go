package engine

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// Code is the number that a refused HTTP request is answered with.
type Code int

const (
	UnknownTransport   Code = 0
	UnknownSession     Code = 1
	BadHandshakeMethod Code = 2
	BadRequest         Code = 3
	Forbidden          Code = 4
	UnsupportedVersion Code = 5
)

// Message is the text that belongs to the code on the wire.
func (c Code) Message() string {
	switch c {
	case UnknownTransport:
		return "Transport unknown"
	case UnknownSession:
		return "Session ID unknown"
	case BadHandshakeMethod:
		return "Bad handshake method"
	case Forbidden:
		return "Forbidden"
	case UnsupportedVersion:
		return "Unsupported protocol version"
	default:
		return "Bad request"
	}
}

// Refusal describes a refused request, for Config.Refused.
type Refusal struct {
	Request *http.Request
	Code    Code
	Message string // what the client was told
	Context string // what exactly was wrong, and what to change
}

// refuse answers a request that gets no session.
func (srv *Server) refuse(w http.ResponseWriter, r *http.Request, code Code, message, context string) {
	status := http.StatusBadRequest
	if code == Forbidden && !isUpgrade(r) {
		status = http.StatusForbidden
	}
	if message == "" {
		message = code.Message()
	}
	srv.answerRefusal(w, r, status, code, message, context)
}

// answerRefusal reports a refusal and answers it. Polling gets the JSON body
// that official clients read; an upgrade request gets the plain message, which
// is all that a WebSocket client can show.
func (srv *Server) answerRefusal(w http.ResponseWriter, r *http.Request, status int, code Code, message, context string) {
	srv.reportRefusal(r, code, message, context)
	h := w.Header()
	if f := srv.cfg.Headers; f != nil {
		f(h, r, nil)
	}
	var body []byte
	if isUpgrade(r) {
		h.Set("Content-Type", "text/html")
		h.Set("Connection", "close")
		body = []byte(message) // not escaped: no page can make a browser show the answer to an upgrade
	} else {
		text, _ := json.Marshal(message) // a string always marshals
		h.Set("Content-Type", "application/json")
		body = fmt.Appendf(nil, `{"code":%d,"message":%s}`, int(code), text)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// reportRefusal tells the application and the log.
func (srv *Server) reportRefusal(r *http.Request, code Code, message, context string) {
	if f := srv.cfg.Refused; f != nil {
		f(Refusal{Request: r, Code: code, Message: message, Context: context})
	}
	srv.cfg.Logger.Debug("engine: request refused", "code", int(code), "message", message, "context", context, "remote", r.RemoteAddr)
}

// refuseVersion is loud in the log, since the client is not: it retries for ever.
func (srv *Server) refuseVersion(w http.ResponseWriter, r *http.Request, problem string) {
	srv.cfg.Logger.Warn("engine: version of the protocol refused", "problem", problem, "user-agent", r.UserAgent(), "remote", r.RemoteAddr)
	srv.refuse(w, r, UnsupportedVersion, "", problem)
}

// refuseOrigin names the origin and the setting: the most common first hurdle
// should explain itself.
func (srv *Server) refuseOrigin(w http.ResponseWriter, r *http.Request, origin string) {
	msg := "Forbidden: origin " + strconv.Quote(origin) + " is not allowed, add it to Config.Origins"
	srv.cfg.Logger.Warn("engine: origin refused, add it to Config.Origins to allow it",
		"origin", origin, "host", r.Host, "remote", r.RemoteAddr)
	srv.refuse(w, r, Forbidden, msg, "ORIGIN_NOT_ALLOWED")
}
