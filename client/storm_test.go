package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
)

// outlet leads a client to whichever server there is at the moment.
type outlet struct{ addr atomic.Value }

func (o *outlet) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			addr, _ := o.addr.Load().(string)
			if addr == "" {
				return nil, errors.New("no server")
			}
			var d net.Dialer
			return d.DialContext(ctx, "tcp", addr)
		},
	}}
}

// CLI-09 CLI-13: a server that is not there yet, is killed, and comes again.
func TestServerComesAndGoes(t *testing.T) {
	onEach(t, func(t *testing.T, cfg client.Config) {
		var out outlet
		cfg.HTTPClient = out.client()
		defer cfg.HTTPClient.CloseIdleConnections()
		m := manager(t, "http://nowhere.invalid", cfg)
		s := m.Socket("/")
		errs, ends := make(chan error, 100), make(chan client.DisconnectReason, 10)
		s.OnConnectError(func(err error) {
			select {
			case errs <- err:
			default:
			}
		})
		s.OnDisconnect(func(why client.DisconnectReason, _ error) { ends <- why })
		got := make(chan int, 100)
		n := 0
		s.Start()
		for range 3 {
			get(t, errs)
			if err := s.Emit("n", n); err != nil {
				t.Error(err)
			}
			srv := socketio.NewServer(socketio.Config{Logger: slog.New(slog.DiscardHandler)})
			socketio.On(srv.Of("/"), "n", func(_ context.Context, _ *socketio.Socket, n int) error { got <- n; return nil })
			ts := httptest.NewServer(srv)
			out.addr.Store(ts.Listener.Addr().String())
			if k := get(t, got); k != n {
				t.Errorf("event %d, want %d", k, n)
			}
			n++
			for len(errs) > 0 {
				<-errs
			}
			out.addr.Store("")
			_ = ts.Listener.Close()
			ts.CloseClientConnections()
			for _, peer := range sockets(srv.Of("/")) {
				peer.Session().Abort("transport error")
			}
			if why := get(t, ends); why != client.TransportClose && why != client.TransportError {
				t.Errorf("the reason is %q", why)
			}
			ts.Close()
			if err := srv.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// sockets returns those of a namespace.
func sockets(ns *socketio.Namespace) (list []*socketio.Socket) {
	for r := range ns.Broadcast().Sockets(context.Background()) {
		if s := ns.Socket(r.ID); s != nil {
			list = append(list, s)
		}
	}
	return list
}

// C16 C1 D12: everything at once, on a connection that breaks at random. The
// race detector sees nothing, every wait ends, and nothing is left behind.
func TestStorm(t *testing.T) {
	onEach(t, func(t *testing.T, cfg client.Config) {
		before := runtime.NumGoroutine()
		srv := socketio.NewServer(socketio.Config{Logger: slog.New(slog.DiscardHandler), CloseTimeout: time.Second, Recovery: &socketio.Recovery{}})
		spaces := []string{"/", "/a", "/b"}
		for _, nsp := range spaces {
			ns := srv.Of(nsp)
			ns.Handle("echo", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
				_ = s.Emit("news", e.Args()...)
				return e.Args(), nil
			})
		}
		ts := httptest.NewServer(srv)
		cfg.Logger = slog.New(slog.DiscardHandler)
		cfg.ReconnectionDelay, cfg.ReconnectionDelayMax = time.Millisecond, 5*time.Millisecond
		cfg.CloseTimeout = time.Second
		hc := &http.Client{Transport: &http.Transport{}}
		cfg.HTTPClient = hc
		m := client.NewManager(ts.URL, cfg)
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
		var answered, failed atomic.Int64
		for _, s := range ours {
			s.Start()
			for range 3 {
				repeat(2*time.Millisecond, func(n int) {
					ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
					defer cancel()
					got, err := client.EmitWithAck[int](ctx, s, "echo", n)
					switch {
					case err == nil && got == n:
						answered.Add(1)
					case errors.Is(err, client.ErrDisconnected), errors.Is(err, client.ErrAckTimeout), errors.Is(err, client.ErrClosed), errors.Is(err, client.ErrBufferFull):
						failed.Add(1)
					default:
						t.Errorf("asked %d, answered %d, %v", n, got, err)
					}
				})
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
		repeat(15*time.Millisecond, func(n int) { // the connection breaks
			for _, nsp := range spaces {
				for _, s := range sockets(srv.Of(nsp)) {
					switch n % 3 {
					case 0:
						s.Session().Abort("transport error")
					case 1:
						_ = s.Disconnect(true)
					}
				}
			}
			if n%3 == 2 {
				ts.CloseClientConnections()
			}
		})
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
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		ts.Close()
		hc.CloseIdleConnections()
		t.Logf("%d answered, %d not", answered.Load(), failed.Load())
		if answered.Load() == 0 || failed.Load() == 0 {
			t.Error("that was no storm")
		}
		for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(deadline) {
				buf := make([]byte, 1<<20)
				t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
			}
		}
	})
}

// Two hundred sockets at once, each with a connection of its own.
func TestCrowd(t *testing.T) {
	url, srv := serve(t, socketio.Config{}, func(srv *socketio.Server) {
		srv.Of("/").Handle("echo", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) { return e.Args(), nil })
	})
	const crowd = 200
	var wg sync.WaitGroup
	heard := make(chan int, crowd)
	for i := range crowd {
		m := manager(t, url, client.Config{})
		wg.Go(func() {
			s := m.Socket("/")
			client.On(s, "all", func(context.Context, int) error { heard <- i; return nil })
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if err := s.Connect(ctx); err != nil {
				t.Error(err)
				return
			}
			if got, err := client.EmitWithAck[string](ctx, s, "echo", fmt.Sprint(i)); err != nil || got != fmt.Sprint(i) {
				t.Errorf("%d: %s, %v", i, got, err)
			}
		})
	}
	wg.Wait()
	if err := srv.Of("/").Emit("all", 1); err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for range crowd {
		seen[get(t, heard)] = true
	}
	if len(seen) != crowd {
		t.Errorf("%d of %d have heard it", len(seen), crowd)
	}
}
