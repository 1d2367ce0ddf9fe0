package socketio_test

import (
	"context"
	"sync"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// EMIT-24: what one goroutine emits arrives in its order, packets whole, from
// the first message held to the last before the end, across an upgrade.
func TestOrder(t *testing.T) {
	for name, begin := range map[string]starter{
		"memory": start, "TCP": startTCP,
	} {
		for _, transport := range []string{engine.WebSocket, engine.Polling, "upgrade"} {
			t.Run(name+" "+transport, func(t *testing.T) { inOrder(t, transport, begin) })
		}
	}
}

func inOrder(t *testing.T, transport string, begin starter) {
	const writers, rounds = 4, 300
	opt := siotest.Options{Transport: transport}
	if transport == "upgrade" {
		opt.Transport = engine.Polling
	}
	var back []int
	srv, ts := begin(t, socketio.Config{MaxQueuedBytes: 64 << 20}, func(srv *socketio.Server) {
		ns := srv.Of("/")
		ns.OnConnect(onConnect(func(s *socketio.Socket) {
			for w := range writers {
				for r := range 50 { // some before the client knows
					_ = s.Emit("n", w, r, []byte{byte(r)})
				}
			}
		}))
		socketio.On(ns, "back", func(_ context.Context, _ *socketio.Socket, n int) error {
			back = append(back, n)
			return nil
		})
		ns.Handle("echo", echo)
	})
	conn := ts.Open(t, opt)
	c := conn.Connect("/", nil)
	s := srv.Of("/").Socket(c.ID())
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for r := range rounds - 50 {
				var err error
				if b := []byte{byte(r + 50)}; r%2 == 0 {
					err = s.Emit("n", w, r+50, b)
				} else {
					err = srv.Of("/").Emit("n", w, r+50, b)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for r := range rounds {
			c.Emit("back", r)
		}
	})
	if transport == "upgrade" {
		conn.Upgrade()
	}
	next := make([]int, writers)
	for range writers * rounds {
		e := c.Next()
		var w, r int
		var b []byte
		if err := e.Decode(&w, &r, &b); err != nil {
			t.Fatal(err)
		}
		if next[w] != r || b[0] != byte(r) {
			t.Fatalf("writer %d: received %d with %v, want %d", w, r, b, next[w])
		}
		next[w]++
	}
	wg.Wait()
	alive(t, c)
	for i, n := range back {
		if n != i {
			t.Fatalf("the server's event %d is %d", i, n)
		}
	}
	if len(back) != rounds {
		t.Errorf("%d events came", len(back))
	}
	if transport == "upgrade" && s.Session().Transport() != engine.WebSocket {
		t.Error("not upgraded")
	}
}
