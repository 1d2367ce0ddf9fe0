package engine_test

import (
	"context"
	"encoding/base64"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// pipes is a listener whose connections are net.Pipes, for tests in a synctest
// bubble, where a goroutine that waits for a socket would stop the clock.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

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

// startInMemory serves cfg inside a synctest bubble, until the test ends.
func startInMemory(t *testing.T, cfg engine.Config) *rig {
	t.Helper()
	return startAppInMemory(t, cfg, newApp(t), nil)
}

func startAppInMemory(t *testing.T, cfg engine.Config, a *app, tune func(*http.Server)) *rig {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = quiet()
	}
	l := newPipes()
	g := &rig{t: t, app: a, url: "http://memory/engine.io/", srv: engine.NewServer(cfg, a)}
	web := &http.Server{Handler: g.srv}
	if tune != nil {
		tune(web)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = web.Serve(l)
	}()
	g.hc = &http.Client{Transport: &http.Transport{DialContext: l.dial, MaxIdleConnsPerHost: 64}}
	t.Cleanup(func() {
		if err := g.srv.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if n, busy, leaving := g.srv.Len(), g.srv.Busy(), g.srv.Leaving(); n != 0 || busy != 0 || leaving != 0 {
			t.Errorf("after Shutdown there are %d sessions, %d goroutines, %d leaving", n, busy, leaving)
		}
		g.hc.CloseIdleConnections()
		_ = web.Close()
		<-served
	})
	return g
}

// decode turns base64 of a payload into what peer reports of a binary frame.
func decode(t testing.TB, record string) string {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(record, "b"))
	if err != nil {
		t.Fatalf("record %q: %v", record, err)
	}
	return "binary:" + string(data)
}

// pass lets time go by, which in a synctest bubble takes none.
func pass(d time.Duration) { <-time.After(d) }
