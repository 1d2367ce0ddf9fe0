package engine_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// ENG-05 ENG-09 B-36 B-37 B-41: the change by the book. Until the 5, messages
// go over polling and only the 3probe over the WebSocket.
func TestUpgrade(t *testing.T) { synctest.Test(t, upgradeByTheBook) }

func upgradeByTheBook(t *testing.T) {
	g := startInMemory(t, engine.Config{})
	p, k := g.session()
	get := p.park()
	until(t, "the GET is parked", k.Waiting)
	c := g.candidate(p.open.SID)
	c.say("2probe")
	c.want("3probe")
	began := time.Now()
	get.wait().want(t, 200, "6")
	if d := time.Since(began); d != 0 {
		t.Errorf("the waiting GET was held for %v", d)
	}
	_ = k.Send(text("still polling"))
	p.wantGet("4still polling")
	p.wantGet("6") // a GET without news is held for an instant only
	p.say("4from polling")
	k.wantMessage("text:from polling")
	if k.Transport() != engine.Polling {
		t.Errorf("transport before the 5 is %q", k.Transport())
	}
	_ = k.Send(text("queued"), binary("\x01"))
	c.wantQuiet()
	c.say("5")
	c.want("4queued", "binary:\x01")
	if k.Transport() != engine.WebSocket {
		t.Errorf("transport after the 5 is %q", k.Transport())
	}
	c.say("4from websocket")
	k.wantMessage("text:from websocket")
	// late requests are turned away and disturb nothing
	p.get().want(t, 400, code3)
	p.post("4late").want(t, 400, code3)
	p.post("4late", "Content-Type", "application/octet-stream").want(t, 400, code3)
	_ = k.Send(text("after"))
	c.want("4after")
	k.wantOpen()
	if len(k.got) != 0 {
		t.Errorf("delivered %q", <-k.got)
	}
}

// B-38: anything but a probe ends the candidate alone. B-39: a 5 without probe
// is accepted.
func TestCandidatePackets(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	for _, first := range []string{"2", "2prob", "2probes", "3probe", "4hello", "", "1", "0", "6", "7", "x", "5 "} {
		c := g.candidate(p.open.SID)
		c.say(first)
		c.wantClose(1005)
		c.wantQuiet()
	}
	c := g.candidate(p.open.SID)
	c.sayBinary("2probe")
	c.wantClose(1005)
	if len(k.got) != 0 {
		t.Fatalf("delivered %q of a candidate", <-k.got)
	}
	p.say("4x")
	k.wantMessage("text:x")
	_ = k.Send(text("y"))
	p.wantGet("4y")
	c = g.candidate(p.open.SID)
	c.say("5")
	c.say("4z")
	k.wantMessage("text:z")
	k.wantOpen()
}

// B-40: a second candidate is closed, before and after the change.
func TestSecondCandidate(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	c := g.candidate(p.open.SID)
	until(t, "the first one has applied", k.Applying)
	g.candidate(p.open.SID).wantClose(1005)
	c.say("2probe")
	c.want("3probe")
	g.candidate(p.open.SID).wantClose(1005)
	c.say("5")
	c.say("4x")
	k.wantMessage("text:x")
	second := g.candidate(p.open.SID)
	second.say("2probe")
	second.wantClose(1005)
	w, wk := g.connect() // opened over WebSocket: nothing to change to
	g.candidate(w.open.SID).wantClose(1005)
	w.say("4y")
	wk.wantMessage("text:y")
	_ = k.Send(text("z"))
	c.want("4z")
}

// B-40: a session that begins over WebSocket takes no candidate, not even while
// its own handshake is still being written.
func TestCandidateWithinHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{PingInterval: -1})
		conn, err := g.hc.Transport.(*http.Transport).DialContext(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := io.WriteString(conn, "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: memory\r\n"+
			"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		k := g.app.next()
		var got []byte
		for one := make([]byte, 1); !strings.HasSuffix(string(got), k.ID()); got = append(got, one[0]) {
			if _, err := conn.Read(one); err != nil {
				t.Fatalf("%v behind %q", err, got)
			}
		}
		g.candidate(k.ID()).wantClose(1005)
	})
}

// P14 D5: the browser gives the WebSocket up at each step of the change; polling
// goes on, and a later change works.
func TestAbandonedUpgrade(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	steps := []func(c *peer){
		func(c *peer) {},
		func(c *peer) { c.say("2probe") },
		func(c *peer) { c.say("2probe"); c.want("3probe") },
		func(c *peer) { c.say("2probe"); c.want("3probe"); p.wantGet("6") },
		func(c *peer) { _ = c.write([]byte{0x81}) }, // half a frame
	}
	ways := []func(c *peer){
		func(c *peer) { c.hang() },
		func(c *peer) { c.sayClose(1001); c.wantClose(1001) },
		func(c *peer) { c.sayClose(0); c.wantClose(1005) },
	}
	for i, step := range steps {
		for j, leave := range ways {
			if i == 4 && j > 0 {
				continue // behind half a frame there is no close frame
			}
			c := g.candidate(p.open.SID)
			until(t, "the candidate is known", k.Applying)
			step(c)
			leave(c)
			until(t, "the candidate is gone", func() bool { return !k.Applying() })
			n := strconv.Itoa(10*i + j)
			get := p.park()
			until(t, "the GET is parked", k.Waiting)
			_ = k.Send(text(n))
			get.wait().want(t, 200, "4"+n)
			p.say("4" + n)
			k.wantMessage("text:" + n)
			k.wantOpen()
		}
	}
	c := g.upgrade(p)
	c.say("4x")
	k.wantMessage("text:x")
	c.hang()
	k.wantEnd(engine.TransportClose)
}

// D4: several GETs during one change, each freed, whatever the order.
func TestPollsDuringUpgrade(t *testing.T) { synctest.Test(t, pollsDuringUpgrade) }

func pollsDuringUpgrade(t *testing.T) {
	g := startInMemory(t, engine.Config{})
	p, k := g.session()
	c := g.candidate(p.open.SID)
	began := time.Now()
	get := p.park()
	until(t, "the GET is parked", k.Waiting)
	c.say("2probe")
	get.wait().want(t, 200, "6") // perhaps before the 3probe was read: the client polls again
	p.wantGet("6")
	p.wantGet("6")
	c.want("3probe")
	p.wantGet("6")
	c.say("5")
	_ = k.Send(text("x"))
	c.want("4x")
	if d := time.Since(began); d > time.Second/2 {
		t.Errorf("the change took %v", d)
	}
}

// D6 C7: a change in the midst of a flood ends, and loses, doubles and
// reorders nothing, in either direction.
func TestUpgradeUnderFlood(t *testing.T) {
	const total = 5000
	g := start(t, engine.Config{MaxQueuedBytes: 64 << 20}, newApp(t))
	p, k := g.session()
	go func() {
		for i := range total {
			m := text(strconv.Itoa(i))
			if i%3 == 0 {
				m = binary(strconv.Itoa(i))
			}
			if err := k.Send(m); err != nil {
				t.Errorf("Send %d: %v", i, err)
				return
			}
			if i%50 == 0 {
				<-time.After(time.Millisecond / 4) // spread over the change
			}
		}
	}()
	next := 0
	take := func(packet string) {
		t.Helper()
		want := "4" + strconv.Itoa(next)
		if next%3 == 0 {
			want = "binary:" + strconv.Itoa(next)
			if strings.HasPrefix(packet, "b") && !strings.HasPrefix(packet, "binary") {
				packet = decode(t, packet)
			}
		}
		if packet != want {
			t.Fatalf("got %q, want %q", packet, want)
		}
		next++
	}
	sent := 0
	say := func(f func(string)) {
		f("4" + strconv.Itoa(sent))
		sent++
	}
	pollOnce := func() {
		for _, packet := range strings.Split(p.get().body, "\x1e") {
			if packet != "6" {
				take(packet)
			}
		}
		say(func(s string) { p.say(s) })
	}
	for range 5 {
		pollOnce()
	}
	c := g.candidate(p.open.SID)
	pollOnce()
	c.say("2probe")
	pollOnce()
	c.want("3probe")
	pollOnce()
	c.say("5")
	for next < total {
		take(c.next())
		if next%100 == 0 {
			say(c.say)
		}
	}
	for i := range sent {
		k.wantMessage("text:" + strconv.Itoa(i))
	}
	k.wantOpen()
}

// B-44: closed in the midst of a change, the session's last words go out on
// whichever transport the client asks first.
func TestCloseDuringUpgrade(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	for _, by := range []string{"websocket", "polling"} {
		p, k := g.session()
		c := g.candidate(p.open.SID)
		c.say("2probe")
		c.want("3probe")
		p.wantGet("6")
		_ = k.Send(text("last words"))
		k.Close(engine.ForcedClose)
		k.wantEnd(engine.ForcedClose)
		if by == "polling" {
			p.wantGet("4last words")
			p.wantGet("1")
			if err := c.end(); err == nil {
				t.Error("the candidate was not closed")
			}
		} else {
			c.say("5")
			c.want("4last words")
			c.wantClose(1005)
			c.sayClose(0)
		}
		until(t, "it is closed", func() bool { return k.ReadyState() == engine.Closed })
		if n := k.BufferedAmount(); n != 0 {
			t.Errorf("%s: %d bytes are buffered at the end", by, n)
		}
		p.get().want(t, 400, code1)
	}
	// without a probe the candidate is of no use
	p, k := g.session()
	c := g.candidate(p.open.SID)
	k.Close(engine.ForcedClose)
	_ = c.end()
	p.wantGet("1")
	// aborted: only polling is left, and only the end is told
	p, k = g.session()
	c = g.candidate(p.open.SID)
	c.say("2probe")
	c.want("3probe")
	_ = k.Send(text("never"))
	k.Abort(engine.ForcedClose)
	if err := c.end(); errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("candidate ended in the midst of a frame: %v", err)
	}
	p.wantGet("1")
	p.get().want(t, 400, code1)
}

// B-42 ENG-08 L4: a change that is never completed has its own deadline, which
// ends the WebSocket alone; another one may follow.
func TestUpgradeTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{UpgradeTimeout: 3 * time.Second})
		p, k := g.session()
		for _, probe := range []bool{false, true} {
			began := time.Now()
			c := g.candidate(p.open.SID)
			if probe {
				c.say("2probe")
				c.want("3probe")
			}
			_ = c.end()
			if d := time.Since(began); d != 3*time.Second {
				t.Errorf("the candidate was closed after %v, want 3s", d)
			}
			synctest.Wait()
			if k.Applying() || k.Probed() {
				t.Error("the session still waits for the candidate")
			}
			k.wantOpen()
		}
		c := g.upgrade(p)
		pass(4 * time.Second) // the deadline is off
		c.say("4x")
		k.wantMessage("text:x")
		k.wantOpen()
	})
}

// B-43: a ping whose answer is under way when the transport changes is not held
// against the client.
func TestPingAcrossUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{PingInterval: 10 * time.Second, PingTimeout: 5 * time.Second})
		p, k := g.session()
		get := p.park()
		pass(10 * time.Second)
		get.wait().want(t, 200, "2")
		pass(4 * time.Second)
		c := g.upgrade(p) // the pong is lost with the old transport
		pass(5 * time.Second)
		k.wantOpen()
		c.want("2")
		c.say("3")
		pass(9 * time.Second)
		k.wantOpen()
		c.want("2")
		_ = k.wantEnd(engine.PingTimeout)
		c.wantClose(1005)
	})
}

// ENG-09: what a GET is held for during a change.
func TestNoopCycle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{})
		p, _ := g.session()
		c := g.candidate(p.open.SID)
		c.say("2probe")
		c.want("3probe")
		synctest.Wait()
		for range 5 {
			began := time.Now()
			p.wantGet("6")
			if d := time.Since(began); d != 100*time.Millisecond {
				t.Errorf("a GET was held for %v, want 100ms", d)
			}
		}
	})
}

// A frame of a candidate that arrives with the 5 belongs to the session.
func TestFramesBehindTheFive(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	c := g.candidate(p.open.SID)
	all := wsock.AppendMaskedFrame(nil, wsock.Text, []byte("2probe"))
	all = wsock.AppendMaskedFrame(all, wsock.Text, []byte("5"))
	all = wsock.AppendMaskedFrame(all, wsock.Text, []byte("4a"))
	all = wsock.AppendMaskedFrame(all, wsock.Binary, []byte("b"))
	_ = c.write(all)
	c.want("3probe")
	k.wantMessage("text:a")
	k.wantMessage("binary:b")
}
