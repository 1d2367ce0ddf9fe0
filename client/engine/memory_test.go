package engine_test

import (
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// crowd is a server that costs almost nothing for a connection, so that what is
// measured is the client's.
type crowd struct {
	l  net.Listener
	wg sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

func newCrowd(t testing.TB) *crowd { return newCrowdSaying(t, goodOpen) }

// newCrowdSaying has the server open with a packet of the caller's.
func newCrowdSaying(t testing.TB, first string) *crowd {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{l: l}
	open := string(wsock.AppendFrame(nil, wsock.Text, []byte(first)))
	c.wg.Go(func() {
		buf := make([]byte, 4096)
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			n := 0
			for !strings.Contains(string(buf[:n]), "\r\n\r\n") {
				m, err := nc.Read(buf[n:])
				if err != nil {
					break
				}
				n += m
			}
			_, key, _ := strings.Cut(string(buf[:n]), "Sec-Websocket-Key: ")
			key, _, _ = strings.Cut(key, "\r\n")
			c.mu.Lock() // before the answer: say reaches every client whose Dial has returned
			c.conns = append(c.conns, nc)
			c.mu.Unlock()
			_, _ = io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+acceptKey(key)+"\r\n\r\n"+open)
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		c.wg.Wait()
		for _, nc := range c.conns {
			_ = nc.Close()
		}
	})
	return c
}

// say sends a frame to every client.
func (c *crowd) say(text string) {
	f := wsock.AppendFrame(nil, wsock.Text, []byte(text))
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, nc := range c.conns {
		_, _ = nc.Write(f)
	}
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// idle is a Receiver that keeps nothing.
type idle struct{ got *sync.WaitGroup }

func (r idle) Message(client.Kind, []byte) { r.got.Done() }

func (idle) Closed(client.Reason, error) {}

// cut ends all connections without a word.
func (c *crowd) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, nc := range c.conns {
		_ = nc.Close()
	}
}

// idleBytes is what a silent WebSocket connection may cost its process, in bytes
// of heap and stack, the server's end of the socket in this test included.
// Measured: 7.4 KB, of which 4 KB are the stack that a message just needed; a
// connection whose last message is longer ago has half of that.
const idleBytes = 9000

// L1: an idle connection is one goroutine and no buffer, after messages too.
func TestIdleMemory(t *testing.T) {
	if race {
		return // it costs several times as much then
	}
	const n = 400
	server := newCrowd(t)
	hc := &http.Client{Transport: &http.Transport{}}
	conns := make([]*client.Conn, 0, n)
	var got sync.WaitGroup
	before, goroutines := inUse(), runtime.NumGoroutine()
	for range n {
		c, err := client.Dial(t.Context(), "http://"+server.l.Addr().String(), client.Config{Transports: []string{client.WebSocket}, HTTPClient: hc, Logger: quiet()}, idle{&got})
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	got.Add(n)
	server.say("4hello")
	got.Wait()
	for _, c := range conns {
		if err := c.Send(client.Text, []byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "nothing but readers is left", func() bool { return runtime.NumGoroutine() <= goroutines+n+2 })
	each := (inUse() - before) / n
	t.Logf("%d bytes for each idle connection", each)
	if each > idleBytes {
		t.Errorf("an idle connection costs %d bytes, %d are allowed", each, idleBytes)
	}
	for _, c := range conns {
		c.CloseNow()
		<-c.Done()
	}
	conns = nil
	until(t, "all goroutines are gone", func() bool { return runtime.NumGoroutine() <= goroutines+2 })
}
