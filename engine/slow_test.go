package engine_test

import (
	"errors"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// D1 LIFE-10: a client that never reads is closed once MaxQueuedBytes wait for
// it. The sender is told, is never held up, and nobody else notices.
func TestSlowConsumer(t *testing.T) {
	for _, tls := range []bool{false, true} {
		g := startWith(t, engine.Config{MaxQueuedBytes: 100 << 10}, newApp(t), nil, func(s *httptest.Server) {
			if tls {
				s.StartTLS()
			}
		})
		slow := g.silentPeer()
		sk := g.app.next()
		w, k := g.connect()
		big := text(strings.Repeat("x", 10<<10))
		var longest time.Duration
		var err error
		n := 0
		for ; err == nil; n++ {
			if n > 100000 {
				t.Fatal("a client that does not read takes everything")
			}
			began := time.Now()
			err = sk.Send(big)
			longest = max(longest, time.Since(began))
			if n%50 == 0 {
				_ = k.Send(text("others"))
				w.want("4others")
			}
		}
		if !errors.Is(err, engine.ErrSlowConsumer) {
			t.Fatalf("Send number %d: %v, want ErrSlowConsumer", n, err)
		}
		if longest > 2*time.Second { // what a noisy machine may do, and WriteTimeout is 10 s
			t.Errorf("a Send took %v", longest)
		}
		if err := sk.Send(big); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("the Send after that: %v, want ErrClosed", err)
		}
		cause := sk.wantEnd(engine.SlowConsumer)
		if full, ok := errors.AsType[*engine.QueueFull](cause); !ok || full.Bytes > 100<<10 || full.Bytes < 80<<10 {
			t.Errorf("cause is %v", cause)
		}
		if n := sk.BufferedAmount(); n != 0 {
			t.Errorf("%d bytes are buffered after the end", n)
		}
		_ = k.Send(text("others"))
		w.want("4others")
		k.wantOpen()
		slow()
	}
}

// silentPeer opens a WebSocket session that sends nothing and reads nothing
// behind the 101. The result closes it.
func (g *rig) silentPeer() func() {
	g.t.Helper()
	release := make(chan struct{})
	p, err := dialHolding(g.t, g.hc, g.url+"?EIO=4&transport=websocket", nil, func(wsock.Opcode) { <-release })
	if err != nil {
		g.t.Fatal(err)
	}
	done := false
	stop := func() {
		if !done {
			done = true
			p.hang()
			close(release)
		}
	}
	g.t.Cleanup(stop)
	return stop
}

// A polling client that never comes is bounded the same way.
func TestSlowConsumerPolling(t *testing.T) {
	g := start(t, engine.Config{MaxQueuedBytes: 1000}, newApp(t))
	p, k := g.session()
	m := text(strings.Repeat("x", 96)) // 100 bytes as a frame with its header and type
	if m.Len() < 98 || m.Len() > 100 {
		t.Fatalf("message has %d bytes", m.Len())
	}
	n := 0
	for ; k.Send(m) == nil; n++ {
	}
	if n != 1000/m.Len() {
		t.Errorf("%d messages of %d bytes were queued, want %d", n, m.Len(), 1000/m.Len())
	}
	k.wantEnd(engine.SlowConsumer)
	p.get().want(t, 400, code1)

	// one message larger than the bound passes when nothing else waits
	p, k = g.session()
	huge := strings.Repeat("y", 5000)
	if err := k.Send(text(huge)); err != nil {
		t.Fatalf("large message into an empty queue: %v", err)
	}
	p.wantGet("4" + huge)
	k.wantOpen()
}

// A connection that takes no bytes at all is given up after WriteTimeout,
// however little waits.
func TestWriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{WriteTimeout: 3 * time.Second})
		stop := g.silentPeer() // its pipe holds no byte
		k := g.app.next()
		synctest.Wait() // or it leaves together with the open packet
		_ = k.Send(text("x"))
		began := time.Now()
		k.wantEnd(engine.SlowConsumer)
		if d := time.Since(began); d != 3*time.Second {
			t.Errorf("given up after %v, want 3s", d)
		}
		stop()
	})
}

// A client that reads slowly, but reads, is served in order, and a queue that
// is never empty does not grow.
func TestSteadyBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{MaxQueuedBytes: 256 << 10})
		turns := make(chan struct{})
		w, err := dialHolding(t, g.hc, g.url+"?EIO=4&transport=websocket", nil, func(wsock.Opcode) { <-turns })
		if err != nil {
			t.Fatal(err)
		}
		k := g.app.next()
		payload := strings.Repeat("x", 1000)
		turns <- struct{}{}
		w.open = parseOpen(t, w.next())
		for n, read := 0, 0; read < 5000; read++ {
			for k.BufferedAmount() < 200<<10 {
				if err := k.Send(text(strconv.Itoa(n) + payload)); err != nil {
					t.Fatalf("Send %d: %v", n, err)
				}
				n++
			}
			turns <- struct{}{}
			w.want("4" + strconv.Itoa(read) + payload)
			if c := k.QueueCap(); c > 1024 {
				t.Fatalf("the queue has grown to %d places for the 200 messages that wait at most", c)
			}
		}
		w.hang()
		close(turns)
		k.wantEnd(engine.TransportClose)
	})
}

// Volatile messages are dropped for a client that is behind, and cost it nothing.
func TestVolatile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{})
		stop := g.silentPeer()
		k := g.app.next()
		synctest.Wait()
		_ = k.Send(text("x")) // stuck in the pipe
		synctest.Wait()
		for range 2 {
			for range 1000 {
				if err := k.SendVolatile(text("y")); !errors.Is(err, engine.ErrNotWritable) {
					t.Fatalf("volatile message to a client that is behind: %v", err)
				}
			}
			if n := k.BufferedAmount(); n != 0 && n != text("z").Len() {
				t.Errorf("%d bytes are buffered", n)
			}
			_ = k.Send(text("z")) // queued behind it
		}
		k.wantOpen()
		stop()

		w, k := g.connect()
		synctest.Wait()
		if err := k.SendVolatile(text("x")); err != nil {
			t.Errorf("volatile message to an idle client: %v", err)
		}
		w.want("4x")
	})
}

// A backlog that the application bounds itself may be larger than the queue's
// bound, which holds again when it is written, and is not shortened meanwhile.
func TestBacklog(t *testing.T) {
	g := start(t, engine.Config{MaxQueuedBytes: 1000}, newApp(t))
	p, k := g.session()
	m := text(strings.Repeat("x", 96))
	room := 1000 / m.Len()
	var all []*engine.Message
	for range 50 {
		all = append(all, m)
	}
	if err := k.SendBacklog(all...); err != nil {
		t.Fatal(err)
	}
	for range room {
		if err := k.Send(m); err != nil {
			t.Fatalf("Send behind a backlog: %v", err)
		}
	}
	if n := strings.Count(p.get().body, "\x1e") + 1; n != 50+room {
		t.Errorf("got %d messages, want %d", n, 50+room)
	}
	for range room {
		if err := k.Send(m); err != nil {
			t.Fatalf("Send after the backlog: %v", err)
		}
	}
	if err := k.Send(m); !errors.Is(err, engine.ErrSlowConsumer) {
		t.Errorf("the bound does not hold any more: %v", err)
	}
	k.wantEnd(engine.SlowConsumer)
	if err := k.SendBacklog(m); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("SendBacklog after the end: %v", err)
	}
}

// EMIT-08: a client that has read everything is idle, even though the goroutine
// that wrote it may not have noticed yet that the write is over.
func TestVolatileInReply(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.connect()
	for i := range 3000 {
		if err := k.SendVolatile(text("x")); err != nil {
			t.Fatalf("volatile message %d to an idle client: %v", i, err)
		}
		p.want("4x")
	}
}
