package wsock_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/wsock"
)

func TestDialRefused(t *testing.T) {
	good := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") // of another key
	}
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		status int
		word   string
		body   string
	}{
		{"403", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not you", http.StatusForbidden) }, 403, "403 Forbidden", "not you\n"},
		{"200", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 5000)) }, 200, "not 101", strings.Repeat("x", 1024)},
		{"wrong key", func(w http.ResponseWriter, r *http.Request) { good(w, r); w.WriteHeader(101) }, 101, "does not match", ""},
		{"other protocol", func(w http.ResponseWriter, r *http.Request) {
			good(w, r)
			w.Header().Set("Upgrade", "h2c")
			w.WriteHeader(101)
		}, 101, "does not upgrade", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := httptest.NewServer(tc.answer)
			defer srv.Close()
			c, res, err := wsock.Dial(t.Context(), srv.URL, nil, nil, wsock.Options{})
			var h *wsock.HandshakeError
			if c != nil || !errors.As(err, &h) || h.Status != tc.status || !strings.Contains(err.Error(), tc.word) {
				t.Fatalf("got %v, want status %d and %q", err, tc.status, tc.word)
			}
			if body, err := io.ReadAll(res.Body); err != nil || string(body) != tc.body {
				t.Errorf("body %q, %v", body, err)
			}
		})
	}
	for _, address := range []string{"ftp://a.example/", "://", "ws://a.example:port/"} {
		if _, _, err := wsock.Dial(t.Context(), address, nil, nil, wsock.Options{}); err == nil || !strings.HasPrefix(err.Error(), "wsock: dial: ") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestDialOptions: headers go out, the caller's map is left alone, redirects are
// followed, a client's Timeout and a cancelled context end nothing but the handshake.
func TestDialOptions(t *testing.T) {
	srv := echoServer(t, func(h http.Handler) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/from" {
				http.Redirect(w, r, "/to", http.StatusFound)
				return
			}
			if r.Header.Get("X-Token") != "t" {
				http.Error(w, "no token", http.StatusUnauthorized)
				return
			}
			h.ServeHTTP(w, r)
		}))
	})
	header := http.Header{"X-Token": {"t"}}
	ctx, cancel := context.WithCancel(t.Context())
	hc := &http.Client{Timeout: 5 * time.Second}
	c, res, err := wsock.Dial(ctx, strings.Replace(srv.URL, "http", "ws", 1)+"/from", header, hc, wsock.Options{})
	cancel()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.CloseNow() }()
	if len(header) != 1 || res.StatusCode != 101 || hc.Timeout != 5*time.Second {
		t.Errorf("header %v, %s, timeout %v", header, res.Status, hc.Timeout)
	}
	if c.RemoteAddr() == nil || c.RemoteAddr().String() != srv.Listener.Addr().String() {
		t.Errorf("remote address %v", c.RemoteAddr())
	}
	if err := c.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Errorf("read deadline: %v", err)
	}
	if err := c.SetWriteDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Errorf("write deadline: %v", err)
	}
	if _, err := c.Write(join(client(0x81, "still open"), client(0x88, ""))); err != nil {
		t.Fatal(err)
	}
	j := new(journal)
	var closed *wsock.CloseError
	if err := c.Serve(j); !errors.As(err, &closed) {
		t.Fatal(err)
	}
	if len(j.events) != 1 || j.events[0].data != "still open" {
		t.Errorf("events %q", j.events)
	}
}

// readOnly is a transport that wraps response bodies, as tracing ones do.
type readOnly struct{}

func (readOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		res.Body = struct{ io.ReadCloser }{res.Body}
	}
	return res, err
}

func TestDialWrappedBody(t *testing.T) {
	srv := echoServer(t, httptest.NewServer)
	_, _, err := wsock.Dial(t.Context(), srv.URL, nil, &http.Client{Transport: readOnly{}}, wsock.Options{})
	if err == nil || !strings.Contains(err.Error(), "transport wraps the body") {
		t.Errorf("got %v", err)
	}
}
