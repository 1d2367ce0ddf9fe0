//go:build unix

package socketio_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/go-socketio/socketio"
)

// receivers is many WebSockets that nobody listens to: the server's side of
// each is real, and eight of them write to one pipe. So ten thousand need little
// more than as many descriptors, and no clients, whose work would hide the server's own.
type receivers struct {
	frames  atomic.Int64 // that came
	wanted  atomic.Int64
	reached chan struct{}
}

// perPipe receivers share a pipe. With more, the kernel's rounds to tell each of
// them that there is room again would take longer than all the rest.
const perPipe = 8

// gather opens n WebSockets and connects them to the main namespace.
func gather(tb testing.TB, srv *socketio.Server, n int) *receivers {
	tb.Helper()
	rs := &receivers{reached: make(chan struct{}, 1)}
	var drains sync.WaitGroup
	tb.Cleanup(func() {
		cut(tb, srv)
		drains.Wait()
	})
	rs.expect(2 * n) // the open packet, and the answer to CONNECT
	for begin := 0; begin < n; begin += perPipe {
		pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err != nil {
			tb.Fatal(err)
		}
		theirs := asConn(tb, pair[1], 1)[0]
		drains.Go(func() { rs.drain(theirs) })
		for _, nc := range asConn(tb, pair[0], min(perPipe, n-begin)) {
			r, err := http.ReadRequest(bufio.NewReader(bytes.NewBufferString(wireRequest(""))))
			if err != nil {
				tb.Fatal(err)
			}
			srv.ServeHTTP(&takenOver{httptest.NewRecorder(), nc}, r)
		}
	}
	if n > 0 {
		rs.wait()
	}
	if got := srv.Of("/").Len(); got != n {
		tb.Fatalf("%d sockets are there, want %d", got, n)
	}
	return rs
}

// asConn makes n connections of one descriptor, and closes it.
func asConn(tb testing.TB, fd, n int) (list []net.Conn) {
	tb.Helper()
	f := os.NewFile(uintptr(fd), "pipe")
	defer func() { _ = f.Close() }()
	for range n {
		nc, err := net.FileConn(f) // with a duplicate of the descriptor
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, nc)
	}
	return list
}

// drain counts frames until all who write have gone. The first byte of a text
// frame is in no text of these tests.
func (rs *receivers) drain(nc net.Conn) {
	defer func() { _ = nc.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := nc.Read(buf)
		if frames := int64(bytes.Count(buf[:n], []byte{0x81})); frames > 0 && rs.frames.Add(frames) == rs.wanted.Load() {
			rs.reached <- struct{}{}
		}
		if err != nil {
			return
		}
	}
}

// expect sets how many more frames wait waits for.
func (rs *receivers) expect(n int) { rs.wanted.Store(rs.frames.Load() + int64(n)) }

// wait waits for them. It is called once for each expect.
func (rs *receivers) wait() { <-rs.reached }

// takenOver is a response whose connection can be taken over.
type takenOver struct {
	*httptest.ResponseRecorder
	nc net.Conn
}

func (t *takenOver) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	in := bufio.NewReader(bytes.NewReader(masked("40")))
	_, _ = in.Peek(1) // now they are buffered, like bytes that came with the request
	return t.nc, bufio.NewReadWriter(in, bufio.NewWriter(io.Discard)), nil
}
