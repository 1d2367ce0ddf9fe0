package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// livePath is where the plain WebSockets of the page at /websocket/ arrive.
const livePath = "/websocket/live/"

// What one board takes. Every update goes to everyone else, so that the work
// grows with the square of the number of people.
const (
	maxLive     = 24
	maxLiveText = 256      // bytes of one update; a page writes some 40
	maxWeight   = 64 << 10 // bytes of one message of ballast
	slowLine    = 4 << 20  // bytes of ballast per second
)

// live is the board of the page /websocket/: everybody's pointer, sent twenty
// times a second over package engine alone. It is an engine.Handler, and each
// visitor the engine.Receiver of one session.
//
// A client sends its place, with a number that counts its updates:
//
//	{"n": 17, "x": 0.25, "y": 0.5}
//
// or ballast, a binary message that is read slowly and thrown away. It is sent
//
//	{"kind": "hello", "id", "people": [{"id", "x", "y"}]}    once, at first
//	{"kind": "at", "id", "n", "x", "y"}                      the updates of the others
//	{"kind": "open" | "error" | "close", "id", "reason"}     what happened to others
//	{"kind": "beat", "rtt", "received", "n", "sent", "dropped", "buffered"}   after each heartbeat
//	{"kind": "refused", "reason"}                            and is closed
type live struct {
	log *slog.Logger

	mu     sync.Mutex // guards what follows, and keeps open, at and close in order; Send does not block under it
	last   int        // id given last
	people map[int]*visitor
}

func newLive(log *slog.Logger) *live { return &live{log: log, people: map[int]*visitor{}} }

// liveServer makes the board's server.
func liveServer(log *slog.Logger) *engine.Server {
	return engine.NewServer(engine.Config{
		Path: livePath,
		// The page at this path has a WebSocket and nothing else.
		Transports: []string{engine.WebSocket},
		// Heartbeats to look at, as in the chat.
		PingInterval: 2 * time.Second,
		PingTimeout:  12 * time.Second,
		MaxPayload:   maxWeight,
		CloseTimeout: demoGrace / 2,
		Logger:       log,
	}, newLive(log))
}

// place is an update. The board is one unit wide and one high.
type place struct {
	ID int     `json:"id,omitempty"`
	N  int64   `json:"n"`
	X  float64 `json:"x"`
	Y  float64 `json:"y"`
}

type visitor struct {
	board   *live
	session *engine.Session
	id      int

	at place // guarded by the board's lock

	received      atomic.Int64 // updates of this client
	sent, dropped atomic.Int64 // updates of others, for this client
}

// Open is the server's side of the event open.
func (b *live) Open(s *engine.Session) (engine.Receiver, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v := &visitor{board: b, session: s, at: place{X: 0.5, Y: 0.5}}
	if len(b.people) >= maxLive {
		v.refuse("There are %d people on the board already, and no room for more.", maxLive)
		return v, nil
	}
	people := make([]place, 0, len(b.people))
	for _, other := range b.people {
		people = append(people, other.at)
	}
	b.last++
	v.id = b.last
	v.at.ID = v.id
	b.tellLocked(message{"kind": "open", "id": v.id})
	b.people[v.id] = v
	b.log.Info("open", "id", v.id, "people", len(b.people))
	return v, s.Send(text(message{"kind": "hello", "id": v.id, "people": people}))
}

// Message is the server's side of the event message.
func (v *visitor) Message(kind engine.Kind, data []byte) {
	if kind == engine.Binary {
		v.weigh(len(data))
		return
	}
	var at place
	if len(data) > maxLiveText {
		v.refuse("An update has at most %d bytes, this one has %d.", maxLiveText, len(data))
		return
	}
	if err := json.Unmarshal(data, &at); err != nil {
		v.refuse("An update looks like {\"n\":1,\"x\":0.5,\"y\":0.5}: %v.", err)
		return
	}
	at.ID, at.X, at.Y = v.id, min(max(at.X, 0), 1), min(max(at.Y, 0), 1)
	v.received.Add(1)
	v.board.moved(v, at)
}

// Heartbeat tells the page what only the server can know.
func (v *visitor) Heartbeat(rtt time.Duration) {
	v.board.mu.Lock()
	n := v.at.N
	v.board.mu.Unlock()
	_ = v.session.SendVolatile(text(message{ // the next heartbeat tells more
		"kind": "beat", "rtt": float64(rtt.Microseconds()) / 1000, "n": n, "buffered": v.session.BufferedAmount(),
		"received": v.received.Load(), "sent": v.sent.Load(), "dropped": v.dropped.Load(),
	}))
}

// Closed is the server's side of the events error and close. The cause is for
// the log alone: it may name addresses.
func (v *visitor) Closed(reason engine.Reason, cause error) {
	b := v.board
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.people[v.id] != v { // it was refused
		return
	}
	delete(b.people, v.id)
	b.log.Info("close", "id", v.id, "reason", reason, "cause", cause)
	switch reason {
	case engine.TransportError, engine.ParseError, engine.PingTimeout, engine.SlowConsumer:
		b.tellLocked(message{"kind": "error", "id": v.id, "reason": reason})
	}
	b.tellLocked(message{"kind": "close", "id": v.id, "reason": reason})
}

// moved tells the others where v is. The updates are volatile: for whom the
// line is busy, the next one is better than a late one.
func (b *live) moved(v *visitor, at place) {
	update := text(struct {
		Kind string `json:"kind"`
		place
	}{"at", at})
	b.mu.Lock()
	defer b.mu.Unlock()
	v.at = at
	for _, other := range b.people {
		if other == v {
			continue
		}
		if other.session.SendVolatile(update) == nil {
			other.sent.Add(1)
		} else {
			other.dropped.Add(1)
		}
	}
}

// weigh makes a slow line of a fast one: while Message has not returned,
// nothing more is read from this client, its packets fill the buffers on the
// way, and bufferedAmount in the page rises.
func (v *visitor) weigh(size int) {
	wait := time.NewTimer(time.Second * time.Duration(size) / slowLine)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-v.session.Context().Done():
	}
}

func (v *visitor) refuse(format string, args ...any) {
	_ = v.session.Send(text(message{"kind": "refused", "reason": fmt.Sprintf(format, args...)})) // it is closed anyway
	v.session.Close(engine.ForcedClose)
}

func (b *live) tellLocked(m message) {
	packet := text(m) // made once for all
	for _, v := range b.people {
		_ = v.session.Send(packet) // who cannot be told is about to be closed
	}
}

// message is one JSON object to send.
type message map[string]any

func text(v any) *engine.Message {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // only numbers and strings are ever in it
	}
	return engine.NewText(data)
}
