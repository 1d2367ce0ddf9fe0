package engine_test

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
)

// patience bounds every wait of a test. It is long because it is only ever
// waited for by a test that is about to fail. In a synctest bubble, whose clock
// begins in the year 2000, hours pass in no time, and are meant to.
func patience() time.Duration {
	if time.Now().Year() == 2000 {
		return 5000 * time.Hour
	}
	return 20 * time.Second
}

// quiet is a logger for tests that provoke errors by the thousand.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// talk is the client's application under all tests: it records what it is told.
type talk struct {
	t      testing.TB
	conn   *client.Conn
	onMsg  func(client.Kind, string) // runs in Message, before it is recorded
	onOpen func(*client.Conn)

	got      chan string // "text:…" and "binary:…"
	ended    chan farewell
	upgrades chan string // the transport, or "failed: …"
	pings    chan struct{}
	drains   chan struct{}

	mu     sync.Mutex
	inside int
	over   bool
}

type farewell struct {
	reason client.Reason
	err    error
}

func newTalk(t testing.TB) *talk {
	return &talk{
		t: t, got: make(chan string, 1<<14), ended: make(chan farewell, 8), upgrades: make(chan string, 8),
		pings: make(chan struct{}, 1<<10), drains: make(chan struct{}, 1<<12),
	}
}

// enter fails when the Receiver is called twice at the same time.
func (k *talk) enter(what string) func() {
	k.mu.Lock()
	if k.inside++; k.inside != 1 {
		k.t.Errorf("%s beside another call of the Receiver", what)
	}
	if k.over {
		k.t.Errorf("%s behind Closed", what)
	}
	k.mu.Unlock()
	return func() {
		k.mu.Lock()
		k.inside--
		k.mu.Unlock()
	}
}

func (k *talk) Opened(c *client.Conn) {
	defer k.enter("Opened")()
	k.conn = c
	if k.onOpen != nil {
		k.onOpen(c)
	}
}

func (k *talk) Message(kind client.Kind, data []byte) {
	defer k.enter("Message")()
	text := string(data)
	if k.onMsg != nil {
		k.onMsg(kind, text)
	}
	if kind == client.Binary {
		k.got <- "binary:" + text
	} else {
		k.got <- "text:" + text
	}
}

func (k *talk) Closed(reason client.Reason, err error) {
	defer k.enter("Closed")()
	k.mu.Lock()
	k.over = true
	k.mu.Unlock()
	k.ended <- farewell{reason, err}
}

func (k *talk) want(messages ...string) {
	k.t.Helper()
	for _, want := range messages {
		select {
		case got := <-k.got:
			if got != want {
				k.t.Fatalf("got %.80q, want %.80q", got, want)
			}
		case f := <-k.ended:
			k.ended <- f
			if len(k.got) > 0 { // Closed comes last
				if got := <-k.got; got != want {
					k.t.Fatalf("got %.80q, want %.80q", got, want)
				}
				continue
			}
			k.t.Fatalf("ended with %q (%v), want %.80q", f.reason, f.err, want)
		case <-time.After(patience()):
			k.t.Fatalf("did not get %.80q", want)
		}
	}
}

// wantEnd waits for the end, its reason, and for all that belongs to the connection.
func (k *talk) wantEnd(want client.Reason) error {
	k.t.Helper()
	var got farewell
	select {
	case got = <-k.ended:
	case <-time.After(patience()):
		k.t.Fatalf("did not end, want %q", want)
	}
	if got.reason != want {
		k.t.Fatalf("ended with %q (%v), want %q", got.reason, got.err, want)
	}
	k.wantDone()
	return got.err
}

func (k *talk) wantDone() {
	k.t.Helper()
	select {
	case <-k.conn.Done():
	case <-time.After(patience()):
		k.t.Fatal("something of the connection is left")
	}
	if s := k.conn.ReadyState(); s != client.Closed {
		k.t.Errorf("ready state at the end: %v", s)
	}
	if n := k.conn.BufferedAmount(); n != 0 {
		k.t.Errorf("%d bytes are buffered at the end", n)
	}
	if k.conn.Context().Err() == nil {
		k.t.Error("the context goes on behind the end")
	}
	if err := k.conn.Send(client.Text, nil); err != client.ErrClosed {
		k.t.Errorf("Send behind the end: %v", err)
	}
}

func (k *talk) wantUpgrade(want string) {
	k.t.Helper()
	select {
	case got := <-k.upgrades:
		if !strings.HasPrefix(got, want) {
			k.t.Fatalf("upgrade: %q, want %q", got, want)
		}
	case f := <-k.ended:
		k.t.Fatalf("ended with %q (%v), want an upgrade", f.reason, f.err)
	case <-time.After(patience()):
		k.t.Fatalf("no upgrade, want %q", want)
	}
}

func (k *talk) send(messages ...string) {
	k.t.Helper()
	for _, m := range messages {
		if err := k.conn.Send(client.Text, []byte(m)); err != nil {
			k.t.Fatalf("Send(%.80q): %v", m, err)
		}
	}
}

func (k *talk) sendBinary(m string) {
	k.t.Helper()
	if err := k.conn.Send(client.Binary, []byte(m)); err != nil {
		k.t.Fatalf("Send(%.80q): %v", m, err)
	}
}

// hooks tells k of what the Receiver does not hear.
func (k *talk) hooks() client.Hooks {
	return client.Hooks{
		Upgrade:       func(name string) { k.upgrades <- name },
		UpgradeFailed: func(err error) { k.upgrades <- "failed: " + err.Error() },
		Ping: func() {
			select {
			case k.pings <- struct{}{}:
			default:
			}
		},
		Drain: func() {
			select {
			case k.drains <- struct{}{}:
			default:
			}
		},
	}
}

// dial opens k's connection and closes it when the test ends.
func (k *talk) dial(url string, cfg client.Config) *talk {
	k.t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = quiet()
	}
	cfg.Hooks = k.hooks()
	ctx, cancel := context.WithTimeout(context.Background(), patience())
	defer cancel()
	c, err := client.Dial(ctx, url, cfg, k)
	if err != nil {
		k.t.Fatalf("Dial: %v", err)
	}
	if c != k.conn {
		k.t.Fatalf("Dial returned another Conn than Opened saw")
	}
	k.t.Cleanup(func() {
		c.CloseNow()
		k.wantDone()
	})
	return k
}

func dial(t testing.TB, url string, cfg client.Config) *talk {
	t.Helper()
	return newTalk(t).dial(url, cfg)
}

// host is the server's application: it sends back what it gets.
type host struct {
	opened chan *engine.Session
	onOpen func(*engine.Session)
	onMsg  func(*engine.Session, engine.Kind, string) bool // true: no echo
	closed chan engine.Reason
}

func newHost() *host {
	return &host{opened: make(chan *engine.Session, 1<<12), closed: make(chan engine.Reason, 1<<12)}
}

func (h *host) Open(s *engine.Session) (engine.Receiver, error) {
	if h.onOpen != nil {
		h.onOpen(s)
	}
	h.opened <- s
	return guest{h, s}, nil
}

type guest struct {
	h *host
	s *engine.Session
}

func (g guest) Message(kind engine.Kind, data []byte) {
	text := string(data)
	if g.h.onMsg != nil && g.h.onMsg(g.s, kind, text) {
		return
	}
	if kind == engine.Binary {
		_ = g.s.Send(engine.NewBinary(data))
		return
	}
	if text == "close" {
		g.s.Close(engine.ForcedClose)
		return
	}
	if digits, ok := strings.CutPrefix(text, "burst "); ok {
		n, _ := strconv.Atoi(digits)
		for i := range n {
			_ = g.s.Send(engine.NewText(strconv.AppendInt(nil, int64(i), 10)))
		}
		return
	}
	_ = g.s.Send(engine.NewText(data))
}

func (guest) Heartbeat(time.Duration) {}

func (g guest) Closed(r engine.Reason, _ error) { g.h.closed <- r }

// serve runs our server on a loopback port until the test ends.
func serve(t testing.TB, cfg engine.Config, h *host) (url string) {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = quiet()
	}
	if cfg.CloseTimeout == 0 {
		cfg.CloseTimeout = 2 * time.Second
	}
	srv := engine.NewServer(cfg, h)
	web := httptest.NewUnstartedServer(srv)
	web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	web.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience())
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		web.CloseClientConnections()
		web.Close()
	})
	return web.URL
}

// until waits for something that only shows from inside.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience()); !is(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func logTo(b *strings.Builder) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

// acceptKey answers a WebSocket handshake (RFC 6455 section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// echoServer is the server of the examples.
func echoServer() *engine.Server { return engine.NewServer(engine.Config{Logger: quiet()}, newHost()) }
