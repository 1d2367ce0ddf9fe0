package engine_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
)

// What is queued is sent before the end, in each mode; then nothing is, and the
// server knows.
func TestCloseSendsWhatIsQueued(t *testing.T) {
	eachMode(t, func(t *testing.T, cfg client.Config) {
		h := newHost()
		arrived := make(chan string, 1000)
		h.onMsg = func(s *engine.Session, _ engine.Kind, text string) bool {
			arrived <- text
			return false
		}
		url := serve(t, engine.Config{}, h)
		k := dial(t, url, cfg) // in "upgrade" mode that is under way now
		large := strings.Repeat("x", 500_000)
		for range 100 {
			k.send("a")
		}
		k.send(large)
		k.conn.Close()
		if s := k.conn.ReadyState(); s != client.Closing && s != client.Closed {
			t.Errorf("ready state %v", s)
		}
		if err := k.conn.Send(client.Text, nil); err != client.ErrClosed {
			t.Errorf("Send behind Close: %v", err)
		}
		k.conn.Close()
		k.wantEnd(client.ForcedClose)
		k.conn.Close()
		k.conn.CloseNow()
		for range 100 {
			if got := <-arrived; got != "a" {
				t.Fatalf("got %.80q", got)
			}
		}
		if got := <-arrived; got != large {
			t.Fatalf("got %.80q", got)
		}
		if r := <-h.closed; r != engine.TransportClose {
			t.Errorf("the server says %q", r)
		}
	})
}

// Close and CloseNow within the Receiver, at each of its calls.
func TestCloseWithin(t *testing.T) {
	for name, end := range map[string]func(*client.Conn){"Close": (*client.Conn).Close, "CloseNow": (*client.Conn).CloseNow} {
		eachMode(t, func(t *testing.T, cfg client.Config) {
			h := newHost()
			h.onOpen = func(s *engine.Session) { _ = s.Send(engine.NewText([]byte("1")), engine.NewText([]byte("2"))) }
			url := serve(t, engine.Config{}, h)
			k := newTalk(t)
			k.onOpen = end
			k.dial(url, cfg).wantEnd(client.ForcedClose)
			if len(k.got) != 0 {
				t.Errorf("%s in Opened: got %q behind it", name, <-k.got)
			}
			k = newTalk(t)
			k.onMsg = func(client.Kind, string) { end(k.conn) }
			k.dial(url, cfg).want("text:1")
			k.wantEnd(client.ForcedClose)
			if len(k.got) != 0 {
				t.Errorf("%s in Message: got %q behind it", name, <-k.got)
			}
		})
	}
}

// A panic of the application ends its connection, is logged, and hurts nobody else. C18
func TestPanics(t *testing.T) {
	for _, transport := range []string{client.Polling, client.WebSocket} {
		for _, where := range []string{"Opened", "Message"} {
			var log strings.Builder
			h := newHost()
			h.onOpen = func(s *engine.Session) { _ = s.Send(engine.NewText([]byte("1"))) }
			url := serve(t, engine.Config{}, h)
			k := newTalk(t)
			if where == "Opened" {
				k.onOpen = func(*client.Conn) { panic("oh no") }
			} else {
				k.onMsg = func(client.Kind, string) { panic("oh no") }
			}
			k.dial(url, client.Config{Transports: []string{transport}, Logger: logTo(&log)})
			if err := k.wantEnd(client.TransportError); err == nil || !strings.Contains(err.Error(), "oh no") {
				t.Errorf("%s: error %v", where, err)
			}
			if !strings.Contains(log.String(), "oh no") || !strings.Contains(log.String(), "close_test.go") {
				t.Errorf("%s: the log has no trace of it: %q", where, log.String())
			}
		}
	}
}

// A server that does not answer a goodbye, or takes nothing at all, is waited for
// as long as CloseTimeout says.
func TestCloseTimeout(t *testing.T) {
	for name, c := range map[string]struct {
		transport string
		reads     bool
		queued    int
	}{
		"websocket, unanswered":    {client.WebSocket, true, 10},
		"websocket, does not read": {client.WebSocket, false, 300_000},
		"polling":                  {client.Polling, true, 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hc := mute(t, c.reads)
				if c.transport == client.Polling {
					hc = inMemory(t, &script{t: t, post: func(w http.ResponseWriter, body string) { <-time.After(time.Hour) }})
				}
				k := dial(t, "http://memory", client.Config{HTTPClient: hc, Transports: []string{c.transport}, WriteTimeout: time.Minute})
				k.send(strings.Repeat("x", c.queued))
				before := time.Now()
				k.conn.Close()
				k.wantEnd(client.ForcedClose)
				if d := time.Since(before); d != 5*time.Second {
					t.Errorf("it took %v", d)
				}
			})
		})
	}
}

// mute answers one WebSocket handshake and says nothing after it.
func mute(t *testing.T, reads bool) *http.Client {
	near, far := net.Pipe()
	t.Cleanup(func() { _ = far.Close() })
	go func() {
		buf := make([]byte, 4096)
		n, _ := far.Read(buf)
		_, key, _ := strings.Cut(string(buf[:n]), "Sec-Websocket-Key: ")
		key, _, _ = strings.Cut(key, "\r\n")
		_, _ = io.WriteString(far, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+acceptKey(key)+"\r\n\r\n\x81\x7e\x00"+string(rune(len(goodOpen)))+goodOpen)
		if reads {
			_, _ = io.Copy(io.Discard, far)
		}
	}()
	return &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}}
}

// A server that takes nothing ends the connection after WriteTimeout.
func TestWriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := dial(t, "http://memory", client.Config{HTTPClient: mute(t, false), Transports: []string{client.WebSocket}, WriteTimeout: 3 * time.Second})
		before := time.Now()
		k.send(strings.Repeat("x", 300_000))
		if n := k.conn.BufferedAmount(); n != 300_000 {
			t.Errorf("%d bytes are buffered", n)
		}
		if err := k.wantEnd(client.TransportError); err == nil || !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "timeout") {
			t.Errorf("error %v", err)
		}
		if d := time.Since(before); d != 3*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// A POST that is never answered ends the connection after RequestTimeout, and
// HTTPClient.Timeout counts for it, too, but not for the GET that waits.
func TestRequestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{t: t, post: func(w http.ResponseWriter, body string) { <-time.After(time.Hour) }}
		hc := inMemory(t, s)
		hc.Timeout = 2 * time.Second
		k := dial(t, "http://memory", client.Config{HTTPClient: hc, DisableUpgrade: true})
		<-time.After(30 * time.Second)
		if k.conn.ReadyState() != client.Open {
			t.Fatal("the client's timeout ended a GET")
		}
		before := time.Now()
		k.send("x")
		if err := k.wantEnd(client.TransportError); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if d := time.Since(before); d != 2*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// D11: a Dial whose context ends returns at once, at each of its steps, and leaves nothing.
func TestDialIsCancelled(t *testing.T) {
	wait := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, c := range map[string]struct {
		s         *script
		transport string
	}{
		"polling":              {&script{open: wait}, client.Polling},
		"websocket, no 101":    {&script{other: wait}, client.WebSocket},
		"websocket, no packet": {&script{ws: func(p *peer) { p.gone() }}, client.WebSocket},
		"all":                  {&script{open: wait}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.s.t = t
				cfg := client.Config{HTTPClient: inMemory(t, c.s), Logger: quiet(), TryAllTransports: true}
				if c.transport != "" {
					cfg.Transports = []string{c.transport}
				}
				because := errors.New("because")
				for _, ends := range []func() (context.Context, context.CancelFunc){
					func() (context.Context, context.CancelFunc) {
						return context.WithTimeoutCause(t.Context(), time.Second, because)
					},
					func() (context.Context, context.CancelFunc) {
						ctx, cancel := context.WithCancelCause(t.Context())
						time.AfterFunc(time.Second, func() { cancel(because) })
						return ctx, func() {}
					},
				} {
					ctx, cancel := ends()
					before := time.Now()
					conn, err := client.Dial(ctx, "http://memory", cfg, newTalk(t))
					cancel()
					if conn != nil || !errors.Is(err, because) || time.Since(before) != time.Second {
						t.Errorf("after %v: %v", time.Since(before), err)
					}
					// And before it began.
					if _, err = client.Dial(ctx, "http://memory", cfg, newTalk(t)); !errors.Is(err, because) {
						t.Errorf("second Dial: %v", err)
					}
				}
			})
		})
	}
}

// The context of Dial bounds nothing but Dial.
func TestContextOfDial(t *testing.T) {
	url := serve(t, engine.Config{}, newHost())
	for _, transport := range []string{client.Polling, client.WebSocket} {
		ctx, cancel := context.WithCancel(t.Context())
		k := newTalk(t)
		c, err := client.Dial(ctx, url, client.Config{Transports: []string{transport}, Logger: quiet()}, k)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		k.send("still here")
		k.want("text:still here")
		c.Close()
		k.wantEnd(client.ForcedClose)
		if cause := context.Cause(c.Context()); cause != client.ForcedClose {
			t.Errorf("the context's cause is %v", cause)
		}
	}
}

// C17: a host that never existed, URLs that are none.
func TestNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := "http://" + l.Addr().String()
	_ = l.Close()
	for _, transport := range []string{client.Polling, client.WebSocket} {
		cfg := client.Config{Transports: []string{transport}}
		fails(t, free, cfg, "connection refused", "engine: "+transport)
		fails(t, "http://nobody.invalid", cfg, "engine: "+transport)
		fails(t, "http://user:secret@nobody.invalid:99999", cfg, "invalid port")
	}
	for url, word := range map[string]string{
		"":                     "scheme",
		"localhost":            "scheme",
		"localhost:3000":       "scheme",
		"127.0.0.1:3000":       "cannot be read",
		"ftp://example.com":    `"ftp"`,
		"http://":              "no host",
		"http:/engine.io":      "no host",
		"http://[::1":          "cannot be read",
		"http://u:pw@%zz:80/x": "cannot be read",
	} {
		if err := fails(t, url, client.Config{}, "engine: ", word); strings.Contains(err.Error(), "pw") {
			t.Errorf("%s: the error tells a password: %v", url, err)
		}
	}
}

// The end as the server brings it about.
func TestServerEnds(t *testing.T) {
	eachMode(t, func(t *testing.T, cfg client.Config) {
		url := serve(t, engine.Config{}, newHost())
		k := dial(t, url, cfg)
		if cfg.Transports == nil {
			k.wantUpgrade("websocket")
		}
		k.send("x", "close")
		k.want("text:x")
		k.wantEnd(client.TransportClose)
	})
}
