package siotest_test

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// echo is a server that answers what it gets, in "/" and "/chat".
func echo(cfg socketio.Config) *socketio.Server {
	cfg.Logger = slog.New(slog.DiscardHandler)
	srv := socketio.NewServer(cfg)
	for _, name := range []string{"/", "/chat"} {
		srv.Of(name).Handle("echo", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
			if e.WantsAck() {
				return e.Args(), nil
			}
			return nil, s.Emit("echo", e.Args()...)
		})
	}
	return srv
}

// everywhere runs a test on each transport, in memory and on TCP.
func everywhere(t *testing.T, f func(t *testing.T, ts *siotest.Server, opt siotest.Options)) {
	for _, transport := range []string{engine.WebSocket, engine.Polling} {
		opt := siotest.Options{Transport: transport}
		t.Run(transport, func(t *testing.T) { f(t, siotest.NewServer(t, echo(socketio.Config{})), opt) })
		t.Run(transport+" on TCP", func(t *testing.T) { f(t, siotest.Listen(t, echo(socketio.Config{})), opt) })
	}
}

func TestClient(t *testing.T) {
	everywhere(t, func(t *testing.T, ts *siotest.Server, opt siotest.Options) {
		conn := ts.Open(t, opt)
		main := conn.Connect("/", nil)
		chat := conn.Connect("/chat", map[string]string{"name": "alice"})
		if main.ID() == "" || main.ID() == chat.ID() {
			t.Errorf("ids %q and %q", main.ID(), chat.ID())
		}
		chat.Emit("echo", "hi", 1, []byte{1, 2})
		chat.Expect("echo", "hi", 1, []byte{1, 2})
		main.Quiet()
		var n int
		if r := main.EmitWithAck("echo", 7); r.Len() != 1 || r.Decode(&n) != nil || n != 7 {
			t.Errorf("the ack is %s", r)
		}
		main.Emit("echo", true)
		if !siotest.Next[bool](t, main, "echo") {
			t.Error("true came back as false")
		}
	})
}

func TestUpgrade(t *testing.T) {
	ts := siotest.Listen(t, echo(socketio.Config{}))
	c := ts.Open(t, siotest.Options{Transport: engine.Polling}).Connect("/", nil)
	c.Conn().Upgrade()
	c.Emit("echo", 1)
	c.Expect("echo", 1)
}

func TestRefusal(t *testing.T) {
	ts := siotest.NewServer(t, echo(socketio.Config{}))
	_, err := ts.Open(t, siotest.Options{}).TryConnect("/nowhere", nil)
	if ce, ok := errors.AsType[*siotest.ConnectError](err); !ok || ce.Message != "Invalid namespace" {
		t.Errorf("the refusal is %v", err)
	}
}

// TestPause: a client that does not read is noticed by a server in memory at once.
func TestPause(t *testing.T) {
	srv := echo(socketio.Config{})
	ts := siotest.NewServer(t, srv)
	c := ts.Dial(t, "/", nil)
	c.Conn().Pause()
	s := srv.Of("/").Socket(c.ID())
	for s.Session().BufferedAmount() == 0 {
		if err := s.Emit("echo"); err != nil {
			t.Fatal(err)
		}
	}
	c.Conn().Resume()
	c.Expect("echo")
}

func TestHeartbeatsInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := echo(socketio.Config{})
		pings := 0
		srv.Of("/").OnPing(func(*socketio.Socket, time.Duration) { pings++ })
		ts := siotest.NewServer(t, srv)
		c := ts.Dial(t, "/", nil)
		mute := ts.Open(t, siotest.Options{Mute: true}).Connect("/", nil)
		<-time.After(70 * time.Second)
		synctest.Wait()
		if pings != 2 {
			t.Errorf("%d heartbeats in 70 s, want 2", pings)
		}
		if why := mute.WaitDisconnect(); why != "transport close" {
			t.Errorf("the mute client was told %q", why)
		}
		c.Emit("echo")
		c.Expect("echo")
	})
}

// With recovery on, tests say what was emitted, and not what offset it had.
func TestExpectWithRecovery(t *testing.T) {
	srv := echo(socketio.Config{Recovery: &socketio.Recovery{}})
	srv.Of("/").Handle("ask me", func(ctx context.Context, s *socketio.Socket, _ *socketio.Event) ([]any, error) {
		_, err := s.EmitWithAck(ctx, "question", "why") // ends with the socket
		return nil, err
	})
	c := siotest.NewServer(t, srv).Dial(t, "/", nil)
	for _, args := range [][]any{{}, {1}, {"text"}, {"a", map[string]any{"b": []byte{1, 2}}}} {
		c.Emit("echo", args...)
		c.Expect("echo", args...)
	}
	c.Emit("echo", 1)
	if e := c.Next(); e.Len() != 2 {
		t.Errorf("no offset in %s", e)
	}
	c.Emit("ask me")
	c.Expect("question", "why") // has no offset, so that the string is the question's
}

// A server that takes every name can be waited for, too, and what it does with
// the fence's namespace is nobody's event.
func TestFenceOfEveryName(t *testing.T) {
	everywhere(t, func(t *testing.T, ts *siotest.Server, opt siotest.Options) {
		srv := echo(socketio.Config{MaxNamespaces: 2})
		left := make(chan string, 10)
		all := srv.OfPattern(regexp.MustCompile(".*"))
		all.OnConnect(func(_ context.Context, s *socketio.Socket) error {
			return s.Emit("welcome", []byte{1, 2})
		})
		all.OnDisconnect(func(s *socketio.Socket, _ socketio.DisconnectReason) { left <- s.Namespace().Name() })
		ts.Handler = srv
		defer func() { _ = srv.Shutdown(context.Background()) }()
		c := ts.Open(t, opt).Connect("/any", nil)
		c.Expect("welcome", []byte{1, 2})
		for range 3 {
			c.Quiet()
		}
		c.Conn().Quiet()
		gone := map[string]bool{} // in any order: each namespace has its own
		for range 4 {
			gone[<-left] = true
		}
		for _, want := range []string{"/siotest-fence-1", "/siotest-fence-2", "/siotest-fence-3", "/siotest-fence-4"} {
			if !gone[want] {
				t.Errorf("did not leave %s", want)
			}
		}
	})
}
