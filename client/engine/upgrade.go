package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-socketio/socketio/internal/eio"
)

// patienceForWebTransport is how long WebSocket is not tried while WebTransport
// is, as in the reference: the better one should win if it works at all.
const patienceForWebTransport = 200 * time.Millisecond

var errPause = errors.New("engine: upgrade: polling did not come to rest")

// upgradesOf lists what the connection may move to, each once.
func (c *Conn) upgradesOf(h eio.Handshake) []string {
	if c.cfg.DisableUpgrade {
		return nil
	}
	var list []string
	for _, name := range []string{WebTransport, WebSocket} {
		if slices.Contains(c.cfg.Transports, name) && slices.Contains(h.Upgrades, name) {
			list = append(list, name)
		}
	}
	return list
}

// upgrade moves the connection from polling to a better transport, if there is
// one that works. Done waits for it.
func (c *Conn) upgrade(names []string) {
	defer c.finish()
	ctx, cancel := context.WithTimeoutCause(c.Context(), c.cfg.UpgradeTimeout,
		fmt.Errorf("not done within Config.UpgradeTimeout, %v: %w", c.cfg.UpgradeTimeout, context.DeadlineExceeded))
	defer cancel()
	l, err := c.probe(ctx, names)
	if err == nil {
		err = c.moveTo(ctx, l)
	}
	c.mu.Lock()
	over := c.over
	c.mu.Unlock()
	if over {
		return // that is what the application hears of
	}
	if err != nil {
		c.to.memory.learn(false)
		c.cfg.Logger.Debug("engine: upgrade failed", "error", err)
		if f := c.cfg.Hooks.UpgradeFailed; f != nil {
			c.protect(func() { f(err) })
		}
		return
	}
	c.to.memory.learn(l.kind == WebSocket)
	if f := c.cfg.Hooks.Upgrade; f != nil {
		c.protect(func() { f(l.kind) })
	}
}

// probe returns the first transport that proves to work.
func (c *Conn) probe(ctx context.Context, names []string) (*link, error) {
	if len(names) == 1 {
		return c.probeOne(ctx, names[0])
	}
	type outcome struct {
		l   *link
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	outcomes := make(chan outcome, len(names))
	for i, name := range names {
		go func() {
			var o outcome
			select {
			case <-time.After(time.Duration(i) * patienceForWebTransport):
				o.l, o.err = c.probeOne(ctx, name)
			case <-ctx.Done():
				o.err = ctx.Err()
			}
			outcomes <- o
		}()
	}
	var won *link
	var failed []error
	for range names { // all of them, so that no goroutine is left
		o := <-outcomes
		switch {
		case o.err != nil:
			failed = append(failed, o.err)
		case won != nil:
			o.l.kill()
		default:
			won = o.l
			cancel()
		}
	}
	if won == nil {
		return nil, errors.Join(failed...)
	}
	return won, nil
}

func (c *Conn) probeOne(ctx context.Context, name string) (*link, error) {
	l, err := c.connect(ctx, name, c.ID())
	if err != nil {
		return nil, err
	}
	b := new(outbox)
	b.add(eio.Ping, false, true, []byte(probe))
	unsent := l.send(b)
	if err := l.await(ctx); err != nil {
		return nil, err // the reader knows best why nothing could be sent
	}
	if unsent != nil {
		l.kill()
		return nil, unsent
	}
	return l, nil
}

// moveTo waits until no request is under way and makes l the transport. If that
// fails the connection goes on polling.
func (c *Conn) moveTo(ctx context.Context, l *link) error {
	paused := make(chan struct{})
	c.mu.Lock()
	if c.state != Open {
		c.mu.Unlock()
		l.kill()
		return ErrClosed
	}
	c.upgrading, c.paused = true, paused
	c.pausedLocked()
	c.mu.Unlock()
	var err error
	select {
	case <-paused:
	case err = <-l.result: // never nil: it has proved itself already
	case <-ctx.Done():
		err = errors.Join(errPause, context.Cause(ctx))
	}
	c.mu.Lock()
	c.upgrading, c.paused = false, nil
	if err == nil && !l.stage.CompareAndSwap(proved, live) {
		err = errLinkEnded
	}
	if err == nil && !c.startLocked() {
		err = ErrClosed
	}
	if err != nil {
		c.resumeAndUnlock()
		l.kill()
		return err
	}
	c.tr = l
	c.flushing = true
	l.result = nil // the reader does not use it any more either
	c.mu.Unlock()
	// Ahead of all that was queued meanwhile.
	b := outboxes.Get().(*outbox)
	b.add(eio.Upgrade, false, true, nil)
	c.flush(b)
	return nil
}

// resumeAndUnlock goes on polling.
func (c *Conn) resumeAndUnlock() {
	if !c.polling && c.startLocked() {
		c.polling = true
		go func() {
			defer c.finish()
			polling{c}.loop()
		}()
	}
	c.wakeAndUnlock()
}

// pausedLocked tells an upgrade that waits that no request is under way.
func (c *Conn) pausedLocked() {
	if c.paused != nil && !c.flushing && !c.polling {
		close(c.paused)
		c.paused = nil
	}
}
