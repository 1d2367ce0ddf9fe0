package engine_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/engine"
)

// decoded undoes the encoding of an answer, and checks its length.
func decoded(t testing.TB, r reply) string {
	t.Helper()
	if got := r.header.Get("Content-Length"); got != strconv.Itoa(len(r.body)) {
		t.Errorf("Content-Length is %q, the body has %d bytes", got, len(r.body))
	}
	var in io.Reader = strings.NewReader(r.body)
	var err error
	switch r.header.Get("Content-Encoding") {
	case "gzip":
		in, err = gzip.NewReader(in)
	case "deflate":
		in, err = zlib.NewReader(in)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func (p *poller) getWith(header ...string) reply {
	p.t.Helper()
	return do(p.t, p.hc, "GET", p.url, "", header...)
}

// HTTP-08: what is compressed, and how.
func TestHTTPCompression(t *testing.T) {
	g := start(t, engine.Config{HTTPCompression: &engine.Compression{}}, newApp(t))
	p, k := g.session()
	long, short := strings.Repeat("compress me ", 100), strings.Repeat("x", 1022)
	random := make([]byte, 3000) // in base64 it becomes 3/4
	for i := range random {
		random[i] = byte(i * i * 7919 >> 5)
	}
	for _, c := range []struct {
		name   string
		accept string
		msgs   []*engine.Message
		want   string // Content-Encoding
	}{
		{"gzip", "gzip", []*engine.Message{text(long)}, "gzip"},
		{"as browsers ask", "gzip, deflate, br, zstd", []*engine.Message{text(long)}, "gzip"},
		{"deflate", "deflate", []*engine.Message{text(long)}, "deflate"},
		{"gzip refused", "gzip;q=0, deflate;q=0.1", []*engine.Message{text(long)}, "deflate"},
		{"all refused", "gzip;q=0, *;q=0", []*engine.Message{text(long)}, ""},
		{"unknown", "br", []*engine.Message{text(long)}, ""},
		{"one byte below the threshold", "gzip", []*engine.Message{text(short)}, ""},
		{"at the threshold", "gzip", []*engine.Message{text(short + "x")}, "gzip"},
		{"small ones add up", "gzip", []*engine.Message{text(short), text("y")}, "gzip"},
		{"binary", "gzip", []*engine.Message{engine.NewBinary(random)}, "gzip"},
		{"forbidden", "gzip", []*engine.Message{text(long).Uncompressed()}, ""}, // EMIT-09
		{"all forbidden", "gzip", []*engine.Message{text(long).Uncompressed(), engine.NewBinary(random).Uncompressed()}, ""},
		{"one of them allowed", "gzip", []*engine.Message{text(long).Uncompressed(), text("y")}, "gzip"},
	} {
		if err := k.Send(c.msgs...); err != nil {
			t.Fatal(err)
		}
		r := p.getWith("Accept-Encoding", c.accept)
		if got := r.header.Get("Content-Encoding"); r.status != 200 || got != c.want {
			t.Errorf("%s: status %d, Content-Encoding %q, want %q", c.name, r.status, got, c.want)
		}
		if got := r.header.Values("Vary"); len(got) != 1 || got[0] != "Accept-Encoding" {
			t.Errorf("%s: Vary is %q", c.name, got)
		}
		if ct := r.header.Get("Content-Type"); ct != "text/plain; charset=UTF-8" {
			t.Errorf("%s: Content-Type is %q", c.name, ct)
		}
		var want []string
		for _, m := range c.msgs {
			want = append(want, string(engine.Record(m)))
		}
		if got := decoded(t, r); got != strings.Join(want, "\x1e") {
			t.Errorf("%s: got %.60q, want %.60q", c.name, got, strings.Join(want, "\x1e"))
		}
	}
	r := p.post("4x", "Accept-Encoding", "gzip")
	if r.want(t, 200, "ok"); r.header.Get("Content-Encoding") != "" {
		t.Error("the answer to a POST is compressed")
	}
	k.wantOpen()
}

// HTTP-08: off by default, to the last header.
func TestHTTPCompressionIsOff(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	long := strings.Repeat("compress me ", 1000)
	_ = k.Send(text(long))
	r := p.getWith("Accept-Encoding", "gzip")
	r.want(t, 200, "4"+long)
	if r.header.Get("Content-Encoding") != "" || r.header.Get("Vary") != "" {
		t.Errorf("headers are %v", r.header)
	}
}

// What does not become smaller is sent as it is, and what a middleware encodes
// is left to it.
func TestHTTPCompressionStandsBack(t *testing.T) {
	g := startWith(t, engine.Config{HTTPCompression: &engine.Compression{Threshold: 1}}, newApp(t), func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Encode") != "" {
				w.Header().Set("Content-Encoding", "identity")
			}
			h.ServeHTTP(w, r)
		})
	}, nil)
	p, k := g.session()
	_ = k.Send(text("short"))
	r := p.getWith("Accept-Encoding", "gzip")
	r.want(t, 200, "4short")
	if r.header.Get("Content-Encoding") != "" {
		t.Error("an answer is compressed that grows by it")
	}
	long := strings.Repeat("compress me ", 100)
	_ = k.Send(text(long))
	p.getWith("Accept-Encoding", "gzip", "X-Encode", "1").want(t, 200, "4"+long)
}

// The bytes of one client's answer never turn up in another's: buffers and
// compressors are shared.
func TestHTTPCompressionKeepsClientsApart(t *testing.T) {
	g := start(t, engine.Config{HTTPCompression: &engine.Compression{}, MaxQueuedBytes: 8 << 20}, newApp(t))
	done := make(chan struct{})
	for i := range 4 {
		p, k := g.session()
		go func() {
			defer func() { done <- struct{}{} }()
			for n := range 30 {
				want := bytes.Repeat([]byte{byte('a' + i), byte('0' + n%10)}, 600*(1+n*n))
				if err := k.Send(engine.NewText(want)); err != nil {
					t.Error(err)
					return
				}
				if got := decoded(t, p.getWith("Accept-Encoding", "gzip")); got != "4"+string(want) {
					t.Errorf("client %d, round %d: got %d bytes, %.10q", i, n, len(got), got)
				}
			}
		}()
	}
	for range 4 {
		<-done
	}
}
