package wsock_test

import (
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/wsock"
)

// readOn has all connections read and ended, whatever waits for them.
func readOn(t *testing.T, all []*watched) {
	t.Helper()
	for range 2 {
		for _, k := range all {
			k.echo(t)
		}
	}
	for i, k := range all {
		if i%2 == 0 {
			_ = k.conn.SetReadDeadline(time.Now())
			k.wantEnd(t, os.ErrDeadlineExceeded)
			continue
		}
		_ = k.conn.CloseNow()
		k.wantEnd(t, net.ErrClosed)
	}
}

// TestWatchThatCannotWait: where the runtime cannot wait for an epoll instance, each
// connection has a goroutine.
func TestWatchThatCannotWait(t *testing.T) {
	w, running := newWatch()
	w.AdoptBlocking(t)
	var all []*watched
	for range 10 {
		all = append(all, openUnixWatched(t, w))
	}
	readOn(t, all)
	running.Wait()
}

// TestWatchBreaks: when the wait for all silent connections ends with an error,
// each goes on with a goroutine of its own, and for good.
func TestWatchBreaks(t *testing.T) {
	w, running := newWatch()
	before := runtime.NumGoroutine()
	var all []*watched
	for i := range 10 {
		k := openUnixWatched(t, w)
		if i%3 != 0 { // the others are silent from the beginning
			k.echo(t)
		}
		all = append(all, k)
	}
	settled(t, before+1)
	w.Break(t)
	readOn(t, append(all, openUnixWatched(t, w)))
	running.Wait()
	settled(t, before)
}

// TestWatchBreaksAtAnyTime: connections come, talk and go while it happens.
func TestWatchBreaksAtAnyTime(t *testing.T) {
	for range 20 {
		w, running := newWatch()
		first := openUnixWatched(t, w) // keeps the epoll instance
		var clients sync.WaitGroup
		for n := range 4 {
			clients.Go(func() {
				for i := range 5 {
					k := openUnixWatched(t, w)
					k.echo(t)
					if n == 0 && i == 2 {
						w.Break(t)
					}
					k.echo(t)
					_ = k.conn.CloseNow()
					k.wantEnd(t, net.ErrClosed)
				}
			})
		}
		clients.Wait()
		readOn(t, []*watched{first})
		running.Wait()
	}
}

// exits ends the goroutine that it is called on.
type exits struct{}

func (exits) Message(wsock.Opcode, []byte) error { runtime.Goexit(); return nil }
func (exits) Control(wsock.Opcode, []byte) error { return nil }
func (exits) Drained()                           {}

// TestHandlerExits: a handler that ends its goroutine ends its connection, and
// keeps no other from being read.
func TestHandlerExits(t *testing.T) {
	w, running := newWatch()
	other := openUnixWatched(t, w)
	for i := range 5 {
		server, client := net.Pipe()
		if i > 0 {
			server, client = socketPair(t)
		}
		k := &watched{wsock.NewServerConn(server, wsock.Options{Watch: w}), client, make(chan error, 1)}
		k.conn.Go(exits{}, func(err error) { k.ended <- err })
		_, _ = client.Write(wsock.AppendMaskedFrame(nil, wsock.Text, []byte("hello")))
		select {
		case err := <-k.ended:
			if err == nil {
				t.Error("the reader ended without a reason")
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nobody hears of the end")
		}
		_ = k.conn.CloseNow()
		other.echo(t)
	}
	_ = other.conn.CloseNow()
	other.wantEnd(t, net.ErrClosed)
	running.Wait()
}
