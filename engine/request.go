package engine

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Request is what a session remembers of the HTTP request that opened it. It
// holds strings instead of parsed maps because most sessions never look, and
// a parsed header map costs more memory than the rest of an idle session.
type Request struct {
	header string // name NUL value NUL …
	uri    string
	remote string
	at     int64 // Unix nanoseconds
	tls    bool
}

const (
	// maxKeptHeaders is up to where all headers of a request are kept, in bytes.
	maxKeptHeaders = 1 << 10
	// maxKept bounds what is kept of larger ones, and of the URL, in bytes each:
	// it stays for the life of the session.
	maxKept = 8 << 10
)

var essentialHeaders = []string{"Cookie", "Host", "Origin", "User-Agent", "X-Forwarded-For"}

func newRequest(r *http.Request, keep []string) *Request {
	return &Request{
		header: flattenHeader(r, keep),
		uri:    strings.Clone(cut(r.URL.RequestURI(), maxKept)),
		remote: r.RemoteAddr,
		at:     time.Now().UnixNano(),
		tls:    r.TLS != nil,
	}
}

func flattenHeader(r *http.Request, keep []string) string {
	if keep == nil {
		if all, ok := wholeHeader(r); ok {
			return all
		}
		keep = essentialHeaders
	}
	return chosenHeader(r, keep)
}

// wholeHeader is the usual case, and all that most handshakes pay for: one walk,
// in borrowed memory. It reports false if the headers are more than are kept whole.
func wholeHeader(r *http.Request) (all string, ok bool) {
	n := len(r.Host)
	if n > maxKeptHeaders {
		return "", false
	}
	bp := pollBufs.Get().(*[]byte)
	defer pollBufs.Put(bp)
	b := appendHeader((*bp)[:0], "Host", r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			if n += len(name) + len(v); n > maxKeptHeaders {
				return "", false
			}
			b = appendHeader(b, name, v)
		}
	}
	*bp = b
	return string(b), true
}

func appendHeader(b []byte, name, value string) []byte {
	b = append(append(b, name...), 0) // header values never contain NUL: net/http refuses it
	return append(append(b, value...), 0)
}

func chosenHeader(r *http.Request, keep []string) string {
	var b []byte
	add := func(name, value string) {
		if len(b)+len(name)+len(value)+2 <= maxKept { // half a cookie would be worse than none
			b = appendHeader(b, name, value)
		}
	}
	if slices.Contains(keep, "*") {
		keep = slices.Clone(essentialHeaders) // first, where not all of them fit
		for name := range r.Header {
			if !slices.Contains(essentialHeaders, name) {
				keep = append(keep, name)
			}
		}
	}
	for _, name := range keep {
		name = http.CanonicalHeaderKey(name)
		if name == "Host" {
			add(name, r.Host)
		}
		for _, v := range r.Header[name] {
			add(name, v)
		}
	}
	return string(b)
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// Header returns the kept headers (see Config.KeepHeaders), Host included. The
// map is built by each call and belongs to the caller.
func (r *Request) Header() http.Header {
	h := http.Header{}
	for s := r.header; s != ""; {
		name, rest, _ := strings.Cut(s, "\x00")
		value, rest, _ := strings.Cut(rest, "\x00")
		h[name] = append(h[name], value)
		s = rest
	}
	return h
}

// URL returns the path and query as they stood in the request line, at most 8 KiB of it.
func (r *Request) URL() string { return r.uri }

// Query returns the query parameters. The map belongs to the caller.
func (r *Request) Query() url.Values {
	_, q, _ := strings.Cut(r.uri, "?")
	v, _ := url.ParseQuery(q) // parts that do not parse are left out, as url.URL.Query does
	return v
}

// RemoteAddr returns the network address that net/http reported, "IP:port".
// Behind a proxy it is the proxy's; see the X-Forwarded-For header.
func (r *Request) RemoteAddr() string { return r.remote }

// Time returns when the request was received.
func (r *Request) Time() time.Time { return time.Unix(0, r.at) }

// Secure tells whether the request came over TLS that this process ended.
func (r *Request) Secure() bool { return r.tls }
