package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/packet"
)

// conn is one connection of a Manager. Its methods message and closed are
// called by the layer below, one at a time and in the order of the wire.
type conn struct {
	m        *Manager
	link     link        // set before the first message
	fruitful atomic.Bool // the server has let a socket in, or refused one

	room   atomic.Int64 // bytes that the queue of the link takes at least, see send
	broken atomic.Bool  // bad is set

	// The reader's alone: a packet whose attachments are still to come, and
	// events that are handed on together.
	partial *packet.Header
	binary  [][]byte
	pending int            // bytes of it
	waiting bool           // late may be set
	decoder packet.Decoder // of Config.Parser
	burst   *burst         // nil while there are none
	last    *Socket        // that of the packet before

	mu       sync.Mutex
	bad      error       // the server has broken the protocol
	late     *time.Timer // of what is pending
	over     bool
	attended bool               // somebody takes the end, see Manager.attend
	unwanted bool               // ctx has ended, or would have
	ctx      context.Context    // nil until it is asked for
	cancel   context.CancelFunc // of ctx
	why      DisconnectReason
	err      error
}

func newConn(m *Manager) *conn {
	c := &conn{m: m}
	if m.cfg.Parser != nil {
		c.decoder = m.cfg.Parser.NewDecoder(m.limits)
	}
	return c
}

// start gives the connection its link, before the first message comes.
func (c *conn) start(l link) { c.link = l }

// release closes the connection after what is queued.
func (c *conn) release() {
	c.forgo() // a reader that waits for a handler waits no longer
	c.link.close()
}

// context ends when the connection is over, or not wanted any more. It is made when
// it is asked for: most connections never need one.
func (c *conn) context() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx == nil {
		c.ctx, c.cancel = context.WithCancel(c.m.ctx)
		if c.unwanted {
			c.cancel()
		}
	}
	return c.ctx
}

// forgo ends the context.
func (c *conn) forgo() {
	c.mu.Lock()
	c.unwanted = true
	cancel := c.cancel
	c.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// wanted tells whether the context has not ended.
func (c *conn) wanted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.unwanted && c.m.ctx.Err() == nil
}

// ending returns how the connection has ended.
func (c *conn) ending() (DisconnectReason, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why, c.err
}

// send queues a packet. It never blocks. Unless anyway is set, a queue that is
// full is an error; a packet alone may have any size.
func (c *conn) send(f frames, anyway bool) error {
	// What waits becomes less by itself and more only here: how much of it there
	// is need not be asked for before as much as there was room for was sent.
	size := f.size()
	if c.room.Add(-int64(size)) < 0 {
		queued := c.link.buffered()
		if !anyway && queued > 0 && queued+size > c.m.cfg.MaxQueuedBytes {
			return ErrBufferFull
		}
		c.room.Store(int64(c.m.cfg.MaxQueuedBytes - queued - size))
	}
	return c.link.send(f)
}

// closed takes the end of the connection.
func (c *conn) closed(why DisconnectReason, err error) {
	c.mu.Lock()
	if c.bad != nil {
		why, err = ParseError, c.bad
	}
	c.why, c.err, c.over = why, err, true
	attended := c.attended
	c.stopLocked()
	c.mu.Unlock()
	c.forgo()
	if attended {
		c.m.tasks.goAdded(func() { c.m.ended(c) })
	}
}

// violation ends a connection whose server breaks the protocol.
func (c *conn) violation(err error) {
	c.mu.Lock()
	first := c.bad == nil && !c.over
	if first {
		c.bad = err
		c.broken.Store(true)
	}
	c.mu.Unlock()
	if !first {
		return
	}
	c.m.cfg.Logger.Debug("client: bad packet, connection closed", "error", err)
	err = fmt.Errorf("client: the server breaks the protocol: %w", err)
	tell(c.m, &c.m.errs, func(f func(error)) { f(err) })
	c.link.cut()
}

// message takes one message of the server; data is its own. It runs on the
// goroutine that reads, and waits for nothing but room in a socket's queue.
func (c *conn) message(binary bool, data []byte) {
	if c.broken.Load() {
		return // it is being closed
	}
	if err := c.take(binary, data); err != nil {
		c.paused() // what came before it was right
		c.violation(err)
	}
}

// paused hands on what has been gathered.
func (c *conn) paused() {
	if err := c.handOn(); err != nil {
		c.violation(err)
	}
}

func (c *conn) take(binary bool, data []byte) error {
	if c.pending += len(data); c.pending > c.m.cfg.MaxPacket {
		return fmt.Errorf("a packet is larger than MaxPacket, %d bytes", c.m.cfg.MaxPacket)
	}
	if c.decoder != nil {
		return c.takeOther(binary, data)
	}
	switch {
	case binary && c.partial == nil:
		return errors.New("got binary data when not reconstructing a packet")
	case !binary && c.partial != nil:
		return errors.New("got plaintext data when reconstructing a packet")
	case binary:
		c.binary = append(c.binary, data)
		if len(c.binary) < c.partial.Attachments {
			c.awaitMore()
			return nil
		}
		h, attachments := c.partial, c.binary
		c.partial, c.binary = nil, nil
		return c.packet(h, arguments{json: h.Args, binary: attachments}, c.complete())
	}
	h, err := packet.Parse(data, c.m.limits)
	if err != nil {
		return err
	}
	if h.Binary() {
		kept := h // not h itself, which would then be garbage of every packet
		c.partial = &kept
		c.awaitMore()
		return nil
	}
	return c.packet(&h, arguments{json: h.Args}, c.complete())
}

// awaitMore bounds how long a half-arrived packet may hold memory.
func (c *conn) awaitMore() {
	d := c.m.cfg.AttachmentTimeout
	if d < 0 {
		return
	}
	c.waiting = true
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopLocked()
	if c.over {
		return
	}
	var late *time.Timer
	late = time.AfterFunc(d, func() {
		c.mu.Lock()
		waiting := c.late == late
		c.mu.Unlock()
		if waiting {
			c.violation(fmt.Errorf("an attachment did not come within AttachmentTimeout, %v", d))
		}
	})
	c.late = late
}

// complete ends the wait for the rest of a packet, and returns its size.
func (c *conn) complete() (size int) {
	if c.waiting {
		c.waiting = false
		c.mu.Lock()
		c.stopLocked()
		c.mu.Unlock()
	}
	size, c.pending = c.pending, 0
	return size
}

func (c *conn) stopLocked() {
	if c.late != nil {
		c.late.Stop()
		c.late = nil
	}
}

// takeOther is take with Config.Parser.
func (c *conn) takeOther(binary bool, data []byte) error {
	p, err := c.decode(binary, data)
	if err != nil {
		return err
	}
	if p == nil {
		c.awaitMore()
		return nil
	}
	size := c.complete()
	h := packet.Header{Type: p.Type, HasID: p.HasID, ID: p.ID, Name: []byte(p.Name)}
	if p.Namespace != "/" {
		h.Namespace = []byte(p.Namespace)
	}
	if arg, ok := p.Data.(packet.Argument); ok {
		if h.Payload, err = c.payload(arg); err != nil {
			return err
		}
	}
	return c.packet(&h, arguments{other: p}, size)
}

// decode runs the application's decoder. A panic of it ends this connection, no more.
func (c *conn) decode(binary bool, data []byte) (p *packet.Packet, err error) {
	defer c.m.catch("Config.Parser", &err)
	if p, err = c.decoder.Add(data, binary); p != nil && err == nil {
		err = p.Check(c.m.limits)
	}
	return p, err
}

// payload reads what comes with a CONNECT or a CONNECT_ERROR, as JSON.
func (c *conn) payload(arg packet.Argument) (text json.RawMessage, err error) {
	defer c.m.catch("Config.Parser", &err)
	if err = arg.Decode(&text); err == nil && !json.Valid(text) {
		err = errors.New("Config.Parser made no JSON of a payload")
	}
	return text, err
}

// packet acts on one complete packet. Those for namespaces that nobody has
// joined are ignored, as the official client does: they may have been on their
// way when it was left.
func (c *conn) packet(h *packet.Header, args arguments, size int) error {
	s := c.socket(h.Namespace)
	if s == nil {
		return nil
	}
	if h.Type == packet.Event || h.Type == packet.BinaryEvent {
		return c.gather(h.Name, &Event{
			socket: s, conn: c, args: args, id: h.ID, wantsAck: h.HasID, size: size,
		})
	}
	if err := c.handOn(); err != nil { // in the order of the wire
		return err
	}
	name := s.nsp
	switch h.Type {
	case packet.Connect:
		c.fruitful.Store(true)
		var hello struct{ SID, PID string }
		if json.Unmarshal(h.Payload, &hello) != nil || hello.SID == "" {
			s.refused(c, fmt.Errorf("client: the server's CONNECT for %s names no sid: %w", name, engine.ErrOldServer))
			return nil
		}
		s.welcomed(c, hello.SID, hello.PID)
	case packet.ConnectError:
		c.fruitful.Store(true)
		s.refused(c, readRefusal(name, h.Payload))
	case packet.Disconnect:
		s.thrownOut(c)
	case packet.Ack, packet.BinaryAck:
		if h.HasID {
			s.answered(c, h.ID, args)
		}
	}
	return nil
}

// socket returns the socket of a namespace, nil if there is none. Mostly it is
// the one that the packet before was for.
func (c *conn) socket(namespace []byte) *Socket {
	if namespace == nil {
		namespace = mainNamespace
	}
	if s := c.last; s != nil && s.nsp == string(namespace) {
		return s
	}
	c.m.mu.Lock()
	s := c.m.sockets.get(string(namespace)) // none is ever taken out
	c.m.mu.Unlock()
	c.last = s
	return s
}

var mainNamespace = []byte("/") // only read

// readRefusal reads a CONNECT_ERROR: an object, or a string of older servers. B-79
func readRefusal(nsp string, payload []byte) error {
	e := &ConnectError{Namespace: nsp}
	var text struct {
		Message string
		Data    json.RawMessage
	}
	if json.Unmarshal(payload, &text) == nil {
		e.Message, e.Data = text.Message, text.Data
	} else if json.Unmarshal(payload, &e.Message) != nil {
		e.Message = "the server gave no reason"
	}
	return e
}
