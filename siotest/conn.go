package siotest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/packet"
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
	fences  int
	err     error // why the connection is over; nil while it is not
}

// link is a transport.
type link interface {
	write(msgs []Message) error
	control(t eio.PacketType)
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

// await waits until cond, called under the lock, is true. It reports false
// after Patience.
func (c *Conn) await(cond func() bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), c.ts.Patience)
	defer cancel()
	for {
		c.mu.Lock()
		if cond() {
			c.mu.Unlock()
			return true
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// Receive waits for the next message that is not for one of the connection's
// Clients, and fails the test if there is none.
func (c *Conn) Receive() Message {
	c.t.Helper()
	var m Message
	var err error
	ok := c.await(func() bool {
		if len(c.queue) > 0 {
			m, c.queue = c.queue[0], c.queue[1:]
			return true
		}
		err = c.err
		return err != nil
	})
	if !ok {
		c.t.Fatalf("siotest: no message after %v", c.ts.Patience)
	}
	if err != nil {
		c.t.Fatalf("siotest: wanted a message, but the connection is over: %v", err)
	}
	return m
}

// Expect receives messages and fails the test unless they are these, in this
// order; see [Message.String] for binary ones.
func (c *Conn) Expect(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if got := c.Receive().String(); got != w {
			c.t.Fatalf("siotest: received %s, want %s", got, w)
		}
	}
}

// Fence waits until everything that the server has queued for this connection
// by now has come. What is in nobody's hands yet, such as an event that a
// handler is still working on, it does not wait for.
//
// It asks for a namespace that does not exist, which the server answers at once
// and in order.
func (c *Conn) Fence() {
	c.t.Helper()
	c.mu.Lock()
	want := c.fences + 1
	c.mu.Unlock()
	if err := c.Send("40" + fence + ","); err != nil {
		c.t.Fatalf("siotest: fence: %v", err)
	}
	var err error
	if !c.await(func() bool { err = c.err; return c.fences >= want || err != nil }) {
		c.t.Fatalf("siotest: the server does not answer after %v", c.ts.Patience)
	}
	if err != nil {
		c.t.Fatalf("siotest: fence: the connection is over: %v", err)
	}
}

// fence is a namespace that no server has.
const fence = "/siotest-fence"

// Quiet waits for the Fence and fails the test if anything came that nobody has received.
func (c *Conn) Quiet() {
	c.t.Helper()
	c.Fence()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.queue {
		c.t.Errorf("siotest: unexpected message %s", m)
	}
	for _, cl := range c.clients {
		for _, e := range cl.events {
			c.t.Errorf("siotest: unexpected event %s in %s", e, cl.nsp)
		}
	}
}

// WaitClosed waits until the server ends the connection, and returns how it
// did; it fails the test if it does not.
func (c *Conn) WaitClosed() error {
	c.t.Helper()
	var err error
	if !c.await(func() bool { err = c.err; return err != nil }) {
		c.t.Fatalf("siotest: the connection is still open after %v", c.ts.Patience)
	}
	return err
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

// receive takes one Engine.IO packet of the server. It reports false when the
// server said that it was the last.
func (c *Conn) receive(p eio.Packet) bool {
	switch p.Type {
	case eio.Ping:
		if !c.mute {
			c.mu.Lock()
			l := c.link
			c.mu.Unlock()
			l.control(eio.Pong)
		}
	case eio.Close:
		c.end(errors.New("the server closed the connection"))
		return false
	case eio.Message:
		c.mu.Lock()
		c.routeLocked(p)
		c.changedLocked()
		c.mu.Unlock()
	}
	return true
}

// opened takes the open packet.
func (c *Conn) opened(p eio.Packet) error {
	if p.Type != eio.Open {
		return fmt.Errorf("the first packet is %s and not open", p.Type)
	}
	h, err := eio.ParseHandshake(p.Data)
	if err != nil {
		return err
	}
	c.SID, c.Handshake = h.SID, string(p.Data)
	return nil
}

// partial is a binary packet that waits for attachments.
type partial struct {
	header      packet.Header
	attachments [][]byte
}

// routeLocked gives a message to the Client it is for. It copies the data.
func (c *Conn) routeLocked(p eio.Packet) {
	if p.Binary {
		m := Message{Binary: true, Data: bytes.Clone(p.Data)}
		if c.partial == nil {
			c.queue = append(c.queue, m)
			return
		}
		c.partial.attachments = append(c.partial.attachments, m.Data)
		c.completeLocked()
		return
	}
	m := Message{Data: append([]byte{byte(eio.Message)}, p.Data...)}
	if bytes.HasPrefix(m.Data, []byte("44"+fence)) {
		c.fences++
		return
	}
	h, err := packet.Parse(m.Data[1:], packet.Limits{MaxAttachments: unbounded})
	if err != nil || c.clientLocked(h.Namespace) == nil {
		c.queue = append(c.queue, m)
		return
	}
	c.partial = &partial{header: h}
	c.completeLocked()
}

// completeLocked hands up a packet that has all its attachments.
func (c *Conn) completeLocked() {
	if p := c.partial; len(p.attachments) == p.header.Attachments {
		c.partial = nil
		c.clientLocked(p.header.Namespace).takeLocked(&p.header, p.attachments)
	}
}

func (c *Conn) clientLocked(nsp []byte) *Client {
	if nsp == nil {
		return c.clients["/"]
	}
	return c.clients[string(nsp)]
}

// deadline is the latest that a write may be done.
func (ts *Server) deadline() time.Time { return time.Now().Add(ts.Patience) }
