package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

const polling3, websocket3 = "?EIO=3&transport=polling", "?EIO=3&transport=websocket"

// record3 frames packets of ASCII as a polling body of Engine.IO 3.
func record3(packets ...string) string {
	var b strings.Builder
	for _, p := range packets {
		fmt.Fprintf(&b, "%d:%s", len(p), p)
	}
	return b.String()
}

// poll3 opens a polling session of Engine.IO 3.
func (g *rig) poll3(query string) (*poller, *talk) {
	g.t.Helper()
	r := g.do("GET", polling3+query, "")
	length, packet, _ := strings.Cut(r.body, ":")
	if r.status != http.StatusOK || length != fmt.Sprint(len(packet)) {
		g.t.Fatalf("handshake answered %v", r)
	}
	p := &poller{t: g.t, hc: g.hc, open: parseOpen(g.t, packet)}
	p.url = g.url + polling3 + query + "&sid=" + p.open.SID
	return p, g.app.find(p.open.SID)
}

// connect3 opens a WebSocket session of Engine.IO 3.
func (g *rig) connect3(query string) (*peer, *talk) {
	g.t.Helper()
	p := g.dial(websocket3 + query)
	p.open = parseOpen(g.t, p.next())
	return p, g.app.find(p.open.SID)
}

func allowOld() engine.Config { return engine.Config{AllowEIO3: true, PingInterval: time.Hour} }

// ENG-12 B-2: an old client is refused as ever, and the log says what to set.
func TestOldClientRefused(t *testing.T) {
	var log strings.Builder
	g := start(t, engine.Config{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))}, newApp(t))
	for query, said := range map[string]string{
		polling3:                   "Engine.IO 3 (EIO=3, a client of Socket.IO 1 or 2)",
		"?transport=polling":       "EIO is missing",
		"?EIO=5&transport=polling": "unknown version of Engine.IO (EIO=5)",
	} {
		g.do("GET", query, "").want(t, 400, code5)
		g.mu.Lock()
		last := g.refusals[len(g.refusals)-1]
		g.mu.Unlock()
		for _, text := range []string{last.Context, log.String()} {
			if !strings.Contains(text, said) || !strings.Contains(text, "AllowEIO3") {
				t.Errorf("%s: %q says nothing of %q and AllowEIO3", query, text, said)
			}
		}
		log.Reset()
	}
	g.refused(websocket3, 400, "Unsupported protocol version")
}

// ENG-12 B-2: whatever is not 4 is 3, if that is allowed at all.
func TestProtocol(t *testing.T) {
	g := start(t, allowOld(), newApp(t))
	for query, want := range map[string]int{"EIO=4": 4, "EIO=3": 3, "EIO=x": 3, "EIO=": 3, "x=y": 3} {
		p := g.dial("?" + query + "&transport=websocket")
		p.open = parseOpen(t, p.next())
		if got := g.app.find(p.open.SID).Protocol(); got != want {
			t.Errorf("%s is protocol %d, want %d", query, got, want)
		}
	}
	g.do("GET", polling3+"&EIO=4", "").want(t, 400, code5)
}

// ENG-12 WIRE-03 B-31: polling bodies of Engine.IO 3, in both directions.
func TestPolling3(t *testing.T) {
	g := start(t, allowOld(), newApp(t))
	for _, c := range []struct{ name, query, answer, contentType string }{
		{"XHR", "", "\x00\x06\xff4hello\x01\x05\xff\x04\x01\x02\x03\x04\x00\x05\xff4😀", "application/octet-stream"},
		{"base64", "&b64=1", "6:4hello10:b4AQIDBA==3:4😀", "text/plain; charset=UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, k := g.poll3(c.query)
			p.post("6:4hello0:10:b4AQIDBA==3:4😀").want(t, 200, "ok")
			k.wantMessage("text:hello")
			k.wantMessage("binary:\x01\x02\x03\x04")
			k.wantMessage("text:😀")
			_ = k.Send(text("hello"), binary("\x01\x02\x03\x04"), text("😀"))
			r := p.get()
			r.want(t, 200, c.answer)
			if got := r.header.Get("Content-Type"); got != c.contentType {
				t.Errorf("content type is %q, want %q", got, c.contentType)
			}
			_ = k.Send(text("a"), text("b"))
			p.get().want(t, 200, "2:4a2:4b")
		})
	}
}

// WIRE-03: a binary body, and bodies that end the session.
func TestBodies3(t *testing.T) {
	g := start(t, allowOld(), newApp(t))
	octets := []string{"Content-Type", "application/octet-stream"}
	p, k := g.poll3("")
	p.post("\x01\x05\xff\x04\x01\x02\x03\x04\x00\x03\xff4ä", octets...).want(t, 200, "ok")
	k.wantMessage("binary:\x01\x02\x03\x04")
	k.wantMessage("text:ä")
	for _, c := range []struct {
		body   string
		header []string
	}{
		{"abc", nil}, {"", nil}, {"2:4a3:4", nil}, {"2:4\xff", nil}, {"2:9a", nil}, {"4:b4!!", nil},
		{"", octets}, {"\x00\x09\xff4", octets}, {"\x00\x02\xff4\xff", octets}, {"\x01\x01\xff\x02", octets},
	} {
		p, k := g.poll3("")
		p.post(c.body, c.header...).want(t, 200, "ok")
		if cause := k.wantEnd(engine.ParseError); cause == nil {
			t.Errorf("%q ended the session without a cause", c.body)
		}
	}
	// What stands before the bad record counts.
	p, k = g.poll3("")
	p.post("2:4axx").want(t, 200, "ok")
	k.wantMessage("text:a")
	k.wantEnd(engine.ParseError)
}

// ENG-12: WebSocket frames of Engine.IO 3.
func TestWebSocket3(t *testing.T) {
	g := start(t, allowOld(), newApp(t))
	p, k := g.connect3("")
	p.say("4hello")
	p.sayBinary("\x04\x01\x02")
	p.say("b4AQI=")
	k.wantMessage("text:hello")
	k.wantMessage("binary:\x01\x02")
	k.wantMessage("binary:\x01\x02")
	large := strings.Repeat("x", 100_000)
	_ = k.Send(text("a"), binary("\x01\x02"), binary(large), text("b"))
	p.want("4a", "binary:\x04\x01\x02", "binary:\x04"+large, "4b")
	if n := k.BufferedAmount(); n != 0 {
		t.Errorf("%d bytes are counted as queued after all was sent", n)
	}
	for _, bad := range []string{"\x02", "", "\x344a"} {
		p, k := g.connect3("")
		p.sayBinary(bad)
		k.wantEnd(engine.ParseError)
	}
}

// ENG-13 B-34 B-50: clients that take no binary frames, from the beginning or
// since they upgraded.
func TestBase64(t *testing.T) {
	g := start(t, allowOld(), newApp(t))
	for query, want := range map[string]string{
		"?EIO=4&transport=websocket&b64=1": "bAQI=", websocket3 + "&b64=1": "b4AQI=",
		"?EIO=4&transport=websocket&b64=": "binary:\x01\x02", websocket3: "binary:\x04\x01\x02",
	} {
		p := g.dial(query)
		p.open = parseOpen(t, p.next())
		_ = g.app.find(p.open.SID).Send(binary("\x01\x02"))
		p.want(want)
	}
	for _, c := range []struct{ first, then, want string }{
		{"&b64=1", "", "bAQI="}, {"", "&b64=1", "bAQI="}, {"", "", "binary:\x01\x02"},
	} {
		r := g.do("GET", "?EIO=4&transport=polling"+c.first, "")
		open := parseOpen(t, r.body)
		k := g.app.find(open.SID)
		_ = k.Send(binary("\x01\x02")) // queued before the upgrade, sent after
		p := g.dial("?EIO=4&transport=websocket&sid=" + open.SID + c.then)
		p.say("5")
		p.want(c.want)
	}
}

// ENG-12: the upgrade of Engine.IO 3.
func TestUpgrade3(t *testing.T) {
	g := start(t, allowOld(), newApp(t))
	p, k := g.poll3("")
	if len(p.open.Upgrades) != 1 {
		t.Fatalf("upgrades are %q", p.open.Upgrades)
	}
	get := p.park()
	c := g.dial(websocket3 + "&sid=" + p.open.SID)
	c.say("2probe")
	c.want("3probe")
	if r := get.wait(); r.body != "1:6" {
		t.Fatalf("the waiting GET was answered %v, want a noop", r)
	}
	_ = k.Send(binary("\x01"))
	c.say("5")
	c.want("binary:\x04\x01")
	c.say("2")
	c.want("3")
	if k.Transport() != engine.WebSocket || k.Protocol() != 3 {
		t.Errorf("now on %s, protocol %d", k.Transport(), k.Protocol())
	}
	p.get().want(t, 400, code3)
}

// ENG-12: the client pings, and one that does not is given up after interval
// and timeout, over both transports and after an upgrade.
func TestHeartbeat3(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{AllowEIO3: true, PingInterval: 20 * time.Second, PingTimeout: 5 * time.Second})
		begin := time.Now()
		ws, k := g.connect3("")
		p, polled := g.poll3("")
		for range 3 {
			pass(24 * time.Second)
			ws.say("2")
			ws.want("3")
			if rtt := <-k.beats; rtt != 0 {
				t.Errorf("the heartbeat took %v, of which the server knows nothing", rtt)
			}
			p.post("1:2").want(t, 200, "ok")
			p.get().want(t, 200, "1:3")
		}
		k.wantOpen()
		polled.wantOpen()
		k.wantEnd(engine.PingTimeout)
		if got := time.Since(begin); got != 97*time.Second {
			t.Errorf("given up after %v, want 97 s", got)
		}
		polled.wantEnd(engine.PingTimeout)
	})
}

// ENG-12: heartbeats in the wrong direction.
func TestWrongHeartbeat3(t *testing.T) {
	g := start(t, allowOld(), newApp(t))
	p, k := g.connect3("")
	p.say("3")
	if cause := k.wantEnd(engine.TransportError); cause == nil || !strings.Contains(cause.Error(), "invalid heartbeat direction") {
		t.Errorf("cause is %v", cause)
	}
}

// ENG-12: how a session of Engine.IO 3 ends, from both sides.
func TestClose3(t *testing.T) {
	g := start(t, allowOld(), newApp(t))
	p, k := g.poll3("")
	get := p.park()
	p.post("1:1").want(t, 200, "ok")
	k.wantEnd(engine.TransportClose)
	if r := get.wait(); r.status == 200 && r.body != "1:6" {
		t.Errorf("the waiting GET was answered %v, want a noop", r)
	}
	p, k = g.poll3("")
	_ = k.Send(text("last"))
	k.Close(engine.ForcedClose)
	p.get().want(t, 200, record3("4last"))
	p.get().want(t, 200, record3("1"))
	p.get().want(t, 400, code1)
	ws, k := g.connect3("")
	ws.say("1")
	k.wantEnd(engine.TransportClose)
}

// ENG-11 B-35: JSONP in both versions, remembered from the first request.
func TestJSONP(t *testing.T) {
	g := start(t, allowOld(), newApp(t))
	for _, c := range []struct{ version, open, post, got, send, answer string }{
		{"4", "0", "4a\\nb", "a\nb", "c\u2028\"", `___eio[12]("4c\u2028\"\u001ebAQI=");`},
		{"3", "", "4:4a\\nb", "a\nb", "c\u2028\"", `___eio[12]("4:4c\u2028\"6:b4AQI=");`},
	} {
		query := "?EIO=" + c.version + "&transport=polling&j="
		r := g.do("GET", query+url.QueryEscape("1a2("), "")
		_, open, _ := strings.Cut(r.body, `0{`)
		open, _, _ = strings.Cut(open, `");`)
		p := &poller{t: t, hc: g.hc, open: parseOpen(t, "0{"+strings.ReplaceAll(open, `\"`, `"`))}
		p.url = g.url + query + "&sid=" + p.open.SID // the index of the first request counts
		k := g.app.find(p.open.SID)
		form := []string{"Content-Type", "application/x-www-form-urlencoded"}
		p.post(url.Values{"d": {c.post}}.Encode(), form...).want(t, 200, "ok")
		k.wantMessage("text:" + c.got)
		p.post("x=y", form...).want(t, 200, "ok")
		k.wantOpen()
		_ = k.Send(text(c.send), binary("\x01\x02"))
		r = p.get()
		r.want(t, 200, c.answer)
		if ct := r.header.Get("Content-Type"); ct != "text/javascript; charset=UTF-8" {
			t.Errorf("content type is %q", ct)
		}
		p.post("d=%zz", form...).want(t, 200, "ok")
		k.wantEnd(engine.ParseError)
	}
	// Two indices are none.
	r := g.do("GET", "?EIO=4&transport=polling&j=1&j=2", "")
	parseOpen(t, r.body)
}

// ENG-11: a script names no Origin, so a foreign page is told by other headers.
func TestJSONPOrigin(t *testing.T) {
	g := start(t, engine.Config{Origins: []string{"https://app.example"}}, newApp(t))
	for _, c := range []struct {
		status int
		header []string
	}{
		{200, nil},
		{200, []string{"Referer", "https://app.example/page?x"}},
		{200, []string{"Referer", "https://app.example/", "Sec-Fetch-Site", "cross-site"}},
		{200, []string{"Sec-Fetch-Site", "same-origin"}},
		{403, []string{"Referer", "https://evil.example/"}},
		{403, []string{"Sec-Fetch-Site", "cross-site"}},
		{403, []string{"Sec-Fetch-Site", "same-site"}},
	} {
		if r := g.do("GET", "?EIO=4&transport=polling&j=0", "", c.header...); r.status != c.status {
			t.Errorf("%q is answered %v, want %d", c.header, r, c.status)
		}
	}
	// Without JSONP a link from elsewhere is no matter.
	g.poll("Referer", "https://evil.example/")
}

// ENG-12: a message to old and new clients is framed for each.
func TestMixedBroadcast(t *testing.T) {
	g := start(t, allowOld(), newApp(t))
	ws3, k3 := g.connect3("")
	ws4, k4 := g.connect()
	m := []*engine.Message{text("t"), binary("\x01")}
	for range 3 {
		_ = k3.Send(m...)
		_ = k4.Send(m...)
	}
	for range 3 {
		ws3.want("4t", "binary:\x04\x01")
		ws4.want("4t", "binary:\x01")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience())
	defer cancel()
	if err := g.srv.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}
