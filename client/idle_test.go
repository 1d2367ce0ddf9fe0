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
	say := func(text string) { _, _ = nc.Write(wsock.AppendFrame(nil, wsock.Text, []byte(text))) }
	say(`0{"sid":"12345678901234567890","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
	if _, err := nc.Read(buf); err == nil { // CONNECT
		say(`40{"sid":"12345678901234567890"}`)
		say(`42["hello","you"]`)
	}
}

const (
	// idleBytes is what a silent client may cost its process, in bytes of heap and
	// stack: Manager, Socket, connection, and the server's end of it in this
	// test. Measured: 8.2 to 9.2 KB, of which 4 are the reader's stack that a
	// message has just needed; 2 of them are given back by the next one that
	// comes after a second.
	idleBytes = 10_000
	// idleGoroutines is the reader.
	idleGoroutines = 1
)

// L1: an idle client is one goroutine and no buffer, after events too.
func TestIdleMemory(t *testing.T) {
	if race {
		return // it costs several times as much then
	}
	const n = 400
	server := newCrowd(t)
	cfg := Config{Transports: []string{"websocket"}, DisableReconnection: true, HTTPClient: &http.Client{Transport: &http.Transport{}}}
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
	rest(goroutines + n*idleGoroutines + 2) // two that dial, of net/http
	each := (inUse() - before) / n
	t.Logf("%d bytes for each idle client", each)
	if each > idleBytes {
		t.Errorf("an idle client costs %d bytes, %d are allowed", each, idleBytes)
	}
	server.stop() // which would not answer a goodbye
	for _, s := range sockets {
		if err := s.Manager().Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	rest(goroutines + 2)
}
