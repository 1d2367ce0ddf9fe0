package engine_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// ENG-02 ENG-03 B-50: both directions, both kinds, base64 text for those who
// have no binary.
func TestWebSocketEcho(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.connect()
	p.say("4hello")
	k.wantMessage("text:hello")
	p.say("4")
	k.wantMessage("text:")
	p.sayBinary("\x00\xff")
	k.wantMessage("binary:\x00\xff")
	p.sayBinary("")
	k.wantMessage("binary:")
	p.say("bAP8=")
	k.wantMessage("binary:\x00\xff")
	for _, ignored := range []string{"0", "3", "3probe", "5", "6"} { // LIFE-04 among them
		p.say(ignored)
	}
	_ = k.Send(text("€"), binary("\x01"), text(""), binary(""))
	p.want("4€", "binary:\x01", "4", "binary:")
	big := strings.Repeat("ü", 50000)
	_ = k.Send(text("a"), text(big), text("b"))
	p.want("4a", "4"+big, "4b")
	p.say("4" + big)
	k.wantMessage("text:" + big)
	k.wantOpen()
}

// B-45 B-49 LIFE-03: what a client must not send, and what the session ends with.
func TestBadPackets(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	for _, c := range []struct {
		name, text string
		reason     engine.Reason
	}{
		{"ping", "2", engine.TransportError},
		{"probe on an open session", "2probe", engine.TransportError},
		{"empty frame", "", engine.ParseError},
		{"unknown type", "7", engine.ParseError},
		{"not a packet", "hello", engine.ParseError},
		{"bad base64", "b!", engine.ParseError},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, k := g.connect()
			p.say("4before")
			p.say(c.text)
			p.say("4after")
			k.wantMessage("text:before")
			if err := k.wantEnd(c.reason); err == nil {
				t.Error("no cause is given")
			}
			p.wantClose(1005) // B-52
			if len(k.got) != 0 {
				t.Errorf("delivered %q behind it", <-k.got)
			}
		})
	}
}

// B-48: a close packet over WebSocket closes at once.
func TestClosePacket(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.connect()
	p.say("1")
	k.wantEnd(engine.TransportClose)
	p.wantClose(1005)
}

// B-51 HTTP-11: an oversize message is refused at its header, the client sees
// 1009 though most of it is still on its way.
func TestMaxPayloadWebSocket(t *testing.T) {
	g := start(t, engine.Config{MaxPayload: 1000}, newApp(t))
	p, k := g.connect()
	p.say("4" + strings.Repeat("a", 999))
	k.wantMessage("text:" + strings.Repeat("a", 999))
	p.sayBinary(strings.Repeat("b", 1000))
	k.wantMessage("binary:" + strings.Repeat("b", 1000))
	p.say("4" + strings.Repeat("€", 333))
	k.wantMessage("text:" + strings.Repeat("€", 333))
	for _, size := range []int{1001, 200 << 10} {
		for _, kind := range []string{"text", "binary", "fragments"} {
			p, k := g.connect()
			switch data := strings.Repeat("4", size); kind {
			case "text":
				p.say(data)
			case "binary":
				p.sayBinary(data)
			default:
				first := wsock.AppendMaskedFrame(nil, wsock.Text, []byte(data[:900]))
				first[0] &^= 0x80 // not the last
				_ = p.write(append(first, wsock.AppendMaskedFrame(nil, wsock.Continuation, []byte(data[900:]))...))
			}
			k.wantEnd(engine.TransportError)
			p.wantClose(1009)
		}
	}
	p, k = g.connect()
	p.say("4" + strings.Repeat("€", 334)) // fewer characters than the limit, more bytes
	k.wantEnd(engine.TransportError)
	p.wantClose(1009)
}

// P12: frames that are none end their own session and nothing else.
func TestBrokenFrames(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	for name, c := range map[string]struct {
		frame string
		code  int
	}{
		"RSV1":                   {"\xc1\x80\x00\x00\x00\x00", 1002},
		"RSV2":                   {"\xa1\x80\x00\x00\x00\x00", 1002},
		"RSV3":                   {"\x91\x80\x00\x00\x00\x00", 1002},
		"RSV2 and RSV3, close":   {"\xb8\x80\x00\x00\x00\x00", 1002},
		"reserved opcode":        {"\x83\x80\x00\x00\x00\x00", 1002},
		"not masked":             {"\x81\x024a", 1002},
		"long ping":              {"\x89\xfe\x00\x7e\x00\x00\x00\x00", 1002},
		"negative length":        {"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 1002},
		"huge length":            {"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 1009},
		"continuation of naught": {"\x80\x80\x00\x00\x00\x00", 1002},
		"text that is not UTF-8": {"\x81\x82\x00\x00\x00\x004\xff", 1007},
		"close with one byte":    {"\x88\x81\x00\x00\x00\x00\x03", 1002},
		"close with 1005":        {"\x88\x82\x00\x00\x00\x00\x03\xed", 1002},
		"close with 999":         {"\x88\x82\x00\x00\x00\x00\x03\xe7", 1002},
	} {
		t.Run(name, func(t *testing.T) {
			p, k := g.connect()
			_ = p.write([]byte(c.frame))
			k.wantEnd(engine.TransportError)
			p.wantClose(c.code)
		})
	}
	// the same on a WebSocket that only asks to take over
	p, k := g.session()
	c := g.candidate(p.open.SID)
	_ = c.write([]byte("\xa1\x80\x00\x00\x00\x00"))
	c.wantClose(1002)
	p.say("4x")
	k.wantMessage("text:x")
	k.wantOpen()
}

// X11 B-52: how a client says goodbye does not matter, and it is answered in kind.
func TestClientCloseCodes(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	for _, code := range []int{0, 1000, 1001, 1003, 1011, 3000, 4999} {
		p, k := g.connect()
		p.sayClose(code)
		k.wantEnd(engine.TransportClose)
		want := code
		if code == 0 {
			want = 1005
		}
		p.wantClose(want)
	}
	p, k := g.connect()
	p.hang()
	k.wantEnd(engine.TransportClose)
}

// RFC 6455 section 5.5.2: pings of the WebSocket itself are answered.
func TestWebSocketPing(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.connect()
	_ = p.write(wsock.AppendMaskedFrame(nil, wsock.Ping, []byte("are you there")))
	p.want("pong:are you there")
	_ = p.write(wsock.AppendMaskedFrame(nil, wsock.Pong, []byte("unasked")))
	p.say("4x")
	k.wantMessage("text:x")

	q, qk := g.session()
	c := g.candidate(q.open.SID)
	_ = c.write(wsock.AppendMaskedFrame(nil, wsock.Ping, nil))
	c.want("pong:")
	c.say("2probe")
	c.want("3probe")
	c.hang()
	until(t, "the candidate is gone", func() bool { return !qk.Applying() })
}

// HTTP-20 P13: upgrades to something else, and connections that are reset right after
// any part of a handshake.
func TestForeignUpgrades(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	addr := strings.TrimPrefix(g.web.URL, "http://")
	for _, request := range []string{
		"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
		"GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
		"GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
		"GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		"GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		"GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n",
		"POST /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nhi",
		"GET /engine.io/?EIO=4&transport=websocket HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
	} {
		for _, reset := range []bool{true, false} {
			nc, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(nc, request)
			if reset {
				_ = nc.(*net.TCPConn).SetLinger(0)
			} else {
				var b [12]byte
				if _, err := io.ReadFull(nc, b[:]); err != nil || !bytes.HasPrefix(b[:], []byte("HTTP/1.")) || bytes.HasSuffix(b[:], []byte("101")) {
					t.Errorf("%.60q was answered %q %v", request, b, err)
				}
			}
			_ = nc.Close()
		}
	}
	p, k := g.connect()
	p.say("4still here")
	k.wantMessage("text:still here")
}

// TLS: the same over https and wss, where the reader cannot wait on the socket.
func TestTLS(t *testing.T) {
	g := startWith(t, engine.Config{}, newApp(t), nil, func(s *httptest.Server) { s.StartTLS() })
	p, k := g.session()
	if !k.Request().Secure() {
		t.Error("the request is not marked secure")
	}
	_ = k.Send(text("x"))
	p.wantGet("4x")
	c := g.upgrade(p)
	big := strings.Repeat("z", 100000)
	for range 5 {
		_ = k.Send(text("a"), text(big), binary("b"))
		c.want("4a", "4"+big, "binary:b")
		c.say("4" + big)
		k.wantMessage("text:" + big)
	}
	k.Close(engine.ForcedClose)
	c.wantClose(1005)
	c.sayClose(0)

	w, k := g.connect()
	w.say("4x")
	k.wantMessage("text:x")
	w.say("2")
	k.wantEnd(engine.TransportError)
	w.wantClose(1005)
	w, k = g.connect()
	w.hang()
	k.wantEnd(engine.TransportClose)
}

// HTTP/2 has no Upgrade header; polling works over it.
func TestHTTP2(t *testing.T) {
	g := startWith(t, engine.Config{}, newApp(t), nil, func(s *httptest.Server) {
		s.EnableHTTP2 = true
		s.StartTLS()
	})
	var proto string
	g.hc.Transport = &watchProto{g.hc.Transport.(*http.Transport), &proto}
	p, k := g.session()
	if proto != "HTTP/2.0" {
		t.Fatalf("spoke %s", proto)
	}
	get := p.park()
	until(t, "the GET is parked", k.Waiting)
	_ = k.Send(text("x"))
	get.wait().want(t, 200, "4x")
	p.say("4y")
	k.wantMessage("text:y")
	get = p.park()
	until(t, "the GET is parked", k.Waiting)
	get.abort()
	k.wantEnd(engine.TransportError)
}

type watchProto struct {
	*http.Transport
	proto *string
}

func (w *watchProto) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := w.Transport.RoundTrip(r)
	if err == nil {
		*w.proto = res.Proto
	}
	return res, err
}

// C5 C6: concurrent senders and heartbeats never mix their bytes, and each
// sender's messages keep their order. B-53: those of one Send stay together.
func TestConcurrentSenders(t *testing.T) {
	const senders, each = 20, 200
	g := start(t, engine.Config{PingInterval: time.Millisecond, MaxQueuedBytes: 64 << 20}, newApp(t))
	p, k := g.connect()
	for i := range senders {
		name := string(rune('a' + i))
		go func() {
			for n := range each {
				if err := k.Send(text(name), binary(name+string(rune(n))), binary(name+strings.Repeat("x", n*20))); err != nil {
					t.Errorf("Send: %v", err)
					return
				}
			}
		}()
	}
	count := map[string]int{}
	for range senders * each {
		head := nextBut(p, "2")
		name := head[1:]
		if got, want := nextBut(p, "2"), "binary:"+name+string(rune(count[name])); got != want {
			t.Fatalf("after %q came %q, want %q", head, got, want)
		}
		if got, want := nextBut(p, "2"), "binary:"+name+strings.Repeat("x", count[name]*20); got != want {
			t.Fatalf("third of %q is %.20q", head, got)
		}
		count[name]++
	}
	p.hang()
	k.wantEnd(engine.TransportClose)
}

// nextBut returns the next packet, answering heartbeats.
func nextBut(p *peer, ping string) string {
	for {
		s := p.next()
		if s != ping {
			return s
		}
		p.say("3")
	}
}

// B-78 ENG-14: one Message goes to many sessions of both transports.
func TestSharedMessage(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	m, b := text("shared"), binary("\x01\x02")
	var polls []*poller
	var socks []*peer
	var all []*talk
	for range 20 {
		p, k := g.session()
		w, wk := g.connect()
		polls, socks, all = append(polls, p), append(socks, w), append(all, k, wk)
	}
	for _, k := range all {
		if err := k.Send(m, b, m); err != nil {
			t.Fatal(err)
		}
	}
	for i := range polls {
		polls[i].wantGet("4shared", "bAQI=", "4shared")
		socks[i].want("4shared", "binary:\x01\x02", "4shared")
	}
}

// Send after the end is refused, at every stage of it. C12
func TestSendAfterEnd(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.connect()
	k.Close(engine.ForcedClose)
	if err := k.Send(text("x")); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("Send while closing: %v", err)
	}
	if err := k.SendVolatile(text("x")); err == nil {
		t.Error("SendVolatile while closing is accepted")
	}
	p.wantClose(1005)
	p.wantQuiet()
	p.sayClose(0)
	until(t, "the session is closed", func() bool { return k.ReadyState() == engine.Closed })
	if err := k.Send(text("x")); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("Send after the end: %v", err)
	}
}
