package client

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// CLI-12: a connection that is lost while the auth is fetched is lost, no more:
// what AuthFunc makes of its context is no refusal.
func TestAuthOfLostConnection(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		calls := 0
		s := p.m.Socket("/", AuthFunc(func(ctx context.Context) (any, error) {
			if calls++; calls > 1 {
				return nil, nil
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}))
		p.watch(s)
		s.Start()
		l := p.line()
		l.slow = time.Second // until the socket hears of it
		l.end(TransportClose, nil)
		after(time.Second)
		p.expect("connect_error client: the connection ended before / was connected: transport close")
		after(2 * time.Second)
		p.line().say(`0{"sid":"one"}`)
		p.expect("connect one")
	})
}

// CLI-10: whoever is active after a Disconnect and a Start at the same moment
// comes to be connected, and whoever is not stays away.
func TestDisconnectBesideStart(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		keep := p.m.Socket("/keep") // so that the connection stays
		p.join(keep)
		s := p.m.Socket("/s")
		for n := range 2000 {
			l := p.join(s)
			var wg sync.WaitGroup
			wg.Go(s.Disconnect)
			wg.Go(s.Start)
			wg.Wait()
			sent := l.take()
			asked := len(sent) > 0 && sent[len(sent)-1] == "0/s,"
			if s.Active() != (s.Connected() || asked) {
				t.Fatalf("round %d: active %v, connected %v, sent %q", n, s.Active(), s.Connected(), sent)
			}
			if asked {
				l.say(`0/s,{"sid":"two"}`)
			}
			s.Disconnect()
			l.take()
		}
	})
}

// Close in a handler or listener cannot wait for its own caller, and says so.
func TestCloseInHandler(t *testing.T) {
	for name, hang := range map[string]func(p *script, s *Socket, f func()){
		"handler":      func(_ *script, s *Socket, f func()) { s.OnAny(func(context.Context, *Event) { f() }) },
		"OnConnect":    func(_ *script, s *Socket, f func()) { s.OnConnect(f) },
		"OnDisconnect": func(_ *script, s *Socket, f func()) { s.OnDisconnect(func(DisconnectReason, error) { f() }) },
		"OnClose":      func(p *script, _ *Socket, f func()) { p.m.OnClose(func(DisconnectReason, error) { f() }) },
		"AuthFunc": func(_ *script, s *Socket, f func()) {
			AuthFunc(func(context.Context) (any, error) { f(); return nil, nil })(&s.opt)
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, Config{}, func(t *testing.T, p *script) {
				s := p.m.Socket("/")
				var once sync.Once
				got := make(chan error, 1)
				hang(p, s, func() { once.Do(func() { got <- p.m.Close(context.Background()) }) })
				s.Start()
				l := p.line()
				if name != "AuthFunc" {
					l.say(`0{"sid":"one"}`)
				}
				synctest.Wait()
				if name != "AuthFunc" && name != "OnConnect" {
					l.say(`2["news"]`)
					synctest.Wait()
					l.end(TransportClose, nil)
				}
				if err := <-got; !errors.Is(err, ErrInHandler) {
					t.Errorf("Close: %v", err)
				}
				if !l.closed() {
					t.Error("the connection is open")
				}
				if err := s.Emit("late"); !errors.Is(err, ErrClosed) {
					t.Errorf("Emit: %v", err)
				}
			})
		})
	}
}

// P5: a server that announces attachments and does not send them.
func TestAttachmentsLate(t *testing.T) {
	play(t, Config{AttachmentTimeout: time.Minute}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		p.watch(s)
		l := p.join(s)
		p.expect("connect id/")
		for range 3 { // as long as they come, it may take long
			l.say(`52-["news",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`)
			after(59 * time.Second)
			l.say("b1")
			after(59 * time.Second)
			l.say("b2")
			p.expect("event news")
			after(time.Hour)
		}
		if l.closed() {
			t.Fatal("the connection is closed")
		}
		l.say(`51-["news",{"_placeholder":true,"num":0}]`)
		after(time.Minute + 1)
		if !l.closed() {
			t.Fatal("the connection is open")
		}
		p.expect("disconnect parse error")
	})
	play(t, Config{AttachmentTimeout: -1}, func(t *testing.T, p *script) {
		l := p.join(p.m.Socket("/"))
		l.say(`51-["news",{"_placeholder":true,"num":0}]`)
		after(24 * time.Hour)
		if l.closed() {
			t.Error("the connection is closed")
		}
	})
}

// CLI-16: nothing is asked for whoever has stopped waiting already.
func TestAskWithDeadContext(t *testing.T) {
	for _, opts := range [][]Option{nil, {Retries(2)}} {
		play(t, Config{}, func(t *testing.T, p *script) {
			s := p.m.Socket("/", opts...)
			l := p.join(s)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := s.EmitWithAck(ctx, "late"); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
			ctx, cancel = context.WithTimeout(t.Context(), -1)
			defer cancel()
			if _, err := s.EmitWithAck(ctx, "late"); !errors.Is(err, ErrAckTimeout) {
				t.Errorf("%v", err)
			}
			done := make(chan error, 1)
			if err := s.EmitAckFunc(ctx, func(_ Reply, err error) { done <- err }, "late"); err != nil {
				t.Error(err)
			}
			if err := <-done; !errors.Is(err, ErrAckTimeout) {
				t.Errorf("%v", err)
			}
			l.expect(t)
		})
	}
}

// What no attempt can mend is told at once, not tried for ever.
func TestTransportsThatAreNone(t *testing.T) {
	for _, name := range []string{"websockets", "webtransport", ""} {
		s := New("http://127.0.0.1:1", Config{Transports: []string{"polling", name}})
		if err := s.Connect(t.Context()); err == nil || !strings.Contains(err.Error(), "Config.Transports: \""+name) || s.Active() {
			t.Errorf("%q: %v", name, err)
		}
		if err := s.Manager().Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// Addresses that people write: what is meant, or what to write instead.
func TestAddressesAsPeopleWriteThem(t *testing.T) {
	for raw, want := range map[string]string{
		"localhost:3000":           "http://localhost:3000",
		"127.0.0.1:3000":           "http://127.0.0.1:3000",
		"chat.example":             "http://chat.example",
		"chat.example/room":        "http://chat.example/room",
		"::1":                      "https://host:port",
		"http//chat.example":       "https://host:port",
		"file:///etc/passwd":       "https://host:port",
		"http://":                  "https://host:port",
		"http://a b/":              "https://host:port",
		"ftp://chat.example/a/b/c": "https://host:port",
	} {
		s := New(raw, Config{})
		if err := s.Connect(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", raw, err)
		}
		if err := s.Manager().Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
