package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/client/engine"
)

// explanation says why there is no connection: what, and what to do about it.
type explanation struct {
	what, advice string
	data         json.RawMessage // of the server's refusal
	code         int
}

func (e explanation) error() error {
	text := e.what
	if e.data != nil {
		text += "\n  data: " + clean(string(e.data))
	}
	if e.advice != "" {
		text += "\n  " + e.advice
	}
	return &codedError{e.code, text}
}

// explain makes words of an error of the client.
func explain(err error, t *target) explanation {
	e := explanation{code: exitError}
	if refusal, ok := errors.AsType[*client.ConnectError](err); ok {
		e.code, e.data = exitRefused, refusal.Data
		e.what = fmt.Sprintf("the server refuses %s: %s", clean(refusal.Namespace), clean(refusal.Message))
		if refusal.Message == "Invalid namespace" { // the words of all servers
			e.advice = "the server has no such namespace; the path of the URL is a namespace, -path is where the server is mounted"
		} else if t.auth == nil {
			e.advice = "-auth shows the server's middleware who you are"
		}
		return e
	}
	if errors.Is(err, engine.ErrOldServer) {
		e.what = fmt.Sprintf("the server at %s is one of Socket.IO 1 or 2, this client speaks the protocol of 3 and 4", t.where())
		e.advice = "upgrade the server; a Socket.IO 3 or 4 server of Node.js serves both with allowEIO3, see docs/legacy-clients.md"
		return e
	}
	if answer, ok := errors.AsType[*engine.HandshakeError](err); ok {
		e.what, e.advice = explainAnswer(answer, t)
		return e
	}
	e.what, e.advice = explainNetwork(err, t)
	return e
}

// where is the address that requests go to.
func (t *target) where() string {
	base, _, _ := strings.Cut(t.url, "?")
	if _, host, ok := strings.Cut(base, "@"); ok { // with a password before it
		scheme, _, _ := strings.Cut(base, "://")
		base = scheme + "://" + host
	}
	return strings.TrimSuffix(base, "/") + "/" + strings.Trim(t.config.Path, "/") + "/"
}

// explainAnswer is for servers that answered something else than was hoped for.
func explainAnswer(a *engine.HandshakeError, t *target) (what, advice string) {
	where, said := t.where(), excerpt(a.Message)
	if a.Code >= 0 {
		what = fmt.Sprintf("the server at %s refuses the connection: %s (code %d, status %d)", where, said, a.Code, a.Status)
		switch a.Code {
		case 0:
			advice = "it does not offer " + a.Transport + "; try another one with -transport"
		case 1:
			advice = "another server behind the load balancer got the request: it needs sticky sessions, or try -transport websocket"
		case 3, 4:
			advice = "the server checks who connects, by origin, header or cookie; -header adds one"
		case 5:
			advice = "the server speaks another version of the protocol; this client speaks that of Socket.IO 3 and 4"
		}
		return what, advice
	}
	what = fmt.Sprintf("%s answered %d %s", where, a.Status, http.StatusText(a.Status))
	if said != "" {
		what += ": " + said
	}
	switch {
	case strings.Contains(a.Message, "HTTP request to an HTTPS server") || strings.Contains(a.Message, "plain HTTP request was sent to HTTPS port"):
		advice = "the server wants TLS: write https:// in place of http://"
	case a.Status == http.StatusOK || a.Status == http.StatusNotFound || a.Status == http.StatusMethodNotAllowed:
		advice = "there is no Socket.IO server at this path; -path says where it is mounted (the path of the URL is the namespace)"
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		advice = "something before the Socket.IO server wants to know who you are; -header adds what it asks for, such as \"Authorization: Bearer …\""
	case a.Status >= 300 && a.Status < 400:
		advice = "it points elsewhere: " + clean(a.Header.Get("Location"))
	case a.Status >= 500:
		advice = "the server, or a proxy before it, is in trouble; its log knows more"
	case a.Transport == engine.WebSocket:
		advice = "a proxy may not let WebSocket through; try -transport polling"
	}
	return what, advice
}

// excerpt is the beginning of an answer, on one line.
func excerpt(s string) string {
	const most = 100
	s = strings.Join(strings.Fields(clean(s)), " ")
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

// explainNetwork is for connections that failed before there was an answer.
func explainNetwork(err error, t *target) (what, advice string) {
	where := t.where()
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Sprintf("the name %s cannot be resolved", clean(e.Name)), "check the host in the URL, and the network"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return where + " does not speak TLS", "write http:// in place of https://"
	}
	const trust = "-insecure connects in spite of it, without knowing to whom"
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("the certificate of %s is for another host: %v", where, e), trust
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return fmt.Sprintf("the certificate of %s is not valid: %v", where, e), trust
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return fmt.Sprintf("the certificate of %s is not signed by an authority that this machine knows", where), trust
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Sprintf("the certificate of %s is not trusted: %v", where, e.Err), trust
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens at " + where, "is the server running, and is the port right?"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return where + " cannot be reached from here", "check the host in the URL, and the network"
	case errors.Is(err, client.ErrConnectTimeout), errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("%s did not answer within %v", where, t.timeout), "-timeout gives it longer; a firewall may swallow the packets"
	}
	return where + ": " + clean(err.Error()), ""
}
