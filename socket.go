package socketio

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/go-socketio/socketio/engine"
)

// socketState is where a Socket is in its life; it only grows.
type socketState = int32

const (
	entering  socketState = iota // middlewares run; what is sent to it is held
	arriving                     // OnConnect runs; still held
	connected                    // the client knows
	gone
)

// Socket is one client in one namespace. All methods may be called
// concurrently and from handlers.
type Socket struct {
	ns   *Namespace
	conn *conn
	id   string
	auth string // JSON, as it came

	state atomic.Int32 // written under mu
	place int32        // index among all sockets; guarded by rooms.mu

	mu    sync.Mutex // guards all below
	inbox inbox
	seats []*seat // its rooms
	data  any
	extra *extra

	rec *recovering // nil unless the namespace has a history; set before anybody knows of the socket
}

// extra is what most sockets do not need, or not for long. Together with the
// other parts that are made on demand it keeps an idle socket at 144 bytes
// instead of 240.
type extra struct {
	held    []*engine.Message // sent to it before the client knows of it
	heldLen int
	acks    map[uint64]waiter
	events  map[string][]*handler // copied on write
	screens []screen
	own     atomic.Bool // events and screens hold, or held, something
	ctx     context.Context
	cancel  context.CancelCauseFunc
	why     DisconnectReason
	left    bool // gone, and out of its rooms
}

func (s *Socket) extraLocked() *extra {
	if s.extra == nil {
		s.extra = &extra{}
	}
	return s.extra
}

func newSocket(ns *Namespace, c *conn, auth []byte) *Socket {
	s := &Socket{ns: ns, conn: c, auth: string(auth)}
	if c.legacy() {
		s.id = c.legacyID(ns)
	} else {
		s.id = engine.RandomID()
	}
	return s
}

// ID returns the socket's id, which is public: it names the room of this socket alone.
// For a client that Config.AllowEIO3 lets in it is made of the session's id, as such clients expect.
func (s *Socket) ID() string { return s.id }

// Namespace returns the namespace that the socket is in.
func (s *Socket) Namespace() *Namespace { return s.ns }

// Session returns the connection below, which other sockets of the client may
// share. Its id is a secret.
func (s *Socket) Session() *engine.Session { return s.conn.session }

// Connected tells whether the client is in the namespace.
func (s *Socket) Connected() bool {
	if s.admitted() {
		return true
	}
	// Where admit has sent the answer and not yet noted that it did, the client
	// may know already. That is over when the lock is free.
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.admitted()
}

func (s *Socket) admitted() bool { return s.state.Load() == connected }

// Context returns a context that ends with the socket; its cause is the
// [DisconnectReason]. It has the values that Config.KeepContext kept, and
// so has the context of every handler, which is this one. An ended context of your own never harms the socket.
func (s *Socket) Context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.contextLocked()
}

func (s *Socket) contextLocked() context.Context {
	x := s.extraLocked()
	if x.ctx == nil { // made when first asked for: an idle socket needs none
		values := context.Background()
		if s.ns.srv.cfg.KeepContext != nil {
			values = context.WithoutCancel(s.conn.session.Context())
		}
		x.ctx, x.cancel = context.WithCancelCause(values)
		if s.state.Load() == gone {
			x.cancel(x.why)
		}
	}
	return x.ctx
}

// Data returns what SetData stored, nil if nothing.
func (s *Socket) Data() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data
}

// SetData stores a value of the application with the socket.
func (s *Socket) SetData(v any) {
	s.mu.Lock()
	s.data = v
	s.mu.Unlock()
}

// DataOf returns the socket's data if it is a T.
func DataOf[T any](s *Socket) (T, bool) {
	v, ok := s.Data().(T)
	return v, ok
}

// Emit sends an event to the client. It only queues and never blocks; what one
// goroutine emits to one socket arrives in that order. Errors: [ErrClosed] when
// the socket is gone, [ErrSlowConsumer], [ErrReservedEvent], and values that
// cannot be encoded. []byte and [Binary] values travel as binary attachments.
func (s *Socket) Emit(event string, args ...any) error {
	return Outgoing{socket: s}.Emit(event, args...)
}

// Send emits the event "message".
func (s *Socket) Send(args ...any) error { return s.Emit("message", args...) }

// Volatile returns a form of the socket whose emits are dropped, without an
// error, when the client cannot take them at once: its connection is busy, or
// it is between two polling requests.
func (s *Socket) Volatile() Outgoing { return Outgoing{socket: s}.Volatile() }

// Compress returns a form of the socket whose emits may or may not be
// compressed; without it they may. It has an effect only where compression is
// switched on and the client takes it.
func (s *Socket) Compress(on bool) Outgoing { return Outgoing{socket: s}.Compress(on) }

// Outgoing is a Socket with modifiers for what is emitted through it; a value,
// to be chained, kept or shared.
type Outgoing struct {
	socket     *Socket
	volatile   bool
	noCompress bool
}

// Volatile returns o with the volatile flag; see [Socket.Volatile].
func (o Outgoing) Volatile() Outgoing { o.volatile = true; return o }

// Compress returns o with compression allowed or not; see [Socket.Compress].
func (o Outgoing) Compress(on bool) Outgoing { o.noCompress = !on; return o }

// Emit sends an event with the modifiers; see [Socket.Emit].
func (o Outgoing) Emit(event string, args ...any) error {
	s := o.socket
	s.tellOutgoing(event, args)
	if h := s.history(); h != nil {
		return o.emitRecoverable(h, event, args)
	}
	bp := scratch.Get().(*[]byte)
	text, attachments, err := s.ns.srv.appendEvent((*bp)[:0], s.ns.name, 0, false, event, args)
	if err == nil {
		err = s.transmitPacket(text, attachments, o.volatile, o.noCompress)
	}
	giveBack(bp, text)
	return forgiven(o.volatile, err)
}

// emitRecoverable is Emit in a namespace with a history.
func (o Outgoing) emitRecoverable(h *history, event string, args []any) error {
	s := o.socket
	enc := func(dst []byte) ([]byte, [][]byte, error) {
		return s.ns.srv.appendEvent(dst, s.ns.name, 0, false, event, args)
	}
	if !o.volatile {
		return h.emit(s, enc, o.noCompress)
	}
	return s.transmitEncoded(true, o.noCompress, h.mark(enc))
}

// forgiven is the error of sending a packet: that a volatile one was dropped is none.
func forgiven(volatile bool, err error) error {
	if volatile && err == engine.ErrNotWritable {
		return nil
	}
	return err
}

// transmitEncoded encodes one packet and sends it.
func (s *Socket) transmitEncoded(volatile, noCompress bool, enc encodeFunc) error {
	err := encoded(enc, func(text []byte, attachments [][]byte) error {
		return s.transmitPacket(text, attachments, volatile, noCompress)
	})
	return forgiven(volatile, err)
}

// transmitPacket queues one encoded packet and keeps nothing of it.
func (s *Socket) transmitPacket(text []byte, attachments [][]byte, volatile, noCompress bool) error {
	if s.state.Load() != connected || noCompress {
		f := frame(text, attachments)
		if noCompress {
			f.uncompress()
		}
		return s.transmit(f.messages, volatile)
	}
	return closedError(s.conn.session.SendPacket(text, attachments, volatile))
}

// transmit queues the messages of one packet.
func (s *Socket) transmit(msgs []*engine.Message, volatile bool) error {
	if s.state.Load() != connected {
		if ok, err := s.hold(msgs, volatile); !ok {
			return err
		}
	}
	if volatile {
		return closedError(s.conn.session.SendVolatile(msgs...))
	}
	return closedError(s.conn.session.Send(msgs...))
}

// closedError is the engine's error as this package has it.
func closedError(err error) error {
	if err == engine.ErrClosed {
		return ErrClosed
	}
	return err
}

// hold keeps what is sent before the client knows of the socket. It reports
// true when the socket has just become connected and the caller should send.
func (s *Socket) hold(msgs []*engine.Message, volatile bool) (send bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.state.Load() {
	case connected:
		return true, nil
	case gone:
		return false, ErrClosed
	}
	if volatile {
		return false, engine.ErrNotWritable
	}
	size := 0
	for _, m := range msgs {
		size += m.Len()
	}
	x := s.extraLocked()
	if x.heldLen > 0 && x.heldLen+size > s.ns.srv.cfg.MaxQueuedBytes {
		// To leave one out would tear a hole into what the client sees.
		s.ns.srv.engine.Go(func() { s.conn.session.Abort(engine.SlowConsumer) })
		return false, ErrSlowConsumer
	}
	x.heldLen += size
	x.held = append(x.held, msgs...)
	return false, nil
}

// Disconnect takes the client out of the namespace, after what was emitted to
// it; it will not come back by itself. A client that a middleware still looks
// at is refused, and what was emitted to it is dropped. With close, all
// namespaces of the connection are left and the connection is closed. It does
// nothing and returns [ErrClosed] if the socket is gone already.
func (s *Socket) Disconnect(close bool) error {
	if !s.kick() {
		return ErrClosed // and the connection is the others' alone
	}
	if close {
		for _, t := range s.conn.sockets() {
			t.kick()
		}
		s.conn.session.Close(engine.ForcedClose)
	}
	return nil
}

// kick ends the socket and tells the client.
func (s *Socket) kick() bool {
	s.admit() // in OnConnect: the client gets what was emitted to it, then goodbye
	was, ok := s.endWith(ServerNamespaceDisconnect)
	switch {
	case !ok:
	case was == connected:
		_ = s.conn.session.Send(s.ns.srv.disconnectMessages(s.ns.name)...)
	default:
		s.conn.refuse(s.ns.name, &Error{Message: "disconnected by the server"})
	}
	return ok
}
