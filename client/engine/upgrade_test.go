package engine_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// CLI-20
func TestDisableUpgrade(t *testing.T) {
	url := serve(t, engine.Config{}, newHost())
	k := dial(t, url, client.Config{DisableUpgrade: true})
	k.send("x")
	k.want("text:x")
	if got := k.conn.Transport(); got != client.Polling || len(k.upgrades) != 0 {
		t.Errorf("transport %q", got)
	}
	// Nor to what is not asked for, or not offered.
	k = dial(t, url, client.Config{Transports: []string{client.Polling}})
	url = serve(t, engine.Config{DisableUpgrade: true}, newHost())
	k2 := dial(t, url, client.Config{})
	k2.send("x")
	k2.want("text:x")
	if k.conn.Transport() != client.Polling || k2.conn.Transport() != client.Polling || len(k.upgrades)+len(k2.upgrades) != 0 {
		t.Errorf("transports %q, %q", k.conn.Transport(), k2.conn.Transport())
	}
}

// The order of an upgrade on the wire, seen from the server. B-36
func TestUpgradeOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := make(chan string, 100)
		polls, free := make(chan struct{}), make(chan struct{})
		s := &script{t: t}
		s.get = func(n int, w http.ResponseWriter, r *http.Request) {
			log <- "get"
			close(polls)
			<-free
			_, _ = io.WriteString(w, "4by polling\x1e6")
			log <- "get ends"
		}
		s.post = func(w http.ResponseWriter, body string) {
			log <- "post " + body
			_, _ = io.WriteString(w, "ok")
		}
		s.ws = func(p *peer) {
			<-polls // either may be first
			log <- <-p.got
			p.say("3probe")
			<-time.After(time.Second)
			log <- "freed"
			close(free)
			log <- <-p.got
			p.say("4by websocket")
			log <- <-p.got
			log <- <-p.got
			p.gone()
		}
		k := dial(t, "http://memory", client.Config{HTTPClient: inMemory(t, s)})
		<-time.After(500 * time.Millisecond) // the probe was answered
		k.send("held back")
		if k.conn.Writable() {
			t.Error("writable in the midst of an upgrade")
		}
		if err := k.conn.SendVolatile(client.Message{}); err != client.ErrNotWritable {
			t.Errorf("SendVolatile: %v", err)
		}
		if n := k.conn.BufferedAmount(); n != len("held back") {
			t.Errorf("%d bytes are buffered", n)
		}
		k.wantUpgrade("websocket")
		k.want("text:by polling", "text:by websocket")
		k.send("at last")
		synctest.Wait()
		want := []string{"get", "text:2probe", "freed", "get ends", "text:5", "text:4held back", "text:4at last"}
		for _, step := range want {
			if got := <-log; got != step {
				t.Errorf("%q where %q belongs", got, step)
			}
		}
		if len(log) != 0 {
			t.Errorf("%q too much", <-log)
		}
		if !k.conn.Writable() || k.conn.Transport() != client.WebSocket {
			t.Errorf("writable %v, transport %q", k.conn.Writable(), k.conn.Transport())
		}
	})
}

// D8: an upgrade that fails at any of its steps leaves the connection polling, with
// all that was sent meanwhile.
func TestUpgradeFails(t *testing.T) {
	late := func(p *peer) { <-time.After(time.Hour) }
	for name, c := range map[string]struct {
		ws   func(p *peer)
		stay bool // the GET is not freed
		word string
	}{
		"refused":                {nil, false, "status 400, code 3"},
		"closed at once":         {func(*peer) {}, false, "EOF"},
		"silent":                 {late, false, "not done within Config.UpgradeTimeout, 10s"},
		"wrong answer":           {func(p *peer) { p.say("3nope"); p.gone() }, false, "type pong"},
		"a message":              {func(p *peer) { p.say("4x"); p.gone() }, false, "type message"},
		"an open packet":         {func(p *peer) { p.say(goodOpen); p.gone() }, false, "type open"},
		"garbage":                {func(p *peer) { p.say("x"); p.gone() }, false, "unknown packet type"},
		"a bad frame":            {func(p *peer) { p.raw([]byte{0xff, 0xff}); p.gone() }, false, "1002"},
		"closed politely":        {func(p *peer) { p.raw(wsock.AppendClose(nil, 1000, "")); p.gone() }, false, "1000"},
		"closed after the pong":  {func(p *peer) { p.await("text:2probe"); p.say("3probe") }, true, "websocket"},
		"early messages":         {func(p *peer) { p.await("text:2probe"); p.say("3probe", "4x"); p.gone() }, true, "before the upgrade"},
		"the GET is never freed": {func(p *peer) { p.await("text:2probe"); p.say("3probe"); p.gone() }, true, "did not come to rest"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				memory := new(client.Memory)
				posted := make(chan string, 10)
				s := &script{t: t, ws: c.ws}
				over := make(chan struct{})
				s.get = func(n int, w http.ResponseWriter, r *http.Request) {
					select {
					case <-over:
						<-r.Context().Done()
					case m := <-posted:
						_, _ = io.WriteString(w, m)
					case <-r.Context().Done():
					}
				}
				s.post = func(w http.ResponseWriter, body string) {
					posted <- body
					_, _ = io.WriteString(w, "ok")
				}
				k := dial(t, "http://memory", client.Config{HTTPClient: inMemory(t, s), Memory: memory, RememberUpgrade: true})
				if !c.stay {
					k.send("before")
					k.want("text:before")
				}
				k.wantUpgrade("failed: ")
				k.send("after")
				k.want("text:after")
				if got := k.conn.Transport(); got != client.Polling {
					t.Errorf("transport %q", got)
				}
				k.conn.CloseNow()
				k.wantEnd(client.ForcedClose)
			})
		})
		t.Run(name+", the reason", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := dial(t, "http://memory", client.Config{HTTPClient: inMemory(t, &script{t: t, ws: c.ws})})
				if got := <-k.upgrades; !strings.Contains(got, c.word) {
					t.Errorf("%s, want %q in it", got, c.word)
				}
				k.conn.CloseNow()
			})
		})
	}
}

// Messages of both directions arrive once and in order whatever happens to the transport.
func TestOrderThroughUpgrade(t *testing.T) {
	rounds := 30
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		h := newHost()
		arrived := make(chan string, 1<<12)
		h.onMsg = func(s *engine.Session, _ engine.Kind, text string) bool {
			arrived <- text
			return true
		}
		url := serve(t, engine.Config{}, h)
		k := dial(t, url, client.Config{})
		s := <-h.opened
		const n = 600
		go func() {
			for i := range n {
				_ = s.Send(engine.NewText(fmt.Append(nil, i)))
				if i%50 == 0 {
					<-time.After(time.Millisecond)
				}
			}
		}()
		go func() {
			for i := range n {
				if err := k.conn.Send(client.Text, fmt.Append(nil, i)); err != nil {
					t.Error(err)
				}
				if i%50 == 0 {
					<-time.After(time.Millisecond)
				}
			}
		}()
		for i := range n {
			k.want(fmt.Sprint("text:", i))
		}
		for i := range n {
			if got := <-arrived; got != fmt.Sprint(i) {
				t.Fatalf("the server got %q, want %d", got, i)
			}
		}
		k.wantUpgrade("websocket")
		k.conn.CloseNow()
		k.wantDone()
	}
}

// CLI-21 B-114: what worked is remembered by the Memory, and by nothing else.
func TestRememberUpgrade(t *testing.T) {
	url := serve(t, engine.Config{}, newHost())
	began := func(cfg client.Config, what, want string) *talk {
		t.Helper()
		got := ""
		k := newTalk(t)
		k.onOpen = func(c *client.Conn) { got = c.Transport() }
		if k.dial(url, cfg); got != want {
			t.Errorf("%s: it began with %q, want %q", what, got, want)
		}
		return k
	}
	memory := new(client.Memory)
	cfg := client.Config{RememberUpgrade: true, Memory: memory}
	began(cfg, "first", client.Polling).wantUpgrade("websocket")
	began(cfg, "second", client.WebSocket)
	began(client.Config{RememberUpgrade: true}, "without a Memory", client.Polling)
	began(client.Config{RememberUpgrade: true, Memory: new(client.Memory)}, "with another Memory", client.Polling)
	began(client.Config{Memory: memory}, "without RememberUpgrade", client.Polling).wantUpgrade("websocket")
	began(cfg, "third", client.WebSocket)
	began(client.Config{RememberUpgrade: true, Memory: memory, Transports: []string{client.Polling}}, "without WebSocket", client.Polling)
	began(cfg, "after one that only polled", client.Polling).wantUpgrade("websocket")
	began(cfg, "fourth", client.WebSocket)
	fails(t, "http://127.0.0.1:1", cfg, "websocket")
	began(cfg, "after an error", client.Polling)
}

// CLI-22
func TestTryAllTransports(t *testing.T) {
	url := serve(t, engine.Config{Transports: []string{engine.WebSocket}}, newHost())
	fails(t, url, client.Config{}, "engine: polling: ", "code 0")
	k := dial(t, url, client.Config{TryAllTransports: true})
	if got := k.conn.Transport(); got != client.WebSocket {
		t.Errorf("transport %q", got)
	}
	url = serve(t, engine.Config{Transports: []string{engine.Polling}}, newHost())
	k = dial(t, url, client.Config{TryAllTransports: true, Transports: []string{"carrier pigeon", client.WebTransport, client.WebSocket, client.Polling}})
	k.send("x")
	k.want("text:x")
	fails(t, url, client.Config{TryAllTransports: true, Transports: []string{"carrier pigeon", client.WebTransport, client.WebSocket}},
		"carrier pigeon", "Config.Stream is not set", "engine: websocket: ")
}
