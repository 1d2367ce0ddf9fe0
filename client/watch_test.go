package client_test

import (
	"context"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/client/engine"
)

// watched is a client that shares a Watch, and what it was told.
type watched struct {
	m      *client.Manager
	s      *client.Socket
	news   chan int
	joined chan bool
	ends   chan client.DisconnectReason
	pings  chan struct{}
}

func (w *watched) echo(t *testing.T, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if got, err := client.EmitWithAck[int](ctx, w.s, "echo", n); err != nil || got != n {
		t.Errorf("echo %d: %d, %v", n, got, err)
	}
}

// Silent clients with one Watch are woken by whatever ends the silence: events,
// heartbeats, either side's goodbye. They reconnect, and in the end nothing is left.
func TestWatch(t *testing.T) {
	for name, act := range map[string]func(t *testing.T, ns *socketio.Namespace, all []*watched){
		"echo": func(t *testing.T, _ *socketio.Namespace, all []*watched) {
			for i, w := range all {
				w.echo(t, i)
			}
		},
		"event": func(t *testing.T, ns *socketio.Namespace, all []*watched) {
			for n := range 3 {
				if err := ns.Emit("news", n); err != nil {
					t.Fatal(err)
				}
				for _, w := range all {
					if got := get(t, w.news); got != n {
						t.Errorf("news %d, want %d", got, n)
					}
				}
			}
		},
		"ping": func(t *testing.T, _ *socketio.Namespace, all []*watched) {
			for range 3 {
				for _, w := range all {
					get(t, w.pings)
				}
			}
			for i, w := range all {
				w.echo(t, i)
			}
		},
		"server disconnects": func(t *testing.T, ns *socketio.Namespace, all []*watched) {
			for _, w := range all {
				if err := ns.Socket(w.s.ID()).Disconnect(true); err != nil {
					t.Error(err)
				}
				if why := get(t, w.ends); why != client.ServerDisconnect {
					t.Errorf("the reason is %q", why)
				}
			}
		},
		"connection lost": func(t *testing.T, ns *socketio.Namespace, all []*watched) {
			for range 3 {
				for _, w := range all {
					ns.Socket(w.s.ID()).Session().Abort("transport error")
				}
				for i, w := range all {
					if why := get(t, w.ends); why != client.TransportClose && why != client.TransportError {
						t.Errorf("the reason is %q", why)
					}
					get(t, w.joined)
					w.echo(t, i)
				}
			}
		},
		"Disconnect": func(t *testing.T, _ *socketio.Namespace, all []*watched) {
			for i, w := range all {
				w.s.Disconnect()
				if why := get(t, w.ends); why != client.ClientDisconnect {
					t.Errorf("the reason is %q", why)
				}
				connect(t, w.s)
				w.echo(t, i)
			}
		},
		"Close": func(*testing.T, *socketio.Namespace, []*watched) {}, // which follows
	} {
		t.Run(name, func(t *testing.T) {
			url, srv := serve(t, socketio.Config{PingInterval: 300 * time.Millisecond}, func(srv *socketio.Server) {
				socketio.OnAck(srv.Of("/"), "echo", func(_ context.Context, _ *socketio.Socket, n int) (int, error) { return n, nil })
			})
			hc := &http.Client{Transport: &http.Transport{}}
			defer hc.CloseIdleConnections()
			before := runtime.NumGoroutine()
			var watch client.Watch
			var all []*watched
			const n = 20
			for range n {
				m := manager(t, url, client.Config{Transports: []string{engine.WebSocket}, HTTPClient: hc, Watch: &watch})
				w := &watched{m, m.Socket("/"), make(chan int, 10), make(chan bool, 10), make(chan client.DisconnectReason, 10), make(chan struct{}, 100)}
				client.On(w.s, "news", func(_ context.Context, n int) error { w.news <- n; return nil })
				w.s.OnDisconnect(func(why client.DisconnectReason, _ error) { w.ends <- why })
				m.OnPing(func() { w.pings <- struct{}{} })
				w.s.OnConnect(func() { w.joined <- true })
				connect(t, w.s)
				get(t, w.joined)
				all = append(all, w)
			}
			act(t, srv.Of("/"), all)
			for _, w := range all {
				if err := w.m.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
			if err := watch.Wait(t.Context()); err != nil {
				t.Error(err)
			}
			for end := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before+3; runtime.Gosched() { // the server's, and two that dial
				if time.Now().After(end) {
					t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
				}
			}
		})
	}
}
