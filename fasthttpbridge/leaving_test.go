package fasthttpbridge_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/go-socketio/socketio/fasthttpbridge"
)

const plain = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

// The handler of a client that goes away is told, be there a ReadTimeout or not,
// and the connection of one that stays is good for more requests.
func TestClientGone(t *testing.T) {
	for _, timeout := range []time.Duration{0, time.Nanosecond} {
		in, out := make(chan struct{}), make(chan error, 1)
		g := start(t, func(w http.ResponseWriter, r *http.Request) {
			in <- struct{}{}
			select {
			case <-r.Context().Done():
				out <- r.Context().Err()
			case in <- struct{}{}:
			}
		}, func(s *fasthttp.Server) {
			// Too short for any request: put off until the handler runs.
			s.HeaderReceived = func(*fasthttp.RequestHeader) fasthttp.RequestConfig {
				return fasthttp.RequestConfig{ReadTimeout: timeout}
			}
		})
		c, r := g.dial(plain)
		for range 3 {
			take(t, "the handler", in)
			take(t, "its way on", in)
			if res, _ := g.answer(r, "GET"); res.StatusCode != 200 {
				t.Fatal(res)
			}
			g.write(c, plain)
		}
		take(t, "the handler", in)
		_ = c.Close()
		if err := take(t, "the end of the context", out); err == nil {
			t.Error("no error")
		}
	}
}

// A client that sends its next request meanwhile has not gone.
func TestPipelining(t *testing.T) {
	in := make(chan struct{})
	g := start(t, func(w http.ResponseWriter, r *http.Request) {
		in <- struct{}{}
		in <- struct{}{}
		fmt.Fprint(w, r.URL.Path, r.Context().Err())
	})
	c, r := g.dial("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")
	take(t, "the handler", in)
	g.write(c, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HTTP/1.1\r\nHost: h\r\n\r\n")
	// fasthttp holds answers back while it has requests at hand.
	for range 5 {
		take(t, "the handlers", in)
	}
	for _, want := range []string{"/1<nil>", "/2<nil>", "/3<nil>"} {
		if _, body := g.answer(r, "GET"); strings.ReplaceAll(body, " ", "") != want {
			t.Errorf("%q, want %q", body, want)
		}
	}
}

func TestStreamToNobody(t *testing.T) {
	ended := make(chan error, 1)
	g := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		for {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				<-r.Context().Done()
				ended <- err
				return
			}
		}
	})
	c, _ := g.dial(plain)
	_ = c.Close()
	if err := take(t, "the handler", ended); err == nil {
		t.Error("no error")
	}
}

// A client that does not read is given up after the write deadline.
func TestStreamUnread(t *testing.T) {
	ended := make(chan error, 1)
	g := start(t, func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		_ = rc.Flush()
		if err := rc.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			ended <- err
		}
		for {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				ended <- nil
				return
			}
		}
	})
	g.dial(plain)
	if err := take(t, "the handler", ended); err != nil {
		t.Error(err)
	}
}

func TestPanics(t *testing.T) {
	inner := fasthttpbridge.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/stream":
			w.(http.Flusher).Flush()
			panic("late")
		case "/abort":
			panic(http.ErrAbortHandler)
		}
		panic("early")
	}))
	g := start(t, nil, func(s *fasthttp.Server) {
		s.Handler = func(ctx *fasthttp.RequestCtx) {
			defer func() {
				if v := recover(); v != nil {
					ctx.Error(fmt.Sprint("recovered ", v), 500)
				}
			}()
			inner(ctx)
		}
	})
	if res, body := g.do(plain, "GET"); res.StatusCode != 500 || body != "recovered early" {
		t.Errorf("%v %q", res, body)
	}
	if log := g.log.String(); !strings.Contains(log, "early") || !strings.Contains(log, "leaving_test.go") {
		t.Errorf("the log has no stack:\n%s", log)
	}
	_, r := g.dial("GET /abort HTTP/1.1\r\nHost: h\r\n\r\n")
	if b, err := io.ReadAll(r); len(b) != 0 {
		t.Errorf("aborted: %q, %v", b, err)
	}
	_, r = g.dial("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n")
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("a stream that broke off looks whole: %q", b)
	}
}

func TestBadAddress(t *testing.T) {
	g := start(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	_, r := g.dial("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n")
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != 400 {
		t.Errorf("%v, %v", res, err)
	}
}

const upgrade = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"

// echo takes over and says everything back, each line with what the
// connection was like.
func echo(t *testing.T, ended chan<- error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			ended <- err
			return
		}
		if _, err := w.Write([]byte("late")); err != http.ErrHijacked {
			t.Errorf("write after hijack: %v", err)
		}
		w.WriteHeader(404)
		if _, _, err := w.(http.Hijacker).Hijack(); err != http.ErrHijacked {
			t.Errorf("second hijack: %v", err)
		}
		fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Conn: %T %d\r\n\r\n", c, rw.Reader.Buffered())
		_ = rw.Flush()
		go func() { // outlives the handler, as the engine's reader does
			_, err := io.Copy(c, rw)
			_ = c.Close()
			_ = c.Close()
			ended <- err
		}()
	}
}

func (g *rig) hijacked(c net.Conn, r *bufio.Reader, conn string) {
	g.t.Helper()
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	if res.StatusCode != 101 || res.Header.Get("X-Conn") != conn {
		g.t.Errorf("%v, want %s", res, conn)
	}
	g.write(c, "ping")
	got := make([]byte, 4)
	if _, err := io.ReadFull(r, got); err != nil || string(got) != "ping" {
		g.t.Fatalf("%q, %v", got, err)
	}
}

// HTTP-23: a connection can be taken over, and is nobody else's from then on.
func TestHijack(t *testing.T) {
	for name, set := range map[string]func(*fasthttp.Server){
		"plain": func(s *fasthttp.Server) {},
		"timeouts": func(s *fasthttp.Server) {
			s.HeaderReceived = func(*fasthttp.RequestHeader) fasthttp.RequestConfig {
				return fasthttp.RequestConfig{ReadTimeout: 50 * time.Millisecond, WriteTimeout: 50 * time.Millisecond}
			}
		},
		"kept":         func(s *fasthttp.Server) { s.KeepHijackedConns = true },
		"less memory":  func(s *fasthttp.Server) { s.ReduceMemoryUsage = true },
		"no keepalive": func(s *fasthttp.Server) { s.DisableKeepalive = true },
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan error, 1)
			g := start(t, echo(t, ended), set)
			c, r := g.dial(upgrade)
			g.hijacked(c, r, "*net.TCPConn 0")
			select {
			case err := <-ended:
				t.Fatalf("ended early: %v", err)
			case <-time.After(100 * time.Millisecond): // longer than the timeouts
			}
			g.write(c, "pong")
			if b, err := r.Peek(4); string(b) != "pong" {
				t.Fatalf("%q, %v", b, err)
			}
			_ = c.(*net.TCPConn).CloseWrite()
			if err := take(t, "the end", ended); err != nil {
				t.Error(err)
			}
			if rest, err := io.ReadAll(r); string(rest) != "pong" || err != nil {
				t.Errorf("%q, %v", rest, err)
			}
		})
	}
}

// A WebSocket on a plain connection keeps no goroutine of fasthttp's, nor the
// context and the reader that belong to it.
func TestHijackKeepsNothing(t *testing.T) {
	ended := make(chan error, 1)
	g := start(t, echo(t, ended))
	c, r := g.dial(upgrade)
	g.hijacked(c, r, "*net.TCPConn 0")
	stacks := make([]byte, 1<<20)
	for late := time.After(patience); ; {
		all := string(stacks[:runtime.Stack(stacks, true)])
		if !strings.Contains(all, "leaving_test.go") {
			t.Fatal("the stacks are not those of this program")
		}
		if !strings.Contains(all, "hijackConnHandler") {
			break
		}
		select {
		case <-time.After(time.Millisecond):
		case <-late:
			t.Fatalf("fasthttp still holds the connection:\n%s", all)
		}
	}
	_ = c.Close()
	take(t, "the end", ended)
}

// What the client sends right behind its handshake is not lost.
func TestHijackWithEarlyBytes(t *testing.T) {
	ended := make(chan error, 1)
	g := start(t, echo(t, ended))
	early := strings.Repeat("early", 300)
	c, r := g.dial(upgrade + early)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != 101 {
		t.Fatal(res, err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	if got, err := io.ReadAll(r); string(got) != early || err != nil {
		t.Errorf("%d bytes of %d, %v", len(got), len(early), err)
	}
	if err := take(t, "the end", ended); err != nil {
		t.Error(err)
	}
}

// Connections that cannot be duplicated are held until the handler closes them.
func TestHijackHeld(t *testing.T) {
	ended := make(chan error, 1)
	g := start(t, echo(t, ended), func(s *fasthttp.Server) { s.MaxConnsPerIP = 2 })
	for range 5 { // more than may be open at a time
		c, r := g.dial(upgrade)
		g.hijacked(c, r, "*fasthttpbridge.heldConn 0")
		_ = c.Close()
		take(t, "the end", ended)
		// fasthttp counts the connection until it has noticed.
		for g.srv.GetOpenConnectionsCount() > 0 {
			<-time.After(time.Millisecond)
		}
	}
}

func TestHijackOverTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"h"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	srv := &fasthttp.Server{Handler: fasthttpbridge.Handler(echo(t, ended))}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := tls.NewListener(tcp, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	raw, err := net.Dial("tcp", tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := tls.Client(raw, &tls.Config{InsecureSkipVerify: true})
	_ = c.SetDeadline(time.Now().Add(patience))
	g := &rig{t: t}
	g.write(c, upgrade)
	g.hijacked(c, bufio.NewReader(c), "*fasthttpbridge.heldConn 0")
	_ = c.Close()
	take(t, "the end", ended)
	if err := srv.Shutdown(); err != nil {
		t.Error(err)
	}
	take(t, "the server", served)
}

// A request that is too late for a hijack says so.
func TestHijackAfterFlush(t *testing.T) {
	ended := make(chan error, 1)
	g := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		_, _, err := w.(http.Hijacker).Hijack()
		ended <- err
	})
	g.do(plain, "GET")
	if err := take(t, "the handler", ended); err == nil {
		t.Error("no error")
	}
}
