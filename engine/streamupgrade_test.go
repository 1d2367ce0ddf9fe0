package engine_test

import (
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// ENG-06: what the open packet offers.
func TestStreamOffered(t *testing.T) {
	for _, c := range []struct {
		transports, want []string
		disabled         bool
	}{
		{nil, []string{"websocket"}, false},
		{[]string{engine.Polling, engine.WebSocket, engine.WebTransport}, []string{"websocket", "webtransport"}, false},
		{[]string{engine.Polling, engine.WebTransport}, []string{"webtransport"}, false},
		{[]string{engine.Polling, engine.WebTransport}, nil, true},
	} {
		g := start(t, engine.Config{Transports: c.transports, DisableUpgrade: c.disabled}, newApp(t))
		p, k := g.session()
		if !slices.Equal(p.open.Upgrades, c.want) {
			t.Errorf("with %v the upgrades are %v, want %v", c.transports, p.open.Upgrades, c.want)
		}
		if c.disabled {
			g.streamCandidate(p.open.SID).wantEnd()
			p.say("4x")
			k.wantMessage("text:x")
		}
	}
}

// B-7: a request over plain HTTP is none for WebTransport, listed or not.
func TestStreamOverHTTP(t *testing.T) {
	g := start(t, withStreams(engine.Config{}), newApp(t))
	g.do("GET", "?EIO=4&transport=webtransport", "").want(t, 400, code0)
	g.do("POST", "?EIO=4&transport=webtransport", "4x").want(t, 400, code0)
	g.refused("?EIO=4&transport=webtransport", 400, "Transport unknown")
}

// ENG-06 ENG-09: polling to WebTransport by the book.
func TestStreamUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, withStreams(engine.Config{}))
		q := &poller{t: t, hc: g.hc}
		q.open = parseOpen(t, g.do("GET", "?EIO=4&transport=polling&b64=1", "").body) // its base64 ends with polling
		q.url = g.url + "?EIO=4&transport=polling&sid=" + q.open.SID
		k := g.app.find(q.open.SID)
		get := q.park()
		until(t, "the GET is parked", k.Waiting)
		p := g.streamCandidate(q.open.SID)
		p.say("2probe")
		p.want("3probe")
		get.wait().want(t, 200, "6")
		_ = k.Send(text("still polling"), binary("\x01"))
		q.wantGet("4still polling", "bAQ==")
		q.say("4from polling")
		k.wantMessage("text:from polling")
		if k.Transport() != engine.Polling {
			t.Errorf("transport before the 5 is %q", k.Transport())
		}
		_ = k.Send(text("queued"), binary("\x01"))
		p.say("5")
		p.want("4queued", "binary:\x01")
		if k.Transport() != engine.WebTransport {
			t.Errorf("transport after the 5 is %q", k.Transport())
		}
		p.say("4from the stream")
		k.wantMessage("text:from the stream")
		q.get().want(t, 400, code3)
		q.post("4late").want(t, 400, code3)
		p.want("2")
		p.say("3")
		<-k.beats
		g.streamCandidate(q.open.SID).wantEnd() // nothing to change to
		k.wantOpen()
		p.hang()
		k.wantEnd(engine.TransportClose)
	})
}

// B-40: the official client probes all transports on offer at once. The second
// to apply is closed, whichever it is.
func TestStreamRivals(t *testing.T) {
	g := start(t, withStreams(engine.Config{}), newApp(t))
	q, k := g.session()
	p := g.streamCandidate(q.open.SID)
	until(t, "the stream has applied", k.Applying)
	g.candidate(q.open.SID).wantClose(1005)
	g.streamCandidate(q.open.SID).wantEnd()
	p.say("2probe")
	p.want("3probe")
	p.say("5")
	p.say("4x")
	k.wantMessage("text:x")
	g.candidate(q.open.SID).wantClose(1005)

	q, k = g.session()
	c := g.candidate(q.open.SID)
	until(t, "the WebSocket has applied", k.Applying)
	g.streamCandidate(q.open.SID).wantEnd()
	c.say("2probe")
	c.want("3probe")
	c.say("5")
	c.say("4x")
	k.wantMessage("text:x")
	g.streamCandidate(q.open.SID).wantEnd()
	k.wantOpen()
}

// P14: a page is reloaded at each step of the change. Before the 5 the session
// goes on polling, and a later change works; behind it the session is over.
func TestStreamReload(t *testing.T) {
	g := start(t, withStreams(engine.Config{}), newApp(t))
	q, k := g.session()
	steps := []func(p *streamPeer){
		func(*streamPeer) {},
		func(p *streamPeer) { p.say("2probe") },
		func(p *streamPeer) { p.say("2probe"); p.want("3probe") },
		func(p *streamPeer) { p.say("2probe"); p.want("3probe"); q.wantGet("6") },
		func(p *streamPeer) { p.write("\x7e") },
		func(p *streamPeer) { p.write("\x062pro") },
		func(p *streamPeer) { p.say("4no probe") },
		func(p *streamPeer) { p.sayBinary("2probe") },
		func(p *streamPeer) { p.write("\x00") },
	}
	for i, step := range steps {
		p := g.streamCandidate(q.open.SID)
		until(t, "the candidate is known", k.Applying)
		step(p)
		p.hang()
		until(t, "the candidate is gone", func() bool { return !k.Applying() })
		n := strconv.Itoa(i)
		get := q.park()
		until(t, "the GET is parked", k.Waiting)
		_ = k.Send(text(n))
		get.wait().want(t, 200, "4"+n)
		q.say("4" + n)
		k.wantMessage("text:" + n)
		k.wantOpen()
	}
	early := g.stream("EIO=4&transport=webtransport&sid=" + q.open.SID)
	early.hang() // before its first packet
	early.wantEnd()
	p := g.streamCandidate(q.open.SID)
	p.say("2probe")
	p.want("3probe")
	p.say("5")
	until(t, "the stream has taken over", func() bool { return k.Transport() == engine.WebTransport })
	p.hang()
	k.wantEnd(engine.TransportClose)
	p.wantEnd()
}

// P14: many pages that are reloaded at any moment leave nothing behind. The
// rig's own check after Shutdown counts.
func TestStreamReloadRaces(t *testing.T) {
	g := start(t, withStreams(engine.Config{}), newApp(t))
	for range 100 {
		q, k := g.session()
		p := g.streamCandidate(q.open.SID)
		done := make(chan struct{})
		go func() {
			defer close(done)
			p.say("2probe", "5", "4x")
		}()
		_ = k.Send(text("to whoever is there"))
		p.hang()
		<-done
		p.wantGone()
		if k.Transport() == engine.WebTransport {
			k.wantEnd(engine.TransportClose)
		} else {
			q.say("1")
			k.wantEnd(engine.TransportClose)
		}
	}
}

// wantGone waits until the server has left the stream.
func (p *streamPeer) wantGone() {
	p.t.Helper()
	select {
	case <-p.served:
	case <-time.After(patience()):
		p.t.Fatal("the server holds on to the stream")
	}
}

// ENG-08: a change that is not finished in time leaves the session on polling.
func TestStreamUpgradeTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, withStreams(engine.Config{UpgradeTimeout: 3 * time.Second}))
		q, k := g.session()
		p := g.streamCandidate(q.open.SID)
		began := time.Now()
		p.say("2probe")
		p.want("3probe")
		p.wantEnd()
		if d := time.Since(began); d != 3*time.Second {
			t.Errorf("the candidate was held for %v, want 3s", d)
		}
		q.say("4x")
		k.wantMessage("text:x")
		k.wantOpen()
		q.say("1")
		k.wantEnd(engine.TransportClose)
	})
}
