package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/eio"
)

// streams connects a client's Config.Stream with a server's ServeStream in memory.
func streams(srv *engine.Server) func(context.Context, string, http.Header) (client.Stream, error) {
	return func(_ context.Context, address string, header http.Header) (client.Stream, error) {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		near, far := net.Pipe()
		r := httptest.NewRequest(http.MethodConnect, "https://memory/", nil)
		r.URL.Path, r.URL.RawQuery, r.RequestURI, r.Header = u.Path, u.RawQuery, u.RequestURI(), header
		accepted := make(chan error, 1)
		w := httptest.NewRecorder()
		go func() {
			srv.ServeStream(w, r, func(context.Context) (engine.Stream, error) {
				accepted <- nil
				return far, nil
			})
			select {
			case accepted <- fmt.Errorf("status %d", w.Code):
			default:
			}
		}()
		return near, <-accepted
	}
}

func streamServer(t *testing.T, h *host) (*engine.Server, string) {
	t.Helper()
	srv := engine.NewServer(engine.Config{
		Transports: []string{engine.Polling, engine.WebSocket, engine.WebTransport}, Logger: quiet(), CloseTimeout: time.Second,
	}, h)
	web := httptest.NewServer(srv)
	t.Cleanup(func() {
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		web.CloseClientConnections()
		web.Close()
	})
	return srv, web.URL
}

// CLI-19 CLI-23: WebTransport, from the first packet or by an upgrade, which it wins over WebSocket.
func TestStream(t *testing.T) {
	for name, cfg := range map[string]client.Config{
		"alone":   {Transports: []string{client.WebTransport}},
		"base64":  {Transports: []string{client.WebTransport}, ForceBase64: true},
		"upgrade": {},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost()
			srv, url := streamServer(t, h)
			cfg.Stream = streams(srv)
			k := dial(t, url, cfg)
			if name == "upgrade" {
				k.wantUpgrade("webtransport")
			}
			if got := k.conn.Transport(); got != client.WebTransport {
				t.Errorf("transport %q", got)
			}
			for _, n := range []int{0, 1, 125, 126, 511, 512, 65535, 65536, 300_000} {
				m := strings.Repeat("x", n)
				k.send(m)
				k.sendBinary(m)
				k.want("text:"+m, "binary:"+m)
			}
			k.send("burst 500")
			for i := range 500 {
				k.want(fmt.Sprint("text:", i))
			}
			k.send("last")
			k.conn.Close()
			k.wantEnd(client.ForcedClose)
			if r := <-h.closed; r != engine.TransportClose {
				t.Errorf("the server says %q", r)
			}
		})
	}
}

// The server's end, after its last words.
func TestStreamServerEnds(t *testing.T) {
	srv, url := streamServer(t, newHost())
	k := dial(t, url, client.Config{Transports: []string{client.WebTransport}, Stream: streams(srv)})
	k.send("a", "b", "close")
	k.want("text:a", "text:b")
	k.wantEnd(client.TransportClose)
}

// A stream that cannot be opened, and servers that speak nonsense on it.
func TestBadStreams(t *testing.T) {
	cfg := client.Config{Transports: []string{client.WebTransport}}
	cfg.Stream = func(context.Context, string, http.Header) (client.Stream, error) {
		return nil, errors.New("no QUIC here")
	}
	fails(t, "http://memory", cfg, "engine: webtransport: no QUIC here")
	for name, c := range map[string]struct{ bytes, word string }{
		"EOF":            {"", "engine: webtransport"},
		"empty frame":    {"\x00", "without a packet"},
		"too large":      {"\x7f\x00\x00\x00\x00\x10\x00\x00\x00", "too large"},
		"no packet":      {"\x03abc", "no Engine.IO 4 server"},
		"another packet": {"\x024x", "not open"},
		"binary":         {"\x820x", "not open"},
		"not UTF-8":      {"\x024\xff", "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg.Stream = func(context.Context, string, http.Header) (client.Stream, error) {
				near, far := net.Pipe()
				go func() {
					_, _ = far.Read(make([]byte, 10))
					_, _ = io.WriteString(far, c.bytes)
					_ = far.Close()
				}()
				return near, nil
			}
			fails(t, "http://memory", cfg, c.word)
			first := string(eio.AppendFrame(nil, eio.Packet{Type: eio.Open, Data: []byte(goodOpen[1:])}))
			cfg.Stream = func(context.Context, string, http.Header) (client.Stream, error) {
				near, far := net.Pipe()
				go func() {
					_, _ = far.Read(make([]byte, 10))
					_, _ = io.WriteString(far, first+c.bytes)
					_ = far.Close()
				}()
				return near, nil
			}
			k := dial(t, "http://memory", cfg)
			select {
			case f := <-k.ended:
				if f.reason == client.ForcedClose || f.reason == client.PingTimeout {
					t.Errorf("%q, %v", f.reason, f.err)
				}
			case m := <-k.got:
				if name != "another packet" && name != "binary" {
					t.Errorf("got %q", m)
				}
			}
		})
	}
}

// B-113: WebSocket waits 200 ms for WebTransport, and takes over if that does not work.
func TestWebTransportGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := make(chan time.Time, 2)
		s := &script{t: t, open: say(`0{"sid":"a","upgrades":["websocket","webtransport"],"pingInterval":25000,"pingTimeout":20000}`)}
		s.get = func(_ int, w http.ResponseWriter, r *http.Request) {
			<-time.After(time.Second)
			_, _ = io.WriteString(w, "6")
		}
		s.ws = func(p *peer) {
			began <- time.Now()
			p.await("text:2probe")
			p.say("3probe")
			p.await("text:5")
			p.say("4hello")
			p.gone()
		}
		cfg := client.Config{HTTPClient: inMemory(t, s)}
		cfg.Stream = func(ctx context.Context, _ string, _ http.Header) (client.Stream, error) {
			began <- time.Now()
			<-ctx.Done()
			return nil, context.Cause(ctx)
		}
		k := dial(t, "http://memory", cfg)
		k.wantUpgrade("websocket")
		k.want("text:hello")
		first, second := <-began, <-began
		if d := second.Sub(first); d != 200*time.Millisecond {
			t.Errorf("WebSocket began %v later", d)
		}
	})
}
