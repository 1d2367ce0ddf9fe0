package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/client/engine"
)

// serve starts a server of this module on a port of this machine.
func serve(t *testing.T, cfg socketio.Config, setup func(*socketio.Server)) (url string, srv *socketio.Server) {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	srv = socketio.NewServer(cfg)
	if setup != nil {
		setup(srv)
	}
	ts := httptest.NewServer(srv)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		ts.Close()
	})
	return ts.URL, srv
}

// manager makes a Manager that logs nothing and is closed with the test.
func manager(t *testing.T, url string, cfg client.Config) *client.Manager {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.ReconnectionDelay == 0 {
		cfg.ReconnectionDelay = 10 * time.Millisecond
	}
	m := client.NewManager(url, cfg)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := m.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return m
}

func connect(t *testing.T, s *client.Socket) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Connect(ctx); err != nil {
		t.Fatal(err)
	}
}

// get receives from a channel, or fails the test when nothing comes.
func get[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came in 20 s")
		panic("unreachable")
	}
}

// onEach runs a test over each way to connect.
func onEach(t *testing.T, f func(t *testing.T, cfg client.Config)) {
	for name, cfg := range map[string]client.Config{
		"polling":   {Transports: []string{engine.Polling}},
		"websocket": {Transports: []string{engine.WebSocket}},
		"upgrade":   {},
	} {
		t.Run(name, func(t *testing.T) { f(t, cfg) })
	}
}

type point struct {
	X, Y int
	Blob client.Binary `json:"blob"`
}

// Everything once, against the server of this module.
func TestConversation(t *testing.T) {
	onEach(t, func(t *testing.T, cfg client.Config) {
		url, srv := serve(t, socketio.Config{}, func(srv *socketio.Server) {
			chat := srv.Of("/chat")
			chat.Use(func(_ context.Context, s *socketio.Socket) error {
				var auth struct{ Token string }
				if err := s.Handshake().DecodeAuth(&auth); err != nil || auth.Token != "secret" {
					return &socketio.Error{Message: "no", Data: map[string]int{"code": 7}}
				}
				return nil
			})
			socketio.OnAck(chat, "mirror", func(_ context.Context, _ *socketio.Socket, p point) (point, error) {
				p.X, p.Y = p.Y, p.X
				return p, nil
			})
			socketio.OnAck(chat, "fail", func(context.Context, *socketio.Socket, socketio.None) (int, error) {
				return 0, &socketio.Error{Message: "failed", Data: 5}
			})
			socketio.On(chat, "ask me", func(ctx context.Context, s *socketio.Socket, n int) error {
				got, err := socketio.EmitWithAck[socketio.Args2[int, string]](ctx, s, "question", n)
				if err != nil {
					return err
				}
				return s.Emit("you said", got.A, got.B)
			})
		})
		m := manager(t, url, cfg)
		bad := m.Socket("/chat")
		err := bad.Connect(t.Context())
		refusal, ok := errors.AsType[*client.ConnectError](err)
		if !ok || refusal.Message != "no" || string(refusal.Data) != `{"code":7}` {
			t.Fatalf("Connect: %v", err)
		}
		s := m.Socket("/chat", client.Auth(map[string]string{"token": "secret"}))
		said := make(chan string, 10)
		client.OnAck(s, "question", func(_ context.Context, n int) (client.Args2[int, string], error) {
			return client.Args2[int, string]{A: n * 2, B: "ünï\u2028cödé 😀"}, nil
		})
		client.On(s, "you said", func(_ context.Context, a client.Args2[int, string]) error {
			said <- fmt.Sprint(a.A) + " " + a.B
			return nil
		})
		if err := s.Emit("ask me", 4); err != nil { // before it is connected
			t.Error(err)
		}
		connect(t, s)
		if got := get(t, said); got != "8 ünï\u2028cödé 😀" {
			t.Errorf("said %q", got)
		}
		p, err := client.EmitWithAck[point](t.Context(), s, "mirror", point{X: 1, Y: 2, Blob: []byte{0, 255}})
		if err != nil || p.X != 2 || p.Y != 1 || string(p.Blob) != "\x00\xff" {
			t.Errorf("mirror: %+v, %v", p, err)
		}
		_, err = client.EmitWithAck[int](t.Context(), s, "fail")
		if e, ok := errors.AsType[*client.Error](err); !ok || e.Message != "failed" || e.Data != 5.0 {
			t.Errorf("fail: %v", err)
		}
		if srv.Of("/chat").Socket(s.ID()) == nil {
			t.Error("the server knows no socket of that id")
		}
	})
}

// The order of events, in both directions, and large ones.
func TestOrderAndSize(t *testing.T) {
	onEach(t, func(t *testing.T, cfg client.Config) {
		url, _ := serve(t, socketio.Config{MaxQueuedBytes: 64 << 20}, func(srv *socketio.Server) {
			srv.Of("/").Handle("echo", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
				return nil, s.Emit("echo", e.Args()...)
			})
		})
		s := manager(t, url, cfg).Socket("/")
		const events = 300
		seen := make(chan []int, 1)
		var got []int
		client.On(s, "echo", func(_ context.Context, a client.Args2[int, []byte]) error {
			if len(a.B) != a.A%7*1000 {
				t.Errorf("event %d has %d bytes", a.A, len(a.B))
			}
			if got = append(got, a.A); len(got) == events {
				seen <- got
			}
			return nil
		})
		s.Start()
		for i := range events { // across connecting and upgrading
			if err := s.Emit("echo", i, make([]byte, i%7*1000)); err != nil {
				t.Fatal(err)
			}
		}
		if list := get(t, seen); !slices.IsSorted(list) {
			t.Errorf("out of order: %v", list)
		}
		big := strings.Repeat("x", 900_000)
		sizes := make(chan int, 1)
		client.On(s, "big", func(_ context.Context, text string) error { sizes <- len(text); return nil })
		remove := s.OnAny(func(_ context.Context, e *client.Event) {
			if e.Name() == "echo" {
				var text string
				if e.Decode(&text) == nil {
					sizes <- len(text)
				}
			}
		})
		defer remove()
		if err := s.Emit("echo", big); err != nil {
			t.Fatal(err)
		}
		if n := get(t, sizes); n != len(big) {
			t.Errorf("%d bytes came back", n)
		}
	})
}

// CLI-18: a cut connection goes on where it was, with what was missed.
func TestRecoveryFromServer(t *testing.T) {
	onEach(t, func(t *testing.T, cfg client.Config) {
		url, srv := serve(t, socketio.Config{Recovery: &socketio.Recovery{}}, nil)
		ns := srv.Of("/")
		s := manager(t, url, cfg).Socket("/")
		events, connects := make(chan int, 100), make(chan bool, 10)
		client.On(s, "n", func(_ context.Context, n int) error { events <- n; return nil })
		s.OnConnect(func() { connects <- s.Recovered() })
		connect(t, s)
		if get(t, connects) {
			t.Error("the first connection is recovered")
		}
		id := s.ID()
		n := 0
		for range 5 {
			for range 3 {
				if err := ns.Emit("n", n); err != nil {
					t.Fatal(err)
				}
				n++
			}
			peer := ns.Socket(id)
			for range 3 {
				get(t, events)
			}
			peer.Session().Abort("transport error")
			for range 3 {
				if err := ns.Emit("n", n); err != nil {
					t.Fatal(err)
				}
				n++
			}
			if !get(t, connects) || s.ID() != id {
				t.Fatal("not recovered")
			}
			for i := range 3 {
				if got := get(t, events); got != n-3+i {
					t.Fatalf("event %d, want %d", got, n-3+i)
				}
			}
		}
	})
}

// The reasons of both sides, as the official server and client have them.
func TestReasons(t *testing.T) {
	onEach(t, func(t *testing.T, cfg client.Config) {
		url, srv := serve(t, socketio.Config{}, nil)
		ns := srv.Of("/")
		theirs := make(chan socketio.DisconnectReason, 10)
		ns.OnDisconnect(func(_ *socketio.Socket, why socketio.DisconnectReason) { theirs <- why })
		s := manager(t, url, cfg).Socket("/")
		ours := make(chan client.DisconnectReason, 10)
		s.OnDisconnect(func(why client.DisconnectReason, _ error) { ours <- why })
		for _, c := range []struct {
			act    func(peer *socketio.Socket)
			server socketio.DisconnectReason
			client client.DisconnectReason
			again  bool
		}{
			{func(*socketio.Socket) { s.Disconnect() }, "client namespace disconnect", "io client disconnect", false},
			{func(peer *socketio.Socket) { _ = peer.Disconnect(false) }, "server namespace disconnect", "io server disconnect", false},
			{func(peer *socketio.Socket) { _ = peer.Disconnect(true) }, "server namespace disconnect", "io server disconnect", false},
			{func(peer *socketio.Socket) { peer.Session().Close("forced close") }, "forced close", "transport close", true},
		} {
			connect(t, s)
			c.act(ns.Socket(s.ID()))
			if why := get(t, theirs); why != c.server {
				t.Errorf("the server says %q, want %q", why, c.server)
			}
			if why := get(t, ours); why != c.client {
				t.Errorf("the client says %q, want %q", why, c.client)
			}
			if s.Active() != c.again {
				t.Errorf("after %q active is %v", c.client, s.Active())
			}
		}
	})
}
