package socketio_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// A handler that takes its time: the client's events wait, up to
// MaxQueuedBytes; then it is not read from, which is not held against it, and
// all its events are handled in the end, in order.
func TestBackpressure(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		synctest.Test(t, func(t *testing.T) {
			const limit, total = 50_000, 500
			release := make(chan struct{})
			next := 0
			srv, ts := start(t, socketio.Config{MaxQueuedBytes: limit}, func(srv *socketio.Server) {
				srv.Of("/").Handle("echo", echo)
				socketio.On(srv.Of("/"), "slow", func(_ context.Context, _ *socketio.Socket, in socketio.Args2[int, string]) error {
					<-release
					if in.A != next {
						t.Errorf("event %d is handled in place of %d", in.A, next)
					}
					next++
					return nil
				})
			})
			ts.Patience = 24 * time.Hour
			c := ts.Open(t, opt).Connect("/", nil)
			s := srv.Of("/").Socket(c.ID())
			sent := 0
			flooded := make(chan struct{})
			go func() {
				defer close(flooded)
				for ; sent < total; sent++ {
					c.Emit("slow", sent, strings.Repeat("x", 1000))
				}
			}()
			synctest.Wait()
			waiting := socketio.InboxBytes(s)
			if sent == total || waiting < limit/2 || waiting > limit+2000 {
				t.Errorf("%d events were taken, %d bytes wait", sent, waiting)
			}
			pass(time.Hour) // many heartbeats that nobody reads the answer of
			if synctest.Wait(); !s.Connected() {
				t.Fatalf("the client is gone: %v", context.Cause(s.Context()))
			}
			close(release)
			<-flooded
			alive(t, c)
			if next != total {
				t.Errorf("%d events were handled", next)
			}
			if n := socketio.InboxBytes(s); n != 0 {
				t.Errorf("%d bytes are left over", n)
			}
			pass(time.Hour)
			alive(t, c)
		})
	})
}

// While events wait, acks, heartbeats and other namespaces go on.
func TestAcksPassEvents(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		const waiting = 100
		handled := make(chan int, waiting)
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			socketio.On(srv.Of("/"), "ask", func(ctx context.Context, s *socketio.Socket, n int) error {
				v, err := socketio.EmitWithAck[int](ctx, s, "q", n)
				if err != nil || v != n {
					t.Errorf("the answer is %d, %v", v, err)
				}
				handled <- n
				return nil
			})
			srv.Of("/b").Handle("echo", echo)
		})
		conn := ts.Open(t, opt)
		c, other := conn.Connect("/", nil), conn.Connect("/b", nil)
		for i := range waiting {
			c.Emit("ask", i)
		}
		alive(t, other)
		for i := range waiting { // each question stands before the events that wait
			e := c.Next()
			e.Ack(i)
			if got := get(t, handled); got != i || e.Name != "q" {
				t.Errorf("%s: handled %d in place of %d", e, got, i)
			}
		}
		_ = srv
	})
}

// The end of a client whose events wait ends the wait of whoever reads for it.
func TestEndWhileBlocked(t *testing.T) {
	for name, end := range map[string]func(srv *socketio.Server, s *socketio.Socket){
		"kicked":   func(_ *socketio.Server, s *socketio.Socket) { _ = s.Disconnect(false) },
		"closed":   func(_ *socketio.Server, s *socketio.Socket) { _ = s.Disconnect(true) },
		"aborted":  func(_ *socketio.Server, s *socketio.Socket) { s.Session().Abort(engine.ForcedClose) },
		"shutdown": func(srv *socketio.Server, _ *socketio.Socket) { go func() { _ = srv.Shutdown(context.Background()) }() },
	} {
		onEach(t, func(t *testing.T, opt siotest.Options) {
			t.Run(name, inBubble(func(t *testing.T) {
				var ran int
				var cause error
				srv, ts := start(t, socketio.Config{MaxQueuedBytes: 1000}, func(srv *socketio.Server) {
					socketio.On(srv.Of("/"), "wait", func(ctx context.Context, _ *socketio.Socket, _ string) error {
						<-ctx.Done()
						ran++
						cause = context.Cause(ctx)
						return nil
					})
				})
				ts.Patience = time.Hour
				c := ts.Open(t, opt).Connect("/", nil)
				s := srv.Of("/").Socket(c.ID())
				go func() {
					for range 100 {
						if c.Conn().Send(fmt.Sprintf(`42["wait",%q]`, strings.Repeat("x", 100))) != nil {
							return
						}
					}
				}()
				synctest.Wait()
				if n := socketio.InboxBytes(s); n < 500 || n > 2000 {
					t.Fatal("nothing is blocked")
				}
				end(srv, s)
				c.WaitDisconnect()
				synctest.Wait()
				if cause != context.Cause(s.Context()) || cause == nil {
					t.Errorf("the handler saw %v", cause)
				}
				if kicked := cause == socketio.ServerNamespaceDisconnect; kicked != (ran == 1) {
					t.Errorf("%d events were handled after %v", ran, cause) // what a kicked client still wanted is dropped
				}
				if socketio.InboxBytes(s) != 0 {
					t.Error("events are left over")
				}
			}))
		})
	}
}

// The list of an inbox that never runs empty stays as long as what waits in it.
func TestInboxOfALateWorker(t *testing.T) {
	if n := socketio.InboxGrowth(1_000_000); n > 2048 {
		t.Errorf("the list of an inbox with two events has grown to %d", n)
	}
}

// Events of several namespaces of one client do not wait for each other's
// handlers, those of one namespace do.
func TestOneAtATime(t *testing.T) {
	running := make(chan string, 10)
	release := make(chan struct{})
	_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		for _, name := range []string{"/a", "/b"} {
			srv.Of(name).Handle("x", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) {
				running <- name
				<-release
				return nil, nil
			})
		}
	})
	conn := ts.Open(t, siotest.Options{})
	a, b := conn.Connect("/a", nil), conn.Connect("/b", nil)
	a.Emit("x")
	a.Emit("x")
	b.Emit("x")
	if got := get(t, running) + get(t, running); got != "/a/b" && got != "/b/a" {
		t.Errorf("running %s", got)
	}
	conn.Fence()
	if len(running) != 0 {
		t.Error("two events of one socket at once")
	}
	close(release)
	if got := get(t, running); got != "/a" {
		t.Errorf("then %s", got)
	}
}

// L2, L8: a client that is killed while its events wait is noticed all the
// same, though nobody reads its connection.
func TestKilledWhileBlocked(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		synctest.Test(t, func(t *testing.T) {
			srv, ts := start(t, socketio.Config{MaxQueuedBytes: 1000}, func(srv *socketio.Server) {
				socketio.On(srv.Of("/"), "wait", func(ctx context.Context, _ *socketio.Socket, _ string) error {
					<-ctx.Done() // a handler that serves its client until it leaves
					return nil
				})
			})
			ts.Patience = time.Minute
			c := ts.Open(t, opt).Connect("/", nil)
			s := srv.Of("/").Socket(c.ID())
			go func() {
				for range 100 {
					if c.Conn().Send(fmt.Sprintf(`42["wait",%q]`, strings.Repeat("x", 100))) != nil {
						return
					}
				}
			}()
			synctest.Wait()
			if n := socketio.InboxBytes(s); n < 500 || n > 2000 {
				t.Fatal("nothing is blocked")
			}
			pass(30 * time.Second) // a heartbeat is under way, and its answer cannot be read
			c.Conn().Cut()
			pass(5 * time.Minute)
			if synctest.Wait(); s.Connected() {
				t.Error("the socket of a killed client lives on")
				_ = s.Disconnect(true)
			}
		})
	})
}
