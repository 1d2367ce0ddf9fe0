package engine_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
)

// CLI-31: pings are answered, on each transport and for hours.
func TestHeartbeat(t *testing.T) {
	for _, transport := range []string{client.Polling, client.WebSocket} {
		t.Run(transport, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHost()
				hc := serveInMemory(t, engine.Config{}, h)
				k := dial(t, "http://memory", client.Config{HTTPClient: hc, Transports: []string{transport}})
				for range 200 {
					<-k.pings
				}
				k.send("still here")
				k.want("text:still here")
				k.conn.CloseNow()
				k.wantEnd(client.ForcedClose)
			})
		})
	}
}

// CLI-31 X8: a silent server is given up after pingInterval + pingTimeout, whichever
// of the two is longer.
func TestPingTimeout(t *testing.T) {
	for _, transport := range []string{client.Polling, client.WebSocket} {
		for _, c := range []struct{ interval, timeout time.Duration }{
			{25 * time.Second, 20 * time.Second},
			{25 * time.Second, 5 * time.Second},
			{time.Millisecond, time.Millisecond},
			{time.Hour, time.Minute},
		} {
			t.Run(fmt.Sprint(transport, c.interval, c.timeout), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					open := fmt.Sprintf(`0{"sid":"a","upgrades":[],"pingInterval":%d,"pingTimeout":%d}`, c.interval.Milliseconds(), c.timeout.Milliseconds())
					s := &script{t: t, open: say(open), get: answers(), ws: func(p *peer) { p.say(open); p.gone() }}
					k := dial(t, "http://memory", client.Config{HTTPClient: inMemory(t, s), Transports: []string{transport}})
					before := time.Now()
					k.wantEnd(client.PingTimeout)
					if d := time.Since(before); d != c.interval+c.timeout {
						t.Errorf("given up after %v, want %v", d, c.interval+c.timeout)
					}
				})
			})
		}
	}
}

// A server that drips a byte a minute is as good as silent, wherever it does it.
func TestDripping(t *testing.T) {
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, "4")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-time.After(time.Minute):
			case <-r.Context().Done():
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		s := &script{t: t, get: func(_ int, w http.ResponseWriter, r *http.Request) { drip(w, r) }}
		hc := inMemory(t, s)
		k := dial(t, "http://memory", client.Config{HTTPClient: hc, DisableUpgrade: true})
		before := time.Now()
		k.wantEnd(client.PingTimeout)
		if d := time.Since(before); d != 45*time.Second {
			t.Errorf("given up after %v", d)
		}
		s.open = drip
		before = time.Now()
		fails(t, "http://memory", client.Config{HTTPClient: hc}, "no answer within 20s")
		if d := time.Since(before); d != 20*time.Second {
			t.Errorf("given up after %v", d)
		}
		s.ws = func(p *peer) {
			for _, b := range []byte("\x81\x20" + goodOpen) {
				p.raw([]byte{b})
				<-time.After(time.Minute)
			}
		}
		before = time.Now()
		fails(t, "http://memory", client.Config{HTTPClient: hc, Transports: []string{client.WebSocket}}, "no answer within 20s")
		if d := time.Since(before); d != 20*time.Second {
			t.Errorf("given up after %v", d)
		}
	})
}

// The ping that lies unread behind a slow Receiver is not held against the server.
func TestSlowReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := `0{"sid":"a","upgrades":[],"pingInterval":1000,"pingTimeout":1000}`
		s := &script{t: t, ws: func(p *peer) {
			p.say(open, "4slow")
			for range 60 {
				<-time.After(time.Second)
				p.say("2")
			}
			p.say("4next")
			p.gone()
		}}
		k := newTalk(t)
		k.onMsg = func(_ client.Kind, text string) {
			if text == "slow" {
				<-time.After(59500 * time.Millisecond)
			}
			if err := k.conn.Send(client.Text, []byte("x")); err != nil {
				t.Error(err)
			}
		}
		k.dial("http://memory", client.Config{HTTPClient: inMemory(t, s), Transports: []string{client.WebSocket}})
		k.want("text:slow", "text:next")
	})
}

// CLI-31 B-112: a message of somebody who wakes up after the deadline is refused, not
// lost, and the connection ends.
func TestOverdue(t *testing.T) {
	for name, use := range map[string]func(*client.Conn) error{
		"Send":         func(c *client.Conn) error { return c.Send(client.Text, []byte("lost")) },
		"SendVolatile": func(c *client.Conn) error { return c.SendVolatile(client.Message{}) },
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, engine.Config{}, newHost())
			k := dial(t, url, client.Config{Transports: []string{client.WebSocket}})
			if !k.conn.Writable() {
				t.Error("not writable in time")
			}
			k.conn.Oversleep()
			if k.conn.Writable() {
				t.Error("writable though overdue")
			}
			if err := use(k.conn); err != client.ErrClosed {
				t.Errorf("%s: %v", name, err)
			}
			k.wantEnd(client.PingTimeout)
		})
	}
}
