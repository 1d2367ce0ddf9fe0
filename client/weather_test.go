package client_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
)

// spaces are the namespaces of a storm.
var spaces = [...]string{"/", "/a", "/b"}

// weather is a server that is killed and comes again. Its methods are called by
// one goroutine at a time.
type weather struct {
	t     *testing.T
	out   outlet
	srv   *socketio.Server
	ts    *httptest.Server
	kills int
}

func (w *weather) start() {
	w.srv = socketio.NewServer(socketio.Config{Logger: slog.New(slog.DiscardHandler), CloseTimeout: time.Second, Recovery: &socketio.Recovery{}})
	for _, nsp := range spaces {
		w.srv.Of(nsp).Handle("echo", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
			_ = s.Emit("news", e.Args()...)
			return e.Args(), nil
		})
	}
	w.ts = httptest.NewServer(w.srv)
	w.out.addr.Store(w.ts.Listener.Addr().String())
}

// abort breaks the connections without a goodbye.
func (w *weather) abort() {
	for _, nsp := range spaces {
		for _, s := range sockets(w.srv.Of(nsp)) {
			s.Session().Abort("transport error")
		}
	}
}

// kill ends the server as a kill of its process would, then waits for what is left of it.
func (w *weather) kill() {
	w.out.addr.Store("")
	_ = w.ts.Listener.Close()
	w.ts.CloseClientConnections()
	w.abort()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := w.srv.Shutdown(ctx); err != nil {
		w.t.Errorf("Shutdown: %v", err)
	}
	w.ts.Close()
	w.kills++
}

// blow does something bad, the worst first.
func (w *weather) blow(n int) {
	switch n % 5 {
	case 1:
		w.abort()
	case 2:
		for _, nsp := range spaces {
			for _, s := range sockets(w.srv.Of(nsp)) {
				_ = s.Disconnect(true)
			}
		}
	case 3:
		w.ts.CloseClientConnections()
	case 0:
		w.kill()
		<-time.After(rand.N(20 * time.Millisecond))
		w.start()
	}
}

// tally counts how waits for answers end.
type tally struct {
	t                       *testing.T
	asked, answered, failed atomic.Int64
}

func (c *tally) outcome(n, got int, err error) {
	switch {
	case err == nil && got == n:
		c.answered.Add(1)
	case errors.Is(err, client.ErrDisconnected), errors.Is(err, client.ErrAckTimeout), errors.Is(err, client.ErrClosed), errors.Is(err, client.ErrBufferFull):
		c.failed.Add(1)
	default:
		c.t.Errorf("asked %d, answered %d, %v", n, got, err)
	}
}

// ask asks in both ways.
func (c *tally) ask(s *client.Socket, n int) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c.asked.Add(1)
	err := s.EmitAckFunc(context.Background(), func(r client.Reply, err error) {
		got := 0
		if err == nil {
			err = r.Decode(&got)
		}
		c.outcome(n, got, err)
	}, "echo", n)
	if err != nil {
		c.outcome(n, 0, err)
	}
	c.asked.Add(1)
	got, err := client.EmitWithAck[int](ctx, s, "echo", n)
	c.outcome(n, got, err)
}

// C16 C1 D12: connecting, closing, emitting, adding and removing handlers, all at
// once, while the server is killed at random and comes again. The race detector
// sees nothing, every wait ends, once, and nothing is left behind.
func TestStorm(t *testing.T) {
	onEach(t, func(t *testing.T, cfg client.Config) {
		before := runtime.NumGoroutine()
		w := &weather{t: t}
		w.start()
		cfg.Logger = slog.New(slog.DiscardHandler)
		cfg.ReconnectionDelay, cfg.ReconnectionDelayMax = time.Millisecond, 5*time.Millisecond
		cfg.CloseTimeout = time.Second
		cfg.HTTPClient = w.out.client()
		m := client.NewManager("http://storm.invalid", cfg)
		var ours []*client.Socket
		for i, nsp := range spaces {
			ours = append(ours, m.Socket(nsp, client.Retries(i), client.AckTimeout(200*time.Millisecond)))
		}

		stop := make(chan struct{})
		var wg sync.WaitGroup
		repeat := func(pause time.Duration, f func(n int)) {
			wg.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					case <-time.After(rand.N(pause)):
						f(n)
					}
				}
			})
		}
		count := tally{t: t}
		for _, s := range ours {
			s.Start()
			for range 3 {
				repeat(2*time.Millisecond, func(n int) { count.ask(s, n) })
			}
			repeat(time.Millisecond, func(n int) {
				_ = s.Emit("echo", n, []byte("bytes"))
				_ = s.Volatile().Emit("echo", n)
			})
			repeat(time.Millisecond, func(n int) {
				removes := []func(){
					client.On(s, "news", func(context.Context, int) error { return nil }),
					s.Once("news", func(context.Context, *client.Event) ([]any, error) { return nil, nil }),
					s.OnAny(func(context.Context, *client.Event) {}),
					s.OnConnect(func() { _ = s.Emit("echo", n) }),
					s.OnDisconnect(func(client.DisconnectReason, error) {}),
				}
				_, _, _, _, _ = s.ID(), s.Connected(), s.Active(), s.Recovered(), m.Transport()
				for _, remove := range removes {
					remove()
				}
			})
			repeat(20*time.Millisecond, func(n int) {
				if n%2 == 0 {
					s.Disconnect()
				}
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
				defer cancel()
				_ = s.Connect(ctx)
			})
		}
		repeat(20*time.Millisecond, func(n int) { // others that come and are closed in the midst of it
			m := client.NewManager("http://storm.invalid", cfg)
			s := m.Socket(spaces[n%len(spaces)])
			s.Start()
			var asking sync.WaitGroup
			asking.Go(func() { count.ask(s, n) })
			<-time.After(rand.N(10 * time.Millisecond))
			if err := m.Close(context.Background()); err != nil {
				t.Errorf("Close: %v", err)
			}
			asking.Wait()
		})
		repeat(15*time.Millisecond, w.blow)
		<-time.After(1500 * time.Millisecond)
		close(stop)
		wg.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		last := make(chan error, 1) // one that is under way when everything ends
		go func() { _, err := ours[0].EmitWithAck(context.Background(), "unheard"); last <- err }()
		if err := m.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := get(t, last); err == nil {
			t.Error("an event without a handler was answered")
		}
		w.kill()
		cfg.HTTPClient.CloseIdleConnections()
		asked, answered, failed := count.asked.Load(), count.answered.Load(), count.failed.Load()
		t.Logf("%d answered, %d not; the server was killed %d times", answered, failed, w.kills)
		if answered == 0 || failed == 0 || w.kills < 2 {
			t.Error("that was no storm")
		}
		if answered+failed != asked {
			t.Errorf("%d have asked, %d were told", asked, answered+failed)
		}
		for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(deadline) {
				buf := make([]byte, 1<<20)
				t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
			}
		}
	})
}
