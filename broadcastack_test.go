package socketio_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// EMIT-14, B-74, B-83: the answers of a broadcast come one by one; those that
// do not come in time are errors, each with the id of its socket.
func TestBroadcastWithAck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, ts := start(t, socketio.Config{}, nil)
		ns := srv.Of("/")
		clients, s := crowd(t, srv, ts, 5)
		name := map[string]int{}
		for i, c := range clients {
			name[s[i].ID()] = i
			if i < 3 {
				c.Answer("q", func(e *siotest.Event) []any {
					var n int
					if err := e.Decode(&n); err != nil || !e.WantsAck {
						t.Errorf("%s, %v", e, err)
					}
					return []any{n + i}
				})
			}
		}
		go func() { // the fourth goes away without an answer, the fifth stays silent
			pass(time.Second)
			clients[3].Close()
		}()
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		got := map[int]error{}
		for r, err := range ns.Broadcast().EmitWithAck(ctx, "q", 100) {
			i, ok := name[r.SocketID]
			if _, twice := got[i]; twice || !ok {
				t.Errorf("a reply of %q", r.SocketID)
			}
			got[i] = err
			var n int
			if err == nil && (r.Decode(&n) != nil || n != 100+i) {
				t.Errorf("%d answers %d", i, n)
			}
			if after := time.Since(began); i < 3 && after != 0 || i == 3 && after != time.Second || i == 4 && after != 5*time.Second {
				t.Errorf("%d yields after %v", i, after)
			}
		}
		if len(got) != 5 || got[0] != nil || got[1] != nil || got[2] != nil {
			t.Errorf("yielded %v", got)
		}
		if !errors.Is(got[3], socketio.ErrClosed) || !errors.Is(got[3], socketio.TransportClose) {
			t.Errorf("gone: %v", got[3])
		}
		if !errors.Is(got[4], socketio.ErrAckTimeout) {
			t.Errorf("silent: %v", got[4])
		}
		for i, s := range s {
			if n := socketio.PendingAcks(s); n != 0 {
				t.Errorf("%d waits for %d answers", i, n)
			}
		}
	})
}

// The ends of a broadcast with acks: nobody there, the default bound, a loop
// left early, an iterator never used.
func TestBroadcastWithAckEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, ts := start(t, socketio.Config{}, nil)
		ts.Patience = time.Hour
		ns := srv.Of("/")
		ctx := context.Background()
		for range ns.Broadcast().EmitWithAck(ctx, "q") {
			t.Error("an answer of nobody")
		}
		clients, s := crowd(t, srv, ts, 2)
		clients[0].Answer("q", func(*siotest.Event) []any { return []any{1} })
		pending := func(what string) {
			t.Helper()
			synctest.Wait()
			if a, b := socketio.PendingAcks(s[0]), socketio.PendingAcks(s[1]); a != 0 || b != 0 {
				t.Errorf("%s: %d and %d waits are left", what, a, b)
			}
		}
		began, failed := time.Now(), 0
		for _, err := range ns.Broadcast().EmitWithAck(ctx, "q") {
			if errors.Is(err, socketio.ErrAckTimeout) {
				failed++
			}
		}
		if failed != 1 || time.Since(began) != 20*time.Second {
			t.Errorf("%d timeouts after %v, want one after AckTimeout", failed, time.Since(began))
		}
		pending("timeout")

		for r, err := range ns.Broadcast().EmitWithAck(ctx, "q") {
			if err != nil || r.SocketID != s[0].ID() {
				t.Errorf("first %+v, %v", r, err)
			}
			break
		}
		pending("left early")

		unused := ns.Broadcast().EmitWithAck(ctx, "q")
		pass(21 * time.Second)
		pending("never used")
		n := 0
		for range unused {
			n++
		}
		if n != 2 {
			t.Errorf("used late it yields %d times", n)
		}
		for range unused {
			t.Error("it yields a second time")
		}

		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		for _, err := range ns.To(s[1].ID()).EmitWithAck(cancelled, "q") {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled before: %v", err)
			}
		}
		pending("cancelled")
		clients[1].Disconnect()
		synctest.Wait()
		for _, err := range ns.To(s[1].ID()).EmitWithAck(ctx, "q") {
			t.Errorf("a socket that is gone yields %v", err)
		}
	})
}

// B-75: one client's answer does not count for another.
func TestBroadcastAckIsPerSocket(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	clients, s := crowd(t, srv, ts, 2)
	answers := make(chan string, 2)
	go func() {
		for r, err := range srv.Of("/").Broadcast().EmitWithAck(context.Background(), "q") {
			var v string
			_ = r.Decode(&v)
			if err != nil {
				v = err.Error()
			}
			if r.SocketID == s[0].ID() {
				v = "0: " + v
			}
			answers <- v
		}
	}()
	e0, e1 := clients[0].Next(), clients[1].Next()
	e0.Ack("first")
	e0.Ack("again") // the same id, from the same client
	if got := get(t, answers); got != "0: first" {
		t.Errorf("answered %q", got)
	}
	clients[0].Quiet()
	e1.Ack("second")
	if got := get(t, answers); got != "second" {
		t.Errorf("answered %q", got)
	}
}

// EMIT-14 while everything moves: sockets come, answer, and go.
func TestBroadcastWithAckStorm(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	ns := srv.Of("/")
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
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
			c.Answer("q", func(*siotest.Event) []any { return []any{1} })
			conn.Close()
		}
	}()
	clients, _ := crowd(t, srv, ts, 10)
	for _, c := range clients {
		c.Answer("q", func(*siotest.Event) []any { return []any{1} })
	}
	for range 100 {
		good := 0
		for r, err := range ns.Broadcast().EmitWithAck(context.Background(), "q") {
			switch {
			case err == nil && r.Len() == 1:
				good++
			case !errors.Is(err, socketio.ErrClosed):
				t.Errorf("%q: %v", r.SocketID, err)
			}
		}
		if good < 10 {
			t.Errorf("%d answers", good)
		}
	}
	close(stop)
	<-done
}
