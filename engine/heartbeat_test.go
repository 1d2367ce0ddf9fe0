package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// X8 LIFE-01 B-47: pings come one interval after the last answer, not on a fixed
// beat, and the application is told the round trip.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{})
		w, k := g.connect()
		last := time.Now()
		for _, rtt := range []time.Duration{0, time.Second, 19 * time.Second} {
			w.want("2")
			if d := time.Since(last); d != 25*time.Second {
				t.Errorf("ping came %v after the last answer, want 25s", d)
			}
			pass(rtt)
			w.say("3")
			last = time.Now()
			if got := <-k.beats; got != rtt {
				t.Errorf("round trip is %v, want %v", got, rtt)
			}
		}
		k.wantOpen()
	})
}

// LIFE-02 L8: a client that does not answer is gone after interval + timeout,
// though its connection stands.
func TestPingTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{PingInterval: 10 * time.Second, PingTimeout: 4 * time.Second})
		began := time.Now()
		w, k := g.connect()
		p, pk := g.session() // never polls again: nobody home
		w.want("2")
		k.wantEnd(engine.PingTimeout)
		if d := time.Since(began); d != 14*time.Second {
			t.Errorf("WebSocket client was given up after %v, want 14s", d)
		}
		w.wantClose(1005)
		pk.wantEnd(engine.PingTimeout)
		if d := time.Since(began); d != 14*time.Second {
			t.Errorf("polling client was given up after %v, want 14s", d)
		}
		p.get().want(t, 400, code1)
		if n := g.srv.Len(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

// A waiting GET gets the ping, and the close when there is no answer.
func TestHeartbeatPolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{})
		p, k := g.session()
		began := time.Now()
		p.wantGet("2")
		if d := time.Since(began); d != 25*time.Second {
			t.Errorf("ping came after %v, want 25s", d)
		}
		pass(3 * time.Second)
		p.say("3")
		if got := <-k.beats; got != 3*time.Second {
			t.Errorf("round trip is %v, want 3s", got)
		}
		began = time.Now()
		p.wantGet("2")
		if d := time.Since(began); d != 25*time.Second {
			t.Errorf("second ping came after %v, want 25s", d)
		}
		p.wantGet("1")
		if d := time.Since(began); d != 45*time.Second {
			t.Errorf("close came after %v, want 45s", d)
		}
		k.wantEnd(engine.PingTimeout)
	})
}

// B-46 LIFE-04: an answer that nobody asked for restarts the interval, and is
// not reported as a heartbeat.
func TestUnsolicitedPong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{})
		w, k := g.connect()
		pass(20 * time.Second)
		w.say("3")
		w.say("3probe")
		synctest.Wait()
		began := time.Now()
		w.want("2")
		if d := time.Since(began); d != 25*time.Second {
			t.Errorf("ping came after %v, want 25s", d)
		}
		if len(k.beats) != 0 {
			t.Error("a heartbeat was reported that was none")
		}
	})
}

// C10: an answer after the end is nothing.
func TestPongAfterEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{})
		w, k := g.connect()
		p, pk := g.session()
		w.want("2")
		synctest.Wait()
		_ = k.Send(text("x"))
		k.Close(engine.ForcedClose)
		pk.Close(engine.ForcedClose)
		w.say("3")
		p.say("3")
		w.want("4x")
		w.wantClose(1005)
		w.sayClose(0)
		p.wantGet("2")
		p.wantGet("1")
		p.post("3").want(t, 400, code1)
		pass(time.Minute)
		if len(k.beats)+len(pk.beats) != 0 {
			t.Error("a heartbeat was reported after the end")
		}
	})
}

// A Receiver that takes its time holds the answer up; that is not the client's
// fault. Once it is back the client has to answer as ever.
func TestHeartbeatHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t)
		a.onMsg = func(*talk, engine.Kind, string) { pass(10 * time.Minute) }
		g := startAppInMemory(t, engine.Config{}, a, nil)
		w, k := g.connect()
		p, pk := g.session()
		posted := make(chan struct{})
		go func() {
			defer close(posted)
			p.say("4slow", "3")
		}()
		w.say("4slow")
		w.want("2")
		w.say("3")
		k.wantMessage("text:slow")
		<-posted
		pk.wantMessage("text:slow")
		synctest.Wait()
		k.wantOpen()
		pk.wantOpen()
		w.want("2")
		k.wantEnd(engine.PingTimeout)
	})
}

// C9: idle polling clients come and go for hours; each is pinged and given up,
// and nothing is left.
func TestIdlePollingForHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{})
		began := time.Now()
		for time.Since(began) < 3*time.Hour {
			idle, ik := g.session()
			_ = idle // it never comes back
			p, k := g.session()
			for range 3 {
				p.wantGet("2")
				p.say("3")
			}
			get := p.park() // and this one leaves its GET behind
			synctest.Wait()
			if len(ik.ended) == 0 {
				t.Fatal("the idle session is still there")
			}
			ik.wantEnd(engine.PingTimeout)
			get.abort()
			k.wantEnd(engine.TransportError)
		}
		if n, busy := g.srv.Len(), g.srv.Busy(); n != 0 || busy != 0 {
			t.Errorf("%d sessions, %d goroutines are left", n, busy)
		}
	})
}

// A negative interval means no heartbeat at all.
func TestNoHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{PingInterval: -1})
		w, k := g.connect()
		p, pk := g.session()
		get := p.park()
		pass(1000 * time.Hour)
		w.wantQuiet()
		w.say("3")
		_ = k.Send(text("x"))
		w.want("4x")
		_ = pk.Send(text("y"))
		get.r = get.wait()
		get.r.want(t, 200, "4y")
		k.wantOpen()
		pk.wantOpen()
	})
}

// C11: ping timeout, the peer's close and Close in the same instant end the
// session once.
func TestEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{PingInterval: time.Second, PingTimeout: time.Second, CloseTimeout: time.Second})
		for range 200 {
			w, k := g.connect()
			p, pk := g.session()
			pass(2*time.Second - time.Nanosecond)
			go w.sayClose(1000)
			go w.hang()
			go func() { _, _ = try(t.Context(), p.hc, "POST", p.url, nil) }()
			for range 3 {
				go k.Close(engine.ForcedClose)
				go k.Abort(engine.ForcedClose)
				go pk.Close(engine.ForcedClose)
				go pk.Abort(engine.ForcedClose)
			}
			pass(3 * time.Second)
			synctest.Wait()
			if len(k.ended) != 1 || len(pk.ended) != 1 {
				t.Fatalf("ended %d and %d times", len(k.ended), len(pk.ended))
			}
		}
	})
}
