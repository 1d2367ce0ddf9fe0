package client

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/wsock"
)

// crowd is a server that costs almost nothing for a connection, so that what is
// measured is the client's. It lets everybody in and says one event.
type crowd struct {
	l     net.Listener
	wg    sync.WaitGroup
	conns []net.Conn
}

func newCrowd(t *testing.T) *crowd {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{l: l}
	c.wg.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			c.conns = append(c.conns, nc)
			c.greet(nc)
		}
	})
	t.Cleanup(c.stop)
	return c
}

func (c *crowd) stop() {
	_ = c.l.Close()
	c.wg.Wait()
	for _, nc := range c.conns {
		_ = nc.Close()
	}
	c.conns = nil
}

func (c *crowd) greet(nc net.Conn) {
	buf := make([]byte, 4096)
	n := 0
	for !strings.Contains(string(buf[:n]), "\r\n\r\n") {
		m, err := nc.Read(buf[n:])
		if err != nil {
			return
		}
		n += m
	}
	_, key, _ := strings.Cut(string(buf[:n]), "Sec-Websocket-Key: ")
	key, _, _ = strings.Cut(key, "\r\n")
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	_, _ = io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
		base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n")
	frame := func(text string) string { return string(wsock.AppendFrame(nil, wsock.Text, []byte(text))) }
	_, _ = io.WriteString(nc, frame(`0{"sid":"12345678901234567890","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`))
	if _, err := nc.Read(buf); err == nil { // CONNECT
		_, _ = io.WriteString(nc, frame(`40{"sid":"12345678901234567890"}`)+frame(`42["hello","you"]`)) // which are one read
	}
}

const (
	// idleBytes is what a silent client may cost its process, in bytes of heap and
	// stack: Manager, Socket, connection, and the server's end of it in this
	// test. Measured: 7.3 KB.
	idleBytes = 9_000
	// watchedBytes is the same with a Watch, on Linux. Measured: 3.9 to 4.6 KB.
	watchedBytes = 5_500
)

// L1: an idle client is one goroutine, or none with a Watch, and no buffer, after
// events too.
func TestIdleMemory(t *testing.T) {
	t.Run("alone", func(t *testing.T) { idleMemory(t, nil, idleBytes, 1) })
	if runtime.GOOS == "linux" {
		t.Run("watched", func(t *testing.T) { idleMemory(t, new(Watch), watchedBytes, 0) })
	}
}

func idleMemory(t *testing.T, watch *Watch, allowed, readers int) {
	if race {
		return // it costs several times as much then
	}
	const n = 400
	server := newCrowd(t)
	cfg := Config{Transports: []string{"websocket"}, DisableReconnection: true, HTTPClient: &http.Client{Transport: &http.Transport{}}, Watch: watch}
	inUse := func() int {
		for range 4 {
			runtime.GC() // pools keep what they have for two cycles
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc + m.StackInuse)
	}
	rest := func(goroutines int) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > goroutines; {
			if time.Now().After(end) {
				t.Fatalf("%d goroutines, not %d", runtime.NumGoroutine(), goroutines)
			}
			<-time.After(time.Millisecond)
		}
	}
	sockets := make([]*Socket, 0, n)
	before, goroutines := inUse(), runtime.NumGoroutine()
	for range n {
		s := New("http://"+server.l.Addr().String(), cfg)
		got := make(chan struct{})
		remove := On(s, "hello", func(context.Context, string) error { close(got); return s.Emit("hello", "too") })
		if err := s.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-got
		remove()
		sockets = append(sockets, s)
	}
	rest(goroutines + n*readers + 3) // the Watch's, and two that dial, of net/http
	each := (inUse() - before) / n
	t.Logf("%d bytes for each idle client", each)
	if each > allowed {
		t.Errorf("an idle client costs %d bytes, %d are allowed", each, allowed)
	}
	server.stop() // which would not answer a goodbye
	for _, s := range sockets {
		if err := s.Manager().Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	rest(goroutines + 2)
}
