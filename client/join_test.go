package client

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// CLI-01 CLI-02 B-115: namespaces share the connection, and leave and join it as they like.
func TestMultiplexing(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		a, b := p.m.Socket("a"), p.m.Socket("/b")
		if p.m.Socket("/a") != a || a.Manager() != p.m || a.Namespace() != "/a" {
			t.Error("the same name is another socket")
		}
		p.watch(a)
		l := p.join(a)
		p.join(b)
		p.expect("connect id/a")
		if p.dials != 1 {
			t.Errorf("%d connections", p.dials)
		}
		a.Disconnect()
		l.expect(t, "1/a,")
		a.Start()
		l.expect(t, "0/a,")
		l.say(`2/a,["of the stay before"]`, `0/a,{"sid":"again"}`, `2/a,["new"]`)
		p.expect("disconnect io client disconnect", "connect again", "event new")

		// Left while the server thinks, and told when it has thought.
		a.Disconnect()
		a.Start()
		a.Disconnect()
		l.expect(t, "1/a,", "0/a,")
		l.say(`0/a,{"sid":"late"}`)
		l.expect(t, "1/a,")
		p.expect("disconnect io client disconnect")

		// And wanted again before that.
		a.Start()
		a.Disconnect()
		a.Start()
		l.expect(t, "0/a,")
		l.say(`0/a,{"sid":"kept"}`)
		p.expect("connect kept")
		l.end(TransportClose, nil)
		after(5 * time.Second)
		p.expect("disconnect transport close")
		if next := p.line(); next == l {
			t.Error("no new connection")
		} else if sent := next.take(); len(sent) != 2 {
			t.Errorf("sent: %q", sent)
		}
	})
}

// CLI-11 CLI-12: the auth is a value, or made for each attempt.
func TestAuth(t *testing.T) {
	type credentials struct {
		Token string `json:"token"`
	}
	play(t, Config{RandomizationFactor: -1}, func(t *testing.T, p *script) {
		s := p.m.Socket("/", Auth(credentials{"one"}))
		s.Start()
		l := p.line()
		l.expect(t, `0{"token":"one"}`)
		s.SetAuth(map[string]any{"token": "two"})
		l.end(TransportClose, nil)
		after(time.Second)
		l = p.line()
		l.expect(t, `0{"token":"two"}`)

		n := 0
		wait := make(chan struct{})
		p.m.Socket("/", AuthFunc(func(ctx context.Context) (any, error) {
			n++
			switch n {
			case 1:
				<-ctx.Done() // the connection ends before it is done
				return credentials{"late"}, nil
			case 2:
				<-wait
				return credentials{"three"}, nil
			case 3:
				panic("no token")
			}
			return nil, errRefused
		}))
		l.end(TransportClose, nil)
		after(2 * time.Second)
		l = p.line()
		l.end(TransportClose, nil)
		after(4 * time.Second)
		l = p.line()
		l.expect(t)
		close(wait)
		l.expect(t, `0{"token":"three"}`)
		l.end(TransportClose, nil)
		after(6 * time.Second)
		synctest.Wait()
		if s.Active() || n != 3 { // a panic is a refusal
			t.Errorf("active: %v, auth was asked for %d times", s.Active(), n)
		}
		if err := s.Connect(t.Context()); !errors.Is(err, errRefused) {
			t.Errorf("Connect: %v", err)
		}
		if s.Active() || n != 4 {
			t.Errorf("active: %v, auth was asked for %d times", s.Active(), n)
		}
		for _, bad := range []any{"a string", 7, []int{1}, func() {}} {
			p.m.Socket("/", Auth(bad))
			if err := s.Connect(t.Context()); err == nil || s.Active() {
				t.Errorf("auth %T: %v", bad, err)
			}
		}
	})
}

// CLI-14 CLI-18 B-92 B-95 B-96 B-97: what a server needs to let a session go on.
func TestRecovery(t *testing.T) {
	play(t, Config{RandomizationFactor: -1}, func(t *testing.T, p *script) {
		s := p.m.Socket("/", Auth(map[string]any{"user": "u"}))
		p.watch(s)
		s.Start()
		l := p.line()
		l.take()
		payload := func(sent []string) (got struct{ User, PID, Offset string }) {
			if len(sent) != 1 || json.Unmarshal([]byte(sent[0][1:]), &got) != nil {
				t.Errorf("sent: %q", sent)
			}
			return got
		}
		again := func() *line {
			synctest.Wait()
			l.end(TransportClose, nil)
			after(5 * time.Second)
			return p.line()
		}
		l.say(`0{"sid":"one","pid":"secret"}`)
		l = again()
		if got := payload(l.take()); got.PID != "secret" || got.Offset != "" || got.User != "u" {
			t.Errorf("without an offset: %+v", got) // B-96
		}
		l.say(`0{"sid":"two","pid":"secret2"}`)
		l.say(`2["a","off1"]`, `2["b",1]`, `27["c","not an offset"]`)
		l.take()
		p.expect("connect one", "disconnect transport close", "connect two", "event a", "event b", "event c")
		if s.Recovered() {
			t.Error("recovered another session")
		}
		l = again()
		if got := payload(l.take()); got.PID != "secret2" || got.Offset != "off1" {
			t.Errorf("with an offset: %+v", got)
		}
		l.say(`2["missed","off2"]`) // B-93: before the answer
		p.expect("disconnect transport close")
		l = again() // and lost before it
		if got := payload(l.take()); got.PID != "secret2" || got.Offset != "off1" {
			t.Errorf("again: %+v", got)
		}
		l.say(`2["missed","off2"]`, `0{"sid":"two","pid":"secret2"}`, `51-["bin",{"_placeholder":true,"num":0},"off3"]`, "bbytes")
		synctest.Wait()
		if !s.Recovered() || s.ID() != "two" {
			t.Error("not recovered")
		}
		l = again()
		p.expect("connect_error client: the connection ended before / was connected: transport close",
			"event missed", "connect two", "event bin", "disconnect transport close")
		if got := payload(l.take()); got.Offset != "off3" {
			t.Errorf("after the recovery: %+v", got)
		}
		l.say(`0{"sid":"three","pid":"secret3"}`)
		synctest.Wait()
		if s.Recovered() {
			t.Error("recovered after all")
		}
		s.SetAuth(map[string]any{"pid": "mine"}) // keys of the application win
		l.say(`2["a","off4"]`)
		l = again()
		if got := payload(l.take()); got.PID != "mine" || got.Offset != "off4" {
			t.Errorf("keys of the application: %+v", got)
		}
		l.say(`0{"sid":"four","pid":"secret4"}`)
		synctest.Wait()
		s.SetAuth(nil)
		s.Disconnect()
		s.Start()
		p.line().expect(t, "0") // left on purpose: nothing to go on with
	})
}

// nosyAuth asks its socket something while it is encoded.
type nosyAuth struct{ s *Socket }

func (a nosyAuth) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"connected": a.s.Connected(), "id": a.s.ID()})
}

// brokenAuth cannot be encoded without a panic.
type brokenAuth struct{}

func (brokenAuth) MarshalJSON() ([]byte, error) { panic("no auth today") }

// The auth is the application's code: no lock is held over it, and a panic of
// it is a refusal.
func TestAuthIsForeignCode(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		s.SetAuth(nosyAuth{s})
		s.Start()
		p.line().expect(t, `0{"connected":false,"id":""}`)
	})
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		s.SetAuth(brokenAuth{})
		if err := s.Connect(t.Context()); err == nil {
			t.Error("connected without its auth")
		}
		if s.Active() {
			t.Error("a socket whose auth fails tries on")
		}
	})
}
