package engine

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/internal/eio"
)

// State is a session's ready state, as a browser's WebSocket has it. A server
// never sees one that is still connecting.
type State uint8

const (
	open    State = iota
	closing       // ended for the application; last words may still be on their way
	closed        // nothing is sent any more

	Open    = open
	Closing = closing
	Closed  = closed
)

// Session is one client, whatever transport carries it. All methods may be
// called concurrently.
type Session struct {
	srv  *Server
	id   string
	req  *Request
	recv Receiver
	turn atomic.Uint32 // whose turn it is, see deliver

	mu        sync.Mutex // guards all below
	state     State
	direct    bool    // opened without polling: line is nil until the 101 is out, not since it polls
	streams   bool    // line is, or will be, a *stream
	upgrading bool    // a candidate was probed; polling is being left
	posting   bool    // a POST is being read
	flushing  bool    // the flusher has, or will have, this session in its hands
	stalled   bool    // what it wrote did not leave at once
	hangUp    bool    // close the line once the queue is flushed
	unread    bool    // the line's reader has ended
	talking   bool    // and the peer may still be sending
	doomed    bool    // found to be a slow consumer, about to end
	patient   bool    // beat gives a client that polls more time than one that has said goodbye needs
	base64    bool    // the client cannot take binary frames
	dialect   dialect // never changes, so that it may be read without the lock
	queued    int     // bytes in queue
	backlog   int     // how far queued may be over its bound
	queue     *queue
	only      *Message    // what waits if it is one message for a plain WebSocket; then queue is nil
	line      carrier     // the transport; nil while it is polling, see direct
	candidate carrier     // one that asks to take over
	poll      *poll       // the GET that waits for messages
	beat      *time.Timer // heartbeat; after the end: the deadline of a polling client's last GET
	pinged    int64       // when the unanswered ping was sent, Unix ns; 0: none is
	life      *lifetime   // nil until the session ends or somebody asks for the context
}

// lifetime is a context and how to end it, and how the session did.
type lifetime struct {
	ctx    context.Context // nil until somebody asks
	cancel context.CancelCauseFunc
	reason Reason
	cause  error
}

// ID returns the session's id. It is a secret: who knows it can speak for the client.
func (s *Session) ID() string { return s.id }

// Request returns what was kept of the HTTP request that opened the session.
func (s *Session) Request() *Request { return s.req }

// Transport returns the name of the transport in use now.
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.line == nil && !s.direct:
		return Polling
	case s.streams:
		return WebTransport
	}
	return WebSocket
}

// ReadyState returns Open, Closing or Closed.
func (s *Session) ReadyState() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// BufferedAmount returns how many bytes wait to be sent.
func (s *Session) BufferedAmount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queued
}

// Context returns a context that ends with the session; its cause is the
// [Reason]. It has the values that Config.KeepContext kept.
func (s *Session) Context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life == nil {
		s.life = &lifetime{}
	}
	if s.life.ctx == nil { // most sessions need none
		s.life.ctx, s.life.cancel = context.WithCancelCause(context.Background())
		if s.state != open {
			s.life.cancel(s.life.reason)
		}
	}
	return s.life.ctx
}

// keepContext makes the values of ctx, which may be nil, those of the session's context.
func (s *Session) keepContext(ctx context.Context) {
	if ctx == nil {
		return
	}
	s.life = &lifetime{}
	s.life.ctx, s.life.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
}

// Send queues messages, which stay adjacent on the wire, and returns at once.
// It returns [ErrClosed] when the session has ended and [ErrSlowConsumer] when
// this very call found the queue full and ended it; nothing is queued then.
func (s *Session) Send(msgs ...*Message) error { return s.send(msgs, false) }

func (s *Session) send(msgs []*Message, volatile bool) error {
	size := 0
	for _, m := range msgs {
		size += len(m.frame)
	}
	s.mu.Lock()
	if err := s.refuseLocked(size, volatile); err != nil {
		s.mu.Unlock()
		return err
	}
	s.pushLocked(msgs...)
	wake := s.wakeLocked()
	s.mu.Unlock()
	s.wake(wake)
	return nil
}

// refuseLocked says why size more bytes cannot be queued, nil if they can. It
// ends a session whose queue is full.
func (s *Session) refuseLocked(size int, volatile bool) error {
	switch {
	case s.state != open || s.doomed:
		return ErrClosed
	case volatile && !s.writableLocked():
		return ErrNotWritable
	case s.queued > 0 && s.queued+size > s.srv.cfg.MaxQueuedBytes+s.backlog:
		s.doomed = true
		full := &QueueFull{Bytes: s.queued}
		// Elsewhere: ending calls the Receiver, and whoever broadcasts may hold
		// locks that the Receiver wants.
		s.srv.Go(func() { s.end(SlowConsumer, full, cutOff) })
		return ErrSlowConsumer
	}
	return nil
}

// SendBacklog is Send for messages that the application has kept for the client
// and bounds itself: MaxQueuedBytes does not count them until they are written.
func (s *Session) SendBacklog(msgs ...*Message) error {
	s.mu.Lock()
	if s.state != open || s.doomed {
		s.mu.Unlock()
		return ErrClosed
	}
	before := s.queued
	s.pushLocked(msgs...)
	s.backlog += s.queued - before
	wake := s.wakeLocked()
	s.mu.Unlock()
	s.wake(wake)
	return nil
}

// SendVolatile is Send for messages that are worth nothing later: they are
// dropped, with [ErrNotWritable], unless the transport can take them now.
func (s *Session) SendVolatile(msgs ...*Message) error { return s.send(msgs, true) }

// writableLocked tells whether a message sent now would leave now. That a flush
// is under way says little: a client may have read what it wrote, and answered,
// before it ends. The same is true of the 101 response and the open packet in it.
func (s *Session) writableLocked() bool {
	return s.queued == 0 && !s.stalled && (s.line != nil || s.poll != nil || s.direct)
}

// receive handles one packet, however it came. It reports whether the rest of
// what the client sent is still of interest.
func (s *Session) receive(p eio.Packet, polled bool) bool {
	switch p.Type {
	case eio.Message:
		kind := Text
		if p.Binary {
			kind = Binary
		}
		return s.deliver(kind, p.Data)
	case eio.Pong, eio.Ping:
		switch old := s.dialect&protocol3 != 0; {
		case old != (p.Type == eio.Ping):
			s.end(TransportError, errHeartbeatDirection, tellAndHangUp)
			return false
		case old:
			s.pinged3()
		default:
			return s.pong()
		}
	case eio.Close:
		if polled {
			s.end(TransportClose, nil, tellNoop)
			s.hasten()
		} else {
			s.end(TransportClose, nil, tellAndHangUp)
		}
		return false
	}
	// open, upgrade and noop mean nothing here, and the reference ignores them too.
	return true
}

var errHeartbeatDirection = fmt.Errorf("invalid heartbeat direction: the server pings since Engine.IO 4, the client did before")

// Bits of Session.turn. They are beside the lock because each message needs them.
const (
	delivering uint32 = 1 << iota // a message is in the Receiver's hands
	over                          // the session has ended
)

// deliver hands a message to the Receiver unless the session has ended.
func (s *Session) deliver(kind Kind, data []byte) (going bool) {
	defer s.recovered()
	if s.turn.Or(delivering)&over != 0 {
		s.turn.And(^delivering)
		return false
	}
	s.recv.Message(kind, data)
	s.turn.And(^delivering)
	return true
}

// busy tells whether a message is in the Receiver's hands.
func (s *Session) busy() bool { return s.turn.Load()&delivering != 0 }

// protect runs code of the application; a panic is logged and ends the session.
func (s *Session) protect(f func()) {
	defer s.recovered()
	f()
}

// recovered belongs deferred around code that calls the Receiver. It makes no
// exception for http.ErrAbortHandler, which only net/http's goroutines survive.
func (s *Session) recovered() {
	if v := recover(); v != nil {
		s.turn.And(^delivering)
		s.logPanic(v)
		s.end(TransportError, fmt.Errorf("panic in the application: %v", v), tellAndHangUp)
	}
}

func (s *Session) logPanic(v any) {
	s.srv.cfg.Logger.Error("engine: panic in a receiver, session closed",
		"session", s.req.remote, "panic", v, "stack", string(debug.Stack()))
}
