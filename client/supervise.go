package client

import (
	"context"
	"errors"
	"fmt"
)

// supervise tries to connect until a connection is open; what comes after its end
// is then up to ended, so that no goroutine waits while all is well. Or until
// no socket wants one. There is one at a time, and Close waits for it.
func (m *Manager) supervise() {
	for {
		m.mu.Lock()
		ctx := m.trying
		m.mu.Unlock()
		c, err := m.connect(ctx)
		if c != nil {
			if m.attend(c) {
				return
			}
			err = m.bury(c)
		}
		if !m.again(err) {
			return
		}
	}
}

// attend leaves a connection to itself. It reports false if that has ended already.
func (m *Manager) attend(c *conn) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return false
	}
	c.attended = true
	m.tasks.Add() // for ended
	m.stop()
	m.trying, m.stop = nil, nil
	return true
}

// ended goes on when a connection has ended that was left to itself.
func (m *Manager) ended(c *conn) {
	if m.again(m.bury(c)) {
		m.supervise()
	}
}

// tryLocked begins to try.
func (m *Manager) tryLocked() {
	if m.stop != nil {
		m.stop()
	}
	m.trying, m.stop = context.WithCancel(context.Background())
	m.left = false
}

// again decides what follows an attempt that has failed, or a connection that
// has ended: it waits and reports true, or gives up.
func (m *Manager) again(err error) bool {
	m.mu.Lock()
	if m.closed || !m.wantedLocked() {
		m.running = false
		m.mu.Unlock()
		return false
	}
	if m.left || err == errUnwanted { // all had left, and one is back
		m.tryLocked()
		m.attempts = 0
		m.mu.Unlock()
		return true
	}
	var last error
	switch limit := m.cfg.ReconnectionAttempts; {
	case m.cfg.DisableReconnection:
		last = err
	case limit > 0 && m.attempts >= limit:
		last = fmt.Errorf("%w after %d attempts: %w", ErrReconnectFailed, m.attempts, err)
	}
	if last != nil {
		m.surrenderLocked(last)
		return false
	}
	if m.trying == nil { // a connection was open
		m.tryLocked()
	}
	ctx := m.trying
	m.mu.Unlock()
	if !pause(ctx, m.cfg.backoff().delay(m.attempts)) {
		return m.again(err)
	}
	m.attempts++
	m.announce(ctx, m.attempts)
	return true
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

// connect makes one attempt, and has the sockets join when it has succeeded.
func (m *Manager) connect(ctx context.Context) (*conn, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	c, err := m.open(ctx)
	if err != nil {
		m.failed(ctx, m.attempts, err)
		return nil, err
	}
	tell(m, &m.opens, func(f func()) { f() })
	if n := m.attempts; n > 0 {
		tell(m, &m.reconnects, func(f func(int)) { f(n) })
	}
	for _, s := range m.list() {
		s.join(c)
	}
	return c, nil
}

// bury waits for the last of a connection that has ended and tells everybody.
// It returns the reason.
func (m *Manager) bury(c *conn) error {
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
		m.attempts = 0
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
		c.forgo()
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
	m.running = false
	for s := range m.sockets.all() {
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
