package engine_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// pipes is a listener whose connections are net.Pipes, for tests in a synctest
// bubble, where a goroutine that waits for a socket would stop the clock.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipes) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "memory" }

func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inMemory serves h inside a synctest bubble until the test ends, at http://memory.
func inMemory(t *testing.T, h http.Handler) *http.Client {
	t.Helper()
	l := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	var mu sync.Mutex
	var running sync.WaitGroup
	down := false
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if down {
			mu.Unlock()
			return
		}
		running.Add(1)
		mu.Unlock()
		defer running.Done()
		h.ServeHTTP(w, r)
	})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = web.Serve(l)
	}()
	hc := &http.Client{Transport: &http.Transport{DialContext: l.dial}}
	t.Cleanup(func() {
		hc.CloseIdleConnections()
		_ = web.Close()
		<-served
		mu.Lock()
		down = true
		mu.Unlock()
		running.Wait() // for those who took their connection over, too
	})
	return hc
}

// serveInMemory is serve inside a synctest bubble.
func serveInMemory(t *testing.T, cfg engine.Config, h *host) *http.Client {
	t.Helper()
	cfg.Logger = quiet()
	srv := engine.NewServer(cfg, h)
	hc := inMemory(t, srv)
	t.Cleanup(func() {
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	return hc
}

// goodOpen is what a decent server says first.
const goodOpen = `0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`

// script is a server that does what a test tells it. Requests that it has no
// function for wait until their client goes.
type script struct {
	t     testing.TB
	open  func(w http.ResponseWriter, r *http.Request)        // the first GET; default: goodOpen
	get   func(n int, w http.ResponseWriter, r *http.Request) // the others, n counted from 0
	post  func(w http.ResponseWriter, body string)            // default: "ok"
	ws    func(p *peer)                                       // a WebSocket; default: refused
	other http.HandlerFunc                                    // instead of all of these

	mu   sync.Mutex
	gets int
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.other != nil {
		s.other(w, r)
		return
	}
	q := r.URL.Query()
	switch {
	case q.Get("transport") == "websocket":
		if s.ws == nil {
			http.Error(w, `{"code":3,"message":"Bad request"}`, http.StatusBadRequest)
			return
		}
		conn, err := wsock.Accept(w, r, nil, wsock.Options{MaxMessage: 64 << 20})
		if err != nil {
			s.t.Error(err)
			return
		}
		p := &peer{conn: conn, got: make(chan string, 1<<12)}
		go func() {
			_ = conn.Serve(p)
			close(p.got)
		}()
		s.ws(p)
		_ = conn.CloseNow()
		for range p.got { // until its reader has gone
		}
	case r.Method == http.MethodPost:
		body, _ := io.ReadAll(r.Body)
		if s.post != nil {
			s.post(w, string(body))
			return
		}
		_, _ = io.WriteString(w, "ok")
	case q.Get("sid") == "":
		if s.open != nil {
			s.open(w, r)
			return
		}
		_, _ = io.WriteString(w, goodOpen)
	default:
		s.mu.Lock()
		n := s.gets
		s.gets++
		s.mu.Unlock()
		if s.get != nil {
			s.get(n, w, r)
			return
		}
		<-r.Context().Done()
	}
}

// start serves the script on a loopback port until the test ends.
func (s *script) start() string {
	web := httptest.NewServer(s)
	s.t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
	})
	return web.URL
}

// say answers with a body.
func say(body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

// answers gives each GET the next body; those behind the last wait for ever.
func answers(bodies ...string) func(int, http.ResponseWriter, *http.Request) {
	return func(n int, w http.ResponseWriter, r *http.Request) {
		if n >= len(bodies) {
			<-r.Context().Done()
			return
		}
		_, _ = io.WriteString(w, bodies[n])
	}
}

// peer is the server's end of a WebSocket.
type peer struct {
	conn *wsock.Conn
	got  chan string // "text:…", "binary:…", "ping", "pong:…"; closed at the end
}

func (p *peer) Message(op wsock.Opcode, data []byte) error {
	if op == wsock.Binary {
		p.got <- "binary:" + string(data)
	} else {
		p.got <- "text:" + string(data)
	}
	return nil
}

func (p *peer) Control(op wsock.Opcode, data []byte) error {
	if op == wsock.Pong {
		p.got <- "pong:" + string(data)
	}
	return nil
}

func (p *peer) Drained() {}

// say sends text frames. The client may have gone.
func (p *peer) say(texts ...string) {
	for _, s := range texts {
		p.raw(wsock.AppendFrame(nil, wsock.Text, []byte(s)))
	}
}

func (p *peer) raw(b []byte) { _, _ = p.conn.Write(b) }

// await reads until the client says what is wanted, or goes.
func (p *peer) await(want string) bool {
	for got := range p.got {
		if got == want {
			return true
		}
	}
	return false
}

// gone waits until the client has gone.
func (p *peer) gone() { p.await("\x00") }

// fails dials and wants an error that holds all words.
func fails(t *testing.T, url string, cfg client.Config, words ...string) error {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = quiet()
	}
	k := newTalk(t)
	c, err := client.Dial(t.Context(), url, cfg, k)
	if c != nil || err == nil {
		t.Fatalf("Dial: %v, %v", c, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("Dial: %v; want %q in it", err, word)
		}
	}
	if k.conn != nil || len(k.got)+len(k.ended) > 0 {
		t.Error("the Receiver was called though Dial failed")
	}
	return err
}
