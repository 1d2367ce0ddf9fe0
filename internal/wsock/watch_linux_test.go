package wsock_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/wsock"
)

// watched is a connection that a Watch has read, and its client.
type watched struct {
	conn   *wsock.Conn
	client net.Conn
	ended  chan error
}

func newWatch() (w *wsock.Watch, running *sync.WaitGroup) {
	running = &sync.WaitGroup{}
	return wsock.NewWatch(func(f func()) { running.Go(f) }), running
}

func openWatched(t *testing.T, w *wsock.Watch) *watched {
	t.Helper()
	server, client := socketPair(t)
	return watch(w, server, client)
}

// openUnixWatched is openWatched without the ports that TCP keeps for a minute.
func openUnixWatched(t *testing.T, w *wsock.Watch) *watched {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]net.Conn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "pair")
		ends[i], err = net.FileConn(f)
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ends[i].Close() })
	}
	_ = ends[1].SetDeadline(time.Now().Add(10 * time.Second))
	return watch(w, ends[0], ends[1])
}

func watch(w *wsock.Watch, server, client net.Conn) *watched {
	k := &watched{wsock.NewServerConn(server, wsock.Options{Watch: w}), client, make(chan error, 1)}
	k.conn.Go(&answer{c: k.conn}, func(err error) { k.ended <- err })
	return k
}

// echo sends a message and waits for its echo.
func (k *watched) echo(t *testing.T) {
	t.Helper()
	if _, err := k.client.Write(wsock.AppendMaskedFrame(nil, wsock.Text, []byte("hello"))); err != nil {
		t.Error(err)
		return
	}
	want := wsock.AppendFrame(nil, wsock.Text, []byte("hello"))
	got := make([]byte, len(want))
	if _, err := io.ReadFull(k.client, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("echo %q, %v", got, err)
	}
}

func (k *watched) wantEnd(t *testing.T, want error) {
	t.Helper()
	select {
	case err := <-k.ended:
		if !errors.Is(err, want) {
			t.Errorf("the reader ended with %v, not %v", err, want)
		}
	case <-time.After(10 * time.Second):
		t.Errorf("the reader has not ended, should with %v", want)
	}
}

// settled waits until no more than n goroutines are left.
func settled(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > n; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left, should be %d", runtime.NumGoroutine(), n)
		}
	}
}

// TestSilentConnections: connections that said something and are silent have one
// goroutine together, and are read on as soon as something comes, whatever that is.
func TestSilentConnections(t *testing.T) {
	w, running := newWatch()
	before := runtime.NumGoroutine()
	var all []*watched
	for range 50 {
		k := openWatched(t, w)
		k.echo(t)
		all = append(all, k)
	}
	settled(t, before+1)
	for _, k := range all {
		k.echo(t)
	}
	for i, k := range all {
		switch i % 5 {
		case 0: // closed by this side
			_ = k.conn.CloseNow()
			k.wantEnd(t, net.ErrClosed)
		case 1: // by the other
			_ = k.client.Close()
			k.wantEnd(t, io.EOF)
		case 2: // a deadline that the connection was silent before
			_ = k.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
			k.wantEnd(t, os.ErrDeadlineExceeded)
		case 3: // one that is over
			_ = k.conn.SetReadDeadline(time.Now())
			k.wantEnd(t, os.ErrDeadlineExceeded)
		default: // a deadline that is taken off again
			_ = k.conn.SetReadDeadline(time.Now().Add(time.Minute))
			_ = k.conn.SetReadDeadline(time.Time{})
			k.echo(t)
			_ = k.client.(*net.TCPConn).SetLinger(0)
			_ = k.client.Close()
			<-k.ended // EOF or a reset
		}
	}
	running.Wait() // the Watch has nothing to do and no goroutine
	settled(t, before)

	k := openWatched(t, w) // and begins anew
	k.echo(t)
	settled(t, before+1)
	_ = k.conn.CloseNow()
	k.wantEnd(t, net.ErrClosed)
	running.Wait()
}

// TestSilentConnectionsChange: connections come and go at the same time, with
// each other's descriptors, and every reader ends. Close and silence race.
func TestSilentConnectionsChange(t *testing.T) {
	w, running := newWatch()
	var clients sync.WaitGroup
	for n := range 8 {
		clients.Go(func() {
			for i := range 100 {
				k := openUnixWatched(t, w)
				k.echo(t)
				switch (i + n) % 4 {
				case 0:
					_ = k.client.Close()
				case 1:
					_ = k.conn.SetReadDeadline(time.Now())
				case 2:
					k.echo(t)
					fallthrough
				default:
					_ = k.conn.CloseNow()
				}
				select {
				case <-k.ended:
				case <-time.After(10 * time.Second):
					t.Error("a reader has not ended")
				}
				_ = k.conn.CloseNow()
				_ = k.client.Close()
			}
		})
	}
	clients.Wait()
	running.Wait()
}

// blocked is a handler that does not return until it may.
type blocked struct{ may chan struct{} }

func (b *blocked) Message(wsock.Opcode, []byte) error { <-b.may; return nil }
func (b *blocked) Control(wsock.Opcode, []byte) error { return nil }
func (b *blocked) Drained()                           {}

// TestBlockedHandlers: handlers that wait keep no other connection from being read.
func TestBlockedHandlers(t *testing.T) {
	w, running := newWatch()
	may := make(chan struct{})
	var all []*watched
	for range 20 {
		server, client := socketPair(t)
		k := &watched{wsock.NewServerConn(server, wsock.Options{Watch: w}), client, make(chan error, 1)}
		k.conn.Go(&blocked{may}, func(err error) { k.ended <- err })
		_, _ = client.Write(wsock.AppendMaskedFrame(nil, wsock.Text, []byte("hello")))
		all = append(all, k)
	}
	k := openWatched(t, w)
	k.echo(t)
	k.echo(t)
	close(may)
	for _, k := range append(all, k) {
		_ = k.conn.CloseNow()
		k.wantEnd(t, net.ErrClosed)
	}
	running.Wait()
}
