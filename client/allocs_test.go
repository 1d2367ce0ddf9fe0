package client

import (
	"context"
	"runtime"
	"testing"
	"time"
)

// sink is a link that takes everything and keeps nothing.
type sink struct {
	c    *conn
	sent chan struct{}
}

func (l *sink) send(frames) error { l.sent <- struct{}{}; return nil }
func (*sink) writable() bool      { return true }
func (*sink) buffered() int       { return 0 }
func (l *sink) close()            { go l.c.closed(ForcedClose, nil) }
func (l *sink) cut()              { l.close() }
func (*sink) wait()               {}
func (*sink) transport() string   { return "sink" }

// echoAllocations is what an event and the one that its handler emits may cost:
// the bytes of the event, which the layer below makes, the event, and the two
// arguments of Emit are 4; pools that the collector empties, and a goroutine for
// each burst of 16, are a part of one.
const echoAllocations = 4.5

func TestEchoAllocations(t *testing.T) {
	if race {
		return // pools drop things at random then
	}
	m := NewManager("http://127.0.0.1", Config{})
	l := &sink{sent: make(chan struct{}, 64)}
	m.dial = func(_ context.Context, c *conn) (link, error) {
		l.c = c
		c.start(l)
		return l, nil
	}
	s := m.Socket("/")
	s.Handle("echo", func(context.Context, *Event) ([]any, error) { return nil, s.Emit("echo", "hello, "+s.nsp) })
	s.Start()
	<-l.sent // CONNECT
	l.c.message(false, []byte(`0{"sid":"x"}`))
	const bursts, burst = 500, 16
	run := func() {
		for range bursts {
			for range burst {
				l.c.message(false, []byte(`2["echo","hello"]`))
			}
			l.c.paused()
			for range burst {
				<-l.sent
			}
		}
	}
	run()
	best := 1e9 // of a few: the test's process may do other things
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		run()
		runtime.ReadMemStats(&after)
		best = min(best, float64(after.Mallocs-before.Mallocs)/bursts/burst)
	}
	// What "hello, "+nsp takes is the application's.
	if best--; best > echoAllocations {
		t.Errorf("%.2f allocations for an event and its echo, %.2f are allowed", best, echoAllocations)
	}
	t.Logf("%.2f allocations", best)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() {
		for range l.sent { // DISCONNECT
		}
	}()
	if err := m.Close(ctx); err != nil {
		t.Error(err)
	}
	close(l.sent)
}
