package engine_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// unread is how many goroutines n silent connections with a Watch may have.
func unread(n int) int {
	if runtime.GOOS == "linux" {
		return 1
	}
	return n
}

// unwatched waits until the Watch has no goroutine left.
func unwatched(t *testing.T, w *client.Watch) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience())
	defer cancel()
	if err := w.Wait(ctx); err != nil {
		t.Errorf("Wait: %v", err)
	}
}

// Silent connections that share a Watch have one goroutine, and wake for whatever
// comes, and for their own end.
func TestWatch(t *testing.T) {
	hc := &http.Client{Transport: &http.Transport{}}
	before := runtime.NumGoroutine()
	for _, one := range []struct {
		name  string
		first string
		act   func(t *testing.T, server *crowd, all []*talk)
		want  client.Reason
	}{
		{"messages", goodOpen, func(t *testing.T, server *crowd, all []*talk) {
			for range 3 {
				server.say("4hello")
				for _, k := range all {
					k.want("text:hello")
					k.send("hello")
				}
			}
			server.say("1")
		}, client.TransportClose},
		{"pings", goodOpen, func(t *testing.T, server *crowd, all []*talk) {
			server.say("2")
			for _, k := range all {
				select {
				case <-k.pings:
				case <-time.After(patience()):
					t.Fatal("a ping was not seen")
				}
			}
			server.say("1")
		}, client.TransportClose},
		{"cut", goodOpen, func(_ *testing.T, server *crowd, _ []*talk) { server.cut() }, client.TransportClose},
		{"no heartbeat", strings.NewReplacer("25000", "400", "20000", "100").Replace(goodOpen),
			func(*testing.T, *crowd, []*talk) {}, client.PingTimeout},
		{"nonsense", goodOpen, func(_ *testing.T, server *crowd, _ []*talk) { server.say("x") }, client.ParseError},
		{"CloseNow", goodOpen, func(_ *testing.T, _ *crowd, all []*talk) {
			for _, k := range all {
				k.conn.CloseNow()
			}
		}, client.ForcedClose},
		{"Close", goodOpen, func(_ *testing.T, _ *crowd, all []*talk) {
			for _, k := range all {
				k.conn.Close() // whose goodbye this server does not answer
			}
		}, client.ForcedClose},
	} {
		t.Run(one.name, func(t *testing.T) {
			server := newCrowdSaying(t, one.first)
			others := runtime.NumGoroutine()
			var watch client.Watch
			var all []*talk
			const n = 20
			for range n {
				k := newTalk(t)
				all = append(all, k.dial("http://"+server.l.Addr().String(), client.Config{
					Transports: []string{client.WebSocket}, HTTPClient: hc, Watch: &watch, CloseTimeout: 100 * time.Millisecond,
				}))
			}
			until(t, "all are silent", func() bool { return runtime.NumGoroutine() <= others+unread(n)+2 }) // two that dial, of net/http
			one.act(t, server, all)
			for _, k := range all {
				_ = k.wantEnd(one.want)
			}
			unwatched(t, &watch)
		})
	}
	hc.CloseIdleConnections()
	until(t, "all goroutines are gone", func() bool { return runtime.NumGoroutine() <= before })
}

// TestWatchBlockedReceiver: one that blocks holds up no other connection.
func TestWatchBlockedReceiver(t *testing.T) {
	server := newCrowd(t)
	var watch client.Watch
	may := make(chan struct{})
	cfg := client.Config{Transports: []string{client.WebSocket}, Watch: &watch}
	var all []*talk
	for i := range 10 {
		k := newTalk(t)
		if i%2 == 0 {
			k.onMsg = func(client.Kind, string) { <-may }
		}
		all = append(all, k.dial("http://"+server.l.Addr().String(), cfg))
	}
	server.say("4hello")
	for i, k := range all {
		if i%2 == 1 {
			k.want("text:hello")
		}
	}
	gone, stop := context.WithCancel(context.Background())
	stop()
	if err := watch.Wait(gone); err != context.Canceled {
		t.Errorf("Wait beside open connections: %v", err)
	}
	close(may)
	for i, k := range all {
		if i%2 == 0 {
			k.want("text:hello")
		}
		k.conn.CloseNow()
		_ = k.wantEnd(client.ForcedClose)
	}
	unwatched(t, &watch)
}

// TestWatchChangesNothing: connections that a Watch cannot wait for work with
// one, as do those that upgrade to what it can.
func TestWatchChangesNothing(t *testing.T) {
	var watch client.Watch
	echo := func(t *testing.T, url string, cfg client.Config) {
		cfg.Watch = &watch
		k := newTalk(t).dial(url, cfg)
		for _, text := range []string{"one", "two", strings.Repeat("x", 100_000)} {
			k.send(text)
			k.want("text:" + text)
		}
		k.conn.Close()
		_ = k.wantEnd(client.ForcedClose)
	}
	t.Run("modes", func(t *testing.T) {
		eachMode(t, func(t *testing.T, cfg client.Config) { echo(t, serve(t, engine.Config{}, newHost()), cfg) })
	})
	t.Run("TLS", func(t *testing.T) {
		srv := engine.NewServer(engine.Config{Logger: quiet()}, newHost())
		web := httptest.NewUnstartedServer(srv)
		web.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
		web.StartTLS()
		defer web.Close()
		echo(t, web.URL, client.Config{Transports: []string{client.WebSocket}, HTTPClient: web.Client()})
		if err := srv.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
	unwatched(t, &watch)
}

// TestWatchPong: a silent connection answers the pings of WebSocket itself.
func TestWatchPong(t *testing.T) {
	server := newCrowd(t)
	var watch client.Watch
	k := newTalk(t).dial("http://"+server.l.Addr().String(), client.Config{Transports: []string{client.WebSocket}, Watch: &watch})
	server.mu.Lock()
	nc := server.conns[0]
	server.mu.Unlock()
	_ = nc.SetDeadline(time.Now().Add(patience()))
	if _, err := nc.Write(wsock.AppendFrame(nil, wsock.Ping, []byte("abc"))); err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 2+4+3)
	if _, err := nc.Read(head); err != nil || head[0] != 0x80|byte(wsock.Pong) || head[1] != 0x80|3 {
		t.Errorf("a ping was answered with % x, %v", head, err)
	}
	k.conn.CloseNow()
	_ = k.wantEnd(client.ForcedClose)
	unwatched(t, &watch)
}
