package client

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// CLI-10: connect, id, connected, active; emits before and after; the last
// socket that leaves closes the connection.
func TestConnectAndDisconnect(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("")
		p.watch(s)
		if s.Active() || s.Connected() || s.ID() != "" {
			t.Error("a socket connects by itself")
		}
		s.Start()
		s.Start()
		l := p.line()
		l.expect(t, "0")
		if !s.Active() || s.Connected() {
			t.Error("a socket is connected before the server says so")
		}
		l.say(`0{"sid":"one"}`)
		p.expect("connect one")
		if !s.Connected() || s.ID() != "one" || s.Recovered() || p.m.Transport() != "script" {
			t.Error("connected, and does not know")
		}
		if err := s.Emit("hello", 1, "two", []byte("three")); err != nil {
			t.Error(err)
		}
		l.expect(t, `51-["hello",1,"two",{"_placeholder":true,"num":0}]`, "bthree")
		l.say(`0{"sid":"two"}`) // says it twice
		if s.ID() != "one" {
			t.Error("a second CONNECT counts")
		}
		s.Disconnect()
		s.Disconnect()
		p.expect("disconnect io client disconnect")
		l.expect(t, "1")
		if s.Active() || s.Connected() || s.ID() != "" || !l.closed() || p.m.Transport() != "" {
			t.Error("disconnected, and does not know")
		}
		after(time.Hour)
		if p.dials != 1 { // B-107 D13
			t.Errorf("%d connections", p.dials)
		}
		p.join(s)
		p.expect("connect id/")
		if p.dials != 2 {
			t.Errorf("%d connections", p.dials)
		}
	})
}

// CLI-03 CLI-09: the first attempt is repeated like any other, and what
// happens is told in the order of the official client.
func TestReconnection(t *testing.T) {
	cfg := Config{RandomizationFactor: -1, ReconnectionAttempts: 5}
	play(t, cfg, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		p.watch(s)
		p.m.OnOpen(func() { p.note("open") })
		p.m.OnClose(func(why DisconnectReason, _ error) { p.note("close %s", why) })
		p.m.OnReconnectAttempt(func(n int) { p.note("reconnect_attempt %d", n) })
		p.m.OnReconnect(func(n int) { p.note("reconnect %d", n) })
		p.m.OnReconnectError(func(err error) { p.note("reconnect_error %v", err) })
		p.m.OnReconnectFailed(func() { p.note("reconnect_failed") })
		p.refusing(true)
		s.Start()
		p.expect("connect_error refused by the script")
		after(time.Second)
		synctest.Wait()
		p.mu.Lock()
		if len(p.log) != 3 || p.log[0] != "reconnect_attempt 1" { // those of sockets and of the manager run side by side
			t.Errorf("happened: %q", p.log)
		}
		p.log, p.refuse = nil, false
		p.mu.Unlock()
		after(2 * time.Second)
		p.expect("reconnect_attempt 2", "open", "reconnect 2")
		l := p.line()
		l.say(`0{"sid":"x"}`)
		p.expect("connect x")

		began := time.Now()
		p.refusing(true)
		l.end(TransportClose, nil)
		synctest.Wait()
		if !s.Active() || s.Connected() {
			t.Error("a socket whose connection is lost stays active")
		}
		err := s.Connect(t.Context())
		if d := time.Since(began); d != 1*time.Second+2*time.Second+4*time.Second+5*time.Second+5*time.Second {
			t.Errorf("five attempts took %v", d)
		}
		if !errors.Is(err, ErrReconnectFailed) || !errors.Is(err, errRefused) || s.Active() {
			t.Errorf("Connect: %v", err)
		}
		synctest.Wait()
		p.mu.Lock()
		if all := strings.Join(p.log, "\n"); strings.Count(all, "reconnect_attempt") != 5 || strings.Count(all, "reconnect_error") != 5 ||
			strings.Count(all, "reconnect_failed") != 1 || !strings.Contains(all, "disconnect transport close") || !strings.Contains(all, "close transport close") {
			t.Errorf("happened: %q", all)
		}
		p.log = nil
		p.mu.Unlock()
		p.refusing(false)
		p.join(s) // given up is not for ever
		p.expect("open", "connect id/")
	})
}

// CLI-04: without reconnection, one attempt.
func TestNoReconnection(t *testing.T) {
	play(t, Config{DisableReconnection: true}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		p.refusing(true)
		if err := s.Connect(t.Context()); !errors.Is(err, errRefused) || s.Active() {
			t.Errorf("Connect: %v", err)
		}
		p.refusing(false)
		l := p.join(s)
		l.end(PingTimeout, nil)
		after(time.Hour)
		if s.Active() || p.dials != 2 {
			t.Errorf("%d connections", p.dials)
		}
	})
}

// B-104 CLI-05 CLI-06: waits grow, are spread, and keep their spread at the longest.
func TestBackoff(t *testing.T) {
	b := backoff{first: time.Second, longest: 5 * time.Second, factor: 2, jitter: 0.5}
	for n, bounds := range [][2]float64{{0.5, 1.5}, {1, 3}, {2, 5}, {2.5, 5}, {2.5, 5}} {
		low, high := time.Hour, time.Duration(0)
		for range 2000 {
			d := b.delay(n)
			low, high = min(low, d), max(high, d)
		}
		width := bounds[1] - bounds[0]
		if low.Seconds() < bounds[0] || high.Seconds() > bounds[1] || high.Seconds()-low.Seconds() < 0.9*width {
			t.Errorf("attempt %d waits from %v to %v, want %v", n, low, high, bounds)
		}
	}
	b.jitter = 0
	for n, want := range []time.Duration{1, 2, 4, 5, 5} {
		if d := b.delay(n); d != want*time.Second {
			t.Errorf("attempt %d waits %v", n, d)
		}
	}
	if d := b.delay(1 << 20); d != b.longest {
		t.Errorf("very late attempts wait %v", d)
	}
}

// B-105: the listener of an attempt may cancel it.
func TestAttemptCancelled(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		p.m.OnReconnectAttempt(func(int) { s.Disconnect() })
		p.join(s).end(TransportError, nil)
		after(time.Hour)
		if p.dials != 1 || s.Active() {
			t.Errorf("%d connections", p.dials)
		}
	})
}

// B-106: a refused socket does not try again by itself, others are not
// concerned, and the last one takes the connection with it.
func TestRefusal(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s, other := p.m.Socket("/private"), p.m.Socket("/")
		p.watch(s)
		l := p.join(other)
		done := make(chan error, 1)
		go func() { done <- s.Connect(t.Context()) }()
		l.expect(t, "0/private,")
		l.say(`4/private,{"message":"who are you?","data":{"code":401}}`)
		err := <-done
		refusal, ok := errors.AsType[*ConnectError](err)
		var data struct{ Code int }
		if !ok || refusal.Message != "who are you?" || refusal.DecodeData(&data) != nil || data.Code != 401 {
			t.Errorf("Connect: %v", err)
		}
		p.expect("connect_error client: the server refuses /private: who are you?")
		after(time.Hour)
		if s.Active() || !other.Connected() || l.closed() {
			t.Error("a refusal concerns one socket")
		}
		for _, payload := range []string{`"text"`, `{"message":7}`, ``, `{}`} { // B-79 and rubbish
			s.Start()
			l.expect(t, "0/private,")
			l.say("4/private," + payload)
			synctest.Wait()
			if s.Active() {
				t.Errorf("refused with %q and still active", payload)
			}
		}
		other.Disconnect()
		if !l.closed() {
			t.Error("the connection stays open for nobody")
		}
	})
}

// B-107 CLI-08: the server's DISCONNECT is for one namespace, and for good.
func TestThrownOut(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		a, b := p.m.Socket("/a"), p.m.Socket("/b")
		p.watch(a)
		p.watch(b)
		l := p.join(a)
		p.join(b)
		p.expect("connect id/a", "connect id/b")
		l.say("1/a,")
		p.expect("disconnect io server disconnect")
		after(time.Hour)
		if a.Active() || !b.Connected() || l.closed() {
			t.Error("thrown out of one namespace, and not of that alone")
		}
		l.say("1/b,", "1/b,", `2/b,["late"]`)
		p.expect("disconnect io server disconnect")
		if !l.closed() || p.dials != 1 {
			t.Error("the connection stays open for nobody")
		}
	})
}

// CLI-07: an attempt that takes too long.
func TestConnectTimeout(t *testing.T) {
	play(t, Config{DisableReconnection: true}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		p.watch(s)
		p.hang = true
		began := time.Now()
		err := s.Connect(t.Context())
		if !errors.Is(err, ErrConnectTimeout) || time.Since(began) != 20*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		synctest.Wait()
		p.mu.Lock()
		log := p.log
		p.log = nil
		p.mu.Unlock()
		if len(log) != 2 || log[0] != "connect_timeout" || !strings.HasPrefix(log[1], "connect_error client: timeout") {
			t.Errorf("happened: %q", log)
		}
	})
}

// CLI-35: Connect waits as long as its context, which does not end the attempts.
func TestConnectContext(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		p.refusing(true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := s.Connect(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errRefused) {
			t.Errorf("Connect: %v", err)
		}
		p.refusing(false)
		after(10 * time.Second)
		p.line().say(`0{"sid":"x"}`)
		if err := s.Connect(ctx); err != nil || !s.Connected() { // ready at once, whatever ctx
			t.Errorf("Connect: %v", err)
		}
	})
}

// D11 C17: Close ends the wait before an attempt, an attempt, and may come twice.
func TestCloseInBetween(t *testing.T) {
	for name, set := range map[string]func(p *script){
		"waiting":    func(p *script) { p.refusing(true) },
		"dialling":   func(p *script) { p.hang = true },
		"unanswered": func(*script) {},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, Config{}, func(t *testing.T, p *script) {
				set(p)
				s := p.m.Socket("/")
				done := make(chan error, 1)
				go func() { done <- s.Connect(context.Background()) }()
				synctest.Wait()
				began := time.Now()
				go func() { _ = p.m.Close(context.Background()) }()
				if err := p.m.Close(context.Background()); err != nil || time.Since(began) != 0 {
					t.Errorf("Close took %v: %v", time.Since(began), err)
				}
				if err := <-done; !errors.Is(err, ErrClosed) && !errors.Is(err, ErrDisconnected) {
					t.Errorf("Connect: %v", err)
				}
				if err := s.Connect(context.Background()); !errors.Is(err, ErrClosed) {
					t.Errorf("Connect afterwards: %v", err)
				}
				if err := s.Emit("x"); !errors.Is(err, ErrClosed) {
					t.Errorf("Emit afterwards: %v", err)
				}
				if _, err := s.EmitWithAck(context.Background(), "x"); !errors.Is(err, ErrClosed) {
					t.Errorf("EmitWithAck afterwards: %v", err)
				}
				if err := p.m.Socket("/new").Connect(context.Background()); !errors.Is(err, ErrClosed) {
					t.Errorf("a new socket: %v", err)
				}
			})
		})
	}
}
