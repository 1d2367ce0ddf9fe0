package engine

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// origins decides who may connect from a browser. One rule for polling,
// WebSocket and preflight requests: a second switch hidden in one transport is
// what makes people switch the check off altogether.
type origins struct {
	configured bool // Origins was set: answer with CORS headers
	any        bool
	exact      map[string]bool
	wild       []wildOrigin
	cors       CORS
}

type wildOrigin struct{ prefix, suffix string } // "https://", ".app.example"

func newOrigins(list []string, cors CORS) *origins {
	o := &origins{configured: list != nil, exact: map[string]bool{}, cors: cors}
	for _, s := range list {
		s = strings.ToLower(strings.TrimSuffix(s, "/"))
		prefix, suffix, wild := strings.Cut(s, "*")
		switch {
		case s == "*":
			o.any = true
		case wild:
			o.wild = append(o.wild, wildOrigin{prefix, suffix})
		default:
			o.exact[s] = true
		}
	}
	return o
}

// allow tells whether the request's Origin may connect.
func (o *origins) allow(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return origin == "" || o.allowOrigin(origin, r.Host)
}

// allowOrigin tells whether pages of an origin may connect to a host of ours.
func (o *origins) allowOrigin(origin, host string) bool {
	if o.any {
		return true
	}
	lower := strings.ToLower(origin)
	if o.exact[lower] {
		return true
	}
	for _, w := range o.wild {
		if len(lower) > len(w.prefix)+len(w.suffix) &&
			strings.HasPrefix(lower, w.prefix) && strings.HasSuffix(lower, w.suffix) &&
			!strings.ContainsAny(lower[len(w.prefix):len(lower)-len(w.suffix)], "/@:") {
			return true
		}
	}
	// Same origin always passes. The host alone is compared, since behind a proxy that ends
	// TLS the scheme cannot be known.
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	if u.Port() == "" { // some proxies spell out the port that browsers leave away
		host = strings.TrimSuffix(host, map[string]string{"https": ":443", "http": ":80"}[u.Scheme])
	}
	return strings.EqualFold(u.Host, host)
}

// validOrigin tells whether the header may be repeated in an answer.
func validOrigin(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// setHeaders adds the CORS headers of an answer to an allowed origin.
func (o *origins) setHeaders(h http.Header, r *http.Request) {
	if !o.configured {
		return
	}
	origin := r.Header.Get("Origin")
	if o.any && !o.cors.Credentials {
		h.Set("Access-Control-Allow-Origin", "*")
	} else {
		h.Add("Vary", "Origin")
		if origin == "" {
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
	}
	if o.cors.Credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if len(o.cors.ExposedHeaders) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(o.cors.ExposedHeaders, ","))
	}
}

func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}

// preflight answers OPTIONS before any look at the session: the browser sends
// no cookie with it, so a load balancer may bring it to any server.
func (o *origins) preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	o.setHeaders(h, r)
	methods := o.cors.Methods
	if len(methods) == 0 {
		methods = []string{"GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"}
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(methods, ","))
	if len(o.cors.AllowedHeaders) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(o.cors.AllowedHeaders, ","))
	} else if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Add("Vary", "Access-Control-Request-Headers")
		h.Set("Access-Control-Allow-Headers", asked)
	}
	if o.cors.MaxAge > 0 {
		h.Set("Access-Control-Max-Age", strconv.Itoa(int(o.cors.MaxAge.Seconds())))
	}
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusNoContent)
}

// SetCORS adds to an answer of the application's own the CORS headers that the
// server's answers have, if the request's origin is allowed. It is for files
// that pages of such origins load beside their session.
func (srv *Server) SetCORS(h http.Header, r *http.Request) {
	if srv.origins.allow(r) {
		srv.origins.setHeaders(h, r)
	}
}
