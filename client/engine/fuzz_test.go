package engine_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/internal/wsock"
)

// fuzzBound is what one hostile input may make the client allocate at most, beside
// what a connection costs anyway.
const fuzzBound = 32 << 20

// FuzzServer: whatever a server says, over each transport, the client ends, nothing
// panics, no goroutine stays and memory is bounded by what arrived.
//
// P5: the first byte chooses the transport and where the input begins: as the
// very first bytes, as the first packet, or behind a proper one.
func FuzzServer(f *testing.F) {
	frame := func(s string) string { return string(wsock.AppendFrame(nil, wsock.Text, []byte(s))) }
	for mode := range byte(9) {
		for _, s := range []string{
			"", goodOpen, goodOpen + "\x1e4hello\x1ebAAAA\x1e2\x1e6", frame(goodOpen) + frame("4hello"), frame("2") + frame("1"),
			"4a\x1e1", "b!", "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "\x88\x02\x03\xe8", "\x01\x01\x34\x80\x01\x34",
			"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n4abcd", "HTTP/1.1 101 x\r\n\r\n", "HTTP/1.1 302 x\r\nLocation: /\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", "\x7f\x00\x1f\xff\xff\xff\xff\xff\xff", "\x014\x8a",
			`0{"sid":"a","upgrades":["websocket","webtransport"],"pingInterval":1,"pingTimeout":1}`,
		} {
			f.Add(mode, []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, mode byte, input []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var wg sync.WaitGroup
		var mu sync.Mutex
		var ends []net.Conn
		raw := mode/3%3 == 0
		dialed := 0
		dialTo := func(stream bool) (net.Conn, error) {
			near, far := net.Pipe()
			mu.Lock()
			ends = append(ends, far)
			dialed++
			first := dialed == 1
			mu.Unlock()
			wg.Go(func() {
				defer func() { _ = far.Close() }()
				wg.Go(func() { _, _ = io.Copy(io.Discard, far) })
				_ = far.SetWriteDeadline(time.Now().Add(10 * time.Second))
				if !raw && !stream && mode%3 == 0 { // polling
					body := string(input)
					if mode/3%3 == 2 && first {
						body = goodOpen + "\x1e" + body
					}
					_, _ = io.WriteString(far, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"+body)
					return
				}
				if !raw && stream && mode/3%3 == 2 {
					_, _ = far.Write(eio.AppendFrame(nil, eio.Packet{Type: eio.Open, Data: []byte(goodOpen[1:])}))
				}
				_, _ = far.Write(input)
			})
			return near, nil
		}
		cfg := client.Config{
			Logger: quiet(), MaxPayload: 1 << 16, RequestTimeout: 5 * time.Second, CloseTimeout: time.Second, PerMessageDeflate: true,
			HTTPClient: &http.Client{Transport: fuzzTransport{mode, input, func() (net.Conn, error) { return dialTo(false) }}},
			Stream: func(_ ctx, _ string, _ http.Header) (client.Stream, error) {
				nc, err := dialTo(true)
				return nc, err
			},
			Transports: []string{[]string{client.Polling, client.WebSocket, client.WebTransport}[mode%3]},
		}
		q := &quick{ended: make(chan struct{})}
		if c, err := client.Dial(t.Context(), "http://memory", cfg, q); err == nil {
			_ = c.Send(client.Text, []byte("x"))
			select {
			case <-q.ended:
			case <-time.After(5 * time.Millisecond):
				c.CloseNow()
				<-q.ended
			}
			<-c.Done()
		}
		mu.Lock()
		for _, nc := range ends {
			_ = nc.Close()
		}
		mu.Unlock()
		wg.Wait()
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > fuzzBound {
			t.Errorf("%d bytes of input made the client allocate %d", len(input), n)
		}
	})
}

type ctx = context.Context

// fuzzTransport makes requests over fresh connections to a hostile server. For
// WebSocket it answers the handshake itself unless the input is to do so.
type fuzzTransport struct {
	mode  byte
	input []byte
	dial  func() (net.Conn, error)
}

func (f fuzzTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	raw := f.mode/3%3 == 0
	if !raw && f.mode%3 == 1 {
		nc, err := f.dial()
		if err != nil {
			return nil, err
		}
		body := io.ReadWriteCloser(nc)
		if f.mode/3%3 == 2 {
			open := wsock.AppendFrame(nil, wsock.Text, []byte(goodOpen))
			body = prefixed{io.MultiReader(bytes.NewReader(open), nc), nc}
		}
		return &http.Response{
			StatusCode: 101, Status: "101 Switching Protocols", Proto: "HTTP/1.1", Request: r, Body: body,
			Header: http.Header{
				"Upgrade": {"websocket"}, "Connection": {"Upgrade"},
				"Sec-Websocket-Accept":     {acceptKey(r.Header.Get("Sec-WebSocket-Key"))},
				"Sec-Websocket-Extensions": {"permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
			},
		}, nil
	}
	t := &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx, string, string) (net.Conn, error) { return f.dial() },
	}
	return t.RoundTrip(r)
}

type prefixed struct {
	io.Reader
	net.Conn
}

func (p prefixed) Read(b []byte) (int, error) { return p.Reader.Read(b) }
