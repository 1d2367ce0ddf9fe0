package siotest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/eio"
)

// Options say how a connection is opened. The zero value is a WebSocket.
type Options struct {
	Transport string      // engine.WebSocket (the default) or engine.Polling
	Header    http.Header // sent with the first request
	Query     url.Values  // added to the URL of the first request
	Mute      bool        // do not answer heartbeats
}

// Conn is one connection of a client, at the level of Socket.IO packets. All
// methods may be called concurrently.
type Conn struct {
	// SID is the session's id, a secret shared with the server.
	SID string
	// Handshake is the JSON that the server opened the session with.
	Handshake string

	t    testing.TB
	ts   *Server
	mute bool

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever something below changes
	link    link
	queue   []Message // came and belongs to no Client
	clients map[string]*Client
	partial *partial
	paused  bool
	asked   int   // fences
	fences  int   // answered
	err     error // why the connection is over; nil while it is not
}

// link is a transport.
type link interface {
	write(msgs []Message) error
	control(t eio.PacketType)
	later(task func()) // which wait waits for
	cut()
	goodbye()
	wait() // for its goroutines
}

// Message is one message as it stands on the wire: a text begins with the digit
// of its Engine.IO packet type, 4.
type Message struct {
	Binary bool
	Data   []byte
}

// String returns a text as it is, and of binary data the bytes in hexadecimal.
func (m Message) String() string {
	if m.Binary {
		return fmt.Sprintf("binary %x", m.Data)
	}
	return string(m.Data)
}

// ErrClosed is the end of a connection that the test itself closed.
var ErrClosed = errors.New("siotest: closed by the test")

// Open opens a connection and joins no namespace. It fails the test if the
// server refuses. The connection is cut at the end of the test.
func (ts *Server) Open(t testing.TB, opt Options) *Conn {
	t.Helper()
	c, err := ts.TryOpen(t, opt)
	if err != nil {
		t.Fatalf("siotest: %v", err)
	}
	return c
}

// TryOpen is Open that returns the error of a refused connection.
func (ts *Server) TryOpen(t testing.TB, opt Options) (*Conn, error) {
	c := &Conn{t: t, ts: ts, mute: opt.Mute, changed: make(chan struct{})}
	var err error
	if opt.Transport == engine.Polling {
		err = c.openPolling(opt)
	} else {
		err = c.openWebSocket(opt)
	}
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		c.Cut()
		c.mu.Lock()
		l := c.link
		c.mu.Unlock()
		l.wait()
	})
	return c, nil
}

func (c *Conn) address(transport, sid string, query url.Values) string {
	q := url.Values{"EIO": {"4"}, "transport": {transport}}
	if sid != "" {
		q.Set("sid", sid)
	}
	for k, v := range query {
		q[k] = v
	}
	return c.ts.URL + c.ts.Path + "?" + q.Encode()
}

// Send sends text packets, each as it stands on the wire: "40",
// `42["say","hi"]`. On polling they leave in one request.
func (c *Conn) Send(texts ...string) error {
	msgs := make([]Message, len(texts))
	for i, s := range texts {
		msgs[i].Data = []byte(s)
	}
	return c.write(msgs)
}

// SendBinary sends binary messages, the attachments of a packet.
func (c *Conn) SendBinary(data ...[]byte) error {
	msgs := make([]Message, len(data))
	for i, b := range data {
		msgs[i] = Message{Binary: true, Data: b}
	}
	return c.write(msgs)
}

func (c *Conn) write(msgs []Message) error {
	c.mu.Lock()
	l, err := c.link, c.err
	c.mu.Unlock()
	if err != nil {
		return err
	}
	return l.write(msgs)
}

// changedLocked lets those who wait look again.
func (c *Conn) changedLocked() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Open tells whether the connection lives, as far as the client knows.
func (c *Conn) Open() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err == nil
}

// Close ends the connection as a client does that means to. The server sees
// "transport close".
func (c *Conn) Close() {
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	l.goodbye()
	c.end(ErrClosed)
}

// Cut drops the connection without a word, as a client does that is killed.
func (c *Conn) Cut() {
	c.end(ErrClosed)
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	l.cut()
}

// Pause makes the client stop reading, until Resume. On a connection in memory
// the server can then write no more than what was under way.
func (c *Conn) Pause() { c.setPaused(true) }

// Resume ends a Pause.
func (c *Conn) Resume() { c.setPaused(false) }

func (c *Conn) setPaused(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = on
	c.changedLocked()
}

// gate holds a reader while the connection is paused.
func (c *Conn) gate() {
	for {
		c.mu.Lock()
		held, changed := c.paused && c.err == nil, c.changed
		c.mu.Unlock()
		if !held {
			return
		}
		<-changed
	}
}

// end notes why the connection is over; the first reason stays.
func (c *Conn) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		c.changedLocked()
	}
}

// deadline is the latest that a write may be done.
func (ts *Server) deadline() time.Time { return time.Now().Add(ts.Patience) }
