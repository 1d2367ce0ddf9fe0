package engine_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// P5 X8: first packets of servers that are broken or hostile, over both transports.
func TestBadHandshakes(t *testing.T) {
	for name, c := range map[string]struct{ body, word string }{
		"empty":                {"", "empty packet"},
		"no packet":            {"hello", "no Engine.IO 4 server answers there"},
		"another packet":       {"4hello", "message, not open"},
		"no JSON":              {"0", "bad handshake"},
		"bad JSON":             {`0{"sid":"a"`, "bad handshake"},
		"an array":             {`0[1,2]`, "bad handshake"},
		"null":                 {`0null`, "no sid"},
		"a number as sid":      {`0{"sid":7,"pingInterval":1,"pingTimeout":1}`, "bad handshake"},
		"no sid":               {`0{"sid":"","pingInterval":1,"pingTimeout":1}`, "no sid"},
		"a long sid":           {`0{"sid":"` + strings.Repeat("x", 1025) + `","pingInterval":1,"pingTimeout":1}`, "1025 bytes"},
		"no times":             {`0{"sid":"a"}`, "pingInterval is 0"},
		"interval of zero":     {`0{"sid":"a","pingInterval":0,"pingTimeout":1}`, "pingInterval is 0"},
		"negative timeout":     {`0{"sid":"a","pingInterval":1,"pingTimeout":-1}`, "pingTimeout is -1"},
		"fractions":            {`0{"sid":"a","pingInterval":1.5,"pingTimeout":1}`, "bad handshake"},
		"endless interval":     {`0{"sid":"a","pingInterval":9223372036854775807,"pingTimeout":1}`, "pingInterval"},
		"beyond any number":    {`0{"sid":"a","pingInterval":1e400,"pingTimeout":1}`, "bad handshake"},
		"negative maxPayload":  {`0{"sid":"a","pingInterval":1,"pingTimeout":1,"maxPayload":-1}`, "maxPayload"},
		"upgrades of no list":  {`0{"sid":"a","upgrades":"websocket","pingInterval":1,"pingTimeout":1}`, "bad handshake"},
		"Engine.IO 3":          {`96:0{"sid":"a","upgrades":["websocket"],"pingInterval":1,"pingTimeout":1}`, "no Engine.IO 4 server"},
		"deeply nested":        {"0" + strings.Repeat("[", 100_000), "bad handshake"},
		"a page":               {"<html><title>Welcome</title></html>", "no Engine.IO 4 server"},
		"binary":               {"bAAAA", "message, not open"},
		"larger than accepted": {"0" + strings.Repeat(" ", 70_000), "MaxPayload"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{t: t, open: say(c.body), ws: func(p *peer) { p.say(c.body); p.gone() }}
			url := s.start()
			cfg := client.Config{MaxPayload: 65_536}
			if name == "deeply nested" {
				cfg.MaxPayload = 0
			}
			fails(t, url, cfg, "engine: polling: ", c.word)
			cfg.Transports = []string{client.WebSocket}
			word := c.word
			if name == "larger than accepted" {
				word = "1009"
			}
			fails(t, url, cfg, "engine: websocket: ", word)
			cfg.Transports, cfg.TryAllTransports = nil, true
			fails(t, url, cfg, "engine: polling: ", "engine: websocket: ")
		})
	}
}

// Times that fit into a number but into no timer are cut down to what does.
func TestHugeTimes(t *testing.T) {
	for _, open := range []string{
		`0{"sid":"a","pingInterval":9223372036854,"pingTimeout":9223372036854}`,
		`0{"sid":"a","pingInterval":2147483647,"pingTimeout":1}`,
	} {
		s := &script{t: t, open: say(open)}
		k := dial(t, s.start(), client.Config{})
		if got := k.conn.Silence(); got != int64(client.MaxSilence) {
			t.Errorf("%s: %v", open, time.Duration(got))
		}
		if !k.conn.Writable() {
			t.Error("overdue at once")
		}
	}
}

// P5: what ends an open connection, and how it is told.
func TestBadPackets(t *testing.T) {
	big := strings.Repeat("x", 2000)
	for name, c := range map[string]struct {
		body   string
		reason client.Reason
		word   string
	}{
		"unknown type":    {"7", client.ParseError, "unknown packet type"},
		"garbage":         {"\x00\x01\x02", client.ParseError, "unknown packet type"},
		"bad base64":      {"b!!!", client.ParseError, "base64"},
		"a second open":   {goodOpen, client.TransportError, "second time"},
		"a close":         {"1", client.TransportClose, ""},
		"empty":           {"", client.ParseError, "empty packet"},
		"not UTF-8":       {"4\xff\xfe", "", "UTF-8"},
		"more than asked": {"4" + big, client.TransportError, ""},
	} {
		t.Run(name, func(t *testing.T) {
			open := `0{"sid":"a","upgrades":["nonsense","polling",""],"pingInterval":25000,"pingTimeout":20000}`
			s := &script{t: t, open: say(open), get: answers("4first", c.body), ws: func(p *peer) { p.say(open, "4first", c.body, "4lost"); p.gone() }}
			url := s.start()
			for _, transport := range []string{client.Polling, client.WebSocket} {
				k := dial(t, url, client.Config{Transports: []string{transport}, MaxPayload: 1000})
				k.want("text:first")
				reason := c.reason
				if reason == "" { // it is WebSocket's own business there
					reason = map[string]client.Reason{client.Polling: client.ParseError, client.WebSocket: client.TransportError}[transport]
				}
				err := k.wantEnd(reason)
				if c.word != "" && (err == nil || !strings.Contains(err.Error(), c.word)) {
					t.Errorf("%s: error %v, want %q in it", transport, err, c.word)
				}
				if len(k.got) != 0 {
					t.Errorf("%s: delivered %q", transport, <-k.got)
				}
			}
		})
	}
}

// Records behind a bad one are not delivered, those before it are.
func TestBadRecord(t *testing.T) {
	s := &script{t: t, get: answers("4a\x1e4b\x1e9\x1e4c")}
	k := dial(t, s.start(), client.Config{DisableUpgrade: true})
	k.want("text:a", "text:b")
	k.wantEnd(client.ParseError)
	if len(k.got) != 0 {
		t.Errorf("delivered %q", <-k.got)
	}
}

// What means nothing does nothing: pongs, upgrades, noops of a server.
func TestMeaninglessPackets(t *testing.T) {
	noise := "3\x1e3probe\x1e5\x1e6\x1e6noise"
	s := &script{t: t, get: answers(noise, "6", "4still here"), ws: func(p *peer) {
		p.say(goodOpen)
		p.say(strings.Split(noise, "\x1e")...)
		p.say("4still here")
		p.gone()
	}}
	url := s.start()
	for _, transport := range []string{client.Polling, client.WebSocket} {
		k := dial(t, url, client.Config{Transports: []string{transport}})
		k.want("text:still here")
	}
}

// A server that answers with anything but Engine.IO.
func TestBadAnswers(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	_, _ = z.Write(zeros)
	_ = z.Close()
	member := bytes.Clone(bomb.Bytes())
	for range 255 { // 256 MiB in a quarter of one
		bomb.Write(member)
	}
	loops := 0
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		words  []string
	}{
		"404":                 {http.NotFound, []string{"status 404", "404 page not found"}},
		"Engine.IO 3":         {say2(400, `{"code":5,"message":"Unsupported protocol version"}`), []string{"status 400, code 5", "Unsupported protocol version"}},
		"binary":              {say2(500, "\xff\xfe"), []string{"status 500", "\ufffd"}},
		"a long page":         {say2(502, strings.Repeat("x", 1<<20)), []string{"status 502"}},
		"codes that are none": {say2(400, `{"code":-7,"message":"x"}`), []string{"status 400", "-7"}},
		"no content":          {say2(204, ""), []string{"status 204"}},
		"redirects for ever": {func(w http.ResponseWriter, r *http.Request) {
			loops++
			http.Redirect(w, r, r.URL.Path+"?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
		}, []string{"redirects"}},
		"a gzip bomb": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		}, []string{"larger than Config.MaxPayload"}},
		"a strange encoding": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = w.Write([]byte("0{}"))
		}, []string{`encoded as "br"`}},
		"a body without end": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write(zeros)
			}
		}, []string{"larger than Config.MaxPayload"}},
		"a lie about the length": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "9999999999999")
			_, _ = io.WriteString(w, goodOpen)
		}, []string{"unexpected EOF"}},
		"a hang-up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, []string{"EOF"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{t: t, other: c.answer}
			url := s.start()
			before := heap()
			fails(t, url, client.Config{DisableUpgrade: true, MaxPayload: 1 << 20}, append(c.words, "engine: polling: ")...)
			if after := heap(); after > before+16<<20 {
				t.Errorf("it cost %d MiB", (after-before)>>20)
			}
			// The same in the midst of a session.
			s = &script{t: t, get: func(_ int, w http.ResponseWriter, r *http.Request) { c.answer(w, r) }}
			k := dial(t, s.start(), client.Config{DisableUpgrade: true, MaxPayload: 1 << 20})
			err := k.wantEnd(client.TransportError)
			for _, word := range c.words {
				if err == nil || !strings.Contains(err.Error(), word) {
					t.Errorf("error %v, want %q in it", err, word)
				}
			}
			if err != nil && strings.Contains(err.Error(), "sid=") {
				t.Errorf("the error tells the session's id: %v", err)
			}
		})
	}
	if loops == 0 || loops > 30 {
		t.Errorf("%d redirects were followed", loops)
	}
}

func say2(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// heap is what is allocated in all, whether still in use or not.
func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// The same for WebSocket: what stands instead of a 101.
func TestWebSocketRefused(t *testing.T) {
	s := &script{t: t}
	err := fails(t, s.start(), client.Config{Transports: []string{client.WebSocket}}, "status 400, code 3", "Bad request")
	h, ok := errors.AsType[*client.HandshakeError](err)
	if !ok || h.Status != 400 || h.Code != 3 || h.Message != "Bad request" || h.Transport != client.WebSocket || h.Header.Get("Content-Length") == "" {
		t.Errorf("%#v", h)
	}
	s = &script{t: t, other: say2(101, "")}
	fails(t, s.start(), client.Config{Transports: []string{client.WebSocket}}, "engine: websocket: ")
	s = &script{t: t, other: say2(200, goodOpen)}
	fails(t, s.start(), client.Config{Transports: []string{client.WebSocket}}, "status 200", "sid")
}

// Frames that break RFC 6455 or the bound end the connection, with the code that says so.
func TestBadFrames(t *testing.T) {
	for name, c := range map[string]struct {
		frame []byte
		code  string
	}{
		"masked":          {wsock.AppendMaskedFrame(nil, wsock.Text, []byte("4x")), "1002"},
		"reserved bit":    {[]byte{0xc1, 1, '4'}, "1002"},
		"reserved opcode": {[]byte{0x83, 0}, "1002"},
		"continuation":    {[]byte{0x80, 0}, "1002"},
		"too large":       {[]byte{0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0}, "1009"},
		"too large, in fragments": {append(
			append([]byte{0x01, 126, 3, 0xe0}, bytes.Repeat([]byte("4"), 0x3e0)...),
			append([]byte{0x80, 126, 3, 0xe0}, bytes.Repeat([]byte("4"), 0x3e0)...)...), "1009"},
		"HTTP":      {[]byte("HTTP/1.1 200 OK\r\n\r\n"), "1002"},
		"long ping": {append([]byte{0x89, 126, 0, 126}, make([]byte, 126)...), "1002"},
		"bad close": {[]byte{0x88, 1, 0}, "1002"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{t: t, ws: func(p *peer) { p.say(goodOpen); p.raw(c.frame); p.gone() }}
			k := dial(t, s.start(), client.Config{Transports: []string{client.WebSocket}, MaxPayload: 1000})
			if err := k.wantEnd(client.TransportError); err == nil || !strings.Contains(err.Error(), c.code) {
				t.Errorf("error %v, want %s in it", err, c.code)
			}
		})
	}
}

// A server that pings without end and reads nothing gets a bounded number of answers.
func TestPingFlood(t *testing.T) {
	release := make(chan struct{})
	s := &script{t: t, other: func(w http.ResponseWriter, r *http.Request) {
		conn, err := wsock.Accept(w, r, nil, wsock.Options{})
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		_, _ = conn.Write(wsock.AppendFrame(nil, wsock.Text, []byte(goodOpen)))
		flood := bytes.Repeat(append(wsock.AppendFrame(nil, wsock.Text, []byte("2")), wsock.AppendFrame(nil, wsock.Ping, make([]byte, 125))...), 500)
		for range 400 {
			if _, err := conn.Write(flood); err != nil {
				return
			}
		}
		_, _ = conn.Write(wsock.AppendFrame(nil, wsock.Text, []byte("4done")))
		<-release
	}}
	defer close(release)
	k := dial(t, s.start(), client.Config{Transports: []string{client.WebSocket}, WriteTimeout: time.Hour})
	k.want("text:done")
	if n := k.conn.BufferedAmount(); n > 70_000 {
		t.Errorf("%d bytes wait for a server that does not read", n)
	}
}

// Closing codes of a server are an ordinary end. X11
func TestServerCloses(t *testing.T) {
	for _, code := range []int{0, 1000, 1001, 1011, 4000} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			answered := make(chan bool, 1)
			s := &script{t: t, ws: func(p *peer) {
				p.say(goodOpen)
				p.raw(wsock.AppendClose(nil, code, "bye"))
				p.gone()
				answered <- true
			}}
			k := dial(t, s.start(), client.Config{Transports: []string{client.WebSocket}})
			err := k.wantEnd(client.TransportClose)
			if e, ok := errors.AsType[*wsock.CloseError](err); !ok || code != 0 && e.Code != code {
				t.Errorf("error %v", err)
			}
			<-answered
		})
	}
}

// One hostile server after the other leaves no goroutine behind.
func TestHostileLeaksNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("all", func(t *testing.T) {
		TestBadHandshakes(t)
		TestBadPackets(t)
		TestBadFrames(t)
	})
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	until(t, "all goroutines are gone", func() bool { return runtime.NumGoroutine() <= before+3 })
}

// What answers in place of an Engine.IO 4 server can be told from the error.
func TestStrangers(t *testing.T) {
	open := func(body string) error {
		s := &script{t: t, open: say(body)}
		return fails(t, s.start(), client.Config{})
	}
	old := `96:0{"sid":"a","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000}2:40`
	if err := open(old); !errors.Is(err, client.ErrOldServer) {
		t.Errorf("a server of Engine.IO 3: %v", err)
	}
	page := "<html>" + strings.Repeat("\xff", 5000)
	h, ok := errors.AsType[*client.HandshakeError](open(page))
	if !ok || h.Status != 200 || h.Code != -1 || !strings.HasPrefix(h.Message, "<html>\ufffd") || len(h.Message) > 4000 {
		t.Errorf("a page: %+v", h)
	}
}
