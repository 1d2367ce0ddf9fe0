package fasthttpbridge_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/go-socketio/socketio/fasthttpbridge"
)

// patience bounds every wait of these tests; none is expected to take long.
const patience = 10 * time.Second

// rig is a fasthttp server with one handler.
type rig struct {
	t    *testing.T
	srv  *fasthttp.Server
	addr string
	log  *record
}

// record keeps what the server logs.
type record struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *record) Printf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(&r.text, format+"\n", args...)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func start(t *testing.T, h http.HandlerFunc, set ...func(*fasthttp.Server)) *rig {
	t.Helper()
	g := &rig{t: t, log: &record{}}
	g.srv = &fasthttp.Server{Handler: fasthttpbridge.Handler(h), Logger: g.log}
	for _, f := range set {
		f(g.srv)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g.addr = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- g.srv.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := g.srv.ShutdownWithContext(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return g
}

// dial opens a connection and writes text to it.
func (g *rig) dial(text string) (net.Conn, *bufio.Reader) {
	g.t.Helper()
	c, err := net.Dial("tcp", g.addr)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		g.t.Fatal(err)
	}
	g.write(c, text)
	return c, bufio.NewReader(c)
}

func (g *rig) write(c net.Conn, text string) {
	g.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		g.t.Fatal(err)
	}
}

// answer reads a response with its body.
func (g *rig) answer(r *bufio.Reader, method string) (*http.Response, string) {
	g.t.Helper()
	res, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		g.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return res, string(body)
}

func (g *rig) do(request, method string) (*http.Response, string) {
	g.t.Helper()
	_, r := g.dial(request)
	return g.answer(r, method)
}

// take waits for a value.
func take[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

func TestRequest(t *testing.T) {
	g := start(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintln(w, r.Method, r.URL.Path, r.URL.RawQuery, r.Proto, r.ProtoMajor, r.ProtoMinor, r.Host, r.RequestURI)
		fmt.Fprintln(w, r.Header.Values("X-A"), r.Header.Get("X-B"), r.Header["Host"], r.ContentLength, string(body), err)
		_, port, _ := net.SplitHostPort(r.RemoteAddr)
		fmt.Fprintln(w, port != "", r.Context().Value(http.LocalAddrContextKey), r.TLS)
	})
	_, body := g.do("POST /a%20b/?x=%20y&z HTTP/1.1\r\nHost: h.example:8\r\nx-a: 1\r\nX-A: 2\r\nx-B: 3\r\nContent-Length: 4\r\n\r\nbody", "POST")
	want := "POST /a b/ x=%20y&z HTTP/1.1 1 1 h.example:8 /a%20b/?x=%20y&z\n[1 2] 3 [] 4 body <nil>\ntrue " + g.addr + " <nil>\n"
	if body != want {
		t.Errorf("got  %q\nwant %q", body, want)
	}
}

func TestChunkedAndStreamedRequestBodies(t *testing.T) {
	for _, streamed := range []bool{false, true} {
		g := start(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			fmt.Fprint(w, len(body), err)
		}, func(s *fasthttp.Server) { s.StreamRequestBody = streamed })
		_, body := g.do("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "POST")
		if body != "5 <nil>" {
			t.Errorf("streamed %v, chunked: %q", streamed, body)
		}
		_, body = g.do("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("x", 100000), "POST")
		if body != "100000 <nil>" {
			t.Errorf("streamed %v, with a length: %q", streamed, body)
		}
	}
}

// What the handler keeps of a request stays as it was when fasthttp serves the
// next one out of the same memory.
func TestRequestMayBeKept(t *testing.T) {
	kept := make(chan *http.Request, 2)
	g := start(t, func(w http.ResponseWriter, r *http.Request) { kept <- r })
	c, r := g.dial("GET /aaaa?aaaa HTTP/1.1\r\nHost: aaaa\r\nUser-Agent: aaaa\r\nCookie: a=aaaa\r\n\r\n")
	g.answer(r, "GET")
	g.write(c, "POST /bbbb?bbbb HTTP/1.1\r\nHost: bbbb\r\nUser-Agent: bbbb\r\nCookie: b=bbbb\r\nContent-Length: 4\r\n\r\nbbbb")
	g.answer(r, "POST")
	first, second := <-kept, <-kept
	got := fmt.Sprint(first.Method, first.URL, first.Host, first.Header, first.RequestURI)
	if strings.Contains(got, "b") || !strings.Contains(got, "aaaa") {
		t.Errorf("the kept request has become %s", got)
	}
	if n, err := second.Body.Read(make([]byte, 1)); n != 0 || err != http.ErrBodyReadAfterClose {
		t.Errorf("a body read after the request: %d, %v", n, err)
	}
	if first.Context().Err() == nil {
		t.Error("the request's context outlives the request")
	}
}

func TestResponse(t *testing.T) {
	g := start(t, func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		switch r.URL.Path {
		case "/full":
			h.Set("X-A", "1")
			h.Add("X-A", "2")
			h.Add("Set-Cookie", "a=b; Path=/")
			h.Add("Set-Cookie", "c=d")
			h.Set("Content-Type", "text/x")
			h.Set("Content-Length", "3")
			w.WriteHeader(http.StatusTeapot)
			w.WriteHeader(http.StatusOK)
			h.Set("X-Late", "1")
			_, _ = io.WriteString(w, "abc")
		case "/sniff":
			_, _ = io.WriteString(w, "<html>")
		case "/empty":
		case "/none":
			w.WriteHeader(http.StatusNoContent)
			if _, err := w.Write([]byte("x")); err != http.ErrBodyNotAllowed {
				panic(err)
			}
		case "/head":
			h.Set("Content-Length", "12345")
		case "/early":
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusAccepted)
		case "/close":
			h.Set("Connection", "close")
		}
	})
	get := func(path string) (*http.Response, string) {
		return g.do("GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n", "GET")
	}
	res, body := get("/full")
	if res.StatusCode != 418 || body != "abc" || res.ContentLength != 3 || res.Header.Get("Content-Type") != "text/x" ||
		!slices.Equal(res.Header["X-A"], []string{"1", "2"}) || len(res.Cookies()) != 2 || res.Header.Get("X-Late") != "" {
		t.Errorf("full: %v %q", res, body)
	}
	if res, body = get("/sniff"); body != "<html>" || res.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("sniff: %v", res)
	}
	if res, body = get("/empty"); res.StatusCode != 200 || body != "" || res.ContentLength != 0 {
		t.Errorf("empty: %v", res)
	}
	if res, body = get("/none"); res.StatusCode != 204 || body != "" {
		t.Errorf("none: %v", res)
	}
	if res, _ = get("/early"); res.StatusCode != 202 {
		t.Errorf("early: %v", res)
	}
	if res, _ = get("/close"); !res.Close {
		t.Errorf("close: %v", res)
	}
	if res, _ = g.do("HEAD /head HTTP/1.1\r\nHost: h\r\n\r\n", "HEAD"); res.ContentLength != 12345 {
		t.Errorf("head: %v", res)
	}
}

// What middleware has set is the handler's to see, to change and to delete,
// and user values are in the context.
func TestMiddleware(t *testing.T) {
	inner := fasthttpbridge.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", w.Header().Get("X-Keep"))
		w.Header().Set("X-Change", "new")
		w.Header().Del("X-Delete")
		fmt.Fprint(w, r.Context().Value("who"), r.Context().Value(key{}), r.Context().Value("nobody"))
	}))
	g := start(t, nil, func(s *fasthttp.Server) {
		s.Handler = func(ctx *fasthttp.RequestCtx) {
			ctx.SetUserValue("who", "ada")
			ctx.SetUserValue(key{}, 7)
			for _, name := range []string{"X-Keep", "X-Change", "X-Delete"} {
				ctx.Response.Header.Set(name, "old")
			}
			inner(ctx)
			ctx.Response.Header.Set("X-After", "1")
		}
	})
	res, body := g.do("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET")
	h := res.Header
	if body != "ada7 <nil>" || h.Get("X-Keep") != "old" || h.Get("X-Seen") != "old" || h.Get("X-After") != "1" ||
		len(h["X-Delete"]) != 0 || !slices.Equal(h["X-Change"], []string{"new"}) {
		t.Errorf("%q %v", body, h)
	}
}

type key struct{}

// A flushed response is on its way while the handler still runs.
func TestStreaming(t *testing.T) {
	step := make(chan struct{})
	ended := make(chan error, 1)
	g := start(t, func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		_, _ = io.WriteString(w, "one")
		if err := rc.Flush(); err != nil {
			ended <- err
			return
		}
		<-step
		_, _ = io.WriteString(w, "two")
		<-step
		_, err := io.WriteString(w, "three")
		ended <- err
	})
	_, r := g.dial("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one", "two", "three"} {
		got := make([]byte, len(want))
		if _, err := io.ReadFull(res.Body, got); err != nil || string(got) != want {
			t.Fatalf("%q, %v; want %q", got, err, want)
		}
		if want != "three" {
			step <- struct{}{}
		}
	}
	if rest, err := io.ReadAll(res.Body); len(rest) != 0 || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
	if err := take(t, "the handler", ended); err != nil {
		t.Error(err)
	}
}

// Nobody who does not read keeps a connection for longer than the deadline
// that the handler had when it flushed.
func TestDeadlineOfCompleteResponse(t *testing.T) {
	const size = 32 << 20 // more than the kernel takes
	g := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(size))
		_, _ = w.Write(make([]byte, size))
		rc := http.NewResponseController(w)
		if err := rc.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			t.Error(err)
		}
		_ = rc.Flush()
		_ = rc.SetWriteDeadline(time.Time{})
	})
	_, r := g.dial("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if _, err := r.Peek(1); err != nil {
		t.Fatal(err)
	}
	late := time.After(patience)
	for g.srv.GetOpenConnectionsCount() > 0 {
		select {
		case <-time.After(time.Millisecond):
		case <-late:
			t.Fatal("the connection is still open")
		}
	}
}

// The flush of a complete response keeps its length.
func TestFlushOfCompleteResponse(t *testing.T) {
	g := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(bytes.Repeat([]byte("x"), 100000))
		rc := http.NewResponseController(w)
		_ = rc.SetWriteDeadline(time.Now().Add(patience))
		_ = rc.Flush()
		_ = rc.SetWriteDeadline(time.Time{})
	})
	res, body := g.do("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET")
	if res.ContentLength != 100000 || len(body) != 100000 {
		t.Errorf("%d of %d bytes", len(body), res.ContentLength)
	}
}
