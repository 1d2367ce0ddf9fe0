package client

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/go-socketio/socketio/packet"
)

// Manager is one connection to a server, which carries any number of
// namespaces and comes back by itself when it is lost. All methods may be
// called concurrently.
type Manager struct {
	cfg    Config
	codec  packet.Codec
	limits packet.Limits
	broken error // of the URL or the Config; nothing can be connected
	dial   dialer
	tasks  tasks
	turns  turns // calls the listeners

	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	opens             listeners[func()]
	closes            listeners[func(DisconnectReason, error)]
	errs              listeners[func(error)]
	pings             listeners[func()]
	upgrades          listeners[func(string)]
	reconnectAttempts listeners[func(int)]
	reconnects        listeners[func(int)]
	reconnectErrors   listeners[func(error)]
	reconnectFails    listeners[func()]

	mu       sync.Mutex // guards all below; comes before every Socket.mu
	closed   bool
	sockets  shelf[*Socket]
	conn     *conn // open and wanted
	running  bool  // there is a connection, or somebody tries to make one
	left     bool  // no socket was active since the last attempt began
	trying   context.Context
	stop     context.CancelFunc // ends what the supervisor is at; nil while a connection is open
	attempts int                // since the server last took a packet of ours for good; the supervisor's
	pingTold bool               // a call of the OnPing listeners waits
}

// NewManager returns a Manager for a server, whose URL is http, https, ws or
// wss, a host, and perhaps a query. It opens no connection before a socket connects. What is wrong
// with the URL or the Config is told by Connect, at once. See [New] for a single namespace.
func NewManager(url string, cfg Config) *Manager {
	m := &Manager{}
	m.cfg = cfg.withDefaults()
	m.codec.MaxAttachments, m.codec.JSON = m.cfg.MaxAttachments, m.cfg.JSON
	m.limits = packet.Limits{MaxAttachments: m.cfg.MaxAttachments}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	m.turns = turns{tasks: &m.tasks, guard: func(f func()) { m.attempt("listener", f) }}
	m.broken = errors.Join(checkURL(url), m.cfg.check())
	m.dial = engineDialer(m, url)
	return m
}

// New returns the socket of one namespace on a Manager of its own: the path of
// the URL is the namespace, as in the official client. The path of HTTP is
// Config.Path. B-116
func New(url string, cfg Config, opts ...Option) *Socket {
	server, namespace, err := splitURL(url)
	m := NewManager(server, cfg)
	if err != nil {
		m.broken = err
	}
	return m.Socket(namespace, opts...)
}

// OnOpen adds a function that runs when the connection is open, before any
// namespace is joined. The listeners of a Manager run one at a time and in
// order, on a goroutine that serves nothing else. remove takes it off again.
func (m *Manager) OnOpen(f func()) (remove func()) { return m.opens.add(f) }

// OnClose adds a function that runs when an open connection has ended, for
// whatever reason. remove takes it off again.
func (m *Manager) OnClose(f func(why DisconnectReason, err error)) (remove func()) {
	return m.closes.add(f)
}

// OnError adds a function that is told of each failed attempt to connect, the
// first included, and of packets that the protocol does not allow. remove takes it off again.
func (m *Manager) OnError(f func(error)) (remove func()) { return m.errs.add(f) }

// OnPing adds a function that runs when the server's heartbeat has come.
// remove takes it off again.
func (m *Manager) OnPing(f func()) (remove func()) { return m.pings.add(f) }

// OnUpgrade adds a function that runs when the connection has moved to a better
// transport, with its name. remove takes it off again.
func (m *Manager) OnUpgrade(f func(transport string)) (remove func()) { return m.upgrades.add(f) }

// OnReconnectAttempt adds a function that runs before each attempt to connect
// again, with its number, from 1. The attempt waits for it, and is not made if
// no socket is active afterwards. remove takes it off again. B-105
func (m *Manager) OnReconnectAttempt(f func(n int)) (remove func()) {
	return m.reconnectAttempts.add(f)
}

// OnReconnect adds a function that runs when the connection is open again,
// with the number of attempts that it took. remove takes it off again.
func (m *Manager) OnReconnect(f func(n int)) (remove func()) { return m.reconnects.add(f) }

// OnReconnectError adds a function that is told why an attempt to connect
// again has failed. remove takes it off again.
func (m *Manager) OnReconnectError(f func(error)) (remove func()) { return m.reconnectErrors.add(f) }

// OnReconnectFailed adds a function that runs when Config.ReconnectionAttempts
// were in vain and no more are made. remove takes it off again.
func (m *Manager) OnReconnectFailed(f func()) (remove func()) { return m.reconnectFails.add(f) }

// Transport returns the transport in use, "polling", "websocket" or another,
// and "" while there is no connection.
func (m *Manager) Transport() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.conn == nil {
		return ""
	}
	return m.conn.link.transport()
}

// Disconnect disconnects all sockets, and so closes the connection. They may
// connect again.
func (m *Manager) Disconnect() {
	for _, s := range m.list() {
		s.Disconnect()
	}
}

// Close disconnects all sockets for good, lets what was emitted go out, and
// waits for every goroutine: connection, handlers, listeners. Every wait for
// an ack ends with [ErrClosed] or [ErrDisconnected]. When ctx ends first, the connection is cut
// and the error is that of ctx. A second Close waits as well.
//
// A handler, a listener or an AuthFunc that calls it, of this Manager or
// another, would perhaps wait for itself: there Close closes, but waits for nothing and returns [ErrInHandler].
func (m *Manager) Close(ctx context.Context) error {
	m.mu.Lock()
	m.closed = true
	for s := range m.sockets.all() {
		s.active.Store(false)
	}
	c := m.conn
	m.mu.Unlock()
	for _, s := range m.list() {
		s.close()
	}
	m.release()
	m.cancel()
	if inTask() {
		return ErrInHandler
	}
	err := m.tasks.Wait(ctx)
	if err != nil && c != nil {
		c.link.cut()
	}
	return err
}

func (m *Manager) list() []*Socket {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]*Socket, 0, m.sockets.len())
	for s := range m.sockets.all() {
		list = append(list, s)
	}
	return list
}

// tell runs listeners in their turn.
func tell[F any](m *Manager, l *listeners[F], call func(F)) {
	if len(l.all()) == 0 {
		return
	}
	m.turns.add(func() {
		for _, f := range l.all() {
			m.attempt("listener", func() { call(*f) })
		}
	})
}

// pinged tells of a heartbeat, once however many come while a listener runs:
// the server chooses how many it sends.
func (m *Manager) pinged() {
	if len(m.pings.all()) == 0 {
		return
	}
	m.mu.Lock()
	told := m.pingTold
	m.pingTold = true
	m.mu.Unlock()
	if told {
		return
	}
	m.turns.add(func() {
		m.mu.Lock()
		m.pingTold = false
		m.mu.Unlock()
		for _, f := range m.pings.all() {
			m.attempt("listener", *f)
		}
	})
}

// wantedLocked tells whether any socket is active.
func (m *Manager) wantedLocked() bool {
	for s := range m.sockets.all() {
		if s.active.Load() {
			return true
		}
	}
	return false
}

// startLocked starts the supervisor unless it runs.
func (m *Manager) startLocked() {
	if m.running || m.closed {
		return
	}
	m.running, m.attempts = true, 0
	m.tryLocked()
	m.tasks.Go(m.supervise)
}

// release closes the connection, or ends the attempts at one, if no socket
// wants it any more. B-107 D11 D13
func (m *Manager) release() {
	m.mu.Lock()
	if m.wantedLocked() {
		m.mu.Unlock()
		return
	}
	c := m.conn
	m.conn = nil // who wants one from now on gets another
	m.left = true
	if m.stop != nil {
		m.stop()
	}
	m.mu.Unlock()
	if c != nil {
		c.release()
	}
}

// pause waits, and reports false if the wait was ended.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
