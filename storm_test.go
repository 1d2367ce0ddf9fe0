package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// empty fails the test unless a namespace has forgotten everybody.
func empty(t *testing.T, ns *socketio.Namespace) {
	t.Helper()
	until(t, func() bool { return ns.Len() == 0 && len(ns.Rooms()) == 0 })
	n := 0
	for range ns.Broadcast().Sockets(context.Background()) {
		n++
	}
	if n != 0 {
		t.Errorf("%d sockets are left", n)
	}
}

// C2, C12, C19, L6: broadcasts while a thousand sockets join, leave and go.
func TestRoomStorm(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	ns := srv.Of("/")
	stop := make(chan struct{})
	var broadcasters sync.WaitGroup
	for i := range 4 {
		broadcasters.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				room := fmt.Sprint(n % 10)
				var err error
				switch b := ns.To(room, "all"); (n + i) % 6 {
				case 0:
					err = b.Except(fmt.Sprint(n%3)).Volatile().Emit("x", n)
				case 1:
					err = ns.Broadcast().Volatile().Emit("x", n)
				case 2:
					err = ns.To(room).Join(context.Background(), "guests")
				case 3:
					err = ns.To("guests").Leave(context.Background(), "guests", room)
				case 4:
					for r, rerr := range b.Sockets(context.Background()) {
						if rerr != nil || r.ID == "" {
							err = rerr
						}
					}
				case 5:
					_, _ = ns.Rooms(), ns.Len()
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var clients sync.WaitGroup
	slots := make(chan struct{}, 50)
	for i := range 1000 {
		slots <- struct{}{}
		clients.Go(func() {
			defer func() { <-slots }()
			conn, err := ts.TryOpen(t, siotest.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			c, err := conn.TryConnect("/", nil)
			if err != nil {
				t.Error(err)
				return
			}
			s := ns.Socket(c.ID())
			for j := range 10 {
				if err := s.Join("all", fmt.Sprint((i+j)%10)); err != nil {
					t.Error(err)
				}
				if j%3 == 0 {
					_ = s.Leave("all", fmt.Sprint(j))
				}
			}
			switch i % 4 {
			case 0:
				conn.Cut()
			case 1:
				_ = s.Disconnect(i%8 == 1)
			case 2:
				c.Disconnect()
			case 3:
				_ = ns.To(c.ID()).Disconnect(context.Background(), true)
			}
			for s.Join("late") == nil { // L6: until it is gone; and what was joined till then must go with it
				runtime.Gosched()
			}
			conn.Cut()
		})
	}
	clients.Wait()
	close(stop)
	broadcasters.Wait()
	empty(t, ns)
	until(t, func() bool { return srv.Engine().Len() == 0 })
}

// C1, C4, C6: everything at once on one socket: emits, acks both ways, new
// handlers, joins, data.
func TestSocketStorm(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		srv, ts := start(t, socketio.Config{MaxQueuedBytes: 64 << 20}, func(srv *socketio.Server) {
			srv.Of("/").Handle("echo", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) { return e.Args(), nil })
		})
		ns := srv.Of("/")
		c := ts.Open(t, opt).Connect("/", nil)
		c.Answer("q", func(e *siotest.Event) []any {
			var n int
			_ = e.Decode(&n)
			return []any{n}
		})
		var events atomic.Int64
		for _, name := range []string{"emit", "room", "all"} {
			c.Answer(name, func(*siotest.Event) []any { events.Add(1); return nil })
		}
		s := ns.Socket(c.ID())
		const workers, rounds = 20, 20
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for r := range rounds {
					n := w*rounds + r
					if err := errors.Join(s.Emit("emit", n, []byte{1}), s.Join(fmt.Sprint(w)), ns.To(fmt.Sprint(w)).Emit("room", n), ns.Emit("all", n)); err != nil {
						t.Error(err)
					}
					if v, err := socketio.EmitWithAck[int](context.Background(), s, "q", n); err != nil || v != n {
						t.Errorf("asked %d, answered %d, %v", n, v, err)
					}
					s.Handle(fmt.Sprint("own ", w), echo)
					ns.Handle(fmt.Sprint("all ", w), echo)
					if r == 0 {
						ns.OnAny(func(context.Context, *socketio.Socket, *socketio.Event) {})
					}
					s.SetData(n)
					_, _, _ = s.Data(), s.Rooms(), s.Handshake()
				}
			})
		}
		for r := range 50 {
			if got := c.EmitWithAck("echo", r).String(); got != fmt.Sprintf("[%d]", r) {
				t.Errorf("echo %d: %s", r, got)
			}
		}
		wg.Wait()
		c.Conn().Fence()
		until(t, func() bool { return events.Load() == 3*workers*rounds })
		if n := socketio.PendingAcks(s); n != 0 {
			t.Errorf("%d waits are left", n)
		}
	})
}

// D1: a client that does not read harms nobody but itself, and is closed when
// more than MaxQueuedBytes wait for it.
func TestSlowConsumer(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		slow := make(chan int, 1)
		srv, ts := start(t, socketio.Config{
			MaxQueuedBytes: 100_000,
			Hooks:          socketio.Hooks{SlowConsumer: func(_ *engine.Session, queued int) { slow <- queued }},
		}, func(srv *socketio.Server) { srv.Of("/").Handle("echo", echo) })
		ns := srv.Of("/")
		farewells := watch(ns)
		good := ts.Open(t, opt).Connect("/", nil)
		bad := ts.Open(t, opt).Connect("/", nil)
		s := ns.Socket(bad.ID())
		join(t, s, "room")
		bad.Conn().Pause()
		payload := strings.Repeat("x", 1000)
		for n := 0; s.Connected(); n++ {
			if n > 1000 {
				t.Fatal("a client that does not read is never closed")
			}
			if err := ns.Emit("x", payload); err != nil {
				t.Fatal(err)
			}
			if got := siotest.Next[string](t, good, "x"); got != payload {
				t.Fatal("somebody else's message is damaged")
			}
			join(t, ns.Socket(good.ID()), fmt.Sprint(n%5))
		}
		if f := get(t, farewells); f.why != socketio.SlowConsumer {
			t.Errorf("the reason is %q", f.why)
		}
		if n := get(t, slow); n > 100_000 {
			t.Errorf("%d bytes were queued", n)
		}
		if err := s.Emit("x"); err != socketio.ErrClosed {
			t.Errorf("Emit afterwards: %v", err)
		}
		alive(t, good)
	})
}

// L7: many namespaces, one joined: the others know nothing of it.
func TestManyNamespaces(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		for i := range 100 {
			srv.Of(fmt.Sprint("/n", i))
		}
	})
	c := ts.Dial(t, "/n7", nil)
	for i := range 100 {
		if n := srv.Of(fmt.Sprint("/n", i)).Len(); n != map[bool]int{true: 1}[i == 7] {
			t.Errorf("/n%d has %d sockets", i, n)
		}
	}
	c.Close()
	empty(t, srv.Of("/n7"))
}
