package engine_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/engine"
)

// ENG-01 B-23 B-29 B-33 B-34 HTTP-21: both directions, both kinds, headers and lengths.
func TestPollingEcho(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	for _, c := range []struct{ body, want string }{
		{"4hello", "text:hello"},
		{"4", "text:"},
		{"4€ und 🎈", "text:€ und 🎈"},
		{"bAAEC/w==", "binary:\x00\x01\x02\xff"},
		{"b", "binary:"},
	} {
		r := p.post(c.body, "Content-Type", "text/plain;charset=UTF-8")
		r.want(t, 200, "ok")
		if r.header.Get("Content-Type") != "text/html" || r.header.Get("Content-Length") != "2" || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("header of the answer to a POST is %v", r.header)
		}
		k.wantMessage(c.want)
	}
	p.say("4a", "bAQ==", "6", "5", "0{}", "4b") // open, upgrade and noop mean nothing from a client
	k.wantMessage("text:a")
	k.wantMessage("binary:\x01")
	k.wantMessage("text:b")

	_ = k.Send(text("€🎈"), binary("\x00\xff"), binary(""), text(""))
	r := p.get()
	r.want(t, 200, "4€🎈\x1ebAP8=\x1eb\x1e4")
	if r.header.Get("Content-Type") != "text/plain; charset=UTF-8" || r.header.Get("Content-Length") != strconv.Itoa(len(r.body)) || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("header of a poll answer is %v", r.header)
	}
	// "t" is ignored, whatever it says
	_ = k.Send(text("x"))
	do(t, p.hc, "GET", p.url+"&t=OyX5XLk", "").want(t, 200, "4x")
	k.wantOpen()
}

// HTTP-21: Internet Explorer must not rewrite payloads.
func TestInternetExplorer(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	for ua, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko":      "0",
		"Mozilla/4.0 (compatible;MSIE 8.0; Windows NT 6.1)":                  "0",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/1": "",
	} {
		_ = k.Send(text("x"))
		r := do(t, p.hc, "GET", p.url, "", "User-Agent", ua)
		if got := r.header.Get("X-XSS-Protection"); got != want {
			t.Errorf("X-XSS-Protection for %q is %q, want %q", ua, got, want)
		}
	}
}

// A parked GET is answered by the first Send. D7
func TestParkedGet(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	get := p.park()
	until(t, "the GET is parked", k.Waiting)
	if err := k.SendVolatile(text("now")); err != nil {
		t.Fatalf("volatile message with a parked GET: %v", err)
	}
	get.wait().want(t, 200, "4now")
	if err := k.SendVolatile(text("never")); !errors.Is(err, engine.ErrNotWritable) {
		t.Errorf("volatile message without a GET: %v, want ErrNotWritable", err)
	}
	_ = k.Send(text("later"))
	if n := k.BufferedAmount(); n == 0 {
		t.Error("nothing is buffered after a Send without a GET")
	}
	p.wantGet("4later")
	if n := k.BufferedAmount(); n != 0 {
		t.Errorf("%d bytes are buffered after the GET", n)
	}
}

// B-17: overlapping GETs end the session; the first learns it.
func TestOverlappingGets(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	first := p.park()
	until(t, "the GET is parked", k.Waiting)
	p.get().want(t, 400, "")
	first.wait().want(t, 200, "1")
	k.wantEnd(engine.TransportError)
	p.get().want(t, 400, code1)
}

// B-18: overlapping POSTs end the session.
func TestOverlappingPosts(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	body, feed := io.Pipe()
	first := make(chan reply, 1)
	go func() {
		r, err := try(context.Background(), p.hc, "POST", p.url, body)
		if err != nil {
			t.Errorf("first POST: %v", err)
		}
		first <- r
	}()
	_, _ = io.WriteString(feed, "4half")
	until(t, "the POST is being read", k.Posting)
	p.post("4x").want(t, 400, "")
	k.wantEnd(engine.TransportError)
	_ = feed.Close()
	<-first
	if len(k.got) != 0 {
		t.Errorf("delivered %q of overlapping POSTs", <-k.got)
	}
}

// B-19: a GET that the client cuts off ends the session.
func TestAbortedGet(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	get := p.park()
	until(t, "the GET is parked", k.Waiting)
	get.abort()
	k.wantEnd(engine.TransportError)
	p.post("4x").want(t, 400, code1)
}

// A POST that the client cuts off ends the session, and delivers nothing.
func TestAbortedPost(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	nc, err := net.Dial("tcp", strings.TrimPrefix(g.web.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(nc, "POST /engine.io/?EIO=4&transport=polling&sid="+p.open.SID+" HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n4abc\x1e4d")
	until(t, "the POST is being read", k.Posting)
	_ = nc.Close()
	k.wantEnd(engine.TransportError)
	if len(k.got) != 0 {
		t.Errorf("delivered %q of half a POST", <-k.got)
	}
}

// B-10: other methods get 500 with nothing in it, and change nothing.
func TestOtherMethods(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	for _, m := range []string{"PUT", "DELETE", "PATCH", "OPTIONS", "BREW"} {
		do(t, p.hc, m, p.url, "").want(t, 500, "")
	}
	p.say("4x")
	k.wantMessage("text:x")
	k.wantOpen()
}

// B-20: a binary body is of an older protocol.
func TestOctetStream(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	get := p.park()
	until(t, "the GET is parked", k.Waiting)
	p.post("4x", "Content-Type", "application/octet-stream").want(t, 400, "")
	get.wait().want(t, 200, "1")
	k.wantEnd(engine.TransportError)
}

// B-21 B-22 HTTP-10: MaxPayload counts bytes as they arrive, and a body over it
// costs only that request.
func TestMaxPayloadPolling(t *testing.T) {
	g := start(t, engine.Config{MaxPayload: 1000}, newApp(t))
	p, k := g.session()
	fits, over := "4"+strings.Repeat("a", 999), "4"+strings.Repeat("a", 1000)
	euros := "4" + strings.Repeat("€", 333) // 1000 bytes
	for _, c := range []struct {
		name   string
		body   string
		status int
	}{
		{"just fits", fits, 200}, {"one over", over, 413}, {"far over", strings.Repeat("x", 1<<20), 413},
		{"multi-byte fits", euros, 200}, {"multi-byte over", euros + "€", 413}, {"fewer characters than bytes", "4" + strings.Repeat("🎈", 300), 413},
	} {
		for _, how := range []string{"declared", "chunked"} {
			var body io.Reader = strings.NewReader(c.body)
			if how == "chunked" {
				body = struct{ io.Reader }{body} // whose length http.NewRequest cannot see
			}
			r, err := try(t.Context(), p.hc, "POST", p.url, body)
			if err != nil {
				t.Fatalf("%s, %s: %v", c.name, how, err)
			}
			if want := map[int]string{200: "ok", 413: ""}[c.status]; r.status != c.status || r.body != want {
				t.Errorf("%s, %s: %v, want %d", c.name, how, r, c.status)
			}
			if c.status == 200 {
				k.wantMessage("text:" + c.body[1:])
			}
		}
	}
	k.wantOpen()
}

// B-24 B-25 B-30: a record that cannot be read ends the session, behind those
// before it; the POST is still answered ok.
func TestBadRecords(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	for _, c := range []struct {
		name, body string
		before     string
	}{
		{"empty body", "", ""},
		{"unknown type", "4a\x1e7x\x1e4b", "a"},
		{"a letter", "x", ""},
		{"empty record", "4a\x1e\x1e4b", "a"},
		{"separator at the end", "4a\x1e", "a"},
		{"separator alone", "\x1e", ""},
		{"bad base64", "4a\x1eb!!!", "a"},
		{"base64 without padding", "bAA", ""},
		{"base64 of the URL kind", "b_-8=", ""},
		{"not UTF-8", "4a\xff", ""},
		{"a character cut in two", "4\xe2\x82", ""},
		{"a character cut by a separator", "4\xe2\x82\x1e4\xac", ""},
		{"NUL", "\x004", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, k := g.session()
			get := p.park()
			until(t, "the GET is parked", k.Waiting)
			p.post(c.body).want(t, 200, "ok")
			get.wait().want(t, 200, "1")
			if c.before != "" {
				k.wantMessage("text:" + c.before)
			}
			if err := k.wantEnd(engine.ParseError); err == nil {
				t.Error("no cause is given")
			}
			if len(k.got) != 0 {
				t.Errorf("delivered %q behind the bad record", <-k.got)
			}
		})
	}
}

// B-26: the client's close packet is answered with a noop on the waiting GET.
func TestClientClosePolling(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	get := p.park()
	until(t, "the GET is parked", k.Waiting)
	p.say("4last", "1", "4too late")
	get.wait().want(t, 200, "6")
	k.wantMessage("text:last")
	k.wantEnd(engine.TransportClose)
	if len(k.got) != 0 {
		t.Errorf("delivered %q behind the close packet", <-k.got)
	}
	p.get().want(t, 400, code1)
	if k.ReadyState() != engine.Closed || k.BufferedAmount() != 0 {
		t.Errorf("state %d with %d bytes buffered", k.ReadyState(), k.BufferedAmount())
	}
}

// B-28: a separator inside a text is not escaped, as the protocol has it.
func TestSeparatorInText(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	_ = k.Send(text("a\x1e4b"))
	p.wantGet("4a", "4b")
}

// B-32: a character that arrives in two TCP segments is whole.
func TestCharacterAcrossSegments(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	nc, err := net.Dial("tcp", strings.TrimPrefix(g.web.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = nc.Close() }()
	body := "4€🎈"
	_, _ = io.WriteString(nc, "POST /engine.io/?EIO=4&transport=polling&sid="+p.open.SID+" HTTP/1.1\r\nHost: a\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n")
	for i := range len(body) {
		until(t, "the POST is being read", k.Posting)
		_, _ = io.WriteString(nc, body[i:i+1])
	}
	res, err := http.ReadResponse(bufio.NewReader(nc), nil)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%v %v", res, err)
	}
	k.wantMessage("text:€🎈")
}

// LIFE-03 B-45: a client that pings is of the protocol before.
func TestHeartbeatDirectionPolling(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	for _, ping := range []string{"2", "2probe"} {
		p, k := g.session()
		p.post(ping).want(t, 200, "ok")
		if err := k.wantEnd(engine.TransportError); err == nil || !strings.Contains(err.Error(), "invalid heartbeat direction") {
			t.Errorf("cause is %v", err)
		}
	}
}

// D9: a Receiver that blocks holds up its own client alone.
func TestBlockedReceiver(t *testing.T) {
	a := newApp(t)
	release := make(chan struct{})
	a.onMsg = func(_ *talk, _ engine.Kind, s string) {
		if s == "block" {
			<-release
		}
	}
	g := start(t, engine.Config{}, a)
	p, k := g.session()
	w, wk := g.connect()
	stuck := make(chan struct{})
	go func() {
		defer close(stuck)
		p.say("4block")
	}()
	w.say("4block")
	until(t, "the POST is being delivered", k.Posting)
	q, qk := g.session()
	for range 10 {
		q.say("4x")
		qk.wantMessage("text:x")
		_ = qk.Send(text("y"))
		q.wantGet("4y")
	}
	_ = k.Send(text("to the blocked")) // its other direction works
	p.wantGet("4to the blocked")
	_ = wk.Send(text("to the blocked"))
	w.want("4to the blocked")
	close(release)
	<-stuck
	k.wantMessage("text:block")
	wk.wantMessage("text:block")
}

// Many messages in one GET come whole and in order, however large.
func TestLargeAnswer(t *testing.T) {
	g := start(t, engine.Config{MaxQueuedBytes: 8 << 20}, newApp(t))
	p, k := g.session()
	var want []string
	for i := range 300 {
		s := strings.Repeat(strconv.Itoa(i)+" ", i*13)
		_ = k.Send(text(s))
		want = append(want, "4"+s)
	}
	p.wantGet(want...)
	k.wantOpen()
	p.say("4x")
}
