package engine_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// FuzzServeHTTP sends any request to a server with an open session. It must
// answer, not panic, and count down to zero. WIRE-16
func FuzzServeHTTP(f *testing.F) {
	f.Add("GET", "/engine.io/", "EIO=4&transport=polling", "Origin: https://a.example", "")
	f.Add("GET", "/engine.io/", "EIO=4&transport=polling&sid=SID", "", "")
	f.Add("POST", "/engine.io/", "EIO=4&transport=polling&sid=SID", "Content-Type: text/plain", "4hello\x1ebAQID\x1e3")
	f.Add("POST", "/engine.io/", "EIO=4&transport=polling&sid=SID", "", "1")
	f.Add("POST", "/engine.io", "EIO=4&transport=polling&sid=SID", "Content-Type: application/octet-stream", "\x00\x04\xff4abc")
	f.Add("OPTIONS", "/engine.io/", "", "Access-Control-Request-Method: POST\nAccess-Control-Request-Headers: x\nOrigin: null", "")
	f.Add("GET", "/engine.io/", "EIO=4&transport=websocket", "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "")
	f.Add("GET", "/engine.io/", "EIO=4&transport=websocket&sid=SID", "Connection: Upgrade\nUpgrade: websocket", "")
	f.Add("BREW", "//engine.io", "%zz&&==&sid=SID&sid=SID", "Upgrade: h2c", "\xff")
	f.Fuzz(func(t *testing.T, method, path, query, header, body string) {
		srv := engine.NewServer(engine.Config{
			Origins: []string{"https://*.example", "null"}, CORS: engine.CORS{Credentials: true, MaxAge: time.Second},
			MaxPayload: 100, CloseTimeout: time.Nanosecond, Logger: quiet(),
		}, sparse{})
		open := serveDirect(srv, "GET", "?EIO=4&transport=polling", "")
		query = strings.ReplaceAll(query, "SID", parseOpen(t, open.Body.String()).SID)
		// A GET may be meant to wait; this client does not.
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := (&http.Request{
			Method: method, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: "a.example", RemoteAddr: "127.0.0.1:1",
			URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{}, Body: http.NoBody,
		}).WithContext(ctx)
		for line := range strings.SplitSeq(header, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			r.Header.Add(name, value)
		}
		if body != "" {
			r.Body, r.ContentLength = readCloser{strings.NewReader(body)}, int64(len(body))
		}
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, r)
		if w.Code < 200 || w.Code > 599 {
			t.Errorf("status %d", w.Code)
		}
		if err := srv.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if n, busy := srv.Len(), srv.Busy(); n != 0 || busy != 0 {
			t.Errorf("%d sessions, %d busy", n, busy)
		}
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
