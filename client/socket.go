package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/packet"
)

// Socket is one namespace of a [Manager]'s connection. It stays the same
// through all reconnections. All methods may be called concurrently and, but
// for those that wait for other events, from handlers.
type Socket struct {
	m   *Manager
	nsp string

	// active tells whether the socket is connected or the Manager tries to make
	// it so. It is written under Manager.mu, so that the Manager knows for sure
	// when the last one leaves.
	active atomic.Bool
	nextID atomic.Uint64 // of acks; never begins anew, so a late answer meets no younger question

	any             listeners[func(context.Context, *Event)]
	outgoing        listeners[func(string, []any)]
	connects        listeners[func()]
	connectErrors   listeners[func(error)]
	connectTimeouts listeners[func()]
	disconnects     listeners[func(DisconnectReason, error)]
	failures        listeners[func(*Event, error)]

	turns turns

	mu          sync.Mutex // guards all below; after Manager.mu, before conn's queue and turns.mu
	opt         settings
	state       state
	conn        *conn // nil when idle
	left        *conn // one that the socket has left, and where something of before may still be on its way
	over        bool  // the Manager is closed
	id          string
	pid         string // secret, for recovery
	offset      string // of the last event
	recovered   bool
	early       []*Event // came before the server's answer; a recovery may begin with them
	earlyLen    int
	earlyOffset string
	events      shelf[[]*handler]
	acks        map[uint64]waiter
	buffer      buffer
	queue       deliveries
	waiting     []chan error // Connect
	last        error        // why the last attempt failed
}

type state uint8

const (
	idle state = iota
	asking
	connected
)

// settings are what the Options of a socket set.
type settings struct {
	auth       any
	authFunc   func(context.Context) (any, error)
	retries    int
	ackTimeout time.Duration
}

// Option sets something of one socket.
type Option func(*settings)

// Auth is what the server is told of the client when the socket connects; it
// must encode as a JSON object. The server reads it in its middleware.
func Auth(v any) Option {
	return func(s *settings) { s.auth, s.authFunc = v, nil }
}

// AuthFunc is [Auth] made anew for each attempt to connect, for tokens that
// expire. It runs on a goroutine of its own, and ctx ends when the connection
// that it is for is lost or not wanted any more: it must return then. An error counts as a refusal: it goes to
// OnConnectError, and the socket is not active until the next Connect.
func AuthFunc(f func(ctx context.Context) (any, error)) Option {
	return func(s *settings) { s.auth, s.authFunc = nil, f }
}

// Retries makes every event be sent again, up to n times more, until the server has
// answered it: each arrives at least once, perhaps several times, and in order, since only one
// is under way at a time. The server must answer each; [AckTimeout] says how long
// a try may take. An event that is given up is reported to [Socket.OnError].
// Volatile events are not tried again.
func Retries(n int) Option { return func(s *settings) { s.retries = max(n, 0) } }

// AckTimeout is Config.AckTimeout for one socket.
func AckTimeout(d time.Duration) Option { return func(s *settings) { s.ackTimeout = d } }

// Socket returns the socket of a namespace, the same for the same name. A name
// without a slash at its beginning gets one; "" is the main namespace. Options that are given
// replace those given before, from the next attempt or event on. The
// socket does nothing before [Socket.Connect] or [Socket.Start].
func (m *Manager) Socket(namespace string, opts ...Option) *Socket {
	if namespace == "" || namespace[0] != '/' {
		namespace = "/" + namespace
	}
	m.mu.Lock()
	s := m.sockets.get(namespace)
	if s == nil {
		s = &Socket{m: m, nsp: namespace, over: m.closed, opt: settings{ackTimeout: m.cfg.AckTimeout}}
		s.turns = turns{
			tasks: &m.tasks, limit: m.cfg.MaxQueuedBytes, handle: s.handle,
			guard: func(f func()) { m.attempt("socket", f) },
		}
		m.sockets.set(namespace, s)
	}
	m.mu.Unlock()
	s.mu.Lock()
	for _, o := range opts {
		o(&s.opt)
	}
	s.mu.Unlock()
	return s
}

// Manager returns the Manager that the socket belongs to.
func (s *Socket) Manager() *Manager { return s.m }

// Namespace returns the name of the socket's namespace.
func (s *Socket) Namespace() string { return s.nsp }

// ID returns the id that the server knows the socket by, "" while it is not
// connected. Another connection has another, unless it was recovered.
func (s *Socket) ID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

// Connected tells whether the server has let the socket in.
func (s *Socket) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == connected
}

// Active tells whether the socket is connected, or will be without anybody's
// doing. It is false before Connect, after Disconnect, after the server has refused or
// disconnected the socket, and when the Manager has given up. B-106
func (s *Socket) Active() bool { return s.active.Load() }

// Recovered tells whether the last connection went on where the one before had
// ended: with the same id and rooms, and all events that were missed.
func (s *Socket) Recovered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.recovered
}

func (s *Socket) retries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opt.retries
}

// Start begins to connect and returns at once. The Manager opens its
// connection, if it is not open, and goes on trying unless
// Config.DisableReconnection is set. It does nothing if the socket is active. See OnConnect and OnConnectError.
func (s *Socket) Start() { s.begin(nil) }

// Connect starts as [Socket.Start] does and waits until the socket is connected.
// It returns the [*ConnectError] if the server refuses, and [ErrReconnectFailed]
// if the Manager has given up, both with the socket no longer active; other
// failures are tried again, see OnConnectError. ctx bounds the wait alone: the socket goes
// on trying behind an error of ctx, which says what failed last, until [Socket.Disconnect] or [Manager.Close].
func (s *Socket) Connect(ctx context.Context) error {
	done := make(chan error, 1)
	s.begin(done)
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, w := range s.waiting {
		if w == done {
			s.waiting = append(s.waiting[:i:i], s.waiting[i+1:]...)
			break
		}
	}
	select {
	case err := <-done: // at the last moment
		return err
	default:
	}
	if s.last != nil {
		return fmt.Errorf("client: not connected yet: %w (last failure: %w)", ctx.Err(), s.last)
	}
	return fmt.Errorf("client: not connected yet: %w", ctx.Err())
}

// begin makes the socket active. done, if not nil, learns the outcome.
func (s *Socket) begin(done chan error) {
	m := s.m
	err := m.broken
	if err == nil {
		err = packet.CheckNamespace(s.nsp)
	}
	m.mu.Lock()
	if m.closed {
		err = ErrClosed
	}
	if err != nil {
		m.mu.Unlock()
		if done != nil {
			done <- err
		}
		if !errors.Is(err, ErrClosed) {
			s.tellConnectError(err)
		}
		return
	}
	s.mu.Lock()
	if done != nil {
		if s.state == connected && s.active.Load() {
			done <- nil
		} else {
			s.waiting = append(s.waiting, done)
		}
	}
	if !s.active.Swap(true) {
		s.last = nil
	}
	s.mu.Unlock()
	c := m.conn
	m.startLocked()
	m.mu.Unlock()
	if c != nil {
		s.join(c)
	}
}

// Disconnect leaves the namespace; OnDisconnect gets "io client disconnect".
// Events of the server that no handler has seen yet are dropped. What was
// emitted before still goes out, and what waits in the send buffer stays there for the next
// Connect. When the last socket leaves, the Manager closes its connection. It returns at
// once, and does nothing if the socket is not active.
func (s *Socket) Disconnect() {
	goodbye := s.goodbye()
	// Both locks at once: a Start beside it comes before or behind all of it.
	s.m.mu.Lock()
	s.mu.Lock()
	if !s.active.Swap(false) {
		s.mu.Unlock()
		s.m.mu.Unlock()
		return
	}
	lost := s.leaveLocked(goodbye)
	s.mu.Unlock()
	s.m.mu.Unlock()
	for _, w := range lost {
		w(Reply{}, lostError(ClientDisconnect))
	}
	s.m.release()
}

// leaveLocked ends the socket's stay. The caller ends the waits that it returns.
func (s *Socket) leaveLocked(goodbye frames) (lost []waiter) {
	if s.state == connected {
		s.part(s.conn, goodbye)
		s.turns.drop()
		lost = s.endLocked(ClientDisconnect, nil)
	}
	// The answer of a server that was asked already is awaited: it is told then.
	s.pid, s.offset = "", "" // a session that was left on purpose does not come back
	s.resolveLocked(lostError(ClientDisconnect))
	return lost
}

// endLocked takes the socket out of the connected state. The caller ends the
// waits that it returns.
func (s *Socket) endLocked(why DisconnectReason, err error) []waiter {
	s.state, s.conn, s.id = idle, nil, ""
	s.turns.add(func() {
		for _, f := range s.disconnects.all() {
			s.m.attempt("OnDisconnect", func() { (*f)(why, err) })
		}
	})
	return s.lostLocked()
}

// resolveLocked tells those who wait in Connect.
func (s *Socket) resolveLocked(err error) {
	for _, w := range s.waiting {
		w <- err
	}
	s.waiting = nil
}

func (s *Socket) tellConnectError(err error) {
	s.turns.add(func() {
		for _, f := range s.connectErrors.all() {
			s.m.attempt("OnConnectError", func() { (*f)(err) })
		}
	})
}
