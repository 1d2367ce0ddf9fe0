package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// seat is a plain WebSocket at the board.
type seat struct {
	*webSocket
	id     int
	others map[int]place // who was there before
}

// told is what the board says, of any kind.
type told struct {
	Kind, Reason               string
	ID                         int
	N, Received, Sent, Dropped int64
	X, Y                       float64
	People                     []place
}

func sit(t *testing.T, base string) *seat {
	t.Helper()
	s := come(t, base+"/websocket/live/")
	hello := s.hear("hello")
	s.id = hello.ID
	for _, p := range hello.People {
		s.others[p.ID] = p
	}
	return s
}

// come connects, and has read the open packet.
func come(t *testing.T, url string) *seat {
	t.Helper()
	s := &seat{webSocket: dialWebSocket(t, url), others: map[int]place{}}
	var open struct {
		PingInterval int
		Upgrades     []string
	}
	op, first := s.frame()
	if err := json.Unmarshal([]byte(strings.TrimPrefix(first, "0")), &open); err != nil || op != 1 || open.PingInterval != 2000 || len(open.Upgrades) != 0 {
		t.Fatalf("opened with %q (%v)", first, err)
	}
	return s
}

// hear answers heartbeats until a message of this kind comes.
func (s *seat) hear(kind string) told {
	s.t.Helper()
	for {
		op, packet := s.frame()
		if op != 1 {
			s.t.Fatalf("waited for %q, got frame %d %q", kind, op, packet)
		}
		if packet == "2" {
			s.write("3")
			continue
		}
		var m told
		if err := json.Unmarshal([]byte(strings.TrimPrefix(packet, "4")), &m); err != nil {
			s.t.Fatalf("packet %q: %v", packet, err)
		}
		if m.Kind == kind {
			return m
		}
	}
}

// The four events of a WebSocket, from the server's side.
func TestBoard(t *testing.T) {
	base := startChat(t)
	ann := sit(t, base)
	bob := sit(t, base)
	if m := ann.hear("open"); m.ID != bob.id || bob.id == ann.id {
		t.Errorf("told that %d is there, not %d", m.ID, bob.id)
	}
	bob.write(`4{"n":7,"x":0.25,"y":3}`)
	if m := ann.hear("at"); m.ID != bob.id || m.N != 7 || m.X != 0.25 || m.Y != 1 {
		t.Errorf("bob is at %+v", m)
	}
	ann.write(`4{"n":1,"x":0.75,"y":0.5}`)
	if m := bob.hear("at"); m.ID != ann.id || m.X != 0.75 {
		t.Errorf("ann is at %+v", m)
	}
	cat := sit(t, base)
	if cat.others[ann.id].X != 0.75 || cat.others[bob.id].X != 0.25 || len(cat.others) != 2 {
		t.Errorf("cat is told of %v", cat.others)
	}
	if m := bob.hear("beat"); m.Received != 1 || m.N != 7 || m.Sent+m.Dropped != 1 {
		t.Errorf("the heartbeat tells bob %+v", m)
	}
	bob.write("1")
	if m := ann.hear("close"); m.ID != bob.id || m.Reason != "transport close" {
		t.Errorf("bob's close is told as %+v", m)
	}
	cat.write("9")
	if m := ann.hear("error"); m.Reason != "parse error" {
		t.Errorf("cat's error is told as %+v", m)
	}
	if m := ann.hear("close"); m.Reason != "parse error" {
		t.Errorf("cat's close is told as %+v", m)
	}
}

func TestBoardRefuses(t *testing.T) {
	base := startChat(t)
	ann := sit(t, base)
	for bad, want := range map[string]string{
		`4hello`:                                 "An update looks like",
		`4{"n":1,"x":"left"}`:                    "An update looks like",
		`4{"n":1,"x":1e999}`:                     "An update looks like",
		"4" + strings.Repeat(" ", maxLiveText+1): "at most 256 bytes",
	} {
		bob := sit(t, base)
		bob.write(bad)
		if m := bob.hear("refused"); !strings.Contains(m.Reason, want) {
			t.Errorf("%.40q is answered %q", bad, m.Reason)
		}
		bob.closed()
		if m := ann.hear("close"); m.ID != bob.id || m.Reason != "forced close" {
			t.Errorf("%.40q ends with %+v", bad, m)
		}
	}
	for i := 1; i < maxLive; i++ {
		sit(t, base)
	}
	late := come(t, base+"/websocket/live") // the path without its slash
	if m := late.hear("refused"); !strings.Contains(m.Reason, fmt.Sprint(maxLive)) {
		t.Errorf("one too many is told %q", m.Reason)
	}
	late.closed()

	r, body := fetch(t, "GET", base+"/websocket/live/?EIO=4&transport=polling")
	if r.StatusCode != http.StatusBadRequest || !strings.Contains(body, "Transport unknown") {
		t.Errorf("polling: %s %q", r.Status, body)
	}
}

// Ballast makes the line slow: what is sent behind it is read after it.
func TestBallast(t *testing.T) {
	base := startChat(t)
	ann, bob := sit(t, base), sit(t, base)
	for range 4 {
		bob.send(2, string(make([]byte, maxWeight)))
	}
	bob.write(`4{"n":1,"x":0,"y":0}`)
	if m := ann.hear("at"); m.N != 1 || m.ID != bob.id {
		t.Errorf("behind the ballast came %+v", m)
	}
	bob.send(2, string(make([]byte, maxWeight+1)))
	if m := ann.hear("close"); m.Reason != "transport error" {
		t.Errorf("too heavy a message ends with %+v", m)
	}
}

func TestBallastTakesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &visitor{session: &engine.Session{}}
		began := time.Now()
		v.weigh(slowLine / 2)
		if took := time.Since(began); took != time.Second/2 {
			t.Errorf("half a second's worth of ballast takes %v", took)
		}
	})
}
