//go:build unix

package wsock_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/internal/wsock"
)

// TestTryWrite fills the socket without ever waiting, then the rest goes through
// Write; not a byte is lost or doubled.
func TestTryWrite(t *testing.T) {
	server, client := socketPair(t)
	c := wsock.NewServerConn(server, wsock.Options{})
	if !c.CanTryWrite() {
		t.Fatal("cannot write without waiting on TCP")
	}
	sum := 0
	piece := bytes.Repeat([]byte("0123456789abcdef"), 1<<12)
	for {
		n, err := c.TryWrite(piece)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
		if n < len(piece) {
			break
		}
	}
	if n, err := c.TryWrite(piece); n != 0 && sum%16 != 0 || err != nil {
		t.Errorf("a full socket takes %d, %v", n, err)
	}
	got := make(chan []byte, 1)
	go func() {
		b, _ := io.ReadAll(client)
		got <- b
	}()
	rest := piece[sum%len(piece):]
	if n, err := c.Write(rest); n != len(rest) || err != nil {
		t.Fatalf("Write: %d, %v", n, err)
	}
	_ = c.CloseNow()
	all := <-got
	if len(all)%len(piece) != 0 || !bytes.Equal(all, bytes.Repeat(piece, len(all)/len(piece))) {
		t.Errorf("%d bytes came, cut or changed", len(all))
	}
}

func TestTryWriteAllocatesNothing(t *testing.T) {
	server, client := socketPair(t)
	go func() { _, _ = io.Copy(io.Discard, client) }()
	c := wsock.NewServerConn(server, wsock.Options{})
	b := wsock.AppendFrame(nil, wsock.Text, []byte("hello"))
	if n := testing.AllocsPerRun(100, func() {
		if n, err := c.TryWrite(b); n != len(b) || err != nil {
			t.Fatal(n, err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per write", n)
	}
}

func TestTryWriteFails(t *testing.T) {
	server, client := socketPair(t)
	c := wsock.NewServerConn(server, wsock.Options{})
	_ = client.(*net.TCPConn).SetLinger(0)
	_ = client.Close()
	var err error
	for range 1000 {
		if _, err = c.TryWrite(make([]byte, 1<<16)); err != nil {
			break
		}
		runtime.Gosched()
	}
	var sys *os.SyscallError
	if !errors.As(err, &sys) || sys.Syscall != "write" {
		t.Errorf("writing to a reset connection: %v", err)
	}
	_ = c.CloseNow()
	if n, err := c.TryWrite([]byte("x")); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("after CloseNow: %d, %v", n, err)
	}
	if n, err := c.TryWrite(nil); n != 0 || err != nil {
		t.Errorf("nothing: %d, %v", n, err)
	}
	ours, _ := net.Pipe()
	c = wsock.NewServerConn(ours, wsock.Options{})
	if n, err := c.TryWrite([]byte("x")); n != 0 || err != nil || c.CanTryWrite() {
		t.Errorf("on a pipe: %d, %v, can: %v", n, err, c.CanTryWrite())
	}
}

func TestPeerVanishes(t *testing.T) {
	for name, reset := range map[string]bool{"end of stream": false, "reset": true} {
		server, peer := socketPair(t)
		c := wsock.NewServerConn(server, wsock.Options{})
		ended := startGo(c, new(journal))
		if reset {
			_ = peer.(*net.TCPConn).SetLinger(0)
		}
		_ = peer.Close()
		err := <-ended
		var sys *os.SyscallError
		if reset && (!errors.As(err, &sys) || sys.Syscall != "read") || !reset && err != io.EOF {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBurstIsReadLarge: a connection that fills its buffer takes many frames per
// read from then on, and becomes small again.
func TestBurstIsReadLarge(t *testing.T) {
	server, peer := socketPair(t)
	burst := bytes.Repeat(client(0x82, strings.Repeat("x", 94)), 1000) // 100 bytes each
	if _, err := peer.Write(burst); err != nil {
		t.Fatal(err)
	}
	_ = peer.Close()
	j := new(journal)
	if err := wsock.NewServerConn(server, wsock.Options{}).Serve(j); err != io.EOF {
		t.Fatal(err)
	}
	if len(j.events) != 1000 {
		t.Errorf("%d events", len(j.events))
	}
	// 4 KiB, then 32 KiB at a time; the kernel may hand out less.
	if len(j.drained) > 12 || j.drained[0] > 41 {
		t.Errorf("%d reads for 100 KB, the first of %d frames", len(j.drained), j.drained[0])
	}
}

// TestConnStaysSmall holds the struct to its size class.
func TestConnStaysSmall(t *testing.T) {
	if wsock.ConnSize > 192 {
		t.Errorf("a Conn takes %d bytes; 192 is the class it is meant for", wsock.ConnSize)
	}
}

// TestUnixSocket: the readiness read is not for TCP only.
func TestUnixSocket(t *testing.T) {
	ln, err := net.Listen("unix", t.TempDir()+"/s")
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := wsock.Accept(w, r, nil, wsock.Options{})
		if err != nil {
			t.Error(err)
			return
		}
		if !c.CanTryWrite() {
			t.Error("a Unix socket is not polled")
		}
		go serveEcho(c)
	}))
	_ = srv.Listener.Close()
	srv.Listener = ln
	srv.Start()
	defer srv.Close()
	hc := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", ln.Addr().String())
	}}}
	c, _, err := wsock.Dial(t.Context(), "ws://socket/", nil, hc, wsock.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(join(client(0x81, "hello"), client(0x88, ""))); err != nil {
		t.Fatal(err)
	}
	j := new(journal)
	var closed *wsock.CloseError
	if err := c.Serve(j); !errors.As(err, &closed) || len(j.events) != 1 {
		t.Errorf("%d events, %v", len(j.events), err)
	}
	_ = c.CloseNow()
}
