package engine_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// B-54: Close says everything that is queued, then asks for an answer, and closes
// when it has come. What the client says meanwhile is not delivered.
func TestStreamClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, withStreams(engine.Config{}))
		p, k := g.connectStream()
		_ = k.Send(text("a"), binary(strings.Repeat("b", 100_000)), text("c"))
		k.Close(engine.ForcedClose)
		k.wantEnd(engine.ForcedClose)
		if err := k.Send(text("late")); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("Send after Close gives %v", err)
		}
		p.say("4not delivered")
		p.want("4a", "binary:"+strings.Repeat("b", 100_000), "4c", "2")
		p.say("4nor this")
		pass(29 * time.Second)
		if st := k.ReadyState(); st != engine.Closing {
			t.Errorf("ready state is %d, want closing", st)
		}
		p.say("3")
		p.wantEnd()
		if st := k.ReadyState(); st != engine.Closed {
			t.Errorf("ready state is %d, want closed", st)
		}
		if len(k.got) != 0 {
			t.Errorf("delivered %q", <-k.got)
		}
	})
}

// The answer to a heartbeat is not the answer to the last words.
func TestStreamCloseBehindHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, withStreams(engine.Config{}))
		p, k := g.connectStream()
		p.want("2")
		_ = k.Send(text("last"))
		k.Close(engine.ForcedClose)
		p.want("4last", "2")
		p.say("3")
		synctest.Wait()
		select {
		case <-p.ended:
			t.Fatal("closed at the answer to the heartbeat")
		default:
		}
		p.say("3")
		p.wantEnd()
	})
}

// Who does not answer is not waited for longer than CloseTimeout, and behind an
// Abort for a second at most.
func TestStreamCloseUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, withStreams(engine.Config{CloseTimeout: 5 * time.Second}))
		p, k := g.connectStream()
		began := time.Now()
		k.Close(engine.ForcedClose)
		p.want("2")
		p.wantEnd()
		if d := time.Since(began); d != 5*time.Second {
			t.Errorf("Close waited %v, want 5s", d)
		}
		p, k = g.connectStream()
		began = time.Now()
		k.Abort(engine.ForcedClose)
		p.want("2")
		p.wantEnd()
		if d := time.Since(began); d != time.Second {
			t.Errorf("Abort waited %v, want 1s", d)
		}
		p, k = g.connectStream()
		k.Abort(engine.ForcedClose)
		p.want("2")
		began = time.Now()
		p.say("3")
		p.wantEnd()
		if d := time.Since(began); d != 0 {
			t.Errorf("after the answer Abort waited %v", d)
		}
		k.wantEnd(engine.ForcedClose)
	})
}

// A client that leaves in the midst of the last words ends them.
func TestStreamLeavesWhileClosing(t *testing.T) {
	g := start(t, withStreams(engine.Config{}), newApp(t))
	p, k := g.connectStream()
	k.Close(engine.ForcedClose)
	p.want("2")
	p.hang()
	p.wantGone()
	k.wantEnd(engine.ForcedClose)
	until(t, "the session has left", func() bool { return g.srv.Leaving() == 0 })
}

// A session closed in the midst of the change says its last words on the stream.
func TestStreamCloseDuringUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, withStreams(engine.Config{}))
		q, k := g.session()
		p := g.streamCandidate(q.open.SID)
		p.say("2probe")
		p.want("3probe")
		until(t, "the probe is known", k.Probed)
		_ = k.Send(text("last"))
		k.Close(engine.ForcedClose)
		p.say("5")
		p.want("4last", "2")
		p.say("3")
		p.wantEnd()
		k.wantEnd(engine.ForcedClose)
	})
}

// K8: a client that does not read is given up after WriteTimeout, or when too
// much waits for it.
func TestStreamSlowConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, withStreams(engine.Config{WriteTimeout: 3 * time.Second, MaxQueuedBytes: 1000}))
		p, k := g.stalled()
		began := time.Now()
		_ = k.Send(text("x"))
		if cause := k.wantEnd(engine.SlowConsumer); !errors.Is(cause, os.ErrDeadlineExceeded) {
			t.Errorf("cause is %v", cause)
		}
		if d := time.Since(began); d != 3*time.Second {
			t.Errorf("given up after %v, want 3s", d)
		}
		p.wantGone()

		p, k = g.stalled()
		_ = k.Send(text("x"))
		synctest.Wait()
		_ = k.Send(text(strings.Repeat("x", 900)))
		if err := k.SendVolatile(text("v")); !errors.Is(err, engine.ErrNotWritable) {
			t.Errorf("SendVolatile gives %v", err)
		}
		if err := k.Send(text(strings.Repeat("x", 900))); !errors.Is(err, engine.ErrSlowConsumer) {
			t.Errorf("Send over the bound gives %v", err)
		}
		cause := k.wantEnd(engine.SlowConsumer)
		if _, ok := errors.AsType[*engine.QueueFull](cause); !ok {
			t.Errorf("cause is %v", cause)
		}
		p.wantGone()
	})
}

// stalled is a client that reads its open packet and no more.
func (g *rig) stalled() (*streamPeer, *talk) {
	g.t.Helper()
	p, k := g.connectStream()
	_ = p.near.SetReadDeadline(time.Now())
	<-p.ended
	return p, k
}

// Shutdown waits for the last words, and turns away who has no session yet.
func TestStreamShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, withStreams(engine.Config{}))
		p, k := g.connectStream()
		mute := g.stream("EIO=4&transport=webtransport")
		_ = k.Send(text("last"))
		down := make(chan error)
		go func() { down <- g.srv.Shutdown(context.Background()) }()
		p.want("4last", "2")
		mute.wantEnd()
		synctest.Wait()
		select {
		case err := <-down:
			t.Fatalf("Shutdown returned %v before the answer", err)
		default:
		}
		if late := g.stream("EIO=4&transport=webtransport"); late.answer.Code != 503 {
			t.Errorf("a client after Shutdown is answered %d, want 503", late.answer.Code)
		}
		p.say("3")
		if err := <-down; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		p.wantEnd()
		k.wantEnd(engine.ShuttingDown)
	})
}

// When Shutdown's time is over, streams are cut.
func TestStreamShutdownExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, withStreams(engine.Config{}))
		p, k := g.stalled()
		_ = k.Send(text("unread"))
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := g.srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		p.wantGone()
		k.wantEnd(engine.ShuttingDown)
	})
}
