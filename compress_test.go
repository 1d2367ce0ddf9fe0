package socketio_test

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
)

// EMIT-09 HTTP-08: Compress(false) reaches the transport by every way that an
// event can take, and without it all are compressed.
func TestCompress(t *testing.T) {
	long := strings.Repeat("compress me ", 100)
	for _, recovery := range []*socketio.Recovery{nil, {}} {
		sockets := make(chan *socketio.Socket, 1)
		srv := socketio.NewServer(socketio.Config{
			HTTPCompression: &engine.Compression{},
			Recovery:        recovery,
			Logger:          slog.New(slog.DiscardHandler),
		})
		ns := srv.Of("/")
		ns.OnConnect(func(_ context.Context, s *socketio.Socket) error { sockets <- s; return nil })
		p := openPolling(t, srv)
		s := get(t, sockets)
		for name, emit := range map[string]func(on bool) error{
			"to one":     func(on bool) error { return s.Compress(on).Emit("e", long) },
			"with bytes": func(on bool) error { return s.Compress(on).Emit("e", []byte(long)) },
			"to many":    func(on bool) error { return ns.Broadcast().Compress(on).Emit("e", long) },
			"to a room":  func(on bool) error { return ns.To(s.ID()).Compress(on).Emit("e", []byte(long), long) },
			"asking for answers": func(on bool) error {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				_ = ns.Broadcast().Compress(on).EmitWithAck(ctx, "e", long) // sent by the call itself
				return nil
			},
		} {
			for _, on := range []bool{true, false} {
				if err := emit(on); err != nil {
					t.Fatal(err)
				}
				header, body := p.get()
				if got := header.Get("Content-Encoding") == "gzip"; got != on {
					t.Errorf("%s, Compress(%v): Content-Encoding is %q", name, on, header.Get("Content-Encoding"))
				}
				if len(body) < len(long) {
					t.Errorf("%s: got %q", name, body)
				}
			}
		}
		if err := s.Emit("e", long); err != nil {
			t.Fatal(err)
		}
		if header, _ := p.get(); header.Get("Content-Encoding") != "gzip" {
			t.Error("without Compress nothing is compressed")
		}
	}
}

// HTTP-13 HTTP-15 HTTP-16 LIFE-05: the settings reach the layer that knows them.
func TestEngineSettings(t *testing.T) {
	srv := socketio.NewServer(socketio.Config{
		Headers:           func(h http.Header, _ *http.Request, _ *engine.Session) { h.Set("X-All", "1") },
		InitialHeaders:    func(h http.Header, _ *http.Request, s *engine.Session) { h.Set("X-First", s.ID()) },
		InitialPacket:     engine.NewText([]byte("hello")),
		MaxPacketsPerPost: 2,
		Logger:            slog.New(slog.DiscardHandler),
	})
	web := httptest.NewServer(srv)
	defer web.Close()
	p := &bare{t: t, hc: web.Client(), url: web.URL + "/socket.io/?EIO=4&transport=polling"}
	header, body := p.get()
	_, rest, _ := strings.Cut(body, `"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	if header.Get("X-All") != "1" || header.Get("X-First") != sid || sid == "" {
		t.Errorf("headers of the first answer are %v", header)
	}
	if !strings.HasSuffix(body, "\x1e4hello") {
		t.Errorf("first answer is %q", body)
	}
	p.url += "&sid=" + sid
	res, err := p.hc.Post(p.url, "text/plain", strings.NewReader("3\x1e3\x1e3"))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusBadRequest || res.Header.Get("X-First") != "" {
		t.Errorf("three packets in one request: status %d, header %v", res.StatusCode, res.Header)
	}
}

// bare is a polling client without any client code.
type bare struct {
	t   *testing.T
	hc  *http.Client
	url string
}

// openPolling connects a client that takes gzip to the main namespace.
func openPolling(t *testing.T, srv *socketio.Server) *bare {
	t.Helper()
	web := httptest.NewServer(srv)
	t.Cleanup(func() {
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	p := &bare{t: t, hc: web.Client(), url: web.URL + "/socket.io/?EIO=4&transport=polling"}
	_, open := p.get()
	_, rest, _ := strings.Cut(open, `"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	p.url += "&sid=" + sid
	res, err := p.hc.Post(p.url, "text/plain", strings.NewReader("40"))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if _, body := p.get(); !strings.HasPrefix(body, "40{") {
		t.Fatalf("the namespace answers %q", body)
	}
	return p
}

// get polls once and undoes gzip.
func (p *bare) get() (http.Header, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), "GET", p.url, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip") // set by hand, it is left to us
	res, err := p.hc.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var in io.Reader = res.Body
	if res.Header.Get("Content-Encoding") == "gzip" {
		if in, err = gzip.NewReader(in); err != nil {
			p.t.Fatal(err)
		}
	}
	body, err := io.ReadAll(in)
	if err != nil || res.StatusCode != http.StatusOK {
		p.t.Fatalf("status %d, %v", res.StatusCode, err)
	}
	return res.Header, string(body)
}
