package wsock

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// keyGUID is joined to the client's key and hashed (RFC 6455 section 1.3).
const keyGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// Check reports whether r is a proper opening handshake (RFC 6455 section
// 4.2.1) by a nil error, or a *[HandshakeError] that says how to answer. It
// looks at the request only and does not check its origin.
func Check(r *http.Request) error {
	refuse := func(status int, message string, header ...string) error {
		e := &HandshakeError{Status: status, Message: message}
		for i := 0; i+1 < len(header); i += 2 {
			if e.Header == nil {
				e.Header = make(http.Header)
			}
			e.Header.Set(header[i], header[i+1])
		}
		return e
	}
	switch {
	case r.Method != http.MethodGet:
		return refuse(http.StatusMethodNotAllowed, fmt.Sprintf("method is %s, must be GET", r.Method), "Allow", "GET")
	case r.ProtoMajor != 1 || r.ProtoMinor < 1:
		return refuse(http.StatusHTTPVersionNotSupported, r.Proto+" cannot be upgraded, use HTTP/1.1")
	case !hasToken(r.Header, "Upgrade", "websocket"):
		return refuse(http.StatusUpgradeRequired,
			fmt.Sprintf("the Upgrade header is %q, must name websocket", r.Header.Get("Upgrade")),
			"Upgrade", "websocket", "Connection", "Upgrade")
	case !hasToken(r.Header, "Connection", "upgrade"):
		return refuse(http.StatusBadRequest,
			fmt.Sprintf("the Connection header is %q, must name Upgrade; a proxy may have dropped it", r.Header.Get("Connection")))
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		return refuse(http.StatusUpgradeRequired,
			fmt.Sprintf("Sec-WebSocket-Version is %q, must be 13", r.Header.Get("Sec-WebSocket-Version")),
			"Sec-WebSocket-Version", "13")
	case r.ContentLength != 0 || len(r.TransferEncoding) > 0:
		// The body's bytes would be read as frames.
		return refuse(http.StatusBadRequest, "a handshake request must have no body")
	}
	keys := r.Header.Values("Sec-WebSocket-Key")
	if len(keys) != 1 || !validKey(keys[0]) {
		return refuse(http.StatusBadRequest, "Sec-WebSocket-Key must be given once and be 16 bytes in base64")
	}
	return nil
}

// Accept answers r with 101 and takes its connection over. header is added to
// the response; nil is allowed. Of the subprotocols a client offers the first
// is chosen, as the usual Node server does, unless header names one.
//
// Until the connection is taken over nothing has been written: a
// *[HandshakeError] is for the caller to answer. After any other error the
// connection is closed. Once Accept has returned a Conn, w must not be used and
// r need not be kept: the Conn holds on to nothing of net/http.
func Accept(w http.ResponseWriter, r *http.Request, header http.Header, opt Options) (*Conn, error) {
	if err := Check(r); err != nil {
		return nil, err
	}
	deflates := ""
	if opt.Deflate {
		deflates = acceptDeflate(r.Header)
	}
	response := append(acceptResponse(r, header, deflates), opt.Greeting...)
	nc, brw, err := http.NewResponseController(w).Hijack()
	if errors.Is(err, http.ErrNotSupported) {
		return nil, &HandshakeError{
			Status: http.StatusInternalServerError,
			Message: fmt.Sprintf("the http.ResponseWriter %T cannot be hijacked; if it wraps another, give it a method Unwrap() http.ResponseWriter",
				innermost(w)),
			Err: err,
		}
	}
	if err != nil {
		return nil, fmt.Errorf("wsock: take over the connection: %w", err)
	}
	c, err := takeOver(nc, response, opt)
	if err == nil && brw.Writer.Buffered() > 0 {
		err = errors.New("something was written to the response before the handshake")
	}
	if err != nil {
		_ = nc.Close() // the first error says it all
		return nil, fmt.Errorf("wsock: accept: %w", err)
	}
	if deflates != "" {
		c.agreed = rsv1Bit
	}
	if n := brw.Reader.Buffered(); n > 0 {
		ahead, _ := brw.Reader.Peek(n) // cannot fail: the bytes are there
		c.rest = bytes.Clone(ahead)    // so that the 4 KiB behind them go free
	}
	return c, nil
}

// takeOver writes the response and makes the Conn. It works without net/http's
// buffers, which become garbage with the return of the HTTP handler.
func takeOver(nc net.Conn, response []byte, opt Options) (*Conn, error) {
	timeout := opt.HandshakeTimeout
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	// Deadlines left by the HTTP server would end a silent connection.
	if err := nc.SetDeadline(time.Time{}); err != nil {
		return nil, err
	}
	c := newConn(nc, opt)
	// The kernel has room for a response, so this is nearly always all.
	n, err := 0, error(nil)
	if c.CanTryWrite() {
		n, err = c.TryWrite(response)
	}
	if err != nil || n == len(response) {
		return c, err
	}
	if err := nc.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return nil, err
	}
	if _, err := nc.Write(response[n:]); err != nil {
		return nil, err
	}
	return c, nc.SetWriteDeadline(time.Time{})
}

func acceptResponse(r *http.Request, header http.Header, extensions string) []byte {
	b := make([]byte, 0, 256)
	b = append(b, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "...)
	b = append(append(b, acceptKey(r.Header.Get("Sec-WebSocket-Key"))...), "\r\n"...)
	if header.Get("Sec-WebSocket-Protocol") == "" {
		if p := firstToken(r.Header, "Sec-WebSocket-Protocol"); p != "" {
			b = appendHeader(b, "Sec-WebSocket-Protocol", p)
		}
	}
	if extensions != "" {
		b = appendHeader(b, "Sec-WebSocket-Extensions", extensions)
	}
	if len(header) > 0 {
		b = appendHeaders(b, header)
	}
	return append(b, "\r\n"...)
}

// appendHeaders appends what the application has set. WriteSubset keeps line
// breaks out of values, and costs more than all the rest; few use it, and the rest
// get along with less stack where it is not inlined.
//
//go:noinline
func appendHeaders(b []byte, header http.Header) []byte {
	rest := bytes.NewBuffer(b)
	_ = header.WriteSubset(rest, map[string]bool{ // a buffer never fails
		"Upgrade": true, "Connection": true, "Sec-Websocket-Accept": true,
		"Sec-Websocket-Extensions": true, "Content-Length": true, "Transfer-Encoding": true,
	})
	return rest.Bytes()
}

func appendHeader(dst []byte, name, value string) []byte {
	dst = append(append(dst, name...), ": "...)
	return append(append(dst, value...), "\r\n"...)
}

func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + keyGUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func validKey(key string) bool {
	raw, err := base64.StdEncoding.DecodeString(key)
	return err == nil && len(raw) == 16
}

// innermost follows Unwrap as http.ResponseController does, to name the writer
// that stands in the way.
func innermost(w http.ResponseWriter) http.ResponseWriter {
	for {
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = u.Unwrap()
	}
}

// hasToken reports whether a comma-separated header names token, in any case.
func hasToken(h http.Header, name, token string) bool {
	for _, line := range h.Values(name) {
		for t := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(t), token) {
				return true
			}
		}
	}
	return false
}

// firstToken returns the first entry of a comma-separated header.
func firstToken(h http.Header, name string) string {
	first, _, _ := strings.Cut(h.Get(name), ",")
	return strings.TrimSpace(first)
}
