package browser

import (
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-socketio/socketio/internal/deflate"
)

// Names of the scripts, for use with [Serve]. Each has its source map beside
// it, under the same name with ".map" added.
const (
	Script     = "socket.io.js"             // readable; sets the global io
	ScriptMin  = "socket.io.min.js"         // the same, minified
	MsgpackMin = "socket.io.msgpack.min.js" // the same with the MessagePack parser, for servers that have it too
	ModuleMin  = "socket.io.esm.min.js"     // ES module, minified

	// What [ModuleMin] leaves out to be small: ES module, minified.
	WebTransportMin = "socket.io.webtransport.esm.min.js"
)

// cacheControl lets caches keep a file and makes them ask before each use: the
// name stays when the content changes, and the answer to the question is a 304
// without a body.
const cacheControl = "public, max-age=0, must-revalidate"

// asset is one file of dist, ready to be served.
type asset struct {
	data string
	etag string
	mime string
	gzip func() asset // the same file in gzip, made when first asked for
}

var (
	//go:embed dist/socket.io.js
	script string
	//go:embed dist/socket.io.js.map
	scriptMap string
	//go:embed dist/socket.io.min.js
	scriptMin string
	//go:embed dist/socket.io.min.js.map
	scriptMinMap string
	//go:embed dist/socket.io.msgpack.min.js
	msgpackMin string
	//go:embed dist/socket.io.msgpack.min.js.map
	msgpackMap string
	//go:embed dist/socket.io.esm.min.js
	moduleMin string
	//go:embed dist/socket.io.esm.min.js.map
	moduleMap string
	//go:embed dist/socket.io.webtransport.esm.min.js
	webTransportMin string
	//go:embed dist/socket.io.webtransport.esm.min.js.map
	webTransportMap string
)

// assets lists the files by name. It is made on first use and then only read,
// so that a program which never serves the client does not pay for the hashes.
var assets = sync.OnceValue(func() map[string]asset {
	const js, json = "text/javascript; charset=utf-8", "application/json"
	return map[string]asset{
		Script:                   newAsset(script, js),
		Script + ".map":          newAsset(scriptMap, json),
		ScriptMin:                newAsset(scriptMin, js),
		ScriptMin + ".map":       newAsset(scriptMinMap, json),
		MsgpackMin:               newAsset(msgpackMin, js),
		MsgpackMin + ".map":      newAsset(msgpackMap, json),
		ModuleMin:                newAsset(moduleMin, js),
		ModuleMin + ".map":       newAsset(moduleMap, json),
		WebTransportMin:          newAsset(webTransportMin, js),
		WebTransportMin + ".map": newAsset(webTransportMap, json),
	}
})

func newAsset(data, mime string) asset {
	sum := sha256.Sum256([]byte(data))
	// 15 bytes are 20 letters without padding: plenty to tell contents apart.
	name := base64.RawURLEncoding.EncodeToString(sum[:15])
	return asset{data: data, mime: mime, etag: `"` + name + `"`, gzip: sync.OnceValue(func() asset {
		// A tag of its own: a strong one promises the same bytes (RFC 9110, section 8.8.3.3).
		return asset{data: compressed(data), mime: mime, etag: `"` + name + `-gzip"`}
	})}
}

// compressed takes its time, some milliseconds, because it happens once.
func compressed(data string) string {
	var out strings.Builder
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // fails for an unknown level only
	_, _ = io.WriteString(z, data)                          // a Builder does not fail
	_ = z.Close()
	return out.String()
}

// Handler serves the client's files by the last element of the request path.
// Other names are answered with 404, other methods than GET and HEAD with 405.
// Safe for concurrent use.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Serve(w, r, path.Base(r.URL.Path)) {
			http.NotFound(w, r)
		}
	})
}

// Serve answers the request with the file of that name and reports whether
// there is one; if not, nothing was written. The answer carries a strong ETag
// made of the content (RFC 9110, section 8.8.3): a request that names it in
// If-None-Match gets 304. A client that accepts gzip gets that. Headers set on w beforehand are kept, among them
// Cache-Control. Safe for concurrent use.
func Serve(w http.ResponseWriter, r *http.Request, name string) bool {
	a, ok := assets()[name]
	if !ok {
		return false
	}
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "browser: only GET and HEAD are served here", http.StatusMethodNotAllowed)
		return true
	}
	taken := deflate.Taken(h)
	if !taken {
		h.Add("Vary", "Accept-Encoding")
	}
	if format, ok := deflate.Negotiate(r.Header); ok && format == deflate.Gzip && !taken {
		a = a.gzip()
		h.Set("Content-Encoding", format.Token())
		// http.ServeContent leaves it out beside a Content-Encoding, not knowing which of the two was meant.
		h.Set("Content-Length", strconv.Itoa(len(a.data)))
	}
	h.Set("Content-Type", a.mime)
	h.Set("ETag", a.etag)
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", cacheControl)
	}
	// The zero time leaves Last-Modified out: embedded files have none.
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(a.data))
	return true
}
