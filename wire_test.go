package socketio_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// wire is a client that is nothing but a connection, so that what is measured
// beside it in this process is the server's.
type wire struct {
	nc  net.Conn // the connection itself
	rw  io.ReadWriter
	buf []byte
}

// listenWire serves srv on a port of this machine until the end of the test.
func listenWire(tb testing.TB, srv *socketio.Server, secure bool) *httptest.Server {
	hs := httptest.NewUnstartedServer(srv)
	if secure {
		hs.StartTLS()
	} else {
		hs.Start()
	}
	tb.Cleanup(func() {
		cut(tb, srv)
		hs.Close()
	})
	return hs
}

// cut ends all clients of srv without a farewell, which nobody would answer.
func cut(tb testing.TB, srv *socketio.Server) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := srv.Shutdown(ctx); err != nil && !errors.Is(err, context.Canceled) {
		tb.Error(err)
	}
}

// wireRequest is a handshake like that of a browser; extensions may be empty.
func wireRequest(extensions string) string {
	if extensions != "" {
		extensions = "Sec-WebSocket-Extensions: " + extensions + "\r\n"
	}
	return "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a.example\r\n" +
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nAccept-Language: en\r\n" +
		"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		extensions + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
}

// dialWire opens a WebSocket and connects to the main namespace.
func dialWire(tb testing.TB, hs *httptest.Server, extensions string) *wire {
	tb.Helper()
	nc, err := net.Dial("tcp", hs.Listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	_ = nc.SetDeadline(time.Now().Add(2 * time.Minute))
	w := &wire{nc: nc, rw: nc}
	if hs.TLS != nil {
		w.rw = tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
	}
	if _, err := io.WriteString(w.rw, wireRequest(extensions)); err != nil {
		tb.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReaderSize(byBytes{w.rw}, 16), nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		tb.Fatalf("the handshake is answered with %+v, %v", res, err)
	}
	if extensions != "" && res.Header.Get("Sec-WebSocket-Extensions") == "" {
		tb.Fatal("compression was not agreed on")
	}
	w.frame(tb, "0{")
	w.send(tb, "40")
	w.frame(tb, "40{")
	return w
}

// byBytes keeps a bufio.Reader from reading past what it is asked for.
type byBytes struct{ r io.Reader }

func (b byBytes) Read(p []byte) (int, error) { return b.r.Read(p[:min(1, len(p))]) }

// send sends text frames with one write.
func (w *wire) send(tb testing.TB, texts ...string) {
	tb.Helper()
	if _, err := w.rw.Write(masked(texts...)); err != nil {
		tb.Fatal(err)
	}
}

func masked(texts ...string) (b []byte) {
	for _, text := range texts {
		b = wsock.AppendMaskedFrame(b, wsock.Text, []byte(text))
	}
	return b
}

// frame reads a frame of less than 64 KiB, which has to begin with prefix.
func (w *wire) frame(tb testing.TB, prefix string) {
	tb.Helper()
	var head [4]byte
	w.full(tb, head[:2])
	n := int(head[1])
	if n == 126 {
		w.full(tb, head[2:])
		n = int(head[2])<<8 | int(head[3])
	}
	body := make([]byte, n)
	w.full(tb, body)
	if !bytes.HasPrefix(body, []byte(prefix)) {
		tb.Fatalf("%.100q came, want %q…", body, prefix)
	}
}

func (w *wire) full(tb testing.TB, b []byte) {
	tb.Helper()
	if _, err := io.ReadFull(w.rw, b); err != nil {
		tb.Fatal(err)
	}
}

// exchange writes what is masked already, and reads as many bytes as want has.
// It allocates nothing once w.buf is large enough.
func (w *wire) exchange(tb testing.TB, out, want []byte) {
	if _, err := w.rw.Write(out); err != nil {
		tb.Fatal(err)
	}
	if cap(w.buf) < len(want) {
		w.buf = make([]byte, len(want))
	}
	got := w.buf[:len(want)]
	if _, err := io.ReadFull(w.rw, got); err != nil || !bytes.Equal(got, want) {
		tb.Fatalf("%.100q came, want %.100q (%v)", got, want, err)
	}
}

// plain is how servers of measurements are set up: with the defaults.
func plain(deflate bool) *socketio.Server {
	cfg := socketio.Config{}
	if deflate {
		cfg.PerMessageDeflate = &engine.Compression{}
	}
	return newServer(cfg, func(srv *socketio.Server) { srv.Of("/").Handle("echo", echo) })
}
