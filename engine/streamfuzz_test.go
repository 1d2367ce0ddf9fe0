package engine_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// script is a Stream that says a text, in pieces, and takes everything.
type script struct {
	io.Reader
}

func (script) Write(b []byte) (int, error)      { return len(b), nil }
func (script) Close() error                     { return nil }
func (script) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (script) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

// FuzzServeStream lets a client say anything over a stream, beside an open
// polling session. The server must not panic, and count down to zero. WIRE-04
func FuzzServeStream(f *testing.F) {
	f.Add("EIO=4&x=2", "\x010\x034hi\x82\x01\x02\x013\x011")
	f.Add("EIO=4&sid=SID", "\x0e0{\"sid\":\"SID\"}\x062probe\x015\x034hi\x013")
	f.Add("EIO=4&sid=SID", "\x7e\x00\x0e0{\"sid\":\"SID\"}\x062probe\x062probe")
	f.Add("", "\x010\x7f\x00\x20\x00\x00\x00\x00\x00\x00")
	f.Add("EIO=3", "\x80")
	f.Fuzz(func(t *testing.T, query, says string) {
		srv := engine.NewServer(withStreams(engine.Config{
			MaxPayload: 100, CloseTimeout: time.Nanosecond, Logger: quiet(),
			// Known beforehand: an id put in later would change the lengths of frames.
			GenerateID: func(r *http.Request) (string, error) { return "SID" + r.URL.Query().Get("x"), nil },
		}), sparse{})
		serveDirect(srv, "GET", "?EIO=4&transport=polling", "")
		w := httptest.NewRecorder()
		r := &http.Request{
			Method: http.MethodConnect, Proto: "webtransport", ProtoMajor: 3, Host: "a.example", RemoteAddr: "127.0.0.1:1",
			URL: &url.URL{Path: "/engine.io/", RawQuery: query}, Header: http.Header{}, Body: http.NoBody,
		}
		srv.ServeStream(w, r, func(context.Context) (engine.Stream, error) {
			return script{strings.NewReader(says)}, nil
		})
		if err := srv.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if n, busy, leaving := srv.Len(), srv.Busy(), srv.Leaving(); n != 0 || busy != 0 || leaving != 0 {
			t.Errorf("%d sessions, %d busy, %d leaving", n, busy, leaving)
		}
	})
}
