package browser

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"testing"
)

// OPS-03: each file in gzip for who wants it, with a tag of its own.
func TestServeGzip(t *testing.T) {
	for name, a := range assets() {
		res := get(t, Handler(), "GET", "/"+name, "Accept-Encoding", "gzip, deflate, br")
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("Content-Length") != strconv.Itoa(len(body)) || res.Header.Get("Content-Type") != a.mime {
			t.Fatalf("%s: %d bytes, header %v", name, len(body), res.Header)
		}
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(z); err != nil || string(plain) != a.data {
			t.Errorf("%s: %d bytes out of gzip, %v; want %d", name, len(plain), err, len(a.data))
		}
		etag := res.Header.Get("ETag")
		if etag == a.etag || etag == "" {
			t.Errorf("%s: the ETag of the gzip form is %q", name, etag)
		}
		for _, c := range []struct {
			accept, match string
			want          int
		}{
			{"gzip", etag, http.StatusNotModified},
			{"gzip", a.etag, http.StatusOK},
			{"", etag, http.StatusOK},
			{"", a.etag, http.StatusNotModified},
		} {
			res := get(t, Handler(), "GET", "/"+name, "Accept-Encoding", c.accept, "If-None-Match", c.match)
			if res.StatusCode != c.want {
				t.Errorf("%s, Accept-Encoding %q, If-None-Match %s: status %d, want %d", name, c.accept, c.match, res.StatusCode, c.want)
			}
			if res.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: Vary is %q", name, res.Header.Get("Vary"))
			}
		}
	}
}

// OPS-03: who does not want gzip does not get it.
func TestServePlain(t *testing.T) {
	for _, accept := range []string{"", "gzip;q=0", "br", "deflate", "identity, gzip;q=0.1"} {
		res := get(t, Handler(), "GET", "/"+ScriptMin, "Accept-Encoding", accept)
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.Header.Get("Content-Encoding") != "" || string(body) != scriptMin {
			t.Errorf("Accept-Encoding %q: header %v, %d bytes", accept, res.Header, len(body))
		}
	}
	res := get(t, Handler(), "HEAD", "/"+ScriptMin, "Accept-Encoding", "gzip")
	if res.Header.Get("Content-Length") != strconv.Itoa(len(assets()[ScriptMin].gzip().data)) {
		t.Errorf("HEAD: header %v", res.Header)
	}
	res = get(t, Handler(), "GET", "/"+ScriptMin, "Accept-Encoding", "gzip", "Range", "bytes=0-9")
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusPartialContent || string(body) != assets()[ScriptMin].gzip().data[:10] || res.Header.Get("Content-Length") != "10" {
		t.Errorf("Range: status %d, %q, header %v, %v", res.StatusCode, body, res.Header, err)
	}
}
