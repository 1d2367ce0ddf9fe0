package socketio_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// NSP-13, D2, B-88: from every function that runs for a socket it can be emitted to a
// hundred times, joined, broadcast to and disconnected, and nothing waits for ever.
func TestEverythingEverywhere(t *testing.T) {
	flood := func(t *testing.T, s *socketio.Socket, where string, gone bool) {
		var want error
		if gone {
			want = socketio.ErrClosed
		}
		for i := range 100 {
			if err := s.Emit("in "+where, i); err != want {
				t.Errorf("Emit in %s: %v", where, err)
			}
		}
		if err := s.Join(where, "all"); err != want {
			t.Errorf("Join in %s: %v", where, err)
		}
		if err := s.Leave("nowhere"); err != want {
			t.Errorf("Leave in %s: %v", where, err)
		}
		ns := s.Namespace()
		if err := ns.To(where).Emit(where+" room", s.ID()); err != nil {
			t.Errorf("broadcast to a room in %s: %v", where, err)
		}
		if err := ns.Emit(where+" all", s.ID()); err != nil {
			t.Errorf("broadcast to all in %s: %v", where, err)
		}
		if err := ns.To("other room").Join(context.Background(), "third"); err != nil {
			t.Error(err)
		}
		_, _, _, _ = s.Rooms(), s.In("x"), s.Handshake(), s.Context()
		_, _, _ = ns.Rooms(), ns.Len(), ns.Socket(s.ID())
	}
	onEach(t, func(t *testing.T, opt siotest.Options) {
		done := make(chan struct{})
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			ns := srv.Of("/")
			ns.Use(onConnect(func(s *socketio.Socket) { flood(t, s, "middleware", false) }))
			ns.OnConnect(onConnect(func(s *socketio.Socket) { flood(t, s, "connect", false) }))
			ns.OnReconnect(func(*socketio.Socket) string { return "same" }, func(_ context.Context, s *socketio.Socket, _ socketio.Departure) error {
				flood(t, s, "reconnect", false)
				return nil
			})
			ns.Handle("go", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) ([]any, error) {
				flood(t, s, "handler", false)
				if err := s.Disconnect(false); err != nil {
					t.Error(err)
				}
				flood(t, s, "handler, gone", true)
				return []any{"too late"}, nil
			})
			ns.OnDisconnecting(func(s *socketio.Socket, _ socketio.DisconnectReason) { flood(t, s, "disconnecting", true) })
			ns.OnLeave(func(s *socketio.Socket, room socketio.Room) {
				if room == "all" {
					flood(t, s, "leave", true)
				}
			})
			ns.OnDisconnect(func(s *socketio.Socket, _ socketio.DisconnectReason) {
				flood(t, s, "disconnect", true)
				if s.Disconnect(true) != socketio.ErrClosed {
					t.Error("disconnected twice")
				}
				done <- struct{}{}
			})
		})
		c := ts.Open(t, opt)
		for round := range 2 {
			_ = c.Send("40")
			if got := c.Receive().String(); !strings.HasPrefix(got, `40{"sid"`) { // what was emitted before is held
				t.Fatalf("the first message is %s", got)
			}
			steps := []string{"middleware", "connect", "reconnect"}[:2+round]
			_ = c.Send(`421["go"]`)
			for _, where := range append(steps, "handler") {
				for range 100 {
					if got := c.Receive().String(); !strings.HasPrefix(got, `42["in `+where+`",`) {
						t.Fatalf("%s: received %s", where, got)
					}
				}
				c.Receive() // its own broadcast to the room it has just joined
				if where != "middleware" {
					c.Receive() // and to all: in a middleware it is not among them yet
				}
			}
			c.Expect("41")
			get(t, done)
		}
		_ = srv
	})
}

// What is emitted before a refusal is dropped, and what is emitted before the
// end of a stay is delivered.
func TestDisconnectWhileEntering(t *testing.T) {
	for _, test := range []struct {
		where  string
		close  bool
		expect []string // then the connection is closed, or open
	}{
		{"middleware", false, []string{`44/x,{"message":"disconnected by the server"}`}},
		{"middleware", true, []string{`44/x,{"message":"disconnected by the server"}`, "41"}},
		{"connect", false, []string{"40/x,", `42/x,["bye",1]`, "41/x,"}},
		{"connect", true, []string{"40/x,", `42/x,["bye",1]`, "41/x,", "41"}},
	} {
		onEach(t, func(t *testing.T, opt siotest.Options) {
			farewells, disconnect := 0, errors.New("not called")
			srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
				act := onConnect(func(s *socketio.Socket) {
					_ = s.Emit("bye", 1)
					disconnect = s.Disconnect(test.close)
					if s.Disconnect(test.close) != socketio.ErrClosed {
						t.Error("disconnected twice")
					}
				})
				after := onConnect(func(*socketio.Socket) { t.Error("another function runs after Disconnect") })
				ns := srv.Of("/x")
				if test.where == "middleware" {
					ns.Use(act)
					ns.Use(after)
				} else {
					ns.OnConnect(act)
				}
				ns.OnConnect(after)
				ns.OnDisconnect(func(*socketio.Socket, socketio.DisconnectReason) { farewells++ })
			})
			c := ts.Open(t, opt)
			_ = c.Send("40")
			c.Receive()
			_ = c.Send("40/x,")
			for _, want := range test.expect {
				got := c.Receive().String()
				if !strings.HasPrefix(got, want) {
					t.Errorf("%s, %v: received %s, want %s", test.where, test.close, got, want)
				}
			}
			if test.close {
				c.WaitClosed()
			} else {
				c.Quiet()
			}
			if err := srv.Shutdown(context.Background()); err != nil { // waits for OnDisconnect
				t.Error(err)
			}
			if want := map[string]int{"middleware": 0, "connect": 1}[test.where]; farewells != want || disconnect != nil {
				t.Errorf("%s, %v: OnDisconnect ran %d times, Disconnect said %v", test.where, test.close, farewells, disconnect)
			}
		})
	}
}

// EmitWithAck before the client knows: a middleware cannot wait for it, but
// OnConnect can, and a handler can wait for its own client.
func TestAckWhileEntering(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		var refuse bool
		reasons := make(chan socketio.DisconnectReason, 10)
		_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			ns := srv.Of("/")
			ns.Use(func(ctx context.Context, s *socketio.Socket) error {
				if _, err := s.EmitWithAck(ctx, "q"); err != socketio.ErrNotConnected {
					t.Errorf("in a middleware: %v", err)
				}
				return nil
			})
			ns.OnConnect(func(ctx context.Context, s *socketio.Socket) error {
				_ = s.Emit("before")
				v, err := socketio.EmitWithAck[string](ctx, s, "q", "connect")
				if err != nil || v != "a connect" || !s.Connected() {
					t.Errorf("in OnConnect: %q, %v", v, err)
				}
				_ = s.Emit("after")
				if refuse {
					return &socketio.Error{Message: "too late for that"}
				}
				return nil
			})
			ns.OnDisconnect(func(_ *socketio.Socket, why socketio.DisconnectReason) { reasons <- why })
			socketio.OnAck(ns, "ask me", func(ctx context.Context, s *socketio.Socket, _ socketio.None) (string, error) {
				return socketio.EmitWithAck[string](ctx, s, "q", "handler")
			})
		})
		connect := func() *siotest.Client {
			c := ts.Open(t, opt).Connect("/", nil)
			c.Expect("before")
			c.Next().Ack("a connect")
			c.Expect("after")
			return c
		}
		c := connect()
		c.Answer("q", func(*siotest.Event) []any { return []any{"a handler"} })
		if got := c.EmitWithAck("ask me").String(); got != `["a handler"]` {
			t.Errorf("the handler answers %s", got)
		}
		c.Quiet()
		refuse = true
		c = connect()
		c.WaitDisconnect() // it was told that it is in: no more CONNECT_ERROR
		if why := get(t, reasons); why != socketio.ServerNamespaceDisconnect {
			t.Errorf("the reason is %q", why)
		}
	})
}

// B-53: the parts of a held packet stay together when the connection's other
// namespace is busy at that moment.
func TestHeldAttachmentsStayTogether(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		srv.Of("/x").OnConnect(onConnect(func(s *socketio.Socket) {
			for i := range 20 {
				_ = s.Emit("bin", i, []byte{1}, []byte{2}, []byte{3})
			}
		}))
	})
	conn := ts.Open(t, siotest.Options{})
	main := conn.Connect("/", nil)
	busy := srv.Of("/").Socket(main.ID())
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if busy.Session().BufferedAmount() < 10_000 {
				_ = busy.Emit("noise", []byte{9})
			} else {
				runtime.Gosched()
			}
		}
	}()
	for range 50 {
		x := conn.Connect("/x", nil)
		for i := range 20 {
			x.Expect("bin", i, []byte{1}, []byte{2}, []byte{3})
		}
		x.Disconnect()
	}
	close(stop)
	<-done
	main.Conn().Fence()
}

// A client for whom more is held than MaxQueuedBytes is closed: it must not
// miss one message of many.
func TestHeldBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slow int
		var refused error
		srv, ts := start(t, socketio.Config{
			MaxQueuedBytes: 10_000,
			Hooks:          socketio.Hooks{SlowConsumer: func(*engine.Session, int) { slow++ }},
		}, func(srv *socketio.Server) {
			srv.Of("/").OnConnect(func(ctx context.Context, s *socketio.Socket) error {
				for range 100 {
					if refused = s.Emit("x", strings.Repeat("x", 1000)); refused != nil {
						break
					}
				}
				<-ctx.Done()
				return context.Cause(ctx)
			})
		})
		c := ts.Open(t, siotest.Options{})
		_ = c.Send("40")
		c.WaitClosed()
		synctest.Wait()
		if refused != socketio.ErrSlowConsumer || slow != 1 || srv.Engine().Len() != 0 {
			t.Errorf("Emit says %v, %d slow consumers, %d sessions", refused, slow, srv.Engine().Len())
		}
	})
}

// Broadcasts reach a client from OnConnect on, held until it knows; in a
// middleware only those to rooms it has joined.
func TestBroadcastWhileEntering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		step := make(chan struct{})
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			srv.Of("/").Use(onConnect(func(s *socketio.Socket) {
				_ = s.Join("room")
				<-step
			}))
			srv.Of("/").OnConnect(onConnect(func(*socketio.Socket) { <-step }))
		})
		ns := srv.Of("/")
		c := ts.Open(t, siotest.Options{})
		_ = c.Send("40")
		for _, where := range []string{"middleware", "connect"} {
			synctest.Wait()
			_ = ns.Emit("all", where)
			_ = ns.To("room").Emit("room", where)
			step <- struct{}{}
		}
		if got := c.Receive().String(); !strings.HasPrefix(got, "40{") {
			t.Errorf("first %s", got)
		}
		c.Expect(`42["room","middleware"]`, `42["all","connect"]`, `42["room","connect"]`)
		pass(time.Second)
		c.Quiet()
	})
}
