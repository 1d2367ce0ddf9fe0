package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// ENG-04 WIRE-04 LIFE-08 B-55: a session over a stream, from the first packet to
// messages of each size and kind.
func TestStreamSession(t *testing.T) {
	a := newApp(t)
	a.onOpen = func(s *engine.Session) error {
		if s.Transport() != engine.WebTransport {
			t.Errorf("transport within Open is %q", s.Transport())
		}
		return s.Send(text("within Open"))
	}
	g := start(t, withStreams(engine.Config{InitialPacket: text("first")}), a)
	p := g.stream("EIO=4&transport=webtransport&token=x", "User-Agent", "test")
	p.say("0")
	p.open = parseOpen(t, p.next())
	k := g.app.find(p.open.SID)
	p.want("4first", "4within Open")
	if len(p.open.Upgrades) != 0 || p.open.MaxPayload != 1_000_000 {
		t.Errorf("open packet says %+v", p.open)
	}
	if r := k.Request(); r.RemoteAddr() != "192.0.2.1:1234" || r.Query().Get("token") != "x" || r.Header().Get("User-Agent") != "test" || !r.Secure() {
		t.Errorf("request is %+v", r)
	}
	if k.Transport() != engine.WebTransport || k.Protocol() != 4 {
		t.Errorf("transport %q, protocol %d", k.Transport(), k.Protocol())
	}
	for _, n := range []int{0, 1, 124, 125, 126, 127, 511, 512, 513, 16<<10 - 1, 16 << 10, 16<<10 + 1, 65534, 65535, 65536, 100_000, 999_999} {
		s := strings.Repeat("ü", n/2) + strings.Repeat("x", n%2)
		p.say("4" + s)
		k.wantMessage("text:" + s)
		_ = k.Send(text(s), binary(s), text("between"), binary("b"))
		p.want("4" + s)
		if n == 0 {
			p.want("b") // no frame is empty, and clients read this as the same
		} else {
			p.want("binary:" + s)
			p.sayBinary(s)
			k.wantMessage("binary:" + s)
		}
		p.want("4between", "binary:b")
	}
	p.write("\x80") // what the official client makes of an empty binary value
	k.wantMessage("binary:")
	p.say("b", "bAQI=") // what the text form of a binary message means
	k.wantMessage("binary:")
	k.wantMessage("binary:\x01\x02")
	p.say("0", "5", "6") // of no meaning
	p.say("4last")
	k.wantMessage("text:last")
	k.wantOpen()
	if n := k.BufferedAmount(); n != 0 {
		t.Errorf("%d bytes are left in the queue", n)
	}
	p.hang()
	k.wantEnd(engine.TransportClose)
	p.wantEnd()
}

// A broadcast shares one message between transports, whatever comes first.
func TestStreamSharesMessages(t *testing.T) {
	g := start(t, withStreams(engine.Config{}), newApp(t))
	a, ak := g.connectStream()
	b, bk := g.connectStream()
	w, wk := g.connect()
	for _, size := range []int{1, 200, 20_000, 70_000} {
		body := strings.Repeat("x", size)
		txt, bin := text(body), binary(body)
		for _, k := range []*talk{ak, wk, bk} {
			if err := k.Send(txt, bin); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range []interface{ want(...string) }{a, w, b} {
			p.want("4"+body, "binary:"+body)
		}
	}
}

// X8 LIFE-01 LIFE-02: heartbeats over a stream.
func TestStreamHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, withStreams(engine.Config{}))
		p, k := g.connectStream()
		last := time.Now()
		for _, rtt := range []time.Duration{0, time.Second, 19 * time.Second} {
			p.want("2")
			if d := time.Since(last); d != 25*time.Second {
				t.Errorf("ping came %v after the last answer, want 25s", d)
			}
			pass(rtt)
			p.say("3")
			last = time.Now()
			if got := <-k.beats; got != rtt {
				t.Errorf("round trip is %v, want %v", got, rtt)
			}
		}
		p.want("2")
		k.wantEnd(engine.PingTimeout)
		if d := time.Since(last); d != 45*time.Second {
			t.Errorf("a silent client was given up after %v, want 45s", d)
		}
		p.wantEnd()
	})
}

// B-54: what is no frame, or no packet, ends the session at once.
func TestStreamParseErrors(t *testing.T) {
	g := start(t, withStreams(engine.Config{MaxPayload: 1000}), newApp(t))
	for _, c := range []struct {
		name, bytes string
		reason      engine.Reason
	}{
		{"empty frame", "\x00", engine.ParseError},
		{"over MaxPayload", "\x7e\x03\xe9", engine.ParseError},
		{"binary over MaxPayload", "\xfe\x03\xe9", engine.ParseError},
		{"64 bits", "\x7f\x00\x20\x00\x00\x00\x00\x00\x00", engine.ParseError},
		{"unknown type", "\x019", engine.ParseError},
		{"bad base64", "\x02b!", engine.ParseError},
		{"not UTF-8", "\x024\xff", engine.ParseError},
		{"ping of a client", "\x012", engine.TransportError},
		{"goodbye", "\x011", engine.TransportClose},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, k := g.connectStream()
			p.write("\x034ok" + c.bytes + "\x054lost")
			k.wantMessage("text:ok")
			k.wantEnd(c.reason)
			p.wantEnd()
			if len(k.got) != 0 {
				t.Errorf("delivered %q", <-k.got)
			}
		})
	}
	p, k := g.connectStream()
	p.say("4" + strings.Repeat("x", 999)) // the limit itself
	k.wantMessage("text:" + strings.Repeat("x", 999))
	p.write("\x7e") // and the end in the midst of a header
	p.hang()
	k.wantEnd(engine.TransportClose)
}

// A panic in the application ends the session and nothing else.
func TestStreamPanic(t *testing.T) {
	a := newApp(t)
	a.onMsg = func(_ *talk, _ engine.Kind, s string) {
		if s == "panic" {
			panic("as told")
		}
	}
	g := start(t, withStreams(engine.Config{}), a)
	p, k := g.connectStream()
	p.say("4panic")
	k.wantEnd(engine.TransportError)
	p.wantEnd()
}
