package siotest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/packet"
)

// Client is a client in one namespace. All methods may be called concurrently;
// those that wait or can fail the test belong on the test's goroutine.
type Client struct {
	conn *Conn
	nsp  string

	// guarded by conn.mu
	state   clientState
	sid     string
	recover bool // the server keeps what the client misses: its events have offsets
	refusal *ConnectError
	events  []*Event
	acks    map[uint64]*Event // answers that came; nil while awaited
	nextID  uint64
	answers map[string]func(*Event) []any
	asked   []*Event // events that an answer function is to take
	working bool
}

type clientState uint8

const (
	joining clientState = iota
	joined
	refusedState
	expelled // by the server
	left     // by itself
)

// ConnectError is a server's refusal to let a client into a namespace.
type ConnectError struct {
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

func (e *ConnectError) Error() string {
	if len(e.Data) > 0 {
		return fmt.Sprintf("refused: %s %s", e.Message, e.Data)
	}
	return "refused: " + e.Message
}

// Connect joins a namespace and waits for the server's answer. It fails the
// test if the server refuses. auth is as in [Server.Dial].
func (c *Conn) Connect(namespace string, auth any) *Client {
	c.t.Helper()
	cl, err := c.TryConnect(namespace, auth)
	if err != nil {
		c.t.Fatalf("siotest: connecting to %s: %v", namespace, err)
	}
	return cl
}

// TryConnect is Connect that returns the refusal, a [*ConnectError], or why the
// connection ended.
func (c *Conn) TryConnect(namespace string, auth any) (*Client, error) {
	c.t.Helper()
	if !strings.HasPrefix(namespace, "/") {
		namespace = "/" + namespace // as Server.Of does
	}
	cl := &Client{conn: c, nsp: namespace}
	var payload []byte
	if auth != nil {
		var err error
		if payload, err = json.Marshal(auth); err != nil {
			c.t.Fatalf("siotest: auth: %v", err)
		}
	}
	c.mu.Lock()
	if c.clients == nil {
		c.clients = map[string]*Client{}
	}
	c.clients[namespace] = cl
	c.mu.Unlock()
	if err := c.Send("4" + string(packet.AppendConnect(nil, namespace, payload))); err != nil {
		return nil, err
	}
	var err error
	if !c.await(func() bool { err = c.err; return cl.state != joining || err != nil }) {
		c.t.Fatalf("siotest: CONNECT to %s is not answered after %v", namespace, c.ts.Patience)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch cl.state {
	case joining:
		delete(c.clients, namespace)
		return nil, err
	case refusedState:
		delete(c.clients, namespace)
		return nil, cl.refusal
	}
	return cl, nil
}

// ID returns the socket's id.
func (c *Client) ID() string {
	c.conn.mu.Lock()
	defer c.conn.mu.Unlock()
	return c.sid
}

// Conn returns the connection below, which other Clients may share.
func (c *Client) Conn() *Conn { return c.conn }

// takeLocked takes a packet for the client's namespace.
func (c *Client) takeLocked(h *packet.Header, attachments [][]byte) {
	switch h.Type {
	case packet.Connect:
		var hello struct{ SID, PID string }
		_ = json.Unmarshal(h.Payload, &hello) // Parse has checked that it is an object
		c.sid, c.recover, c.state = hello.SID, hello.PID != "", joined
	case packet.ConnectError:
		c.refusal = &ConnectError{}
		_ = json.Unmarshal(h.Payload, c.refusal)
		c.state = refusedState
	case packet.Disconnect:
		c.state = expelled
	case packet.Ack, packet.BinaryAck:
		if e, ok := c.acks[h.ID]; ok && e == nil {
			c.acks[h.ID] = &Event{client: c, args: h.Args, attachments: attachments}
		} else {
			c.conn.t.Errorf("siotest: an answer to ack id %d, which is not awaited", h.ID)
		}
	default:
		e := &Event{client: c, Name: string(h.Name), args: h.Args, attachments: attachments, id: h.ID, WantsAck: h.HasID}
		if c.answers[e.Name] == nil {
			c.events = append(c.events, e)
			return
		}
		c.asked = append(c.asked, e)
		if !c.working {
			c.working = true
			go c.work()
		}
	}
}

// work runs answer functions in the order of the events, and ends when there
// are none. It is not waited for: it can hang only in the test's own function.
func (c *Client) work() {
	for {
		c.conn.mu.Lock()
		if len(c.asked) == 0 {
			c.working = false
			c.conn.mu.Unlock()
			return
		}
		e := c.asked[0]
		c.asked = c.asked[1:]
		f := c.answers[e.Name]
		c.conn.mu.Unlock()
		if out := f(e); e.WantsAck && out != nil {
			text, attachments, err := c.conn.ts.codec.AppendAck([]byte("4"), c.nsp, e.id, out)
			if err := c.trySend(text, attachments, err); err != nil && c.conn.Open() {
				c.conn.t.Errorf("siotest: ack of %q: %v", e.Name, err)
			}
		}
	}
}

// Answer sets a function that takes the events of a name from now on, instead
// of Next. What it returns is the ack, if the server asked for one; nil sends none.
// It runs on a goroutine of its own, one event at a time.
func (c *Client) Answer(event string, f func(*Event) []any) {
	c.conn.mu.Lock()
	defer c.conn.mu.Unlock()
	if c.answers == nil {
		c.answers = map[string]func(*Event) []any{}
	}
	c.answers[event] = f
}

// Emit sends an event. It fails the test if it cannot.
func (c *Client) Emit(event string, args ...any) {
	c.conn.t.Helper()
	text, attachments, err := c.conn.ts.codec.AppendEvent([]byte("4"), c.nsp, 0, false, event, args)
	c.send(event, text, attachments, err)
}

func (c *Client) send(event string, text []byte, attachments [][]byte, err error) {
	c.conn.t.Helper()
	if err := c.trySend(text, attachments, err); err != nil {
		c.conn.t.Errorf("siotest: emit %q: %v", event, err)
	}
}

// trySend sends what was encoded, unless that failed with err.
func (c *Client) trySend(text []byte, attachments [][]byte, err error) error {
	if err != nil {
		return err
	}
	msgs := []Message{{Data: text}}
	for _, a := range attachments {
		msgs = append(msgs, Message{Binary: true, Data: a})
	}
	return c.conn.write(msgs)
}

// EmitWithAck sends an event and waits for the answer. It fails the test if
// none comes.
func (c *Client) EmitWithAck(event string, args ...any) *Event {
	c.conn.t.Helper()
	return c.Ask(event, args...)()
}

// Ask sends an event that wants an answer, and returns a function that waits
// for the answer.
func (c *Client) Ask(event string, args ...any) func() *Event {
	t := c.conn.t
	t.Helper()
	c.conn.mu.Lock()
	id := c.nextID
	c.nextID++
	if c.acks == nil {
		c.acks = map[uint64]*Event{}
	}
	c.acks[id] = nil
	c.conn.mu.Unlock()
	text, attachments, err := c.conn.ts.codec.AppendEvent([]byte("4"), c.nsp, id, true, event, args)
	c.send(event, text, attachments, err)
	return func() *Event {
		t.Helper()
		var e *Event
		var over error
		if !c.conn.await(func() bool { e, over = c.acks[id], c.overLocked(); return e != nil || over != nil }) {
			t.Fatalf("siotest: %q is not answered after %v", event, c.conn.ts.Patience)
		}
		if e == nil {
			t.Fatalf("siotest: %q is not answered: %v", event, over)
		}
		return e
	}
}

// overLocked tells why nothing more will come, nil if something may.
func (c *Client) overLocked() error {
	switch c.state {
	case expelled:
		return fmt.Errorf("the server has disconnected the client from %s", c.nsp)
	case left:
		return fmt.Errorf("the client has left %s", c.nsp)
	}
	return c.conn.err
}

// Next waits for the next event, of any name without an Answer function. It
// fails the test if none comes.
func (c *Client) Next() *Event {
	t := c.conn.t
	t.Helper()
	var e *Event
	var over error
	ok := c.conn.await(func() bool {
		if len(c.events) > 0 {
			e, c.events = c.events[0], c.events[1:]
			return true
		}
		over = c.overLocked()
		return over != nil
	})
	if !ok {
		t.Fatalf("siotest: no event after %v", c.conn.ts.Patience)
	}
	if e == nil {
		t.Fatalf("siotest: wanted an event: %v", over)
	}
	return e
}

// Next waits for the client's next event, which must have the given name, and
// decodes its arguments: T is what it is for socketio.On. It fails the test
// otherwise.
func Next[T any](t testing.TB, c *Client, event string) T {
	t.Helper()
	e := c.Next()
	if e.Name != event {
		t.Fatalf("siotest: received %s, want %q", e, event)
	}
	var v T
	if err := e.Decode(&v); err != nil {
		t.Fatalf("siotest: received %s: %v", e, err)
	}
	return v
}

// Expect waits for the next event and fails the test unless it is this one.
// Arguments are compared by the JSON they have on the wire, attachments by
// their bytes. The offset that connection state recovery adds to an event's
// arguments is not compared.
func (c *Client) Expect(event string, args ...any) {
	c.conn.t.Helper()
	e := c.Next()
	want := "!"
	text, attachments, err := c.conn.ts.codec.AppendEvent(nil, "", 0, false, event, args)
	if err == nil {
		if h, perr := packet.Parse(text, packet.Limits{MaxAttachments: unbounded}); perr == nil {
			want = (&Event{Name: event, args: h.Args, attachments: attachments}).String()
		}
	}
	got := e.String()
	if c.recover {
		got = e.text(e.withoutOffset())
	}
	if got != want {
		c.conn.t.Fatalf("siotest: received %s, want %s", got, want)
	}
}

// Quiet waits for [Conn.Fence] and fails the test if there is an event that
// nobody has taken with Next.
func (c *Client) Quiet() {
	c.conn.t.Helper()
	c.conn.Fence()
	c.conn.mu.Lock()
	defer c.conn.mu.Unlock()
	for _, e := range c.events {
		c.conn.t.Errorf("siotest: unexpected event %s in %s", e, c.nsp)
	}
}

// Disconnect leaves the namespace. The server sees "client namespace
// disconnect". A client that the server has disconnected, or that has left,
// stays as it is.
func (c *Client) Disconnect() {
	c.conn.t.Helper()
	c.conn.mu.Lock()
	member := c.state == joined
	if member {
		c.state = left
		c.conn.changedLocked()
	}
	if c.conn.clients[c.nsp] == c {
		delete(c.conn.clients, c.nsp)
	}
	c.conn.mu.Unlock()
	if !member {
		return
	}
	if err := c.conn.Send("4" + string(packet.AppendDisconnect(nil, c.nsp))); err != nil {
		c.conn.t.Errorf("siotest: disconnect: %v", err)
	}
}

// Close ends the connection; see [Conn.Close].
func (c *Client) Close() { c.conn.Close() }

// WaitDisconnect waits until the client's stay is over, and returns what an
// official client would be told: "io server disconnect", "io client disconnect"
// after Disconnect, or "transport close" when the whole connection is over. It
// fails the test if none of these happens.
func (c *Client) WaitDisconnect() string {
	c.conn.t.Helper()
	var why string
	ok := c.conn.await(func() bool {
		switch {
		case c.state == expelled:
			why = "io server disconnect"
		case c.state == left:
			why = "io client disconnect"
		case c.conn.err != nil:
			why = "transport close"
		}
		return why != ""
	})
	if !ok {
		c.conn.t.Fatalf("siotest: still connected after %v", c.conn.ts.Patience)
	}
	return why
}
