package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Dial opens a connection to a server and returns when the handshake is done.
// The URL's scheme is http, https, ws or wss, and its query is added to all
// requests. ctx bounds the opening, not the connection, beside
// Config.RequestTimeout. r must not be nil, and none of its methods is called
// if Dial fails.
//
// A refusal is a *[HandshakeError]. If Config.TryAllTransports is set, the error
// holds one of each transport.
func Dial(ctx context.Context, url string, cfg Config, r Receiver) (*Conn, error) {
	c, err := newConn(url, cfg, r)
	if err != nil {
		return nil, err
	}
	if err := c.open(ctx); err != nil {
		c.abandon()
		<-c.Done()
		return nil, err
	}
	return c, nil
}

func newConn(url string, cfg Config, r Receiver) (*Conn, error) {
	cfg = cfg.withDefaults()
	to, err := newTarget(url, &cfg)
	if err != nil {
		return nil, err
	}
	return &Conn{cfg: &cfg, to: to, recv: r}, nil
}

// open tries the transports.
func (c *Conn) open(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c.mu.Lock()
	c.stopDial = cancel
	if c.over {
		cancel(ErrClosed)
	}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.stopDial = nil
		c.mu.Unlock()
	}()
	var failed []error
	for _, name := range c.order() {
		err := c.openWith(ctx, name)
		if err == nil {
			return nil
		}
		failed = append(failed, err)
		c.to.memory.learn(false)
		if ctx.Err() != nil || !c.cfg.TryAllTransports {
			break
		}
		c.cfg.Logger.Debug("engine: transport did not open", "transport", name, "error", err)
	}
	if len(failed) == 1 {
		return failed[0]
	}
	return errors.Join(failed...)
}

// order lists the transports to try.
func (c *Conn) order() []string {
	list := c.cfg.Transports
	if i := slices.Index(list, WebSocket); i > 0 && c.cfg.RememberUpgrade && c.to.memory.webSocketWorked() {
		list = slices.Insert(slices.Delete(slices.Clone(list), i, i+1), 0, WebSocket)
	}
	return list
}

func (c *Conn) openWith(ctx context.Context, name string) error {
	ctx, cancel := c.to.soon(ctx)
	defer cancel()
	if name == Polling {
		return c.openPolling(ctx)
	}
	l, err := c.connect(ctx, name, "")
	if err != nil {
		return err
	}
	return l.await(ctx)
}

func errUnknown(name string) error {
	return fmt.Errorf("engine: Config.Transports: %q is none of %q, %q, %q", name, Polling, WebSocket, WebTransport)
}
