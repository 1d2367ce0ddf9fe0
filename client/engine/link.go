package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/go-socketio/socketio/internal/eio"
)

// link is a transport that carries both directions: a WebSocket or a Stream. It
// is the whole connection from its first packet on, or a candidate that takes
// over from polling once it has proved to work.
type link struct {
	c      *Conn
	kind   string
	wire   wire
	stage  atomic.Uint32
	result chan error // what becomes of opening or probing, and of a candidate after that
}

// wire moves the packets of a link. Its reader calls packet and malformed, and
// ended as the last thing.
type wire interface {
	// start begins to read, on a goroutine of its own.
	start(l *link)
	// send writes a batch.
	send(b *outbox) error
	waits() bool
	closeNow(quiet bool)
}

// The stages of a link. Only its reader goes on from those that wait for a
// packet; anybody may declare it dead.
const (
	opening uint32 = iota // waits for the open packet
	probing               // waits for the pong to its probe
	proved                // a candidate that works, but is not in use yet
	live                  // the connection's transport
	dead
)

var (
	errLinkEnded = errors.New("engine: the transport is not read any more")
	errEarly     = errors.New("engine: the server sent a packet on the new transport before the upgrade")
)

// probe is the payload of the ping and pong that prove a candidate.
const probe = "probe"

// connect opens a link and lets it read. sid is empty if it is to open a session.
func (c *Conn) connect(ctx context.Context, name, sid string) (*link, error) {
	var w wire
	var err error
	switch name {
	case WebSocket:
		w, err = c.dialWebSocket(ctx, sid)
	case WebTransport:
		w, err = c.dialStream(ctx, sid)
	default:
		err = errUnknown(name)
	}
	if err != nil {
		return nil, err
	}
	l := &link{c: c, kind: name, wire: w, result: make(chan error, 2)}
	if sid != "" {
		l.stage.Store(probing)
	}
	c.mu.Lock()
	ok := c.startLocked()
	c.mu.Unlock()
	if !ok {
		w.closeNow(true)
		return nil, ErrClosed
	}
	w.start(l)
	return l, nil
}

// await waits until the link has opened or proved itself, and kills it if that
// does not happen in time.
func (l *link) await(ctx context.Context) error {
	select {
	case err := <-l.result:
		if err == nil && l.stage.Load() == live {
			l.result = nil // the reader does not use it any more either
		}
		return err
	case <-ctx.Done():
	}
	stage := l.stage.Load()
	if stage >= live || !l.stage.CompareAndSwap(stage, dead) {
		return <-l.result // it happened at the same moment
	}
	l.wire.closeNow(true)
	return fmt.Errorf("engine: %s: %w", l.kind, context.Cause(ctx))
}

// rest is the reader's word that it has handed up all that it has. As long as the
// link is a candidate the turn is that of the reader of another transport.
func (l *link) rest() {
	if l.stage.Load() == live {
		l.c.rest()
	}
}

// kill ends a candidate.
func (l *link) kill() {
	l.stage.Store(dead)
	l.wire.closeNow(true)
}

func (l *link) name() string         { return l.kind }
func (l *link) send(b *outbox) error { return l.wire.send(b) }
func (l *link) waits() bool          { return l.wire.waits() }
func (l *link) closeNow(quiet bool)  { l.wire.closeNow(quiet) }

// packet handles what the reader brought, and reports whether to read on.
func (l *link) packet(p eio.Packet) bool {
	switch l.stage.Load() {
	case live:
		return l.c.receive(p)
	case opening:
		return l.first(p)
	case probing:
		if p.Type != eio.Pong || string(p.Data) != probe {
			return l.fail(fmt.Errorf("engine: %s: the probe was answered with a packet of type %s", l.kind, p.Type))
		}
		if !l.stage.CompareAndSwap(probing, proved) {
			return false
		}
		l.result <- nil
		return true
	case proved:
		return l.fail(errEarly)
	}
	return false
}

// first opens the connection.
func (l *link) first(p eio.Packet) bool {
	h, err := openPacket(l.kind, eio.AppendText(nil, p))
	if err != nil {
		return l.fail(err)
	}
	if !l.stage.CompareAndSwap(opening, live) {
		return false
	}
	if !l.c.opened(l, h) {
		return l.fail(ErrClosed)
	}
	l.result <- nil
	return true
}

// malformed handles what is no packet.
func (l *link) malformed(err error) {
	switch l.stage.Load() {
	case live:
		l.c.end(ParseError, fmt.Errorf("engine: %s: %w", l.kind, err))
	case opening:
		l.fail(noServer(l.kind, err))
	default:
		l.fail(fmt.Errorf("engine: %s: %w", l.kind, err))
	}
}

// fail ends a link that is not in use yet.
func (l *link) fail(err error) bool {
	l.stage.Store(dead)
	l.tell(err)
	return false
}

// tell never waits: there is room for two results, and a link has no more.
func (l *link) tell(err error) {
	select {
	case l.result <- err:
	default:
	}
}

// ended is the reader's last word.
func (l *link) ended(reason Reason, err error) {
	defer l.c.finish()
	stage := l.stage.Swap(dead)
	if stage == live {
		l.c.end(reason, err)
		l.c.rest() // what makes the last call, if the reader ended in the Receiver's turn
		return
	}
	l.wire.closeNow(false)
	if err == nil {
		err = errLinkEnded
	}
	l.tell(fmt.Errorf("engine: %s: %w", l.kind, err))
}
