package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// target is where the requests of a connection go, and how.
type target struct {
	prefix  string // the URL up to the query of this package
	header  http.Header
	hc      *http.Client
	memory  *Memory
	timeout time.Duration // for an answer that is due at once
	polls   bool          // polling is among the transports
	base64  bool
}

func newTarget(address string, cfg *Config) (*target, error) {
	u, err := url.Parse(address)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // without the URL, which may hold a password
		}
		return nil, fmt.Errorf("engine: the URL cannot be read: %w; it looks like https://host:port", err)
	}
	switch u.Scheme {
	case "http", "https":
	case "ws":
		u.Scheme = "http"
	case "wss":
		u.Scheme = "https"
	default:
		return nil, fmt.Errorf("engine: the scheme of the URL is %q, which is none of http, https, ws, wss", u.Scheme)
	}
	if u.Host == "" {
		return nil, errors.New("engine: the URL has no host; it looks like https://host:port")
	}
	if cfg.Path != "" {
		u.Path, u.RawPath = cfg.Path, ""
	} else if u.Path == "" || u.Path == "/" {
		u.Path = "/engine.io/"
	}
	if !strings.HasPrefix(u.Path, "/") {
		u.Path, u.RawPath = "/"+u.Path, ""
	}
	if !cfg.NoTrailingSlash && !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
		if u.RawPath != "" {
			u.RawPath += "/"
		}
	}
	query := u.Query()
	for name, values := range cfg.Query {
		query[name] = append(query[name], values...)
	}
	t := &target{
		prefix:  prefixOf(u, query),
		header:  cfg.Header.Clone(),
		memory:  cfg.Memory,
		timeout: cfg.RequestTimeout,
		polls:   slices.Contains(cfg.Transports, Polling),
		base64:  cfg.ForceBase64,
	}
	if t.header == nil {
		t.header = http.Header{}
	}
	hc := http.Client{}
	if cfg.HTTPClient != nil {
		hc = *cfg.HTTPClient
	}
	if hc.Timeout > 0 {
		t.timeout = min(t.timeout, hc.Timeout)
		hc.Timeout = 0 // it would end the requests that wait for messages
	}
	if hc.Jar == nil {
		hc.Jar = cfg.Memory.jar()
	}
	hc.CheckRedirect = keepMessages(hc.CheckRedirect)
	t.hc = &hc
	return t, nil
}

// prefixOf returns a URL with all of a query but the parameters of this package.
func prefixOf(u *url.URL, query url.Values) string {
	for _, ours := range []string{"EIO", "transport", "sid", "t", "b64", "j"} {
		query.Del(ours)
	}
	to := *u
	to.RawQuery, to.ForceQuery, to.Fragment, to.RawFragment = query.Encode(), false, "", ""
	if to.RawQuery != "" {
		return to.String() + "&"
	}
	return to.String() + "?"
}

var errLostPost = errors.New("a redirect turns it into a GET, which loses its messages; use the URL that it leads to, or let the server redirect with status 307 or 308")

// keepMessages refuses redirects of the statuses 301 to 303 for requests that
// carry messages. Everything else is for the application to decide, or as in net/http.
func keepMessages(check func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		switch {
		case via[0].Method == http.MethodPost && req.Method != http.MethodPost:
			return errLostPost
		case check != nil:
			return check(req, via)
		case len(via) >= 10:
			return errors.New("stopped after 10 redirects")
		}
		return nil
	}
}

// moved takes the address to which the first request of a session was led, so
// that messages are sent there: a POST on the way would lose them. Only within
// the same host and not from https to http, for all of Header goes along.
func (t *target) moved(res *http.Response) {
	if res.Request == nil || res.Request.Response == nil {
		return
	}
	from, err := url.Parse(t.prefix)
	to := res.Request.URL
	if err != nil || from.Hostname() != to.Hostname() || from.Scheme == "https" && to.Scheme != "https" {
		return
	}
	to.User = from.User
	t.prefix = prefixOf(to, to.Query())
}

// url returns the address for a request of a transport. sid is empty for the
// first one of a session.
func (t *target) url(transport, sid string) string {
	u := t.prefix + "EIO=4&transport=" + transport
	if t.base64 {
		u += "&b64=1"
	}
	if sid != "" {
		u += "&sid=" + url.QueryEscape(sid)
	}
	if transport == Polling {
		// No cache on the way may take one request for another.
		u += "&t=" + strconv.FormatUint(rand.Uint64(), 36)
	}
	return u
}

// soon is a context for a request that is to be answered at once.
func (t *target) soon(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, t.timeout, noAnswer(t.timeout))
}

// noAnswer says which bound was passed.
type noAnswer time.Duration

func (d noAnswer) Error() string { return fmt.Sprintf("engine: no answer within %v", time.Duration(d)) }

func (noAnswer) Unwrap() error { return context.DeadlineExceeded }

// plain takes the URL out of an error of net/http: it holds the session's id.
func plain(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
