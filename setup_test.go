package socketio_test

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// start makes a server that logs nothing, lets the test set it up, and serves
// it in memory.
func start(t *testing.T, cfg socketio.Config, setup func(srv *socketio.Server)) (*socketio.Server, *siotest.Server) {
	t.Helper()
	srv := newServer(cfg, setup)
	return srv, siotest.NewServer(t, srv)
}

// starter is start or startTCP.
type starter func(*testing.T, socketio.Config, func(*socketio.Server)) (*socketio.Server, *siotest.Server)

// startTCP is start on a port of this machine.
func startTCP(t *testing.T, cfg socketio.Config, setup func(srv *socketio.Server)) (*socketio.Server, *siotest.Server) {
	t.Helper()
	srv := newServer(cfg, setup)
	return srv, siotest.Listen(t, srv)
}

func newServer(cfg socketio.Config, setup func(srv *socketio.Server)) *socketio.Server {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	srv := socketio.NewServer(cfg)
	if setup != nil {
		setup(srv)
	}
	return srv
}

// onEach runs a test once for each transport.
func onEach(t *testing.T, f func(t *testing.T, opt siotest.Options)) {
	for _, transport := range []string{engine.WebSocket, engine.Polling} {
		t.Run(transport, func(t *testing.T) { f(t, siotest.Options{Transport: transport}) })
	}
}

// pass lets time pass inside a synctest bubble.
func pass(d time.Duration) { <-time.After(d) }

// echo answers an event, or sends its arguments back as "echo".
func echo(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
	if e.WantsAck() {
		return e.Args(), nil
	}
	return nil, s.Emit("echo", e.Args()...)
}

// alive fails the test unless the client is still served.
func alive(t *testing.T, c *siotest.Client) {
	t.Helper()
	if r := c.EmitWithAck("echo", "alive?"); r.String() != `["alive?"]` {
		t.Errorf("echo answers %s", r)
	}
}

// get receives from a channel, or fails the test when nothing comes.
func get[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came in 10 s")
		panic("unreachable")
	}
}

// until waits for a condition that nothing announces.
func until(t *testing.T, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !cond(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("what was waited for has not happened in 10 s")
		}
	}
}

// journal is a slog.Handler that keeps what it is given as text.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// onConnect makes a function for OnConnect or Use of one that never refuses.
func onConnect(f func(s *socketio.Socket)) func(context.Context, *socketio.Socket) error {
	return func(_ context.Context, s *socketio.Socket) error {
		f(s)
		return nil
	}
}
