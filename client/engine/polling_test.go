package engine_test

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
)

// CLI-32 B-111: bodies never hold more than the server takes, except for a packet
// that is larger by itself, which goes alone; base64 counts as what it becomes.
func TestMaxPayload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := make(chan struct{})
		bodies := make(chan string, 100)
		s := &script{t: t, open: say(`0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":20}`)}
		s.post = func(w http.ResponseWriter, body string) {
			bodies <- body
			<-first
			_, _ = io.WriteString(w, "ok")
		}
		k := dial(t, "http://memory", client.Config{HTTPClient: inMemory(t, s)})
		if k.conn.MaxPayload() != 20 {
			t.Errorf("MaxPayload is %d", k.conn.MaxPayload())
		}
		k.send("first")
		if got := <-bodies; got != "4first" {
			t.Fatalf("%q", got)
		}
		if k.conn.Writable() {
			t.Error("writable in the midst of a POST")
		}
		k.send("12345678", "1234567", "x", "1234567890123456789", "12345678901234567890", "y")
		k.sendBinary("123456789")
		k.sendBinary("123")
		k.send("12", "1")
		close(first)
		for _, want := range []string{
			"412345678\x1e41234567", // 18, and 3 more would be 21
			"4x",
			"41234567890123456789",
			"412345678901234567890", // too large, alone
			"4y\x1ebMTIzNDU2Nzg5",   // 2 + 1 + 13
			"bMTIz\x1e412\x1e41",
		} {
			if got := <-bodies; got != want {
				t.Errorf("body %q, want %q", got, want)
			}
		}
		<-k.drains
		synctest.Wait()
		if n := k.conn.BufferedAmount(); n != 0 || !k.conn.Writable() {
			t.Errorf("%d bytes are buffered, writable %v", n, k.conn.Writable())
		}
	})
}

// Messages sent together are never apart from each other by others.
func TestSendMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		bodies := make(chan string, 100)
		s := &script{t: t}
		s.post = func(w http.ResponseWriter, body string) {
			bodies <- body
			<-hold
			_, _ = io.WriteString(w, "ok")
		}
		k := dial(t, "http://memory", client.Config{HTTPClient: inMemory(t, s), DisableUpgrade: true, MaxQueuedBytes: 200})
		k.send("first")
		<-bodies
		both := []client.Message{{Kind: client.Text, Data: []byte("head")}, {Kind: client.Binary, Data: []byte("tail")}}
		if err := k.conn.SendMessages(both...); err != nil {
			t.Fatal(err)
		}
		both[0].Data[0], both[1].Data[0] = 'x', 'x' // they were copied
		if err := k.conn.SendVolatile(both...); err != client.ErrNotWritable {
			t.Errorf("SendVolatile: %v", err)
		}
		k.send("behind")
		if err := k.conn.SendMessages(both[0], client.Message{Data: make([]byte, 150)}); err != client.ErrQueueFull {
			t.Errorf("over MaxQueuedBytes: %v", err)
		}
		if err := k.conn.SendMessages(both[0], client.Message{Data: []byte("\xff")}); err != client.ErrText {
			t.Errorf("no UTF-8: %v", err)
		}
		if err := k.conn.Send(client.Text, []byte("a\x1eb")); err != client.ErrText {
			t.Errorf("separator: %v", err)
		}
		if n := k.conn.BufferedAmount(); n != len("firstheadtailbehind") {
			t.Errorf("%d bytes are buffered", n)
		}
		close(hold)
		if got := <-bodies; got != "4head\x1ebdGFpbA==\x1e4behind" {
			t.Errorf("body %q", got)
		}
		<-k.drains
		if err := k.conn.SendVolatile(client.Message{Data: []byte("now")}); err != nil {
			t.Errorf("SendVolatile: %v", err)
		}
		if got := <-bodies; got != "4now" {
			t.Errorf("body %q", got)
		}
		// Nothing waits: one that is larger than the bound may pass.
		<-k.drains
		if err := k.conn.Send(client.Text, make([]byte, 1000)); err != nil {
			t.Errorf("a large one alone: %v", err)
		}
		<-bodies
	})
}

// An unbounded number of empty messages is not free of charge.
func TestEmptyMessagesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := dial(t, "http://memory", client.Config{HTTPClient: mute(t, false), Transports: []string{client.WebSocket}, MaxQueuedBytes: 1000})
		k.send("first, which fills the pipe")
		synctest.Wait()
		n := 0
		for ; n < 1000 && k.conn.Send(client.Text, nil) == nil; n++ {
		}
		if n == 1000 || n == 0 {
			t.Errorf("%d empty messages wait", n)
		}
	})
}

// record is one request that a server saw.
type record struct {
	method string
	query  url.Values
	header http.Header
	host   string
	path   string
}

// CLI-24 CLI-25 CLI-26 CLI-30: what every request has.
func TestRequests(t *testing.T) {
	h := newHost()
	srv := engine.NewServer(engine.Config{Path: "/some/path/", Logger: quiet(), Origins: []string{"*"}}, h)
	var mu sync.Mutex
	var seen []record
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, record{r.Method, r.URL.Query(), r.Header.Clone(), r.Host, r.URL.Path})
		n := len(seen)
		mu.Unlock()
		if n == 1 {
			http.SetCookie(w, &http.Cookie{Name: "node", Value: "7", Path: "/"})
		}
		srv.ServeHTTP(w, r)
	}))
	defer web.Close()
	defer func() { _ = srv.Shutdown(t.Context()) }()
	k := dial(t, strings.Replace(web.URL, "http:", "ws:", 1)+"/ignored?from=url&sid=forged&EIO=3&transport=x&j=0#fragment", client.Config{
		Path:        "some/path",
		Header:      http.Header{"Authorization": {"Bearer x"}, "X-Two": {"1", "2"}, "Host": {"chat.example"}},
		Query:       url.Values{"from": {"config"}, "b64": {"1"}, "name": {"a&b €"}},
		Protocols:   []string{"one", "two"},
		ForceBase64: true,
	})
	k.wantUpgrade("websocket")
	k.send("x")
	k.want("text:x")
	k.conn.Close()
	k.wantEnd(client.ForcedClose)
	mu.Lock()
	defer mu.Unlock()
	times := map[string]bool{}
	kinds := map[string]int{}
	for i, r := range seen {
		q := r.query
		kinds[r.method+" "+q.Get("transport")]++
		if r.path != "/some/path/" || r.host != "chat.example" {
			t.Errorf("request %d to %q at %q", i, r.path, r.host)
		}
		if q.Get("EIO") != "4" || len(q["EIO"]) != 1 || len(q["transport"]) != 1 || len(q["from"]) != 2 || q.Get("name") != "a&b €" || q.Get("j") != "" || len(q["b64"]) != 1 {
			t.Errorf("request %d has the query %v", i, q)
		}
		if sid := q.Get("sid"); i == 0 && q.Has("sid") || i > 0 && len(sid) != 20 {
			t.Errorf("request %d has the sid %q", i, sid)
		}
		if r.header.Get("Authorization") != "Bearer x" || len(r.header["X-Two"]) != 2 {
			t.Errorf("request %d has the header %v", i, r.header)
		}
		if c := r.header.Get("Cookie"); i > 0 && c != "node=7" || i == 0 && c != "" {
			t.Errorf("request %d has the cookie %q", i, c)
		}
		if q.Get("transport") == "websocket" {
			if got := r.header.Get("Sec-Websocket-Protocol"); got != "one, two" {
				t.Errorf("subprotocols %q", got)
			}
			continue
		}
		if times[q.Get("t")] || q.Get("t") == "" {
			t.Errorf("request %d repeats t=%q", i, q.Get("t"))
		}
		times[q.Get("t")] = true
	}
	if kinds["GET websocket"] != 1 || kinds["GET polling"] < 2 {
		t.Errorf("requests: %v", kinds)
	}
}

// CLI-24: where the path comes from.
func TestPaths(t *testing.T) {
	var mu sync.Mutex
	var path string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		path = r.URL.EscapedPath()
		mu.Unlock()
		if r.URL.Query().Get("EIO") != "4" {
			t.Errorf("the query is %q", r.URL.RawQuery)
		}
		http.NotFound(w, r)
	}))
	defer web.Close()
	for _, c := range []struct {
		url  string
		cfg  client.Config
		want string
	}{
		{"", client.Config{}, "/engine.io/"},
		{"/", client.Config{}, "/engine.io/"},
		{"/mine", client.Config{}, "/mine/"},
		{"/mine/", client.Config{Path: "/other"}, "/other/"},
		{"", client.Config{Path: "other"}, "/other/"},
		{"", client.Config{Path: "/other", NoTrailingSlash: true}, "/other"},
		{"", client.Config{Path: "/a b/ü"}, "/a%20b/%C3%BC/"},
		{"/a%2Fb", client.Config{}, "/a%2Fb/"},
		{"?", client.Config{}, "/engine.io/"},
	} {
		fails(t, web.URL+c.url, c.cfg, "404")
		mu.Lock()
		if path != c.want {
			t.Errorf("%q with %q: %s, want %s", c.url, c.cfg.Path, path, c.want)
		}
		mu.Unlock()
	}
}

// CLI-26: a Jar of the application is used, a Memory's is shared by connections, and
// otherwise each connection has its own.
func TestCookies(t *testing.T) {
	var mu sync.Mutex
	logins := 0
	s := &script{t: t}
	s.open = func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if _, err := r.Cookie("node"); err != nil {
			logins++
			http.SetCookie(w, &http.Cookie{Name: "node", Value: "7"})
		}
		_, _ = io.WriteString(w, `0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000}`)
	}
	url := s.start()
	twice := func(cfg client.Config) int {
		mu.Lock()
		before := logins
		mu.Unlock()
		dial(t, url, cfg)
		dial(t, url, cfg)
		mu.Lock()
		defer mu.Unlock()
		return logins - before
	}
	if n := twice(client.Config{}); n != 2 {
		t.Errorf("%d logins without anything", n)
	}
	if n := twice(client.Config{Memory: new(client.Memory)}); n != 1 {
		t.Errorf("%d logins with a Memory", n)
	}
	jar, _ := cookiejar.New(nil)
	hc := &http.Client{Jar: jar}
	if n := twice(client.Config{HTTPClient: hc, Memory: new(client.Memory)}); n != 1 || len(jar.Cookies(mustParse(url+"/engine.io/"))) != 1 {
		t.Errorf("%d logins with a Jar", n)
	}
	if twice(client.Config{HTTPClient: &http.Client{}}); hc.Timeout != 0 || hc.Jar != jar {
		t.Error("the client was changed")
	}
}

func mustParse(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

// CLI-27 CLI-28: a proxy and TLS are matters of the http.Client, for both transports.
func TestTLSAndProxy(t *testing.T) {
	h := newHost()
	srv := engine.NewServer(engine.Config{Logger: quiet()}, h)
	web := httptest.NewUnstartedServer(srv)
	web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	web.StartTLS()
	defer web.Close()
	defer func() { _ = srv.Shutdown(t.Context()) }()
	through := make(chan string, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		through <- r.Method + " " + r.Host
		tunnel(t, w, r)
	}))
	defer proxy.Close()
	hc := web.Client()
	hc.Transport.(*http.Transport).Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
	for _, cfg := range []client.Config{{}, {Transports: []string{client.WebSocket}}, {Transports: []string{client.Polling}}} {
		cfg.HTTPClient = hc
		k := dial(t, web.URL, cfg)
		if cfg.Transports == nil {
			k.wantUpgrade("websocket")
		}
		large := strings.Repeat("x", 300_000)
		k.send("x", large)
		k.want("text:x", "text:"+large)
		k.conn.Close()
		k.wantEnd(client.ForcedClose)
	}
	hc.CloseIdleConnections()
	if got := <-through; got != "CONNECT "+strings.TrimPrefix(web.URL, "https://") {
		t.Errorf("the proxy saw %q", got)
	}
	fails(t, web.URL, client.Config{}, "certificate")
	fails(t, web.URL, client.Config{Transports: []string{client.WebSocket}}, "certificate")
}

// tunnel is what a proxy does.
func tunnel(t *testing.T, w http.ResponseWriter, r *http.Request) {
	up, err := net.Dial("tcp", r.Host)
	if err != nil {
		t.Error(err)
		return
	}
	down, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(down, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(up, down)
		_ = up.Close()
	}()
	go func() {
		_, _ = io.Copy(down, up)
		_ = down.Close()
	}()
}
