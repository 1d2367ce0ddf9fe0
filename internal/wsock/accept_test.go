package wsock_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/wsock"
)

func upgradable() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Connection", "keep-alive, Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
	return r
}

func TestCheck(t *testing.T) {
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, tc := range []struct {
		name   string
		change func(*http.Request)
		status int // zero: fine
		word   string
	}{
		{"plain", func(*http.Request) {}, 0, ""},
		{"other case", set("Upgrade", "WebSocket"), 0, ""},
		{"one of many", set("Upgrade", "foo/2, websocket"), 0, ""},
		{"Connection in two lines", func(r *http.Request) { r.Header["Connection"] = []string{"keep-alive", "upgrade"} }, 0, ""},
		{"POST", func(r *http.Request) { r.Method = "POST" }, 405, "must be GET"},
		{"HTTP/1.0", func(r *http.Request) { r.Proto, r.ProtoMinor = "HTTP/1.0", 0 }, 505, "HTTP/1.0"},
		{"HTTP/2", func(r *http.Request) { r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0 }, 505, "HTTP/2.0"},
		{"h2c", set("Upgrade", "h2c"), 426, `"h2c"`},
		{"bogus upgrade", set("Upgrade", "\x00websocket"), 426, "must name websocket"},
		{"almost", set("Upgrade", "websockets"), 426, "must name websocket"},
		{"no upgrade", func(r *http.Request) { r.Header.Del("Upgrade") }, 426, "must name websocket"},
		{"Connection dropped", set("Connection", "close"), 400, "proxy"},
		{"no version", func(r *http.Request) { r.Header.Del("Sec-WebSocket-Version") }, 426, "must be 13"},
		{"version 8", set("Sec-WebSocket-Version", "8"), 426, "must be 13"},
		{"no key", func(r *http.Request) { r.Header.Del("Sec-WebSocket-Key") }, 400, "Sec-WebSocket-Key"},
		{"short key", set("Sec-WebSocket-Key", "c2hvcnQ="), 400, "16 bytes"},
		{"key is not base64", set("Sec-WebSocket-Key", "************************"), 400, "base64"},
		{"two keys", func(r *http.Request) { r.Header.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==") }, 400, "once"},
		{"body", func(r *http.Request) { r.ContentLength = 5 }, 400, "no body"},
		{"chunked body", func(r *http.Request) { r.ContentLength, r.TransferEncoding = -1, []string{"chunked"} }, 400, "no body"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := upgradable()
			tc.change(r)
			err := wsock.Check(r)
			if tc.status == 0 {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			var h *wsock.HandshakeError
			if !errors.As(err, &h) || h.Status != tc.status || !strings.Contains(h.Message, tc.word) {
				t.Fatalf("got %v, want status %d and %q", err, tc.status, tc.word)
			}
			w := httptest.NewRecorder()
			if _, err := wsock.Accept(w, r, nil, wsock.Options{}); !errors.As(err, &h) || h.Status != tc.status {
				t.Errorf("Accept says %v", err)
			}
			if w.Body.Len() > 0 || len(w.Header()) > 0 {
				t.Errorf("Accept wrote %v %q", w.Header(), w.Body)
			}
		})
	}
	r := upgradable()
	r.Header.Set("Sec-WebSocket-Version", "7")
	var h *wsock.HandshakeError
	if err := wsock.Check(r); !errors.As(err, &h) || h.Header.Get("Sec-WebSocket-Version") != "13" {
		t.Errorf("a wrong version is answered with %v, must name the right one", h.Header)
	}
}

// unwraps is a proper piece of middleware, deaf one that hides what it wraps.
type unwraps struct{ http.ResponseWriter }

func (u unwraps) Unwrap() http.ResponseWriter { return u.ResponseWriter }

type deaf struct{ http.ResponseWriter }

// TestWrappedWriter goes through middleware that unwraps, twice, and names the
// one that does not. X1
func TestWrappedWriter(t *testing.T) {
	serve := func(wrap func(http.ResponseWriter) http.ResponseWriter) (*http.Response, error) {
		failed := make(chan error, 1)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := wsock.Accept(wrap(w), r, nil, wsock.Options{})
			failed <- err
			if err != nil {
				var h *wsock.HandshakeError
				if errors.As(err, &h) {
					w.WriteHeader(h.Status) // possible, for nothing was written
				}
				return
			}
			_ = c.CloseNow()
		}))
		defer srv.Close()
		nc, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = nc.Close() }()
		if _, err := io.WriteString(nc, upgradeRequest); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(nc), nil)
		if err != nil {
			t.Fatal(err)
		}
		return res, <-failed
	}
	res, err := serve(func(w http.ResponseWriter) http.ResponseWriter { return unwraps{unwraps{w}} })
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("through Unwrap: %s, %v", res.Status, err)
	}
	res, err = serve(func(w http.ResponseWriter) http.ResponseWriter { return unwraps{unwraps{deaf{w}}} })
	if err == nil || !strings.Contains(err.Error(), "wsock_test.deaf") || !strings.Contains(err.Error(), "Unwrap") {
		t.Errorf("without Unwrap: %v, must name the writer and the remedy", err)
	}
	if !errors.Is(err, http.ErrNotSupported) {
		t.Errorf("without Unwrap: %v, must wrap http.ErrNotSupported", err)
	}
	if res.StatusCode != http.StatusInternalServerError {
		t.Errorf("without Unwrap: answered %s", res.Status)
	}
}

// TestUpgradeResponse reads the 101 as it stands on the wire.
func TestUpgradeResponse(t *testing.T) {
	header := http.Header{
		"Set-Cookie":           {"sid=1"},
		"X-Injected":           {"a\r\nX-Evil: b"},
		"Sec-Websocket-Accept": {"forged"},
		"Connection":           {"close"},
	}
	answer := func(r *http.Request, header http.Header) string {
		ours, theirs := net.Pipe()
		defer func() { _ = theirs.Close() }()
		go func() {
			c, err := wsock.Accept(&hijacker{conn: ours}, r, header, wsock.Options{})
			if err != nil {
				t.Error(err)
				_ = ours.Close()
				return
			}
			_ = c.CloseNow()
		}()
		b, err := io.ReadAll(theirs)
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
	got := answer(upgradable(), header)
	for _, want := range []string{
		"HTTP/1.1 101 Switching Protocols\r\n", "\r\nUpgrade: websocket\r\n", "\r\nConnection: Upgrade\r\n",
		"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", "\r\nSet-Cookie: sid=1\r\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	for _, bad := range []string{"\r\nX-Evil", "forged", "close", "Protocol:", "Extensions"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q has %q", got, bad)
		}
	}
	if !strings.HasSuffix(got, "\r\n\r\n") {
		t.Errorf("%q does not end its headers", got)
	}

	r := upgradable()
	r.Header.Set("Sec-WebSocket-Protocol", "v1.chat , v2.chat")
	if got := answer(r, nil); !strings.Contains(got, "Sec-WebSocket-Protocol: v1.chat\r\n") {
		t.Errorf("%q does not choose the first subprotocol", got)
	}
	got = answer(r, http.Header{"Sec-Websocket-Protocol": {"v2.chat"}})
	if strings.Count(got, "Protocol:") != 1 || !strings.Contains(got, ": v2.chat\r\n") {
		t.Errorf("%q does not leave the choice to the caller", got)
	}
}

// hijacker is a ResponseWriter that gives out conn, with bytes ahead in the
// reader and, if stale is set, some already in the writer.
type hijacker struct {
	httptest.ResponseRecorder
	conn  net.Conn
	ahead []byte
	stale bool
	err   error
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if h.err != nil {
		return nil, nil, h.err
	}
	br := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(h.ahead), h.conn), len(h.ahead)+16)
	if len(h.ahead) > 0 {
		_, _ = br.Peek(len(h.ahead))
	}
	bw := bufio.NewWriter(h.conn)
	if h.stale {
		_, _ = bw.WriteString("HTTP/1.1 200 OK\r\n")
	}
	return h.conn, bufio.NewReadWriter(br, bw), nil
}

// TestBytesBehindTheHandshake: frames sent without waiting for the 101 are not
// lost, however many, and whether or not one of them is cut.
func TestBytesBehindTheHandshake(t *testing.T) {
	sent := join(client(0x81, "early"), client(0x82, strings.Repeat("x", 20_000)), client(0x89, "p"), client(0x81, "late"))
	for _, ahead := range []int{0, 1, 5, 11, 13, 5000, len(sent) - 3, len(sent)} {
		ours, theirs := net.Pipe()
		go func() {
			br := bufio.NewReader(theirs)
			if _, err := http.ReadResponse(br, nil); err != nil {
				t.Error(err)
			}
			_, _ = theirs.Write(sent[ahead:])
			_ = theirs.Close()
		}()
		c, err := wsock.Accept(&hijacker{conn: ours, ahead: sent[:ahead]}, upgradable(), nil, wsock.Options{})
		if err != nil {
			t.Fatal(err)
		}
		j := new(journal)
		if err := c.Serve(j); err != io.EOF {
			t.Errorf("%d bytes ahead: %v", ahead, err)
		}
		if len(j.events) != 4 || j.events[0].data != "early" || len(j.events[1].data) != 20_000 || j.events[3].data != "late" {
			t.Errorf("%d bytes ahead: %d events", ahead, len(j.events))
		}
		_ = c.CloseNow()
	}
}

// TestBytesBehindTheHandshakeOverTCP is the same through net/http itself.
func TestBytesBehindTheHandshakeOverTCP(t *testing.T) {
	srv := echoServer(t, httptest.NewServer)
	nc, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = nc.Close() }()
	_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
	frames := join(client(0x81, "one"), client(0x81, "two"))
	if _, err := nc.Write(append([]byte(upgradeRequest), frames...)); err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(nc)
	if _, err := http.ReadResponse(br, nil); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 10)
	if _, err := io.ReadFull(br, got); err != nil || string(got) != "\x81\x03one\x81\x03two" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestHijackFailures(t *testing.T) {
	ours, theirs := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, theirs) }()
	if _, err := wsock.Accept(&hijacker{conn: ours, stale: true}, upgradable(), nil, wsock.Options{}); err == nil || !strings.Contains(err.Error(), "written") {
		t.Errorf("bytes already written: %v", err)
	}
	if _, err := ours.Write([]byte("x")); err != io.ErrClosedPipe {
		t.Errorf("the connection is left open: %v", err)
	}
	gone := errors.New("gone")
	if _, err := wsock.Accept(&hijacker{err: gone}, upgradable(), nil, wsock.Options{}); !errors.Is(err, gone) {
		t.Errorf("a failing Hijack: %v", err)
	}
	ours, theirs = net.Pipe()
	_ = theirs.Close()
	if _, err := wsock.Accept(&hijacker{conn: ours}, upgradable(), nil, wsock.Options{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a peer that is gone: %v", err)
	}
	// A peer that reads nothing holds the handler for the timeout, no longer.
	ours, theirs = net.Pipe()
	defer func() { _ = theirs.Close() }()
	var timeout net.Error
	_, err := wsock.Accept(&hijacker{conn: ours}, upgradable(), nil, wsock.Options{HandshakeTimeout: time.Millisecond})
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("a peer that does not read: %v", err)
	}
}

// TestScanner sends what vulnerability scanners send and resets: the server must
// go on serving. P13
func TestScanner(t *testing.T) {
	srv := echoServer(t, httptest.NewServer)
	addr := srv.Listener.Addr().String()
	for _, request := range []string{
		strings.Replace(upgradeRequest, "Upgrade: websocket", "Upgrade: h2c", 1),
		strings.Replace(upgradeRequest, "Upgrade: websocket", "Upgrade: bogus", 1),
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n\r\n",
		upgradeRequest,
		upgradeRequest + "\x81",
		upgradeRequest + "\xf1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(nc, request); err != nil {
			t.Fatal(err)
		}
		_ = nc.(*net.TCPConn).SetLinger(0)
		_ = nc.Close() // a reset
	}
	nc := dialRaw(t, addr)
	defer func() { _ = nc.Close() }()
	if _, err := nc.Write(client(0x81, "alive")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 7)
	if _, err := io.ReadFull(nc, got); err != nil || string(got[2:]) != "alive" {
		t.Errorf("got %q, %v", got, err)
	}
}
