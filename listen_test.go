package socketio_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/go-socketio/socketio"
)

// EVT-05 C4: handlers are added and removed while events come in.
func TestRemoveHandlers(t *testing.T) {
	var ns *socketio.Namespace
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		ns = srv.Of("/")
		ns.Handle("echo", echo)
	})
	c := ts.Dial(t, "/", nil)
	answer := func(text string) socketio.HandlerFunc {
		return func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { return []any{text}, nil }
	}
	removeFirst := ns.Handle("x", answer("first"))
	removeSecond := ns.Handle("x", answer("second"))
	s := srv.Of("/").Socket(c.ID())
	removeOwn := s.Handle("x", answer("own"))
	ask := func(want string) {
		t.Helper()
		if got := c.EmitWithAck("x").String(); got != want {
			t.Errorf("x is answered %s, want %s", got, want)
		}
	}
	ask(`["first"]`)
	removeFirst()
	removeFirst() // twice does no harm
	ask(`["second"]`)
	removeSecond()
	ask(`["own"]`)
	removeOwn()
	s.Once("x", answer("once"))
	ask(`["once"]`)
	calls := 0
	removeOnce := s.Once("y", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { calls++; return nil, nil })
	removeOnce()
	c.Emit("y")
	s.Once("z", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { calls += 10; return nil, nil })
	c.Emit("z")
	c.Emit("z")
	alive(t, c)
	if calls != 10 {
		t.Errorf("calls %d, want one of z alone", calls)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				ns.Handle("x", answer("z"))()
				ns.OnAny(func(context.Context, *socketio.Socket, *socketio.Event) {})()
			}
		})
	}
	for range 100 {
		c.Emit("x")
	}
	wg.Wait()
	alive(t, c)
}

// EVT-02: a screen refuses an event; its error is answered and told, no handler runs.
func TestUseEvent(t *testing.T) {
	var told []string
	var ns *socketio.Namespace
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		ns = srv.Of("/")
		ns.Handle("echo", echo)
		ns.OnAny(func(_ context.Context, _ *socketio.Socket, e *socketio.Event) { told = append(told, "any "+e.Name()) })
		ns.UseEvent(func(_ context.Context, _ *socketio.Socket, e *socketio.Event) error {
			if e.Name() == "forbidden" {
				return &socketio.Error{Message: "unauthorized event"}
			}
			return nil
		})
		ns.Handle("forbidden", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) {
			t.Error("the handler ran")
			return nil, nil
		})
		ns.OnError(func(_ *socketio.Socket, e *socketio.Event, err error) { told = append(told, e.Name()+": "+err.Error()) })
	})
	c := ts.Dial(t, "/", nil)
	if got := c.EmitWithAck("forbidden").String(); got != `[{"error":{"message":"unauthorized event"}}]` {
		t.Errorf("answered %s", got)
	}
	srv.Of("/").Socket(c.ID()).UseEvent(func(_ context.Context, _ *socketio.Socket, e *socketio.Event) error {
		if e.Name() == "mine" {
			return fmt.Errorf("secret")
		}
		return nil
	})
	if got := c.EmitWithAck("mine").String(); got != `[{"error":{"message":"internal error"}}]` {
		t.Errorf("answered %s", got)
	}
	alive(t, c)
	if got, want := fmt.Sprint(told), "[any forbidden forbidden: unauthorized event any mine mine: secret any echo]"; got != want {
		t.Errorf("told %s, want %s", got, want)
	}
}

// EVT-04: outgoing events are seen, broadcasts once for each receiver, acks not.
func TestOnAnyOutgoing(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	var ns *socketio.Namespace
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		ns = srv.Of("/")
		ns.Handle("echo", echo)
	})
	a, b := ts.Dial(t, "/", nil), ts.Dial(t, "/", nil)
	remove := ns.OnAnyOutgoing(func(s *socketio.Socket, event string, args []any) {
		_ = s.Rooms() // no lock is held
		mu.Lock()
		seen[fmt.Sprint(event, args)]++
		mu.Unlock()
	})
	_ = srv.Of("/").Socket(a.ID()).Emit("one", 1)
	_ = ns.Emit("all", 2)
	alive(t, a)
	a.Expect("one", 1)
	a.Expect("all", 2)
	b.Expect("all", 2)
	remove()
	_ = ns.Emit("all", 3)
	b.Expect("all", 3)
	if got := fmt.Sprint(seen); got != "map[all[2]:2 one[1]:1]" {
		t.Errorf("seen %s", got)
	}
}
