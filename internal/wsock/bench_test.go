package wsock_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/internal/wsock"
)

const perRead = 16

// frames is what a busy client sends between two reads of the server.
func frames(payload int) []byte {
	var b []byte
	for range perRead {
		b = wsock.AppendMaskedFrame(b, wsock.Text, bytes.Repeat([]byte("x"), payload))
	}
	return b
}

// BenchmarkEcho is one round trip of 16 frames of 124 bytes over loopback, both
// ends included; ns/frame is the number to watch. "floor" does the same with
// gobwas' reader and nothing else.
func BenchmarkEcho(b *testing.B) {
	b.Run("wsock", func(b *testing.B) {
		benchmarkEcho(b, func(c *wsock.Conn, _ net.Conn) {
			c.Go(&echo{c: c}, func(error) { _ = c.CloseNow() })
		})
	})
	b.Run("floor", func(b *testing.B) {
		benchmarkEcho(b, func(_ *wsock.Conn, nc net.Conn) { go floorEcho(nc) })
	})
}

func benchmarkEcho(b *testing.B, serve func(*wsock.Conn, net.Conn)) {
	conns := make(chan net.Conn, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := wsock.Accept(&keepConn{w, conns}, r, nil, wsock.Options{})
		if err != nil {
			b.Error(err)
			return
		}
		serve(c, <-conns)
	}))
	defer srv.Close()
	nc := dialRaw(b, srv.Listener.Addr().String())
	defer func() { _ = nc.Close() }()
	out := frames(124)
	in := make([]byte, perRead*(124+2))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := nc.Write(out); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(nc, in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*perRead), "ns/frame")
}

// keepConn lets the benchmark see the connection that was taken over.
type keepConn struct {
	http.ResponseWriter
	conns chan net.Conn
}

func (k *keepConn) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, brw, err := k.ResponseWriter.(http.Hijacker).Hijack()
	k.conns <- nc
	return nc, brw, err
}

func floorEcho(nc net.Conn) {
	defer func() { _ = nc.Close() }()
	in := bufio.NewReader(nc)
	var payload, out []byte
	for {
		h, err := ws.ReadHeader(in)
		if err != nil {
			return
		}
		if int64(cap(payload)) < h.Length {
			payload = make([]byte, h.Length)
		}
		payload = payload[:h.Length]
		if _, err := io.ReadFull(in, payload); err != nil {
			return
		}
		ws.Cipher(payload, h.Mask, 0)
		out = wsock.AppendFrame(out, wsock.Opcode(h.OpCode), payload)
		if in.Buffered() == 0 {
			if _, err := nc.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
	}
}

// BenchmarkParse is the reader without the network: 16 frames of 124 bytes.
func BenchmarkParse(b *testing.B) {
	src := frames(124)
	c := wsock.NewServerConn(&repeat{src: src, n: b.N}, wsock.Options{})
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	b.ResetTimer()
	if err := c.Serve(&count{}); err != io.EOF {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*perRead), "ns/frame")
}

// BenchmarkLargeMessage is one message of 1 MB that comes in many reads.
func BenchmarkLargeMessage(b *testing.B) {
	src := wsock.AppendMaskedFrame(nil, wsock.Binary, make([]byte, 1_000_000))
	c := wsock.NewServerConn(&repeat{src: src, n: b.N}, wsock.Options{})
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	b.ResetTimer()
	if err := c.Serve(&count{}); err != io.EOF {
		b.Fatal(err)
	}
}

// repeat is a stream that brings the same bytes n times.
type repeat struct {
	src  []byte
	n    int
	off  int
	size int // of one read at most; zero: as asked
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.n == 0 {
		return 0, io.EOF
	}
	if r.size > 0 {
		p = p[:min(r.size, len(p))]
	}
	n := copy(p, r.src[r.off:])
	if r.off += n; r.off == len(r.src) {
		r.off = 0
		r.n--
	}
	return n, nil
}

func (r *repeat) Write(p []byte) (int, error) { return len(p), nil }
func (r *repeat) Close() error                { return nil }

type count struct{ messages, bytes int }

func (c *count) Message(_ wsock.Opcode, data []byte) error {
	c.messages++
	c.bytes += len(data)
	return nil
}
func (c *count) Control(wsock.Opcode, []byte) error { return nil }
func (c *count) Drained()                           {}
