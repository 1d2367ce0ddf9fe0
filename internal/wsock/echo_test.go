package wsock_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/wsock"
)

// echo answers every message and ping; its replies to one read leave together.
type echo struct {
	c   *wsock.Conn
	out []byte
}

func (e *echo) Message(op wsock.Opcode, data []byte) error {
	e.out = wsock.AppendFrame(e.out, op, data)
	return nil
}

func (e *echo) Control(op wsock.Opcode, data []byte) error {
	if op == wsock.Ping {
		e.out = wsock.AppendFrame(e.out, wsock.Pong, data)
	}
	return nil
}

func (e *echo) Drained() {
	n, err := e.c.TryWrite(e.out)
	if err == nil && n < len(e.out) {
		_, err = e.c.Write(e.out[n:])
	}
	if err != nil {
		_ = e.c.CloseNow()
	}
	e.out = e.out[:0]
}

// serveEcho runs the server's side of one connection to its proper end.
func serveEcho(c *wsock.Conn) {
	err := c.Serve(&echo{c: c})
	var closed *wsock.CloseError
	var bad *wsock.ProtocolError
	switch {
	case errors.As(err, &closed):
		_, _ = c.Write(wsock.AppendClose(nil, min(closed.Code, 1000), ""))
		_ = c.CloseNow()
	case errors.As(err, &bad):
		_, _ = c.Write(wsock.AppendClose(nil, bad.Code, bad.Reason))
		_ = c.CloseLinger(time.Second)
	default:
		_ = c.CloseNow()
	}
}

// echoServer serves until the test ends; each connection ends with its client.
func echoServer(t testing.TB, start func(http.Handler) *httptest.Server) *httptest.Server {
	srv := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := wsock.Accept(w, r, nil, wsock.Options{})
		if err != nil {
			var h *wsock.HandshakeError
			if errors.As(err, &h) {
				http.Error(w, h.Message, h.Status)
			}
			return
		}
		go serveEcho(c)
	}))
	t.Cleanup(srv.Close)
	return srv
}

type recorded struct {
	op   wsock.Opcode
	data string
}

type recorder struct{ events chan recorded }

func (r *recorder) Message(op wsock.Opcode, data []byte) error {
	r.events <- recorded{op, string(data)}
	return nil
}
func (r *recorder) Control(op wsock.Opcode, data []byte) error { return r.Message(op, data) }
func (r *recorder) Drained()                                   {}

func TestEcho(t *testing.T) {
	for name, start := range map[string]func(http.Handler) *httptest.Server{
		"tcp": httptest.NewServer, "tls": httptest.NewTLSServer,
	} {
		t.Run(name, func(t *testing.T) {
			srv := echoServer(t, start)
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			c, _, err := wsock.Dial(ctx, srv.URL, nil, srv.Client(), wsock.Options{})
			cancel() // bounds the handshake only
			if err != nil {
				t.Fatal(err)
			}
			rec := &recorder{make(chan recorded, 16)}
			ended := make(chan error, 1)
			go func() { ended <- c.Serve(rec) }()
			var out []byte
			out = wsock.AppendMaskedFrame(out, wsock.Text, []byte("hello, "), []byte("wörld"))
			out = wsock.AppendMaskedFrame(out, wsock.Ping, []byte("p"))
			out = wsock.AppendMaskedFrame(out, wsock.Binary, make([]byte, 100_000))
			if _, err := c.Write(out); err != nil {
				t.Fatal(err)
			}
			want := []recorded{{wsock.Text, "hello, wörld"}, {wsock.Pong, "p"}, {wsock.Binary, string(make([]byte, 100_000))}}
			for _, w := range want {
				if got := <-rec.events; got != w {
					t.Fatalf("got %d %.20q (%d bytes), want %d %.20q", got.op, got.data, len(got.data), w.op, w.data)
				}
			}
			if _, err := c.Write(wsock.AppendMaskedClose(nil, 1001, "away")); err != nil {
				t.Fatal(err)
			}
			var closed *wsock.CloseError
			if err := <-ended; !errors.As(err, &closed) || closed.Code != 1000 {
				t.Fatalf("Serve = %v, want close 1000", err)
			}
			_ = c.CloseNow()
		})
	}
}
