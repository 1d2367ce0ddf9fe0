package browser

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, h http.Handler, method, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestServesEveryFile(t *testing.T) {
	want := map[string]string{
		Script:                   "text/javascript; charset=utf-8",
		Script + ".map":          "application/json",
		ScriptMin:                "text/javascript; charset=utf-8",
		ScriptMin + ".map":       "application/json",
		MsgpackMin:               "text/javascript; charset=utf-8",
		MsgpackMin + ".map":      "application/json",
		ModuleMin:                "text/javascript; charset=utf-8",
		ModuleMin + ".map":       "application/json",
		WebTransportMin:          "text/javascript; charset=utf-8",
		WebTransportMin + ".map": "application/json",
	}
	if len(assets()) != len(want) {
		t.Errorf("%d files are embedded, want %d", len(assets()), len(want))
	}
	etags := make(map[string]string)
	for name, mime := range want {
		res := get(t, Handler(), "GET", "/some/where/"+name)
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusOK || string(body) != assets()[name].data || len(body) == 0 {
			t.Errorf("%s: status %d, %d bytes", name, res.StatusCode, len(body))
		}
		if got := res.Header.Get("Content-Type"); got != mime {
			t.Errorf("%s: Content-Type %q, want %q", name, got, mime)
		}
		if got := res.Header.Get("Cache-Control"); got != cacheControl {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
		etag := res.Header.Get("ETag")
		if !strings.HasPrefix(etag, `"`) || !strings.HasSuffix(etag, `"`) || len(etag) < 10 {
			t.Errorf("%s: ETag %q is not a strong one", name, etag)
		}
		if other, ok := etags[etag]; ok {
			t.Errorf("%s and %s have the same ETag", name, other)
		}
		etags[etag] = name
	}
}

func TestServeNotModified(t *testing.T) {
	etag := assets()[ScriptMin].etag
	for _, tc := range []struct {
		match string
		want  int
	}{
		{etag, http.StatusNotModified},
		{"W/" + etag, http.StatusNotModified},
		{`"other", ` + etag, http.StatusNotModified},
		{"*", http.StatusNotModified},
		{`"other"`, http.StatusOK},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			res := get(t, Handler(), method, "/"+ScriptMin, "If-None-Match", tc.match)
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tc.want {
				t.Errorf("%s, If-None-Match %s: status %d, want %d", method, tc.match, res.StatusCode, tc.want)
			}
			if res.Header.Get("ETag") != etag {
				t.Errorf("%s, If-None-Match %s: no ETag in the answer", method, tc.match)
			}
			if empty := tc.want == http.StatusNotModified || method == "HEAD"; empty != (len(body) == 0) {
				t.Errorf("%s, If-None-Match %s: %d bytes of body", method, tc.match, len(body))
			}
		}
	}
}

func TestServeHead(t *testing.T) {
	res := get(t, Handler(), "HEAD", "/"+Script)
	if res.StatusCode != http.StatusOK || res.ContentLength != int64(len(assets()[Script].data)) {
		t.Errorf("HEAD: status %d, length %d", res.StatusCode, res.ContentLength)
	}
}

func TestServeRefuses(t *testing.T) {
	for _, name := range []string{"/", "/nothing.js", "/dist", "/../serve.go", "/socket.io.css.map", "/.."} {
		if res := get(t, Handler(), "GET", name); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", name, res.StatusCode)
		}
	}
	res := get(t, Handler(), "POST", "/"+Script)
	if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: status %d, Allow %q", res.StatusCode, res.Header.Get("Allow"))
	}
}

func TestServeLeavesUnknownNamesAlone(t *testing.T) {
	w := httptest.NewRecorder()
	if Serve(w, httptest.NewRequest("GET", "/", nil), "unknown.js") {
		t.Error("Serve claims to have a file it has not")
	}
	if len(w.Header()) != 0 || w.Body.Len() != 0 {
		t.Error("Serve wrote something for a file it has not")
	}
}

func TestServeKeepsCacheControl(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Set("Cache-Control", "no-store")
	if !Serve(w, httptest.NewRequest("GET", "/", nil), ScriptMin) {
		t.Fatal("Serve has no " + ScriptMin)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q, want the one set before", got)
	}
}

// BRW-02: the client is small, and stays so.
func TestSize(t *testing.T) {
	for name, limit := range map[string]int{
		ModuleMin:       6 << 10,
		WebTransportMin: 1280,
		ScriptMin:       6656, // both of the above
		MsgpackMin:      8 << 10,
	} {
		var out bytes.Buffer
		z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := z.Write([]byte(assets()[name].data)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes, %d with gzip", name, len(assets()[name].data), out.Len())
		if out.Len() > limit {
			t.Errorf("%s takes %d bytes with gzip, the limit is %d", name, out.Len(), limit)
		}
	}
}

func TestSourceMapsAreNamed(t *testing.T) {
	for _, name := range []string{Script, ScriptMin, MsgpackMin, ModuleMin, WebTransportMin} {
		if want := "//# sourceMappingURL=" + name + ".map\n"; !strings.HasSuffix(assets()[name].data, want) {
			t.Errorf("%s does not end with %q", name, want)
		}
	}
}
