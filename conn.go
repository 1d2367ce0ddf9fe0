package socketio

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet"
)

// conn is one client's connection and the sockets it carries, one for each
// namespace that the client has joined.
type conn struct {
	srv     *Server
	session *engine.Session
	partial *partial // a packet whose attachments are still to come; the reader's alone

	mu      sync.Mutex
	closed  bool
	watched uint32                 // parts when late was started
	first   atomic.Pointer[Socket] // nearly every client joins one namespace: no map for them; written under mu
	more    map[string]*Socket
	idle    *time.Timer // runs while no namespace is joined
	late    *time.Timer // see awaitAttachments

	parts    atomic.Uint32 // odd while a packet's attachments are awaited
	watching atomic.Bool   // late runs
}

var _ engine.Receiver = (*conn)(nil)

// partial is a binary packet whose attachments are still arriving.
type partial struct {
	header      packet.Header
	attachments [][]byte
	few         [1][]byte // most have one
	size        int
	event       Event // if it is one: in one piece with what belongs to it
}

// Message takes one message of the client. It runs on the goroutine that
// reads, so it hands events on and waits for nothing but room in the inbox.
func (c *conn) Message(kind engine.Kind, data []byte) {
	if kind == engine.Binary {
		c.attachment(data)
		return
	}
	if c.partial != nil {
		c.violation(errors.New("got plaintext data when reconstructing a packet"))
		return
	}
	h, err := c.parse(data)
	if err != nil {
		c.violation(err)
		return
	}
	if h.Binary() {
		p := &partial{header: h, size: len(data)}
		p.attachments = p.few[:0]
		c.partial = p
		c.awaitAttachments()
		return
	}
	c.packet(&h, arguments{json: h.Args}, len(data))
}

// attachment takes the bytes that belong to the last binary packet.
func (c *conn) attachment(data []byte) {
	p := c.partial
	if p == nil {
		c.violation(errors.New("got binary data when not reconstructing a packet"))
		return
	}
	if p.size += len(data); p.size > c.srv.cfg.MaxPacket {
		c.violation(fmt.Errorf("a packet with its attachments is larger than MaxPacket, %d bytes", c.srv.cfg.MaxPacket))
		return
	}
	p.attachments = append(p.attachments, data)
	if len(p.attachments) == p.header.Attachments {
		c.partial = nil
		c.attachmentsComplete()
		c.packet(&p.header, arguments{json: p.header.Args, binary: p}, p.size)
	}
}

// awaitAttachments bounds how long a half-sent packet may hold memory. The timer
// goes on when the packet is complete and looks what there is when it fires:
// starting and stopping it would cost a busy client more than all else that is done for
// its packets. So the first packet has ConnectTimeout, later ones up to twice that.
func (c *conn) awaitAttachments() {
	n := c.parts.Add(1)
	if c.srv.cfg.ConnectTimeout > 0 && c.watching.CompareAndSwap(false, true) {
		c.watch(n)
	}
}

// attachmentsComplete ends what awaitAttachments began.
func (c *conn) attachmentsComplete() { c.parts.Add(1) }

func (c *conn) watch(n uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.watched = n
		c.late = time.AfterFunc(c.srv.cfg.ConnectTimeout, c.attachmentsLate)
	}
}

func (c *conn) attachmentsLate() {
	c.mu.Lock()
	watched := c.watched
	c.late = nil
	c.mu.Unlock()
	c.watching.Store(false) // before parts is read, while awaitAttachments does it the other way round
	switch n := c.parts.Load(); {
	case n%2 == 0:
	case n == watched:
		c.violation(errors.New("the attachments of a packet took longer than ConnectTimeout"))
	case c.watching.CompareAndSwap(false, true):
		c.watch(n)
	}
}

// stop stops a timer, if there is one, and lets go of it.
func stop(t **time.Timer) {
	if *t != nil {
		(*t).Stop()
		*t = nil
	}
}

// packet acts on one complete packet.
func (c *conn) packet(h *packet.Header, args arguments, size int) {
	if h.Type == packet.Connect {
		c.connect(h)
		return
	}
	s := c.find(h.Namespace)
	if s == nil {
		c.violation(fmt.Errorf("%s for a namespace that the client has not joined", h.Type))
		return
	}
	switch h.Type {
	case packet.Event, packet.BinaryEvent:
		if !s.Connected() {
			c.violation(errors.New("event before the namespace was joined"))
			return
		}
		var e *Event
		if args.binary != nil {
			e = &args.binary.event
		} else {
			e = new(Event)
		}
		e.socket, e.name, e.args = s, h.Name, args
		e.id, e.wantsAck, e.size = h.ID, h.HasID, size
		s.push(e)
	case packet.Ack, packet.BinaryAck:
		s.answered(h.ID, h.HasID, args)
	case packet.Disconnect:
		s.end(ClientNamespaceDisconnect)
	default:
		c.violation(fmt.Errorf("%s from a client", h.Type))
	}
}

// connect lets the client into a namespace, or tells it that there is none.
func (c *conn) connect(h *packet.Header) {
	name := "/"
	if h.Namespace != nil {
		name = string(h.Namespace)
	}
	ns := c.srv.occupy(name)
	if ns == nil {
		// The name goes back to the client, so it must not break a frame.
		if err := packet.CheckNamespace(name); err != nil {
			c.violation(err)
			return
		}
		// Who decides may take time. It is the reader that waits: this client,
		// and no more than one question at a time.
		if c.srv.child(c.session.Context(), name, h.Payload) != nil {
			ns = c.srv.occupy(name)
		}
	}
	if ns == nil {
		c.refuse(name, &Error{Message: "Invalid namespace"})
		return
	}
	s := newSocket(ns, c, h.Payload)
	switch refused := c.add(s); {
	case refused == errOver:
		ns.abandon()
	case refused == errFull:
		ns.abandon()
		c.refuse(name, &Error{Message: "too many namespaces on one connection, the limit is Config.MaxNamespaces"})
	case refused != nil:
		ns.abandon()
		c.violation(refused)
	default:
		s.start()
	}
}

// refuse sends a CONNECT_ERROR.
func (c *conn) refuse(nsp string, e *Error) {
	msgs, err := c.refusalMessages(nsp, e)
	if err != nil {
		c.srv.cfg.Logger.Error("socketio: the data of a connect_error cannot be encoded", "namespace", nsp, "error", err)
		msgs, _ = c.refusalMessages(nsp, &Error{Message: e.Message})
	}
	_ = c.session.Send(msgs...) // a session that is gone needs no refusal
}

// violation ends a connection whose client breaks the protocol. The reason that
// the sockets see is the official server's.
func (c *conn) violation(err error) {
	c.srv.cfg.Logger.Debug("socketio: bad packet, connection closed", "remote", c.session.Request().RemoteAddr(), "error", err)
	if f := c.srv.cfg.Hooks.BadPacket; f != nil {
		c.srv.attempt("Hooks.BadPacket", func() { f(c.session, err) }) // may be a timer's goroutine
	}
	c.session.Abort(engine.ForcedClose)
}

// find returns the socket in a namespace, nil if the client is not in it.
func (c *conn) find(nsp []byte) *Socket {
	if s := c.first.Load(); s != nil && matches(s.ns, nsp) {
		return s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if nsp == nil {
		return c.more["/"]
	}
	return c.more[string(nsp)]
}

func matches(ns *Namespace, nsp []byte) bool {
	if nsp == nil {
		return ns.name == "/"
	}
	return ns.name == string(nsp)
}

var (
	errOver  = errors.New("the connection is over")
	errFull  = errors.New("the connection is in as many namespaces as it may be")
	errTwice = errors.New("second CONNECT to a namespace")
)

// add registers a socket, or says why it cannot.
func (c *conn) add(s *Socket) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.first.Load()
	switch {
	case c.closed:
		return errOver
	case first != nil && first.ns == s.ns, c.more[s.ns.name] != nil:
		return errTwice
	case len(c.more)+1 >= c.srv.cfg.MaxNamespaces && first != nil:
		return errFull
	case first == nil:
		c.first.Store(s)
	default:
		if c.more == nil {
			c.more = map[string]*Socket{}
		}
		c.more[s.ns.name] = s
	}
	return nil
}

// remove takes a socket off the connection. A connection without a namespace
// is waited for as at its beginning, or it would stay for ever.
func (c *conn) remove(s *Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first.Load() == s {
		c.first.Store(nil)
	} else if c.more[s.ns.name] == s {
		delete(c.more, s.ns.name)
	}
	if c.first.Load() == nil && len(c.more) == 0 {
		c.awaitNamespaceLocked()
	}
}

// awaitNamespace closes a connection that joins no namespace in time.
func (c *conn) awaitNamespace() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awaitNamespaceLocked()
}

func (c *conn) awaitNamespaceLocked() {
	if d := c.srv.cfg.ConnectTimeout; d > 0 && c.idle == nil && !c.closed {
		c.idle = time.AfterFunc(d, c.namespaceLate)
	}
}

func (c *conn) namespaceLate() {
	c.mu.Lock()
	late := c.idle != nil // otherwise one was joined at this very moment
	c.mu.Unlock()
	if late {
		c.session.Abort(engine.ForcedClose)
	}
}

// joined stops the wait for a namespace.
func (c *conn) joined() {
	c.mu.Lock()
	defer c.mu.Unlock()
	stop(&c.idle)
}

// sockets returns all sockets of the connection.
func (c *conn) sockets() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.first.Load()
	if len(c.more) == 0 { // most clients; to walk the map takes a larger stack, which is paid for when a client leaves
		if s == nil {
			return nil
		}
		return []*Socket{s}
	}
	list := make([]*Socket, 0, len(c.more)+1)
	if s != nil {
		list = append(list, s)
	}
	for _, s := range c.more {
		list = append(list, s)
	}
	return list
}

// Heartbeat hands the round trip of a heartbeat to those who asked for it.
func (c *conn) Heartbeat(rtt time.Duration) {
	for _, s := range c.sockets() {
		if t := s.ns.table.Load(); len(t.ping) > 0 && s.admitted() {
			s.enqueue(func() {
				for _, f := range t.ping {
					if s.admitted() { // it may have gone while this waited
						s.attempt("OnPing", func() { f(s, rtt) })
					}
				}
			})
		}
	}
}

// Closed ends all sockets with the connection.
func (c *conn) Closed(reason engine.Reason, cause error) {
	c.mu.Lock()
	c.closed = true
	stop(&c.idle)
	stop(&c.late)
	c.mu.Unlock()
	if reason == engine.SlowConsumer {
		c.srv.cfg.Logger.Debug("socketio: slow consumer closed", "remote", c.session.Request().RemoteAddr(), "cause", cause)
		if f := c.srv.cfg.Hooks.SlowConsumer; f != nil {
			queued := 0
			if full, ok := errors.AsType[*engine.QueueFull](cause); ok {
				queued = full.Bytes
			}
			c.srv.attempt("Hooks.SlowConsumer", func() { f(c.session, queued) })
		}
	}
	for _, s := range c.sockets() {
		s.end(DisconnectReason(reason))
	}
	if f := c.srv.cfg.Hooks.SessionClosed; f != nil {
		c.srv.attempt("Hooks.SessionClosed", func() { f(c.session, DisconnectReason(reason)) })
	}
}
