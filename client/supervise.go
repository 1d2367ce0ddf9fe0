package client

import (
	"context"
	"errors"
	"fmt"
)

// supervise opens the connection, waits for its end and opens the next one, as
// long as a socket wants it. It is the only goroutine that does, and Close
// waits for it.
func (m *Manager) supervise() {
	n := 0 // attempts since the server last took a packet of ours for good
	for {
		m.mu.Lock()
		ctx := m.trying
		m.mu.Unlock()
		err := m.connect(ctx, &n)

		m.mu.Lock()
		if m.closed || !m.wantedLocked() {
			m.running, m.stop = false, nil
			m.mu.Unlock()
			return
		}
		if ctx.Err() != nil || err == errUnwanted { // all had left, and one is back
			m.stop()
			m.trying, m.stop = context.WithCancel(m.ctx)
			m.mu.Unlock()
			n = 0
			continue
		}
		var last error
		switch limit := m.cfg.ReconnectionAttempts; {
		case m.cfg.DisableReconnection:
			last = err
		case limit > 0 && n >= limit:
			last = fmt.Errorf("%w after %d attempts: %w", ErrReconnectFailed, n, err)
		}
		if last != nil {
			m.surrenderLocked(last)
			return
		}
		m.mu.Unlock()
		if !pause(ctx, m.cfg.backoff().delay(n)) {
			continue
		}
		n++
		m.announce(ctx, n)
	}
}

// announce runs the listeners of OnReconnectAttempt and waits for them: they
// may decide that there is nothing to connect for.
func (m *Manager) announce(ctx context.Context, n int) {
	if len(m.reconnectAttempts.all()) == 0 {
		return
	}
	done := make(chan struct{})
	tell(m, &m.reconnectAttempts, func(f func(int)) { f(n) })
	m.turns.add(func() { close(done) })
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// connect makes one attempt, and returns when it has failed or when the
// connection that it made is over, with the reason of that. n is the number of
// the attempt, 0 for the first; it begins anew when the server has answered.
func (m *Manager) connect(ctx context.Context, n *int) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c, err := m.open(ctx)
	if err != nil {
		m.failed(ctx, *n, err)
		return err
	}
	tell(m, &m.opens, func(f func()) { f() })
	if k := *n; k > 0 {
		tell(m, &m.reconnects, func(f func(int)) { f(k) })
	}
	for _, s := range m.list() {
		s.join(c)
	}
	<-c.done
	c.link.wait()
	why, cause := c.ending()
	m.mu.Lock()
	if m.conn == c {
		m.conn = nil
	}
	m.mu.Unlock()
	for _, s := range m.list() {
		s.lost(c, why, cause)
	}
	tell(m, &m.closes, func(f func(DisconnectReason, error)) { f(why, cause) })
	// A server that lets nobody in, and only ends the connection, is not
	// approached once a second for ever.
	if c.fruitful.Load() {
		*n = 0
	}
	if cause == nil {
		return fmt.Errorf("client: the connection is lost: %w", why)
	}
	return fmt.Errorf("client: the connection is lost: %w: %w", why, cause)
}

// open opens a connection and makes it the Manager's.
func (m *Manager) open(ctx context.Context) (*conn, error) {
	c := newConn(m)
	dial, cancel := ctx, context.CancelFunc(func() {})
	if m.cfg.ConnectTimeout > 0 {
		dial, cancel = context.WithTimeoutCause(ctx, m.cfg.ConnectTimeout, ErrConnectTimeout)
	}
	defer cancel()
	l, err := m.dial(dial, c)
	if err != nil {
		c.cancel()
		if ctx.Err() == nil && dial.Err() != nil {
			return nil, fmt.Errorf("%w: %w", ErrConnectTimeout, err)
		}
		return nil, err
	}
	m.mu.Lock()
	if ctx.Err() == nil && m.wantedLocked() {
		m.conn = c
		m.mu.Unlock()
		return c, nil
	}
	m.mu.Unlock()
	c.release()
	<-c.done
	l.wait()
	return nil, errUnwanted
}

// errUnwanted is what became of a connection that opened when all had left.
var errUnwanted = errors.New("client: the connection was not wanted any more")

// failed tells of an attempt that has failed. B-105
func (m *Manager) failed(ctx context.Context, n int, err error) {
	if ctx.Err() != nil || err == errUnwanted {
		return // nobody wants to know
	}
	m.cfg.Logger.Debug("client: connection failed", "attempt", n, "error", err)
	late := errors.Is(err, ErrConnectTimeout)
	for _, s := range m.list() {
		if !s.active.Load() {
			continue
		}
		if late {
			s.turns.add(func() {
				for _, f := range s.connectTimeouts.all() {
					m.attempt("OnConnectTimeout", *f)
				}
			})
		}
		s.failedToConnect(err)
	}
	tell(m, &m.errs, func(f func(error)) { f(err) })
	if n > 0 {
		tell(m, &m.reconnectErrors, func(f func(error)) { f(err) })
	}
}

// surrenderLocked ends the attempts: no socket is active any more. It lets go
// of the lock.
func (m *Manager) surrenderLocked(last error) {
	m.running, m.stop = false, nil
	for _, s := range m.sockets {
		s.mu.Lock()
		if s.active.Swap(false) {
			s.resolveLocked(last) // before a Connect can begin anew
		}
		s.mu.Unlock()
	}
	m.mu.Unlock()
	if errors.Is(last, ErrReconnectFailed) {
		m.cfg.Logger.Warn("client: gave up connecting", "error", last)
		tell(m, &m.reconnectFails, func(f func()) { f() })
	}
}
