package wsock_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/wsock"
)

// socketPair is the two ends of a TCP connection on loopback, with a deadline
// that fails a test instead of letting it hang.
func socketPair(t testing.TB) (server, client net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	client, err = net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err = ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	for _, nc := range []net.Conn{server, client} {
		_ = nc.SetDeadline(time.Now().Add(30 * time.Second))
		t.Cleanup(func() { _ = nc.Close() })
	}
	return server, client
}

func startGo(c *wsock.Conn, h wsock.Handler) <-chan error {
	ended := make(chan error, 1)
	c.Go(h, func(err error) { ended <- err })
	return ended
}

// TestRandomFramesOverSockets is the readiness read against the undivided
// delivery: what is random here is when the kernel has how much.
func TestRandomFramesOverSockets(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		var src []byte
		for len(src) < 100_000 && rnd.IntN(20) > 0 {
			src = append(src, randomFrames(rnd)...)
		}
		want := new(journal)
		c := wsock.NewServerConn(newScript(nil, nil), wsock.Options{MaxMessage: 8000})
		c.Feed(bytes.Clone(src))
		wantErr := c.Serve(want)

		server, client := socketPair(t)
		c = wsock.NewServerConn(server, wsock.Options{MaxMessage: 8000})
		got := &restless{c: c}
		ended := startGo(c, got)
		for rest := src; len(rest) > 0; {
			n := min(len(rest), 1+rnd.IntN(1+rnd.IntN(20_000)))
			if _, err := client.Write(rest[:n]); err != nil {
				break // refused already
			}
			rest = rest[n:]
			runtime.Gosched()
		}
		_ = client.(*net.TCPConn).CloseWrite()
		if err := <-ended; !sameEnd(err, wantErr) {
			t.Fatalf("seed %d: ended with %v, undivided with %v", seed, err, wantErr)
		}
		if !slices.Equal(got.events, want.events) {
			t.Fatalf("seed %d: %d events, undivided %d", seed, len(got.events), len(want.events))
		}
		_ = client.Close()
		_ = server.Close()
	}
}

// restless moves to a fresh goroutine before every wait. Its fields have no lock:
// the race detector checks that one goroutine's work happens before the next's.
type restless struct {
	journal
	c *wsock.Conn
}

func (r *restless) Drained() { r.c.HopNow() }

// TestHops: many waits, each on a goroutine of its own, lose nothing and end in
// one call of ended.
func TestHops(t *testing.T) {
	for _, name := range []string{"tcp", "pipe"} {
		t.Run(name, func(t *testing.T) {
			server, peer := net.Pipe()
			if name == "tcp" {
				server, peer = socketPair(t)
			}
			c := wsock.NewServerConn(server, wsock.Options{})
			h := &hopEcho{restless{c: c}}
			ended := startGo(c, h)
			for range 300 {
				if _, err := peer.Write(client(0x81, "round")); err != nil {
					t.Fatal(err)
				}
				got := make([]byte, 7)
				if _, err := io.ReadFull(peer, got); err != nil || string(got[2:]) != "round" {
					t.Fatalf("got %q, %v", got, err)
				}
			}
			_ = peer.Close()
			if err := <-ended; err != io.EOF {
				t.Errorf("ended with %v", err)
			}
			if len(h.events) != 300 {
				t.Errorf("%d events", len(h.events))
			}
		})
	}
}

// TestBusyReaderStays: a connection that is spoken to all the time pays nothing
// for the hops of a silent one, nor anything else per round.
func TestBusyReaderStays(t *testing.T) {
	server, peer := socketPair(t)
	c := wsock.NewServerConn(server, wsock.Options{})
	ended := startGo(c, &echo{c: c})
	out, in := client(0x81, "round"), make([]byte, 7)
	allocs := testing.AllocsPerRun(300, func() {
		if _, err := peer.Write(out); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(peer, in); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 0 && !raceEnabled { // the race detector makes pools forget
		t.Errorf("%v allocations per round trip", allocs)
	}
	_ = peer.Close()
	if err := <-ended; err != io.EOF {
		t.Errorf("ended with %v", err)
	}
}

type hopEcho struct{ restless }

func (h *hopEcho) Message(op wsock.Opcode, data []byte) error {
	_ = h.restless.Message(op, data)
	_, err := h.c.Write(wsock.AppendFrame(nil, op, data))
	return err
}

// TestOneWriterBesideTheReader floods one connection from several goroutines
// under the caller's lock while it reads, is given deadlines and is closed. C5
func TestOneWriterBesideTheReader(t *testing.T) {
	server, peer := socketPair(t)
	c := wsock.NewServerConn(server, wsock.Options{})
	var mu sync.Mutex // "one writer at a time" is the caller's duty
	write := func(b []byte) {
		mu.Lock()
		defer mu.Unlock()
		n, err := c.TryWrite(b)
		if err == nil && n < len(b) {
			_, err = c.Write(b[n:])
		}
		if err != nil {
			t.Errorf("write: %v", err)
		}
	}
	ended := startGo(c, handlerFunc(func(op wsock.Opcode, data []byte) error {
		write(wsock.AppendFrame(nil, op, data))
		return nil
	}))
	const each = 200
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range each {
				write(wsock.AppendFrame(nil, wsock.Binary, []byte("flood")))
				_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
			}
		})
	}
	peerConn := wsock.Client(peer, wsock.Options{})
	j := new(journal)
	peerEnded := make(chan error, 1)
	peerConn.Go(j, func(err error) { peerEnded <- err })
	for range each {
		if _, err := peerConn.Write(wsock.AppendMaskedFrame(nil, wsock.Text, []byte("echo"))); err != nil {
			t.Fatal(err)
		}
	}
	writers.Wait()
	if _, err := peerConn.Write(wsock.AppendMaskedClose(nil, 1000, "")); err != nil {
		t.Fatal(err)
	}
	var closed *wsock.CloseError
	if err := <-ended; !errors.As(err, &closed) {
		t.Errorf("ended with %v", err)
	}
	_ = c.CloseNow()
	if err := <-peerEnded; err != io.EOF {
		t.Errorf("the peer ended with %v", err)
	}
	if len(j.events) != 5*each {
		t.Errorf("%d frames came, want %d", len(j.events), 5*each)
	}
}

type handlerFunc func(wsock.Opcode, []byte) error

func (f handlerFunc) Message(op wsock.Opcode, data []byte) error { return f(op, data) }
func (f handlerFunc) Control(op wsock.Opcode, data []byte) error { return f(op, data) }
func (f handlerFunc) Drained()                                   {}

// TestCloseNow ends a waiting reader from elsewhere, and one that works from
// within its handler.
func TestCloseNow(t *testing.T) {
	server, _ := socketPair(t)
	c := wsock.NewServerConn(server, wsock.Options{})
	ended := startGo(c, new(journal))
	if err := c.CloseNow(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed from outside: %v", err)
	}

	server, peer := socketPair(t)
	c = wsock.NewServerConn(server, wsock.Options{})
	ended = startGo(c, handlerFunc(func(wsock.Opcode, []byte) error { return c.CloseNow() }))
	if _, err := peer.Write(client(0x81, "x")); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed by the handler: %v", err)
	}
}

func TestReadDeadline(t *testing.T) {
	server, peer := socketPair(t)
	c := wsock.NewServerConn(server, wsock.Options{})
	ended := startGo(c, new(journal))
	if err := c.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
	_ = peer.Close()
	plain := wsock.NewServerConn(newScript(nil, nil), wsock.Options{})
	if err := plain.SetReadDeadline(time.Time{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a stream without deadlines: %v", err)
	}
	if err := plain.SetWriteDeadline(time.Time{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a stream without deadlines: %v", err)
	}
	if plain.RemoteAddr() != nil {
		t.Errorf("a stream without addresses has %v", plain.RemoteAddr())
	}
}

// TestDataAndEndTogether: the end of a stream that arrives with its last bytes,
// before anyone reads, must not be waited for again.
func TestDataAndEndTogether(t *testing.T) {
	for range 50 {
		server, peer := socketPair(t)
		if _, err := peer.Write(client(0x81, "last words")); err != nil {
			t.Fatal(err)
		}
		_ = peer.Close()
		j := new(journal)
		if err := wsock.NewServerConn(server, wsock.Options{}).Serve(j); err != io.EOF || len(j.events) != 1 {
			t.Fatalf("%d events, %v", len(j.events), err)
		}
		_ = server.Close()
	}
}

// TestCloseLinger: the close frame that answers a mistake arrives although the
// peer has sent much more that nobody reads.
func TestCloseLinger(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := wsock.Accept(w, r, nil, wsock.Options{})
		if err != nil {
			t.Error(err)
			return
		}
		go serveEcho(c)
	}))
	defer srv.Close()
	nc := dialRaw(t, srv.Listener.Addr().String())
	defer func() { _ = nc.Close() }()
	mistake := append(client(0xc1, "x"), make([]byte, 100_000)...)
	if _, err := nc.Write(mistake); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(oneByOne{nc})
	if err != nil || len(got) < 4 || got[0] != 0x88 || string(got[2:4]) != "\x03\xea" {
		t.Errorf("got % x, %v, want a close frame with 1002 and an orderly end", got, err)
	}
}
