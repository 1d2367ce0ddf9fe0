package webtransport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/webtransport"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	wt "github.com/quic-go/webtransport-go"
)

// ENG-04 NEW-27: a session of its own, with the client's real address and headers.
func TestSession(t *testing.T) {
	g := start(t, engine.Config{}, nil)
	c := g.client("&token=x", "0", "User-Agent", "test")
	open := c.next()
	k := receive(t, "a session", g.app.opened)
	if !strings.Contains(open, k.ID()) || !strings.Contains(open, `"upgrades":[]`) {
		t.Errorf("open packet is %q", open)
	}
	if k.Transport() != engine.WebTransport {
		t.Errorf("transport is %q", k.Transport())
	}
	host, _, err := net.SplitHostPort(k.Request().RemoteAddr())
	if err != nil || host != "127.0.0.1" || k.Request().Query().Get("token") != "x" || k.Request().Header().Get("User-Agent") != "test" || !k.Request().Secure() {
		t.Errorf("request is %+v, %v", k.Request(), err)
	}
	for _, n := range []int{1, 125, 126, 65535, 65536, 999_999} {
		s := strings.Repeat("x", n)
		c.say("4" + s)
		c.want("4" + s)
		c.sayBinary(s)
		c.want("binary:" + s)
	}
	_ = c.session.CloseWithError(0, "")
	if why := receive(t, "the end", k.ended); why != engine.TransportClose {
		t.Errorf("session ended with %q", why)
	}
}

// ENG-06: from polling over HTTP/1.1 to WebTransport.
func TestUpgrade(t *testing.T) {
	g := start(t, engine.Config{}, nil)
	var open struct {
		SID      string
		Upgrades []string
	}
	if err := json.Unmarshal([]byte(g.get("/engine.io/?EIO=4&transport=polling")[1:]), &open); err != nil {
		t.Fatal(err)
	}
	k := receive(t, "a session", g.app.opened)
	if len(open.Upgrades) != 2 || open.Upgrades[1] != "webtransport" {
		t.Errorf("upgrades are %q", open.Upgrades)
	}
	c := g.client("&sid="+open.SID, `0{"sid":"`+open.SID+`"}`)
	c.say("2probe")
	c.want("3probe")
	if body := g.get("/engine.io/?EIO=4&transport=polling&sid=" + open.SID); body != "6" {
		t.Errorf("the GET was answered %q", body)
	}
	c.say("5")
	c.say("4hello")
	c.want("4hello")
	if k.Transport() != engine.WebTransport {
		t.Errorf("transport is %q", k.Transport())
	}
}

// What is queued when the server closes a session arrives, whole, before the end.
func TestLastWords(t *testing.T) {
	g := start(t, engine.Config{}, nil)
	c, k := g.connect()
	big := strings.Repeat("x", 500_000)
	_ = k.Send(engine.NewText([]byte("first")), engine.NewBinary([]byte(big)), engine.NewText([]byte("last")))
	k.Close(engine.ForcedClose)
	c.want("4first", "binary:"+big, "4last", "2")
	c.say("3")
	c.wantEnd()
	if why := receive(t, "the end", k.ended); why != engine.ForcedClose {
		t.Errorf("session ended with %q", why)
	}
}

// B-54: what ends a session, or keeps one from beginning.
func TestBroken(t *testing.T) {
	g := start(t, engine.Config{MaxPayload: 1000, UpgradeTimeout: 300 * time.Millisecond}, nil)
	for _, first := range []string{"4hi", "2probe", "0{}", `0{"sid":"unknown"}`} {
		g.client("", first).wantEnd()
	}
	for _, bytes := range []string{"\x00", "\x7e\x03\xe9", "\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "\x019"} {
		c, k := g.connect()
		c.write([]byte(bytes))
		if why := receive(t, "the end", k.ended); why != engine.ParseError {
			t.Errorf("%x ended the session with %q", bytes, why)
		}
		c.wantEnd()
	}
	_, mute, err := g.dial("/engine.io/?EIO=4&transport=webtransport")
	if err != nil {
		t.Fatal(err)
	}
	receive(t, "the end of one that opens no stream", mute.Context().Done())
	if n := g.srv.Len(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// HTTP-05 HTTP-14: the checks of other transports, and middleware.
func TestRefused(t *testing.T) {
	g := start(t, engine.Config{
		Origins: []string{"https://app.example"},
		AllowRequest: func(r *http.Request) error {
			return map[string]error{"no": errors.New("no")}[r.URL.Query().Get("allow")]
		},
	}, func(c *webtransport.Config) {
		c.Middleware = func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") == "bad" {
					http.Error(w, "who are you?", http.StatusUnauthorized)
					return
				}
				h.ServeHTTP(wrapped{w}, r)
			})
		}
	})
	const query = "?EIO=4&transport=webtransport"
	for _, c := range []struct {
		name, uri     string
		status        int
		header, value string
	}{
		{"middleware", "/engine.io/" + query, 401, "Authorization", "bad"},
		{"foreign origin", "/engine.io/" + query, 403, "Origin", "https://evil.example"},
		{"AllowRequest", "/engine.io/" + query + "&allow=no", 403, "X", "x"},
		{"path", "/elsewhere/" + query, 404, "X", "x"},
		{"unknown session", "/engine.io/" + query + "&sid=x", 400, "X", "x"},
		{"allowed origin", "/engine.io/" + query, 200, "Origin", "https://app.example"},
	} {
		res, _, err := g.dial(c.uri, c.header, c.value)
		if res == nil || res.StatusCode != c.status || (err == nil) != (c.status == 200) {
			t.Errorf("%s: %v, %v, want %d", c.name, res, err, c.status)
		}
	}
}

type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Requests that are none for WebTransport are served over HTTP/3 too.
func TestPollingOverHTTP3(t *testing.T) {
	g := start(t, engine.Config{}, nil)
	tr := &http3.Transport{TLSClientConfig: &tls.Config{RootCAs: g.roots}}
	defer func() { _ = tr.Close() }()
	hc := &http.Client{Transport: tr}
	res, err := hc.Get("https://" + g.addr + "/engine.io/?EIO=4&transport=polling")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	k := receive(t, "a session", g.app.opened)
	if !strings.Contains(string(body), k.ID()) {
		t.Errorf("answered %q", body)
	}
	res, err = hc.Post("https://"+g.addr+"/engine.io/?EIO=4&transport=polling&sid="+k.ID(), "text/plain", strings.NewReader("4hello"))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if got := receive(t, "a message", k.got); got != "hello" {
		t.Errorf("got %q", got)
	}
	k.Abort(engine.ForcedClose)
}

// A client that vanishes is found by the heartbeat, and one that does not read
// by the write that takes too long.
func TestGone(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("silent", func(t *testing.T) {
		g := start(t, engine.Config{PingInterval: 100 * time.Millisecond, PingTimeout: 200 * time.Millisecond}, nil)
		c, k := g.connect()
		c.want("2")
		if why := receive(t, "the end", k.ended); why != engine.PingTimeout {
			t.Errorf("session ended with %q", why)
		}
		c.wantEnd()
	})
	t.Run("vanished", func(t *testing.T) {
		g := start(t, engine.Config{PingInterval: 100 * time.Millisecond, PingTimeout: 200 * time.Millisecond}, nil)
		socket, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		tr := &quic.Transport{Conn: socket}
		d := &wt.Transport{
			TLSClientConfig: &tls.Config{RootCAs: g.roots, NextProtos: []string{http3.NextProtoH3}},
			DialAddr: func(ctx context.Context, addr string, tc *tls.Config, qc *quic.Config) (*quic.Conn, error) {
				to, err := net.ResolveUDPAddr("udp", addr)
				if err != nil {
					return nil, err
				}
				tc.ServerName = "127.0.0.1"
				return tr.Dial(ctx, to, tc, qc)
			},
		}
		_, session, err := d.Dial(t.Context(), "https://"+g.addr+"/engine.io/?EIO=4&transport=webtransport", nil)
		if err != nil {
			t.Fatal(err)
		}
		stream, err := session.OpenStream()
		if err != nil {
			t.Fatal(err)
		}
		_, _ = stream.Write([]byte("\x010"))
		k := receive(t, "a session", g.app.opened)
		_ = socket.Close() // no word leaves any more
		_ = tr.Close()
		if why := receive(t, "the end", k.ended); why != engine.PingTimeout {
			t.Errorf("session ended with %q", why)
		}
	})
	t.Run("not reading", func(t *testing.T) {
		g := start(t, engine.Config{WriteTimeout: 300 * time.Millisecond}, nil)
		_, k := g.connect()
		_ = k.Send(engine.NewBinary(make([]byte, 32<<20)))
		if why := receive(t, "the end", k.ended); why != engine.SlowConsumer {
			t.Errorf("session ended with %q", why)
		}
	})
	leftovers(t, before)
}

// Shutdown of the engine says goodbye, and that of this package ends the rest.
func TestShutdown(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("", func(t *testing.T) {
		g := start(t, engine.Config{}, nil)
		c, k := g.connect()
		down := make(chan error, 1)
		go func() { down <- g.srv.Shutdown(context.Background()) }()
		c.want("2")
		if res, _, err := g.dial("/engine.io/?EIO=4&transport=webtransport"); err == nil || res == nil || res.StatusCode != 503 {
			t.Errorf("during Shutdown a client is answered %v, %v", res, err)
		}
		c.say("3")
		c.wantEnd()
		if err := receive(t, "Shutdown", down); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if why := receive(t, "the end", k.ended); why != engine.ShuttingDown {
			t.Errorf("session ended with %q", why)
		}
	})
	t.Run("without the engine's", func(t *testing.T) {
		g := start(t, engine.Config{}, nil)
		c, k := g.connect()
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if err := g.wt.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		c.wantEnd()
		if why := receive(t, "the end", k.ended); why != engine.TransportClose {
			t.Errorf("session ended with %q", why)
		}
	})
	leftovers(t, before)
}

// What cannot be served says so.
func TestNothingToServe(t *testing.T) {
	srv := engine.NewServer(engine.Config{}, &app{})
	s := webtransport.New(srv, webtransport.Config{Addr: "127.0.0.1:0"})
	if err := s.ListenAndServe(); err == nil || !strings.Contains(err.Error(), "TLSConfig") {
		t.Errorf("without a certificate: %v", err)
	}
	if err := webtransport.New(srv, webtransport.Config{Addr: "no address"}).ListenAndServe(); err == nil {
		t.Error("without an address: no error")
	}
	cert, _, err := webtransport.SelfSigned("localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	s = webtransport.New(srv, webtransport.Config{Addr: "127.0.0.1:0", TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}})
	for range 2 {
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	}
	if err := s.ListenAndServe(); err != http.ErrServerClosed {
		t.Errorf("after Shutdown: %v", err)
	}
}

// Browsers take a certificate by its hash if it lasts two weeks at most.
func TestSelfSigned(t *testing.T) {
	cert, hash, err := webtransport.SelfSigned("localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if d := leaf.NotAfter.Sub(leaf.NotBefore); d > 14*24*time.Hour || time.Until(leaf.NotAfter) < 12*24*time.Hour {
		t.Errorf("it lasts %v", d)
	}
	for _, host := range []string{"localhost", "127.0.0.1"} {
		if err := leaf.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	if hash == [32]byte{} {
		t.Error("the hash is empty")
	}
}

// A Socket.IO server takes WebTransport as well.
func TestSocketIO(t *testing.T) {
	io := socketio.NewServer(socketio.Config{Transports: []string{engine.WebTransport}})
	io.Of("/").Handle("hello", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
		return e.Args(), nil
	})
	cert, _, err := webtransport.SelfSigned("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	s := webtransport.New(io.Engine(), webtransport.Config{TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}, Handler: io})
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	served := make(chan error, 1)
	go func() { served <- s.Serve(conn) }()
	roots := x509.NewCertPool()
	leaf, _ := x509.ParseCertificate(cert.Certificate[0])
	roots.AddCert(leaf)
	g := &rig{t: t, addr: conn.LocalAddr().String(), roots: roots}
	_, session, err := g.dial("/socket.io/?EIO=4&transport=webtransport")
	if err != nil {
		t.Fatal(err)
	}
	stream, err := session.OpenStream()
	if err != nil {
		t.Fatal(err)
	}
	c := &guest{t: t, session: session, stream: stream, buf: make([]byte, 1<<10)}
	c.frames.Max = 1 << 20
	c.say("0")
	_ = c.next()
	c.say("40")
	if s := c.next(); !strings.HasPrefix(s, "40{") {
		t.Fatalf("connected with %q", s)
	}
	c.say(`421["hello",{"a":1}]`)
	c.want(`431[{"a":1}]`)
	down := make(chan error, 1)
	go func() { down <- errors.Join(io.Shutdown(context.Background()), s.Shutdown(context.Background())) }()
	c.want("2")
	c.say("3")
	c.wantEnd()
	if err := receive(t, "Shutdown", down); err != nil {
		t.Error(err)
	}
	if err := receive(t, "Serve", served); err != http.ErrServerClosed {
		t.Errorf("Serve: %v", err)
	}
}
