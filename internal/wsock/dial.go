package wsock

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"
)

// Dial opens a connection to a ws, wss, http or https URL through hc (nil means
// [http.DefaultClient]), so that proxies, cookies, redirects and TLS are those
// of all its other requests. ctx and the client's Timeout bound the handshake,
// not the connection.
//
// When the server answers with anything but a proper 101, the error is a
// *[HandshakeError] and the response is returned beside it with at most 1 KiB
// of its body to read. Otherwise its body belongs to the Conn.
func Dial(ctx context.Context, address string, header http.Header, hc *http.Client, opt Options) (*Conn, *http.Response, error) {
	if hc == nil {
		hc = http.DefaultClient
	}
	if hc.Timeout > 0 {
		// With a timeout the client wraps the body, which can then no longer be
		// written to.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, hc.Timeout)
		defer cancel()
		plain := *hc
		plain.Timeout = 0
		hc = &plain
	}
	var nc net.Conn
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { nc = i.Conn },
	})
	req, key, err := dialRequest(ctx, address, header, opt)
	if err != nil {
		return nil, nil, err
	}
	res, err := hc.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("wsock: dial: %w", err)
	}
	deflates, err := checkResponse(res, key, opt)
	if err != nil {
		var head []byte
		if res.StatusCode != http.StatusSwitchingProtocols { // else it is the open stream
			head, _ = io.ReadAll(io.LimitReader(res.Body, 1<<10)) // ctx bounds the wait
		}
		_ = res.Body.Close()
		res.Body = io.NopCloser(bytes.NewReader(head))
		return nil, res, err
	}
	rwc, ok := res.Body.(io.ReadWriteCloser)
	if !ok {
		_ = res.Body.Close()
		return nil, res, errors.New("wsock: dial: the client's transport wraps the body of a 101 response, so it cannot be written to")
	}
	var early []byte
	if nc != nil {
		if early, ok = unwrap(nc, rwc); ok {
			rwc = nc
		} else {
			rwc = &dialed{Conn: nc, body: rwc}
		}
	}
	c := Client(rwc, opt)
	c.rest = early
	if deflates {
		c.agreed = rsv1Bit
	}
	return c, res, nil
}

func dialRequest(ctx context.Context, address string, header http.Header, opt Options) (*http.Request, string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "", fmt.Errorf("wsock: dial: %w", err)
	}
	switch u.Scheme {
	case "ws":
		u.Scheme = "http"
	case "wss":
		u.Scheme = "https"
	case "http", "https":
	default:
		return nil, "", fmt.Errorf("wsock: dial: the scheme of %q is none of ws, wss, http, https", address)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, "", fmt.Errorf("wsock: dial: %w", err)
	}
	if header != nil {
		req.Header = header.Clone()
		req.Host = header.Get("Host")
	}
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails
	key := base64.StdEncoding.EncodeToString(raw[:])
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Sec-WebSocket-Version", "13")
	req.Header.Set("Sec-WebSocket-Key", key)
	if opt.Deflate {
		req.Header.Set("Sec-WebSocket-Extensions", extensionResponse)
	}
	return req, key, nil
}

func checkResponse(res *http.Response, key string, opt Options) (deflates bool, err error) {
	bad := func(message string) (bool, error) {
		return false, &HandshakeError{Status: res.StatusCode, Header: res.Header, Message: message}
	}
	switch {
	case res.StatusCode != http.StatusSwitchingProtocols:
		return bad(fmt.Sprintf("the server answered %q, not 101", res.Status))
	case !hasToken(res.Header, "Upgrade", "websocket") || !hasToken(res.Header, "Connection", "upgrade"):
		return bad("the server's 101 does not upgrade to websocket")
	case res.Header.Get("Sec-WebSocket-Accept") != acceptKey(key):
		return bad("the server's Sec-WebSocket-Accept does not match the key sent")
	}
	if deflates, err = agreed(res.Header, opt.Deflate); err != nil {
		return bad(err.Error())
	}
	return deflates, nil
}

// unwrap empties what net/http has read ahead, so that the connection itself can
// be read and waited for without a buffer, which only works on a plain socket.
// A body of anybody else's making must not be gone around.
func unwrap(nc net.Conn, body io.ReadWriteCloser) (early []byte, ok bool) {
	switch nc.(type) {
	case *net.TCPConn, *net.UnixConn:
	default:
		return nil, false
	}
	if fmt.Sprintf("%T", body) != "*http.readWriteCloserBody" {
		return nil, false
	}
	// Past its deadline the socket gives nothing, so what comes is what was read ahead.
	if nc.SetReadDeadline(time.Unix(1, 0)) != nil {
		return nil, false
	}
	var piece [512]byte
	for {
		n, err := body.Read(piece[:])
		early = append(early, piece[:n]...)
		if err != nil {
			break
		}
	}
	return early, nc.SetReadDeadline(time.Time{}) == nil
}

// dialed reads and writes through the body of the 101, which may have bytes
// buffered, and takes deadlines and addresses from the connection under it.
type dialed struct {
	net.Conn
	body io.ReadWriteCloser
}

func (d *dialed) Read(p []byte) (int, error)  { return d.body.Read(p) }
func (d *dialed) Write(p []byte) (int, error) { return d.body.Write(p) }
func (d *dialed) Close() error                { return d.body.Close() }
