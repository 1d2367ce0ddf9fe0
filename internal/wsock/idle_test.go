package wsock_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/wsock"
)

const upgradeRequest = "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// dialRaw does the handshake by hand and leaves a bare connection: no client
// code beside it that a measurement would count. The caller closes it.
func dialRaw(t testing.TB, addr string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = nc.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(nc, upgradeRequest); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(oneByOne{nc}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake answered %s", res.Status)
	}
	return nc
}

// oneByOne keeps a bufio.Reader from reading past what it is asked for.
type oneByOne struct{ r io.Reader }

func (o oneByOne) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

// idlePair opens connections that speak once, lets serve read them, and returns
// what each costs from then on: the client's half (a bare net.Conn), the
// server's half and the stack of its reader. Buffers, requests and the HTTP
// server's goroutine must be gone.
func idlePair(t *testing.T, serve func(c *wsock.Conn, ended func(error))) (heap, stack int) {
	const conns = 400
	var readers sync.WaitGroup
	accepted := make(chan *wsock.Conn, conns)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := wsock.Accept(w, r, nil, wsock.Options{})
		if err != nil {
			t.Error(err)
			return
		}
		readers.Add(1)
		serve(c, func(err error) {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("the reader ended with %v", err)
			}
			readers.Done()
		})
		accepted <- c
	}))
	defer srv.Close()

	hello := wsock.AppendMaskedFrame(nil, wsock.Text, []byte("hello"))
	want := wsock.AppendFrame(nil, wsock.Text, []byte("hello"))
	var clients []net.Conn
	var servers []*wsock.Conn
	open := func(n int) {
		for range n {
			nc := dialRaw(t, srv.Listener.Addr().String())
			clients = append(clients, nc)
			if _, err := nc.Write(hello); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(want))
			if _, err := io.ReadFull(nc, got); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("echo %q, %v", got, err)
			}
			servers = append(servers, <-accepted)
		}
	}
	open(20) // fills pools and net/http's own caches
	heap0, stack0 := inUse()
	open(conns)
	heap1, stack1 := inUse()
	for i := range servers {
		_ = servers[i].CloseNow()
		_ = clients[i].Close()
	}
	readers.Wait()
	return (heap1 - heap0) / conns, (stack1 - stack0) / conns
}

// idleCeiling is in bytes per pair: 3.6 KB measured, with room for noise.
const idleCeiling = 4500

func TestIdleMemory(t *testing.T) {
	if raceEnabled {
		return // the race detector adds memory of its own; the plain run guards it
	}
	heap, stack := idlePair(t, func(c *wsock.Conn, ended func(error)) {
		go func() { ended(c.Serve(&answer{c: c})) }()
	})
	t.Logf("bytes per idle pair: heap %d + stack %d = %d", heap, stack, heap+stack)
	if heap+stack > idleCeiling {
		t.Errorf("an idle pair costs %d bytes (heap %d, stack %d), ceiling %d", heap+stack, heap, stack, idleCeiling)
	}
}

// TestIdleMemoryDeepHandler: what a handler needs of stack is not kept by a
// reader started with Go, while Serve keeps it (were it otherwise, Go would have
// no reason to exist).
func TestIdleMemoryDeepHandler(t *testing.T) {
	if raceEnabled {
		return
	}
	heap, stack := idlePair(t, func(c *wsock.Conn, ended func(error)) {
		c.Go(&deep{answer{c: c}}, ended)
	})
	t.Logf("Go, bytes per idle pair: heap %d + stack %d = %d", heap, stack, heap+stack)
	if heap+stack > idleCeiling {
		t.Errorf("an idle pair costs %d bytes (heap %d, stack %d), ceiling %d", heap+stack, heap, stack, idleCeiling)
	}
	_, kept := idlePair(t, func(c *wsock.Conn, ended func(error)) {
		go func() { ended(c.Serve(&deep{answer{c: c}})) }()
	})
	t.Logf("Serve keeps a stack of %d", kept)
	// With 32-bit frames the parked reader is shallow enough to be shrunk.
	if strconv.IntSize == 64 && kept < stack+1000 {
		t.Errorf("a deep handler costs Serve %d bytes of stack and Go %d: hopping is not worth its code", kept, stack)
	}
}

// deep needs 16 KiB of stack for every message.
type deep struct{ answer }

func (d *deep) Message(op wsock.Opcode, data []byte) error {
	if descend(64) == 0 {
		return errors.New("unreachable")
	}
	return d.answer.Message(op, data)
}

//go:noinline
func descend(n int) byte {
	var frame [256]byte
	if n == 0 {
		return 1
	}
	frame[n] = descend(n - 1)
	return frame[n]
}

// answer echoes without keeping anything between two reads.
type answer struct{ c *wsock.Conn }

func (a *answer) Message(op wsock.Opcode, data []byte) error {
	_, err := a.c.TryWrite(wsock.AppendFrame(nil, op, data))
	return err
}
func (a *answer) Control(wsock.Opcode, []byte) error { return nil }
func (a *answer) Drained()                           {}

// inUse returns live heap and stack bytes after the collector and the pools,
// which keep buffers for two cycles, came to rest.
func inUse() (heap, stack int) {
	for range 4 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc), int(m.StackInuse)
}
