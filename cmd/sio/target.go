package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// target is the server that a command connects to, and how.
type target struct {
	url       string // scheme, host and query
	namespace string
	auth      json.RawMessage // a JSON object, nil for none
	timeout   time.Duration   // of an attempt to connect, and of an answer
	config    client.Config
}

// options are what the socket of a namespace is made with.
func (t *target) options(auth json.RawMessage) []client.Option {
	if auth == nil {
		return nil
	}
	return []client.Option{client.Auth(auth)}
}

// targetFlags are the flags that say where to connect and how: the same for
// every command that is a client.
type targetFlags struct {
	requestFlags
	namespace, transports string
	parser                string
	noReconnect           bool
	timeout               time.Duration
}

// requestFlags are those of them that shape the requests: sio load has them, too.
type requestFlags struct {
	auth, header, query list
	path                string
	insecure            bool
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func (f *requestFlags) register(fs *flag.FlagSet) {
	fs.Var(&f.auth, "auth", "what the server's middleware is shown: a JSON `object`, @file that holds one, or key=value (may be given several times)")
	fs.Var(&f.header, "header", "`\"Name: value\"` to send with every request (may be given several times)")
	fs.Var(&f.query, "query", "`key=value` to add to the URL of every request (may be given several times)")
	fs.StringVar(&f.path, "path", "/socket.io/", "URL `path` of the server, which is not the namespace")
	fs.BoolVar(&f.insecure, "insecure", false, "trust any certificate of the server")
}

func (f *targetFlags) register(fs *flag.FlagSet) {
	f.requestFlags.register(fs)
	const namespace = "namespace to join, such as /chat (default: the path of the URL)"
	fs.StringVar(&f.namespace, "namespace", "", "`name` of the "+namespace)
	fs.StringVar(&f.namespace, "n", "", "`name` of the "+namespace)
	fs.StringVar(&f.transports, "transport", "polling,websocket", "comma-separated `list` of polling, websocket; the first opens the connection")
	fs.BoolVar(&f.noReconnect, "no-reconnect", false, "do not come back when the connection is lost")
	fs.DurationVar(&f.timeout, "timeout", 10*time.Second, "`time` that connecting, and an answer, may take")
	fs.StringVar(&f.parser, "parser", "json", "`format` of the packets: json or msgpack, the same as the server's")
}

// target checks the flags and the URL, so that a mistake shows before anything
// is sent.
func (f *targetFlags) target(address string) (*target, error) {
	if f.timeout <= 0 {
		return nil, usageErrorf("-timeout %v: it must be more than 0", f.timeout)
	}
	t := &target{timeout: f.timeout}
	var err error
	if t.url, t.namespace, err = serverURL(address, f.path, f.namespace); err != nil {
		return nil, err
	}
	if t.auth, err = readAuth(f.auth); err != nil {
		return nil, err
	}
	c := &t.config
	c.Path, c.ConnectTimeout, c.DisableReconnection = f.path, f.timeout, f.noReconnect
	c.Logger = slog.New(slog.DiscardHandler) // all that matters is reported by other ways
	c.MaxAttachments = 1000                  // whoever looks at a server wants to see what it sends
	if c.Transports, err = transportList(f.transports); err != nil {
		// The flag of sio serve has a name of its own.
		return nil, usageErrorf("%s", strings.Replace(err.Error(), "-transports", "-transport", 1))
	}
	if c.Parser, err = parserNamed(f.parser); err != nil {
		return nil, err
	}
	if c.Header, err = f.headers(); err != nil {
		return nil, err
	}
	if c.Query, err = f.queries(); err != nil {
		return nil, err
	}
	if f.insecure {
		transport := http.DefaultTransport.(*http.Transport).Clone() // what net/http documents it to be
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
		c.HTTPClient = &http.Client{Transport: transport}
	}
	return t, nil
}

func (f *requestFlags) headers() (http.Header, error) {
	header := http.Header{}
	for _, h := range f.header {
		name, value, ok := strings.Cut(h, ":")
		if !ok || strings.TrimSpace(name) == "" || strings.ContainsAny(name, " \t") || strings.ContainsAny(value, "\r\n") {
			return nil, usageErrorf("-header %q is no header; write \"Name: value\"", h)
		}
		header.Add(name, strings.TrimSpace(value))
	}
	return header, nil
}

func (f *requestFlags) queries() (url.Values, error) {
	query := url.Values{}
	for _, q := range f.query {
		key, value, ok := strings.Cut(q, "=")
		if !ok || key == "" {
			return nil, usageErrorf("-query %q is no key=value", q)
		}
		query.Add(key, value)
	}
	return query, nil
}

func parserNamed(name string) (packet.Parser, error) {
	switch name {
	case "json":
		return nil, nil
	case "msgpack":
		return msgpack.New(), nil
	}
	return nil, usageErrorf("-parser %q is neither json nor msgpack", name)
}

// serverURL splits what people type into the server and the namespace.
func serverURL(address, path, namespace string) (server, name string, err error) {
	text := address
	if !strings.Contains(text, "://") {
		text = "http://" + text // localhost:3000, or :3000
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", "", usageErrorf("the URL cannot be read; write it like https://example.com/namespace")
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
	default:
		return "", "", usageErrorf("the URL has the scheme %q, which is none of http, https, ws, wss", u.Scheme)
	}
	if strings.HasPrefix(u.Host, ":") {
		u.Host = "localhost" + u.Host
	}
	if u.Hostname() == "" {
		return "", "", usageErrorf("the URL %q names no host; write it like https://example.com/namespace", address)
	}
	name = u.Path
	if strings.Trim(name, "/") == strings.Trim(path, "/") {
		name = "" // the address as a proxy or a log has it
	}
	if namespace != "" {
		if strings.Trim(name, "/") != "" && strings.TrimPrefix(name, "/") != strings.TrimPrefix(namespace, "/") {
			return "", "", usageErrorf("the URL says namespace %s, -namespace says %s; give one", name, namespace)
		}
		name = namespace
	}
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	if err := packet.CheckNamespace(name); err != nil {
		return "", "", usageErrorf("the namespace %q cannot be one: %v", name, err)
	}
	u.Path, u.RawPath, u.Fragment, u.RawFragment = "", "", "", ""
	return u.String(), name, nil
}
