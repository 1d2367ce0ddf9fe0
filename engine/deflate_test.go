package engine_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/deflate"
	"github.com/go-socketio/socketio/internal/wsock"
)

// wire is a WebSocket client that shows every byte.
type wire struct {
	t     testing.TB
	nc    net.Conn
	in    *bufio.Reader
	agree string // what the server answered to the offer
	k     *talk
}

// frame is one frame as it came: its first byte and the bare payload.
type frame struct {
	first   byte
	payload string
}

const rsv1 = 0x40

func (g *rig) wire(offer string) *wire {
	g.t.Helper()
	nc, err := net.Dial("tcp", strings.TrimPrefix(g.web.URL, "http://"))
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(patience()))
	extensions := ""
	if offer != "" {
		extensions = "Sec-WebSocket-Extensions: " + offer + "\r\n"
	}
	_, err = io.WriteString(nc, "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+extensions+"\r\n")
	if err != nil {
		g.t.Fatal(err)
	}
	w := &wire{t: g.t, nc: nc, in: bufio.NewReader(nc)}
	res, err := http.ReadResponse(w.in, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		g.t.Fatalf("handshake: %v, %v", res, err)
	}
	w.agree = res.Header.Get("Sec-WebSocket-Extensions")
	w.k = g.app.find(parseOpen(g.t, w.frame().payload).SID)
	return w
}

func (w *wire) frame() frame {
	w.t.Helper()
	head := make([]byte, 2)
	if _, err := io.ReadFull(w.in, head); err != nil {
		w.t.Fatal(err)
	}
	n := int(head[1])
	switch n {
	case 126:
		n = w.number(2)
	case 127:
		n = w.number(8)
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(w.in, payload); err != nil {
		w.t.Fatal(err)
	}
	return frame{head[0], string(payload)}
}

// number reads an integer of so many bytes.
func (w *wire) number(size int) (n int) {
	for range size {
		b, err := w.in.ReadByte()
		if err != nil {
			w.t.Fatal(err)
		}
		n = n<<8 | int(b)
	}
	return n
}

// want reads a frame and checks whether it is compressed and what it says.
func (w *wire) want(packed bool, first byte, text string) frame {
	w.t.Helper()
	f := w.frame()
	got := f.payload
	if f.first&rsv1 != 0 {
		plain, err := deflate.Inflate(nil, []byte(f.payload), 64<<20)
		if err != nil {
			w.t.Fatalf("compressed frame: %v", err)
		}
		got = string(plain)
	}
	if (f.first&rsv1 != 0) != packed || f.first&^rsv1 != first || got != text {
		w.t.Fatalf("frame % x with %.60q, want compressed=%v, % x, %.60q", f.first, got, packed, first, text)
	}
	return f
}

// say sends a compressed message.
func (w *wire) say(op wsock.Opcode, data string) {
	small := deflate.NewWriters(1).Append(nil, deflate.Raw, []byte(data))
	b := wsock.AppendMaskedFrame(nil, op, small)
	b[0] |= rsv1
	_, _ = w.nc.Write(b) // what follows tells whether it counted
}

const offer = "permessage-deflate; client_max_window_bits"

// HTTP-09 EMIT-09: what is compressed and what is not.
func TestPerMessageDeflate(t *testing.T) {
	g := start(t, engine.Config{PerMessageDeflate: &engine.Compression{}, PingInterval: time.Hour}, newApp(t))
	w := g.wire(offer)
	if w.agree != "permessage-deflate; server_no_context_takeover; client_no_context_takeover" {
		t.Errorf("the server agreed to %q", w.agree)
	}
	long := strings.Repeat("compress me ", 100)
	at := strings.Repeat("x", 1023) // with the type byte 1024
	noise := make([]byte, 2000)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	huge := strings.Repeat("0123456789abcdef", 1<<13)
	_ = w.k.Send(text("short"), text(long), engine.NewBinary([]byte(long)), text(at), text(at[1:]),
		text(long).Uncompressed(), engine.NewBinary(noise), text(huge), text(huge).Uncompressed(), text("end"))
	w.want(false, 0x81, "4short")
	w.want(true, 0x81, "4"+long)
	w.want(true, 0x82, long)
	w.want(true, 0x81, "4"+at)
	w.want(false, 0x81, "4"+at[1:])
	w.want(false, 0x81, "4"+long)
	w.want(false, 0x82, string(noise)) // would not become smaller
	w.want(true, 0x81, "4"+huge)
	w.want(false, 0x81, "4"+huge)
	w.want(false, 0x81, "4end")
	_, _ = w.nc.Write(wsock.AppendMaskedFrame(nil, wsock.Ping, []byte("ping")))
	w.want(false, 0x8a, "ping")
	w.say(wsock.Text, "4"+long)
	w.k.wantMessage("text:" + long)
	w.say(wsock.Binary, long)
	w.k.wantMessage("binary:" + long)
	_, _ = w.nc.Write(wsock.AppendMaskedFrame(nil, wsock.Text, []byte("4plain")))
	w.k.wantMessage("text:plain")
	if n := w.k.BufferedAmount(); n != 0 {
		t.Errorf("%d bytes are buffered when all is sent", n)
	}
	w.k.Close(engine.ForcedClose)
	w.want(false, 0x88, "")
}

// L11 HTTP-09: off by default, and where the client does not offer it.
func TestPerMessageDeflateIsOff(t *testing.T) {
	long := strings.Repeat("compress me ", 100)
	for name, c := range map[string]struct {
		cfg   engine.Config
		offer string
	}{
		"switched off":  {engine.Config{}, offer},
		"not offered":   {engine.Config{PerMessageDeflate: &engine.Compression{}}, ""},
		"another offer": {engine.Config{PerMessageDeflate: &engine.Compression{}}, "permessage-deflate; server_max_window_bits=9"},
		"HTTP only":     {engine.Config{HTTPCompression: &engine.Compression{}}, offer},
	} {
		t.Run(name, func(t *testing.T) {
			g := start(t, c.cfg, newApp(t))
			w := g.wire(c.offer)
			if w.agree != "" {
				t.Errorf("the server agreed to %q", w.agree)
			}
			m := text(long)
			_ = w.k.Send(m)
			w.want(false, 0x81, "4"+long)
			if engine.DeflatedFrame(m) != nil {
				t.Error("a compressed form was made that nobody wants")
			}
			w.say(wsock.Text, "4x")
			if err := w.k.wantEnd(engine.TransportError); err == nil {
				t.Error("no cause")
			}
			w.want(false, 0x88, "\x03\xea") // 1002
		})
	}
}

// ENG-14: a message for many is compressed once, however many flush it at the
// same time, and those who did not ask for it get it plain.
func TestBroadcastIsCompressedOnce(t *testing.T) {
	g := start(t, engine.Config{PerMessageDeflate: &engine.Compression{}}, newApp(t))
	const packed, plain = 12, 4
	var all []*wire
	for i := range packed + plain {
		if i < packed {
			all = append(all, g.wire(offer))
		} else {
			all = append(all, g.wire(""))
		}
	}
	for round := range 20 {
		body := fmt.Sprint(round, strings.Repeat(" news for all", 100))
		m := text(body)
		var wg sync.WaitGroup
		for _, w := range all {
			wg.Go(func() { _ = w.k.Send(m) })
		}
		wg.Wait()
		var first []byte
		for i, w := range all {
			f := w.want(i < packed, 0x81, "4"+body)
			made := engine.DeflatedFrame(m)
			if first == nil {
				first = made
			}
			if &first[0] != &made[0] {
				t.Fatal("the compressed form was made again")
			}
			if i < packed && !bytes.HasSuffix(made, []byte(f.payload)) {
				t.Error("what was sent is not the shared form")
			}
		}
	}
}

// X: a bomb, an oversize message and garbage end their own session, with 1009 and 1007.
func TestBombs(t *testing.T) {
	g := start(t, engine.Config{PerMessageDeflate: &engine.Compression{}, MaxPayload: 10_000}, newApp(t))
	for name, c := range map[string]struct {
		data string
		code string
	}{
		"bomb":         {"4" + strings.Repeat("\x00", 8<<20), "\x03\xf1"},
		"one too many": {"4" + strings.Repeat("x", 10_000), "\x03\xf1"},
		"no UTF-8":     {"4\xff", "\x03\xef"},
	} {
		t.Run(name, func(t *testing.T) {
			w := g.wire(offer)
			w.say(wsock.Text, "4"+strings.Repeat("x", 9_999))
			w.k.wantMessage("text:" + strings.Repeat("x", 9_999))
			w.say(wsock.Text, c.data)
			err := w.k.wantEnd(engine.TransportError)
			if _, ok := errors.AsType[*wsock.ProtocolError](err); !ok {
				t.Errorf("cause is %v", err)
			}
			w.want(false, 0x88, c.code)
		})
	}
	w := g.wire(offer)
	b := wsock.AppendMaskedFrame(nil, wsock.Text, []byte("no deflate data"))
	b[0] |= rsv1
	_, _ = w.nc.Write(b)
	w.k.wantEnd(engine.TransportError)
	w.want(false, 0x88, "\x03\xef")
}

// The order holds when some messages are compressed, some large and some small,
// while others send and the client reads slowly.
func TestDeflatedOrder(t *testing.T) {
	g := start(t, engine.Config{PerMessageDeflate: &engine.Compression{Threshold: 200}, MaxQueuedBytes: 64 << 20}, newApp(t))
	w := g.wire(offer)
	const n = 600
	body := func(i int) string { return fmt.Sprint(i, strings.Repeat(" x", i*i*i%5000)) }
	go func() {
		for i := range n {
			_ = w.k.Send(text(body(i)))
		}
	}()
	for i := range n {
		want := "4" + body(i)
		w.want(len(want) >= 200, 0x81, want)
	}
}

// BenchmarkBroadcastDeflated is one message of 4 KiB of JSON to 100 receivers, as
// far as the kernel: "each" makes a message for every receiver, as a broadcast would
// have to if the compressed form were not shared.
func BenchmarkBroadcastDeflated(b *testing.B) {
	payload := []byte(strings.Repeat(`{"id":17,"user":"somebody","text":"how are you?"},`, 82))
	for _, c := range []struct {
		name  string
		offer string
		each  bool
	}{{"plain", "", false}, {"shared", offer, false}, {"each", offer, true}} {
		b.Run(c.name, func(b *testing.B) {
			g := start(b, engine.Config{PerMessageDeflate: &engine.Compression{}}, newApp(b))
			var all []*wire
			var wg sync.WaitGroup
			for range 100 {
				w := g.wire(c.offer)
				_ = w.nc.SetDeadline(time.Time{})
				all = append(all, w)
				wg.Go(func() { _, _ = io.Copy(io.Discard, w.in) })
			}
			b.SetBytes(int64(100 * len(payload)))
			b.ReportAllocs()
			for b.Loop() {
				m := engine.NewText(payload)
				for _, w := range all {
					if c.each {
						m = engine.NewText(payload)
					}
					_ = w.k.Send(m)
				}
				for _, w := range all {
					until(b, "all is written", func() bool { return w.k.BufferedAmount() == 0 })
				}
			}
			for _, w := range all {
				_ = w.nc.Close()
			}
			wg.Wait()
		})
	}
}
