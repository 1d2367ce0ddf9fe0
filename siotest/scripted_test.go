package siotest_test

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// wire is the server's end of a WebSocket whose frames are short.
type wire struct {
	t  *testing.T
	c  net.Conn
	in *bufio.Reader
}

func (w *wire) send(opcode byte, data string) {
	if _, err := io.WriteString(w.c, string([]byte{0x80 | opcode, byte(len(data))})+data); err != nil {
		w.t.Errorf("sending %q: %v", data, err)
	}
}

func (w *wire) text(packets ...string) {
	for _, p := range packets {
		w.send(1, p)
	}
}

// expect reads one text of the client, which must be one of these.
func (w *wire) expect(want ...string) {
	var head [6]byte
	_, err := io.ReadFull(w.in, head[:])
	data := make([]byte, head[1]&0x7f)
	if err == nil {
		_, err = io.ReadFull(w.in, data)
	}
	for i := range data {
		data[i] ^= head[2+i%4]
	}
	if err != nil || !slices.Contains(want, string(data)) {
		w.t.Errorf("the client sent %q, %v; want %q", data, err, want)
	}
}

// scripted is a server that does what no correct one would do, or never at a
// given moment: each WebSocket to it runs script.
func scripted(t *testing.T, script func(w *wire)) *siotest.Server {
	var running sync.WaitGroup
	fake := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Done()
		c, buf, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = c.Close() }()
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		key := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Accept: "+base64.StdEncoding.EncodeToString(key[:])+"\r\n\r\n")
		script(&wire{t, c, buf.Reader})
	}))
	t.Cleanup(func() {
		fake.Close()
		running.Wait()
	})
	ts := siotest.NewServer(t, echo(socketio.Config{}))
	ts.URL, ts.HTTPClient = fake.URL, fake.Client()
	return ts
}

const (
	open    = `0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`
	welcome = `40{"sid":"a"}`
	asked   = "40/siotest-fence-1,"
	again   = "40/siotest-fence-2,"
	refusal = `44/siotest-fence-1,{"message":"Invalid namespace"}`
)

// TestLeavingBetweenPacketAndAttachment: the packet is nobody's then.
func TestLeavingBetweenPacketAndAttachment(t *testing.T) {
	begun := make(chan struct{})
	ts := scripted(t, func(w *wire) {
		w.text(open)
		w.expect("40")
		w.text(welcome, `451-["picture",{"_placeholder":true,"num":0}]`, "2")
		w.expect("3")
		close(begun)
		w.expect("41")
		w.send(2, "bytes")
		w.expect(asked)
		w.text(refusal)
	})
	c := ts.Dial(t, "/", nil)
	<-begun
	c.Disconnect()
	c.Conn().Quiet()
	if why := c.WaitDisconnect(); why != "io client disconnect" {
		t.Errorf("the client was told %q", why)
	}
}

// TestFencesAtOnce: each waits for an answer of its own.
func TestFencesAtOnce(t *testing.T) {
	var both atomic.Bool
	first := make(chan struct{})
	ts := scripted(t, func(w *wire) {
		w.text(open)
		w.expect(asked, again) // the two are sent in either order
		w.expect(asked, again)
		w.text(refusal)
		<-first
		w.text("2")
		w.expect("3")
		both.Store(true)
		w.text(refusal)
	})
	c := ts.Open(t, siotest.Options{})
	var early atomic.Int32
	var fences sync.WaitGroup
	for range 2 {
		fences.Go(func() {
			c.Fence()
			if both.Load() {
				return
			}
			if early.Add(1) == 1 {
				close(first)
			}
		})
	}
	fences.Wait()
	if n := early.Load(); n != 1 {
		t.Errorf("%d fences are over after one answer, want 1", n)
	}
}

// TestFirstPacketWrong: the error leaves no connection behind.
func TestFirstPacketWrong(t *testing.T) {
	gone := make(chan error, 1)
	ts := scripted(t, func(w *wire) {
		w.text("4hello")
		_, err := w.in.ReadByte()
		gone <- err
	})
	if _, err := ts.TryOpen(t, siotest.Options{}); err == nil {
		t.Error("opened without an open packet")
	}
	if err := <-gone; err == nil {
		t.Error("the client went on sending")
	} else if ne, ok := err.(net.Error); ok && ne.Timeout() {
		t.Error("the connection stays open")
	}
}

// TestReasons: who ended the stay is told, whoever else tries afterwards.
func TestReasons(t *testing.T) {
	srv := echo(socketio.Config{})
	ts := siotest.NewServer(t, srv)
	conn := ts.Open(t, siotest.Options{})
	for _, tt := range []struct {
		nsp, want string
		end       func(c *siotest.Client)
	}{
		{"/", "io server disconnect", func(c *siotest.Client) {
			if err := srv.Of("/").Socket(c.ID()).Disconnect(false); err != nil {
				t.Error(err)
			}
			c.WaitDisconnect()
			c.Disconnect()
		}},
		{"/chat", "io client disconnect", (*siotest.Client).Disconnect},
	} {
		c := conn.Connect(tt.nsp, nil)
		tt.end(c)
		if why := c.WaitDisconnect(); why != tt.want {
			t.Errorf("the client was told %q, want %q", why, tt.want)
		}
	}
	conn.Quiet()
}
