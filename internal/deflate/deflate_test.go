package deflate

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

var samples = map[string][]byte{
	"empty": nil,
	"one":   []byte("x"),
	"json":  []byte(strings.Repeat(`{"id":17,"name":"somebody"},`, 100)),
	"zeros": make([]byte, 1<<20),
	"noise": noise(200_000),
}

// Each format reads with the standard library's reader, and what is appended
// to stays.
func TestFormats(t *testing.T) {
	ws := NewWriters(1)
	for name, src := range samples {
		for _, f := range []Format{Raw, Zlib, Gzip} {
			out := ws.Append([]byte("before"), f, src)
			if !bytes.HasPrefix(out, []byte("before")) {
				t.Fatalf("%s: %q is gone", name, "before")
			}
			in := bytes.NewReader(out[len("before"):])
			var r io.Reader
			var err error
			switch f {
			case Zlib:
				r, err = zlib.NewReader(in)
			case Gzip:
				r, err = gzip.NewReader(in)
			default:
				r = flate.NewReader(io.MultiReader(in, strings.NewReader(inflateTail)))
			}
			if err != nil {
				t.Fatalf("%s, format %d: %v", name, f, err)
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, src) {
				t.Errorf("%s, format %d: %d bytes, %v; want %d", name, f, len(got), err, len(src))
			}
		}
		got, err := Inflate([]byte("a"), ws.Append(nil, Raw, src), len(src))
		if err != nil || !bytes.Equal(got[1:], src) || got[0] != 'a' {
			t.Errorf("%s: inflated to %d bytes, %v; want %d", name, len(got)-1, err, len(src))
		}
		if len(src) > 0 {
			if got, err := Inflate(nil, ws.Append(nil, Raw, src), len(src)-1); !errors.Is(err, ErrTooLarge) || len(got) > len(src) {
				t.Errorf("%s, one byte over the limit: %d bytes, %v", name, len(got), err)
			}
		}
	}
}

// A few kilobytes that would inflate to a gigabyte take no more than the limit.
func TestBomb(t *testing.T) {
	bomb := NewWriters(1).Append(nil, Raw, make([]byte, 64<<20))
	const limit = 100_000
	got, err := Inflate(nil, bomb, limit)
	if !errors.Is(err, ErrTooLarge) || len(got) > limit || cap(got) > 2*limit {
		t.Errorf("%d bytes became %d, capacity %d, %v", len(bomb), len(got), cap(got), err)
	}
}

// What is wrong is refused, and the inflater is none the worse for it.
func TestCorrupt(t *testing.T) {
	good := NewWriters(1).Append(nil, Raw, samples["json"])
	var final bytes.Buffer
	z, err := flate.NewWriter(&final, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write([]byte("hello"))
	_ = z.Close()
	for _, tc := range []struct {
		name string
		msg  string
		want string // "": corrupt
	}{
		{"nothing", "", ""},
		{"an empty block", "\x00", "empty"},
		{"half", string(good[:len(good)/2]), ""},
		{"last byte missing", string(good[:len(good)-1]), ""},
		{"noise", string(samples["noise"][:100]), ""},
		{"reserved block type", "\x07", ""},
		{"stored length does not match", "\x00\x05\x00\x00\x00hello", ""},
		{"distance before the beginning", "\x4b\x4c\x04\x23\x00", ""},
		{"flush not taken away", string(good) + flushEnd, ""},
		{"final block", final.String(), "hello"},
		{"final block and the empty byte", final.String() + "\x00", "hello"},
		{"final block and more", final.String() + final.String(), ""},
		{"final block and another byte", final.String() + "\x01", ""},
		{"RFC 7692 section 7.2.3.1", "\xf2\x48\xcd\xc9\xc9\x07\x00", "Hello"},
		{"RFC 7692 section 7.2.3.3, stored", "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", "Hello"},
		{"RFC 7692 section 7.2.3.4, final", "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", "Hello"},
		{"RFC 7692 section 7.2.3.5, two blocks", "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", "Hello"},
	} {
		got, err := Inflate(nil, []byte(tc.msg), 1<<20)
		switch {
		case tc.want == "" && !errors.Is(err, ErrCorrupt):
			t.Errorf("%s: %.40q, %v; want an error", tc.name, got, err)
		case tc.want == "empty" && (err != nil || len(got) != 0):
			t.Errorf("%s: %q, %v; want nothing", tc.name, got, err)
		case tc.want != "" && tc.want != "empty" && (err != nil || string(got) != tc.want):
			t.Errorf("%s: %.40q, %v; want %.40q", tc.name, got, err, tc.want)
		}
		if got, err := Inflate(nil, good, 1<<20); err != nil || !bytes.Equal(got, samples["json"]) {
			t.Fatalf("after %s a good message gives %d bytes, %v", tc.name, len(got), err)
		}
	}
}

// More compress at once than there are compressors: all are served, each its own.
func TestWritersAreShared(t *testing.T) {
	ws := NewWriters(2)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			want := bytes.Repeat([]byte{byte(i), 'x', byte(i + 1)}, 2000)
			for range 20 {
				if got, err := Inflate(nil, ws.Append(nil, Raw, want), len(want)); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%d bytes, %v", len(got), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// HTTP-08: every way to say yes and no.
func TestNegotiate(t *testing.T) {
	for _, tc := range []struct {
		accept string
		want   string
	}{
		{"", ""},
		{"gzip", "gzip"},
		{"x-gzip", "gzip"},
		{"GZIP", "gzip"},
		{"deflate", "deflate"},
		{"gzip, deflate, br, zstd", "gzip"},
		{"deflate, gzip", "gzip"},
		{"gzip;q=0.5, deflate", "deflate"},
		{"gzip;q=0, deflate", "deflate"},
		{"gzip;q=0", ""},
		{"gzip;q=0.000,deflate;q=0", ""},
		{"gzip ; q=0", ""},
		{"gzip;Q=0", ""},
		{"*", "gzip"},
		{"*;q=0", ""},
		{"gzip;q=0, *", "deflate"},
		{"br, *;q=0.1", "gzip"},
		{"*;q=0, deflate", "deflate"},
		{"identity", ""},
		{"identity;q=0", ""},
		{"identity, gzip;q=0.5", ""},
		{"identity;q=0.5, gzip", "gzip"},
		{"identity, gzip", "gzip"},
		{"br", ""},
		{"gzip;q=nan", ""},
		{"gzip;q=2", ""},
		{"gzip;q=", ""},
		{"gzipped", ""},
		{";;,,q=1", ""},
	} {
		h := http.Header{}
		if tc.accept != "" {
			h.Set("Accept-Encoding", tc.accept)
		}
		f, ok := Negotiate(h)
		got := ""
		if ok {
			got = f.Token()
		}
		if got != tc.want {
			t.Errorf("Accept-Encoding %q chooses %q, want %q", tc.accept, got, tc.want)
		}
	}
	h := http.Header{"Accept-Encoding": {"br", "deflate"}}
	if f, ok := Negotiate(h); !ok || f != Zlib {
		t.Errorf("two lines: %v, %v", f, ok)
	}
}

// FuzzInflate: whatever comes, no panic, no more than the limit, and no more
// memory than twice that.
func FuzzInflate(f *testing.F) {
	ws := NewWriters(1)
	for _, src := range samples {
		if len(src) < 1<<16 {
			f.Add(ws.Append(nil, Raw, src), 1000)
		}
	}
	f.Add([]byte("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), 5)
	f.Add(ws.Append(nil, Raw, make([]byte, 100_000)), 99_999)
	f.Fuzz(func(t *testing.T, msg []byte, limit int) {
		limit = min(max(limit, 0), 1<<20)
		got, err := Inflate(nil, msg, limit)
		if len(got) > limit || cap(got) > 2*limit+512 {
			t.Fatalf("%d bytes, capacity %d, limit %d", len(got), cap(got), limit)
		}
		if err != nil {
			return
		}
		again, err := Inflate(nil, ws.Append(nil, Raw, got), limit)
		if err != nil || !bytes.Equal(again, got) {
			t.Fatalf("round trip: %v", err)
		}
	})
}
