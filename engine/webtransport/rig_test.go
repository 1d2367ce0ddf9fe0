package webtransport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/webtransport"
	"github.com/go-socketio/socketio/internal/eio"
	wt "github.com/quic-go/webtransport-go"
)

// patience bounds every wait of a test that is about to fail.
const patience = 20 * time.Second

// app echoes, and tells what it sees.
type app struct {
	opened chan *talk
	onMsg  func(*talk, string)
}

type talk struct {
	*engine.Session
	app   *app
	ended chan engine.Reason
	got   chan string
}

func (a *app) Open(s *engine.Session) (engine.Receiver, error) {
	k := &talk{Session: s, app: a, ended: make(chan engine.Reason, 1), got: make(chan string, 100)}
	a.opened <- k
	return k, nil
}

func (k *talk) Message(kind engine.Kind, data []byte) {
	k.got <- string(data)
	if f := k.app.onMsg; f != nil {
		f(k, string(data))
	}
	if kind == engine.Text {
		_ = k.Send(engine.NewText(data))
	} else {
		_ = k.Send(engine.NewBinary(data))
	}
}

func (k *talk) Heartbeat(time.Duration) {}

func (k *talk) Closed(reason engine.Reason, _ error) { k.ended <- reason }

func receive[T any](t testing.TB, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
	}
	return v
}

// rig is an engine's server behind HTTP/3 on a loopback port, and behind plain HTTP on another.
type rig struct {
	t     testing.TB
	app   *app
	srv   *engine.Server
	wt    *webtransport.Server
	web   *httptest.Server
	addr  string // of HTTP/3
	roots *x509.CertPool
}

func start(t testing.TB, cfg engine.Config, also func(*webtransport.Config)) *rig {
	t.Helper()
	a := &app{opened: make(chan *talk, 100)}
	cfg.Transports = []string{engine.Polling, engine.WebSocket, engine.WebTransport}
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.CloseTimeout = 2 * time.Second // the polling clients of these tests do not stay for last words
	g := &rig{t: t, app: a, srv: engine.NewServer(cfg, a)}
	cert, _, err := webtransport.SelfSigned("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	g.roots = x509.NewCertPool()
	g.roots.AddCert(leaf)
	c := webtransport.Config{TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}, Logger: cfg.Logger}
	if also != nil {
		also(&c)
	}
	g.wt = webtransport.New(g.srv, c)
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g.addr = conn.LocalAddr().String()
	served := make(chan error, 1)
	go func() { served <- g.wt.Serve(conn) }()
	g.web = httptest.NewServer(g.srv)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := g.srv.Shutdown(ctx); err != nil {
			t.Errorf("engine's Shutdown: %v", err)
		}
		if err := g.wt.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := receive(t, "Serve to return", served); err != http.ErrServerClosed {
			t.Errorf("Serve returned %v", err)
		}
		g.web.Close()
		_ = conn.Close()
	})
	return g
}

// guest is a WebTransport client that does what it is told, but that it
// answers pings when it is to.
type guest struct {
	t       testing.TB
	session *wt.Session
	stream  *wt.Stream
	frames  eio.Deframer
	buf     []byte
	rest    []byte
}

// dial asks for a session at a path with its query.
func (g *rig) dial(uri string, pairs ...string) (*http.Response, *wt.Session, error) {
	g.t.Helper()
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	tr := &wt.Transport{TLSClientConfig: &tls.Config{RootCAs: g.roots}}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	res, session, err := tr.Dial(ctx, "https://"+g.addr+uri, h)
	if err == nil {
		g.t.Cleanup(func() { _ = session.CloseWithError(0, "") })
	}
	return res, session, err
}

// client opens a session's stream and says the first packet.
func (g *rig) client(query, first string, pairs ...string) *guest {
	g.t.Helper()
	_, session, err := g.dial("/engine.io/?EIO=4&transport=webtransport"+query, pairs...)
	if err != nil {
		g.t.Fatal(err)
	}
	stream, err := session.OpenStream()
	if err != nil {
		g.t.Fatal(err)
	}
	c := &guest{t: g.t, session: session, stream: stream, frames: eio.Deframer{Max: 16 << 20}, buf: make([]byte, 8<<10)}
	c.say(first)
	return c
}

// connect opens a session and returns both ends.
func (g *rig) connect() (*guest, *talk) {
	g.t.Helper()
	c := g.client("", "0")
	if s := c.next(); !strings.HasPrefix(s, `0{"sid":"`) {
		g.t.Fatalf("first packet is %q", s)
	}
	return c, receive(g.t, "a session", g.app.opened)
}

func (c *guest) write(b []byte) {
	_ = c.stream.SetWriteDeadline(time.Now().Add(patience))
	_, _ = c.stream.Write(b) // what follows tells whether it arrived
}

func (c *guest) say(s string) {
	c.write(append(eio.AppendFrameHeader(nil, len(s), false), s...))
}

func (c *guest) sayBinary(s string) {
	c.write(append(eio.AppendFrameHeader(nil, len(s), true), s...))
}

// read returns the next packet, "binary:…" if it is one, or what ended the stream.
func (c *guest) read() (string, error) {
	_ = c.stream.SetReadDeadline(time.Now().Add(patience))
	for {
		data, binary, rest, err := c.frames.Next(c.rest)
		c.rest = rest
		switch {
		case err != nil:
			return "", err
		case binary:
			return "binary:" + string(data), nil
		case data != nil:
			return string(data), nil
		}
		n, err := c.stream.Read(c.buf)
		if n == 0 && err != nil {
			return "", err
		}
		c.rest = c.buf[:n]
	}
}

func (c *guest) next() string {
	c.t.Helper()
	s, err := c.read()
	if err != nil {
		c.t.Fatalf("stream ended: %v", err)
	}
	return s
}

func (c *guest) want(packets ...string) {
	c.t.Helper()
	for _, want := range packets {
		if got := c.next(); got != want {
			c.t.Fatalf("got %.80q, want %.80q", got, want)
		}
	}
}

// wantEnd waits until the server has closed the session.
func (c *guest) wantEnd() {
	c.t.Helper()
	receive(c.t, "the session's end", c.session.Context().Done())
	if s, err := c.read(); err == nil {
		c.t.Fatalf("got %.80q, want nothing", s)
	}
}

func (g *rig) get(uri string) string {
	g.t.Helper()
	res, err := http.Get(g.web.URL + uri)
	if err != nil {
		g.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return string(b)
}

// leftovers waits until no more goroutines run than before.
func leftovers(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			b := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, before it were %d\n%s", runtime.NumGoroutine(), before, b[:runtime.Stack(b, true)])
		}
	}
}
