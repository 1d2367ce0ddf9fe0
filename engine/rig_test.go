package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

// app is the application under all tests: it records what the engine tells it.
type app struct {
	t       testing.TB
	onOpen  func(*engine.Session) error
	onMsg   func(*talk, engine.Kind, string) // runs in Message, before it is recorded
	onBeat  func(*talk)
	onClose func(*talk)

	opened chan *talk
	count  atomic.Uint32
}

// talk is what the application knows of one session.
type talk struct {
	*engine.Session
	app   *app
	got   chan string // "text:…" and "binary:…"
	beats chan time.Duration
	ended chan farewell

	mu     sync.Mutex
	inside int // Message calls that run now
	over   bool
	mark   byte
	kept   [][]byte // messages as they were given, overwritten with mark
}

type farewell struct {
	reason engine.Reason
	cause  error
}

func newApp(t testing.TB) *app { return &app{t: t, opened: make(chan *talk, 1<<16)} }

func (a *app) Open(s *engine.Session) (engine.Receiver, error) {
	k := &talk{Session: s, app: a, mark: byte(a.count.Add(1)) | 0x80, got: make(chan string, 1<<13), beats: make(chan time.Duration, 1<<10), ended: make(chan farewell, 8)}
	if a.onOpen != nil {
		if err := a.onOpen(s); err != nil {
			return nil, err
		}
	}
	a.opened <- k
	return k, nil
}

func (k *talk) Message(kind engine.Kind, data []byte) {
	k.mu.Lock()
	k.inside++
	if k.inside != 1 {
		k.app.t.Error("two messages of one session are delivered at the same time")
	}
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		k.inside--
		k.mu.Unlock()
	}()
	text := string(data)
	k.keep(data)
	if k.app.onMsg != nil {
		k.app.onMsg(k, kind, text)
	}
	if kind == engine.Binary {
		k.got <- "binary:" + text
	} else {
		k.got <- "text:" + text
	}
}

// keep holds the server to its word that a message is the Receiver's alone: it
// overwrites it with a mark of this session. What is no longer there was not its
// own, and where else it shows neither.
func (k *talk) keep(data []byte) {
	data = data[:cap(data)]
	for i := range data {
		data[i] = k.mark
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, data)
	k.checkKept(k.kept[max(0, len(k.kept)-10):])
}

func (k *talk) checkKept(list [][]byte) {
	for _, data := range list {
		if bytes.Count(data, []byte{k.mark}) != len(data) {
			k.app.t.Error("a message that the application keeps has changed")
		}
	}
}

func (k *talk) Heartbeat(rtt time.Duration) {
	if k.app.onBeat != nil {
		k.app.onBeat(k)
	}
	select {
	case k.beats <- rtt:
	default: // a test that counts none may have thousands
	}
}

func (k *talk) Closed(reason engine.Reason, cause error) {
	k.mu.Lock()
	if k.over {
		k.app.t.Errorf("session closed twice, the second time with %q", reason)
	}
	k.over = true
	k.checkKept(k.kept)
	k.mu.Unlock()
	if k.app.onClose != nil {
		k.app.onClose(k)
	}
	k.ended <- farewell{reason, cause}
}

// wantMessage waits for the next message, "text:…" or "binary:…".
func (k *talk) wantMessage(want string) {
	k.app.t.Helper()
	select {
	case got := <-k.got:
		if got != want {
			k.app.t.Fatalf("application got %.80q, want %.80q", got, want)
		}
	case <-time.After(patience()):
		k.app.t.Fatalf("application did not get %.80q", want)
	}
}

// wantEnd waits for the end and its reason.
func (k *talk) wantEnd(want engine.Reason) error {
	k.app.t.Helper()
	select {
	case got := <-k.ended:
		if got.reason != want {
			k.app.t.Fatalf("session ended with %q (%v), want %q", got.reason, got.cause, want)
		}
		return got.cause
	case <-time.After(patience()):
		k.app.t.Fatalf("session did not end, want %q", want)
		return nil
	}
}

// wantOpen fails if the session has ended. It only says something after the
// caller has seen a consequence of what should not have ended it.
func (k *talk) wantOpen() {
	k.app.t.Helper()
	select {
	case got := <-k.ended:
		k.app.t.Fatalf("session ended with %q (%v), want it open", got.reason, got.cause)
	default:
	}
	if st := k.ReadyState(); st != engine.Open {
		k.app.t.Fatalf("ready state is %d, want open", st)
	}
}

func (a *app) next() *talk {
	a.t.Helper()
	select {
	case k := <-a.opened:
		return k
	case <-time.After(patience()):
		a.t.Fatal("no session was opened")
		return nil
	}
}

// find waits for the session with an id and forgets those opened before it.
func (a *app) find(id string) *talk {
	a.t.Helper()
	for {
		if k := a.next(); k.ID() == id {
			return k
		}
	}
}

// rig is a server on a loopback port.
type rig struct {
	t   testing.TB
	app *app
	srv *engine.Server
	web *httptest.Server
	hc  *http.Client
	url string // of the engine's path

	mu       sync.Mutex
	refusals []engine.Refusal
	peers    []*peer
}

// quiet is a logger for tests that provoke errors by the thousand.
func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// start serves cfg until the test ends, and then checks that nothing is left.
func start(t testing.TB, cfg engine.Config, a *app) *rig {
	return startWith(t, cfg, a, nil, nil)
}

// startWith also wraps the handler and changes the http.Server before it starts.
func startWith(t testing.TB, cfg engine.Config, a *app, wrap func(http.Handler) http.Handler, tune func(*httptest.Server)) *rig {
	t.Helper()
	g := &rig{t: t, app: a}
	if cfg.Logger == nil {
		cfg.Logger = quiet()
	}
	if cfg.CloseTimeout == 0 {
		cfg.CloseTimeout = 2 * time.Second // clients of these tests rarely stay for last words
	}
	if cfg.Refused == nil {
		cfg.Refused = func(f engine.Refusal) {
			g.mu.Lock()
			g.refusals = append(g.refusals, f)
			g.mu.Unlock()
		}
	}
	g.srv = engine.NewServer(cfg, a)
	var h http.Handler = g.srv
	if wrap != nil {
		h = wrap(h)
	}
	g.web = httptest.NewUnstartedServer(h)
	g.web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if tune != nil {
		tune(g.web)
	}
	if g.web.URL == "" {
		g.web.Start()
	}
	g.hc = g.web.Client()
	g.hc.Transport.(*http.Transport).MaxIdleConnsPerHost = 64
	g.hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	path := cfg.Path
	if path == "" {
		path = "/engine.io/"
	}
	g.url = g.web.URL + path
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience())
		defer cancel()
		if err := g.srv.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if n := g.srv.Len(); n != 0 {
			t.Errorf("%d sessions are left after Shutdown", n)
		}
		if n := g.srv.Busy(); n != 0 {
			t.Errorf("the server counts %d goroutines after Shutdown, want 0", n)
		}
		g.hc.CloseIdleConnections()
		g.web.CloseClientConnections()
		g.web.Close()
	})
	return g
}

// do makes one request by hand. The body of the answer is read.
func (g *rig) do(method, query, body string, header ...string) reply {
	g.t.Helper()
	return do(g.t, g.hc, method, g.url+query, body, header...)
}

type reply struct {
	status int
	body   string
	header http.Header
}

func (r reply) String() string { return fmt.Sprintf("%d %q", r.status, r.body) }

// want checks status and body.
func (r reply) want(t testing.TB, status int, body string) {
	t.Helper()
	if r.status != status || r.body != body {
		t.Fatalf("answer is %v, want %d %q", r, status, body)
	}
}

func do(t testing.TB, hc *http.Client, method, url, body string, header ...string) reply {
	t.Helper()
	r, err := try(context.Background(), hc, method, url, strings.NewReader(body), header...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func try(ctx context.Context, hc *http.Client, method, url string, body io.Reader, header ...string) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, patience())
	defer cancel()
	if s, ok := body.(*strings.Reader); ok && s.Len() == 0 && method != http.MethodPost {
		body = nil
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return reply{}, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Add(header[i], header[i+1])
	}
	res, err := hc.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, string(b), res.Header}, err
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
