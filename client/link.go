package client

import (
	"context"
	"errors"
	"math"

	"github.com/go-socketio/socketio/client/engine"
)

// link is the connection below, as a conn needs it.
type link interface {
	send(f frames) error // never blocks; errLinkClosed when nothing goes out any more
	writable() bool      // what is sent now leaves now
	buffered() int       // bytes that wait
	close()              // after what is queued
	cut()                // now
	wait()               // until none of its goroutines is left
	transport() string
}

// dialer opens a link and gives it to the conn. It returns when the handshake
// is done; messages may come before that.
type dialer func(ctx context.Context, c *conn) (link, error)

// errLinkClosed is returned by a link whose connection is lost.
var errLinkClosed = errors.New("client: the connection is lost")

// engineDialer opens connections of package engine. What an open connection does
// not need is made for each: there are many Managers, which mostly wait.
func engineDialer(m *Manager, url string) dialer {
	memory := &engine.Memory{}
	return func(ctx context.Context, c *conn) (link, error) {
		cfg := m.cfg.engine()
		cfg.Memory = memory
		cfg.Hooks = engine.Hooks{Ping: m.pinged, Upgrade: m.upgraded, UpgradeFailed: m.notUpgraded}
		e, err := engine.Dial(ctx, url, cfg, receiver{c})
		if err != nil {
			return nil, err
		}
		return engineLink{e}, nil
	}
}

func (m *Manager) upgraded(transport string) {
	m.cfg.Logger.Debug("client: transport upgraded", "transport", transport)
	tell(m, &m.upgrades, func(f func(string)) { f(transport) })
}

func (m *Manager) notUpgraded(err error) {
	m.cfg.Logger.Debug("client: transport not upgraded", "error", err)
}

// receiver gives a conn what the layer below has read.
type receiver struct{ c *conn }

func (r receiver) Opened(e *engine.Conn) { r.c.start(engineLink{e}) }

func (r receiver) Message(kind engine.Kind, data []byte) { r.c.message(kind == engine.Binary, data) }

func (r receiver) Paused() { r.c.paused() }

func (r receiver) Closed(reason engine.Reason, err error) {
	r.c.closed(DisconnectReason(reason), err)
}

type engineLink struct{ e *engine.Conn }

func (l engineLink) send(f frames) error {
	var err error
	if len(f.binary) == 0 {
		err = l.e.SendMessages(engine.Message{Kind: engine.Text, Data: f.text, Plain: f.plain})
	} else {
		msgs := make([]engine.Message, 0, 1+len(f.binary))
		if f.text != nil {
			msgs = append(msgs, engine.Message{Kind: engine.Text, Data: f.text, Plain: f.plain})
		}
		for _, b := range f.binary {
			msgs = append(msgs, engine.Message{Kind: engine.Binary, Data: b, Plain: f.plain})
		}
		err = l.e.SendMessages(msgs...)
	}
	if errors.Is(err, engine.ErrClosed) {
		return errLinkClosed
	}
	return err
}

func (l engineLink) writable() bool    { return l.e.Writable() }
func (l engineLink) buffered() int     { return l.e.BufferedAmount() }
func (l engineLink) close()            { l.e.Close() }
func (l engineLink) cut()              { l.e.CloseNow() }
func (l engineLink) wait()             { <-l.e.Done() }
func (l engineLink) transport() string { return l.e.Transport() }

// unbounded is the bound of the queue below: [Config.MaxQueuedBytes] is held
// above it, so that what has waited for the connection is never refused by it.
const unbounded = math.MaxInt32
