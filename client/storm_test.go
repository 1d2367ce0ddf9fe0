package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
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
