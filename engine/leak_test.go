package engine_test

import (
	"io"
	"net"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// LIFE-09 L1 L2 L4 L5: clients that leave at every step of the protocol, with unread
// messages, leave nothing behind: sessions, goroutines, descriptors, memory.
func TestNothingLeaks(t *testing.T) {
	a := newApp(t)
	a.onMsg = func(k *talk, _ engine.Kind, s string) { _ = k.Send(text(s), binary(s)) }
	g := start(t, engine.Config{PingInterval: 700 * time.Millisecond, PingTimeout: 700 * time.Millisecond, UpgradeTimeout: 700 * time.Millisecond, CloseTimeout: 100 * time.Millisecond}, a)
	addr := strings.TrimPrefix(g.web.URL, "http://")
	raw := func(s string) {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(nc, s)
		_ = nc.Close()
	}
	const key = "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	steps := map[string]func(){
		"half a request":           func() { raw("GET /engine.io/?EIO=4&trans") },
		"polling, not read":        func() { raw("GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n") },
		"polling, opened":          func() { g.session() },
		"polling, messages unread": func() { p, _ := g.session(); p.say("4a", "4b") },
		"polling, GET cut":         func() { p, k := g.session(); get := p.park(); until(t, "parked", k.Waiting); get.abort() },
		"polling, closed":          func() { p, _ := g.session(); p.say("1") },
		"polling, POST cut": func() {
			p, _ := g.session()
			raw("POST /engine.io/?EIO=4&transport=polling&sid=" + p.open.SID + " HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n4")
		},
		"polling, closed by us":      func() { _, k := g.session(); _ = k.Send(text("x")); k.Close(engine.ForcedClose) },
		"websocket, not read":        func() { raw("GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\n" + key) },
		"websocket, hung up":         func() { p, _ := g.connect(); p.hang() },
		"websocket, messages unread": func() { p, _ := g.connect(); p.say("4a"); p.hang() },
		"websocket, silent":          func() { p, _ := g.connect(); _ = p },
		"websocket, half a frame":    func() { p, _ := g.connect(); _ = p.write([]byte{0x82, 0xfe, 0x10}); p.hang() },
		"websocket, half a message":  func() { p, _ := g.connect(); _ = p.write([]byte{0x02, 0x81, 0, 0, 0, 0, 1}) },
		"websocket, closed":          func() { p, _ := g.connect(); p.sayClose(1000); p.wantClose(1000) },
		"websocket, closed by us":    func() { _, k := g.connect(); k.Close(engine.ForcedClose) },
		"websocket, bad frame":       func() { p, _ := g.connect(); _ = p.write([]byte("GET / HTTP/1.1\r\n\r\n")) },
		"candidate, not read": func() {
			p, _ := g.session()
			raw("GET /engine.io/?EIO=4&transport=websocket&sid=" + p.open.SID + " HTTP/1.1\r\n" + key)
		},
		"candidate, silent": func() { p, _ := g.session(); g.candidate(p.open.SID) },
		"candidate, probed": func() { p, _ := g.session(); c := g.candidate(p.open.SID); c.say("2probe"); c.want("3probe"); c.hang() },
		"candidate, closed by us": func() {
			p, k := g.session()
			c := g.candidate(p.open.SID)
			c.say("2probe")
			c.want("3probe")
			k.Close(engine.ForcedClose)
		},
		"upgraded, hung up": func() { p, _ := g.session(); g.upgrade(p).hang() },
	}
	round := func(n int) {
		for range n {
			for _, step := range steps {
				step()
			}
		}
		until(t, "all sessions are gone", func() bool { return g.srv.Len()+g.srv.Busy()+g.srv.Leaving() == 0 })
		g.hangAll()
	drain:
		for {
			select {
			case <-a.opened:
			default:
				break drain
			}
		}
		g.hc.CloseIdleConnections()
		g.web.CloseClientConnections()
	}
	g.session() // so that the client's connection and its goroutines are counted
	g.hc.CloseIdleConnections()
	goroutines, files := runtime.NumGoroutine(), descriptors(t)
	rounds := 6
	if testing.Short() {
		rounds = 3
	}
	round(rounds)
	until(t, "goroutines are back", func() bool { return runtime.NumGoroutine() <= goroutines+5 })
	until(t, "descriptors are back", func() bool { return descriptors(t) <= files+5 })
}

// descriptors counts the open files of this process, 0 where it cannot be known.
func descriptors(t testing.TB) int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return len(list)
}

// L1: ten thousand polling sessions, each ended in another way, leave no memory.
func TestMemoryOfEndedSessions(t *testing.T) {
	a := newApp(t)
	a.opened = make(chan *talk, 1)
	srv := engine.NewServer(engine.Config{Logger: quiet()}, sparse{})
	rounds := 10000
	if testing.Short() {
		rounds = 2000
	}
	run := func(n int) {
		for i := range n {
			var w *httptest.ResponseRecorder = serveDirect(srv, "GET", "?EIO=4&transport=polling", "")
			query := "?EIO=4&transport=polling&sid=" + parseOpen(t, w.Body.String()).SID
			serveDirect(srv, "POST", query, "4hello\x1ebAAAA")
			switch i % 4 {
			case 0:
				serveDirect(srv, "POST", query, "1")
				if got := serveDirect(srv, "GET", query, "").Body.String(); got != "6" {
					t.Fatalf("GET behind a goodbye got %q", got)
				}
			case 1:
				serveDirect(srv, "POST", query, "2")
			case 2:
				serveDirect(srv, "POST", query, "x")
			case 3:
				serveDirect(srv, "POST", query, "4close")
				if got := serveDirect(srv, "GET", query, "").Body.String(); got != "1" {
					t.Fatalf("last GET got %q", got)
				}
			}
		}
		if n, busy := srv.Len(), srv.Busy(); n != 0 || busy != 0 {
			t.Fatalf("%d sessions, %d busy", n, busy)
		}
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	run(rounds)
	before := heap()
	run(rounds)
	if after := heap(); after > before+uint64(rounds)*20 {
		t.Errorf("the heap grew by %d bytes over %d sessions", after-before, rounds)
	}
}

// sparse is an application that keeps nothing.
type sparse struct{ s *engine.Session }

func (sparse) Open(s *engine.Session) (engine.Receiver, error) { return sparse{s}, nil }

func (a sparse) Message(_ engine.Kind, data []byte) {
	if string(data) == "close" {
		a.s.Close(engine.ForcedClose)
	}
}

func (sparse) Heartbeat(time.Duration) {}

func (sparse) Closed(engine.Reason, error) {}
