package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/go-socketio/socketio/client/engine"
)

// A client is one connection in one namespace. It is the Receiver of its
// connection; the scenario hangs its own state on it.
type client struct {
	run     *run
	n       int
	ns      int // index of its namespace
	shard   *shard
	conn    *engine.Conn
	ready   chan error // told once, when the namespace has answered; nil afterwards
	stage   atomic.Uint32
	moved   chan error  // told when it has changed its transport, or cannot; may be nil
	leaving atomic.Bool // its end is wanted
	echo    *echo
	member  *member
}

// The stages of a client.
const (
	arriving uint32 = iota
	here
	left
)

var errKicked = errors.New("the server disconnected the client from its namespace")

// Opened implements engine.Opener: it asks for the namespace at once.
func (c *client) Opened(conn *engine.Conn) {
	c.conn = conn
	ns := c.run.cfg.Namespaces[c.ns]
	text := "0"
	if ns != "/" {
		text += ns + ","
	}
	_ = conn.Send(engine.Text, []byte(text+fill(c.run.cfg.Auth, c.n))) // Closed tells why it cannot
}

// Message implements engine.Receiver.
func (c *client) Message(kind engine.Kind, data []byte) {
	c.shard.bytes.Add(int64(len(data)))
	if c.stage.Load() == arriving {
		c.arrive(data)
		return
	}
	c.run.traffic.receive(c, kind, data)
}

// arrive handles the answer of the namespace.
func (c *client) arrive(data []byte) {
	if len(data) == 0 || data[0] != '0' && data[0] != '4' {
		return // an event before the answer is no business of this program
	}
	p, _ := parse(data)
	if p.kind == '0' {
		c.stage.Store(here)
		c.run.open.Add(1)
		c.tell(nil)
		return
	}
	var said struct {
		Message string
		Data    json.RawMessage
	}
	if json.Unmarshal(p.json, &said) != nil || said.Message == "" {
		said.Message = string(p.json)
	}
	c.tell(&Refused{Namespace: c.run.cfg.Namespaces[c.ns], Message: said.Message, Data: said.Data})
}

// Refused is the namespace's answer to a client that it does not let in.
type Refused struct {
	Namespace, Message string
	Data               json.RawMessage
}

func (e *Refused) Error() string {
	return fmt.Sprintf("the server refused namespace %s: %s", e.Namespace, e.Message)
}

func (c *client) tell(err error) {
	select {
	case c.ready <- err:
	default: // told already
	}
}

// odd handles what the scenario does not expect.
func (c *client) odd(kind engine.Kind, data []byte) {
	p, ok := parse(data)
	switch {
	case kind == engine.Binary:
	case ok && p.kind == '1':
		c.lose(errKicked)
		c.conn.CloseNow()
	case ok && (p.kind == '2' || p.kind == '5'):
		c.shard.other.Add(1)
	}
}

// Closed implements engine.Receiver.
func (c *client) Closed(reason engine.Reason, err error) {
	if err == nil {
		err = reason
	}
	c.tell(err)
	c.lose(err)
}

// lose takes note of a client that has gone, once.
func (c *client) lose(err error) {
	if c.stage.Swap(left) != here {
		return
	}
	c.run.open.Add(-1)
	if c.run.closing.Load() || c.leaving.Load() {
		return
	}
	c.run.lost.Add(1)
	c.run.errors.add("connection lost", err)
	c.run.traffic.gone(c)
	if c.run.open.Load() == 0 && !c.run.scenario.churns {
		c.run.cancel(errAllGone)
	}
}

// enter opens the connection and waits until the namespace has answered.
func (c *client) enter(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.run.cfg.Timeout, fmt.Errorf("no answer within %v (-timeout)", c.run.cfg.Timeout))
	defer cancel()
	ready := make(chan error, 1)
	c.ready = ready
	cfg := c.run.engineConfig(c.n)
	if c.moved != nil {
		cfg.Hooks.Upgrade = func(string) { c.moved <- nil }
		cfg.Hooks.UpgradeFailed = func(err error) { c.moved <- err }
	}
	conn, err := engine.Dial(ctx, fill(c.run.cfg.URL, c.n), cfg, c)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return err
	}
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		conn.CloseNow()
	}
	return err
}

// send puts a message together and queues it.
func (c *client) send(s *shape, owner int, seq uint32) {
	bp := scratch.Get().(*[]byte)
	b := s.append((*bp)[:0], owner, seq)
	var err error
	if s.binary {
		msgs := [2]engine.Message{{Kind: engine.Text, Data: s.head}, {Kind: engine.Binary, Data: b}}
		err = c.conn.SendMessages(msgs[:]...)
	} else {
		err = c.conn.Send(engine.Text, b)
	}
	*bp = b
	scratch.Put(bp)
	c.shard.sent.Add(1)
	if err != nil && !errors.Is(err, engine.ErrClosed) { // a connection that is lost has been counted
		c.run.errors.add("not sent", err)
	}
}
