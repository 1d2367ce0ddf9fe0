package engine

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"time"

	"github.com/go-socketio/socketio/internal/eio"
)

// Close ends the connection after what is queued was sent, and returns at once.
// No Message is called from now on. Closed follows, with [ForcedClose], within
// Config.CloseTimeout. Closing a connection that is closing or closed does nothing.
func (c *Conn) Close() {
	c.mu.Lock()
	switch c.state {
	case Connecting:
		c.mu.Unlock()
		c.end(ForcedClose, nil)
	case Open:
		c.setLocked(Closing)
		c.watchdog.Stop()
		c.patience = time.AfterFunc(c.cfg.CloseTimeout, func() { c.end(ForcedClose, nil) })
		c.pushLocked(eio.Close, false, true, nil)
		c.wakeAndUnlock()
	default:
		c.mu.Unlock()
	}
}

// CloseNow ends the connection and throws away what is queued. Closed follows
// at once.
func (c *Conn) CloseNow() { c.end(ForcedClose, nil) }

// end is the end for good; only the first call does anything. It never calls
// the Receiver itself and waits for nothing, so it may be called from anywhere.
func (c *Conn) end(reason Reason, err error) {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	if c.state == Closing {
		reason, err = ForcedClose, nil // this side had ended it already
	}
	c.over = true
	c.setLocked(Closed)
	if c.watchdog != nil {
		c.watchdog.Stop()
	}
	if c.patience != nil {
		c.patience.Stop()
	}
	c.dropQueueLocked()
	c.why, c.err = reason, err
	stop, cancel := c.stopDial, c.cancel
	tr, quiet := c.tr, !c.flushing && !c.parting
	tell := !c.delivering && !c.told
	c.told = c.told || tell
	c.tasks++
	c.mu.Unlock()
	if stop != nil {
		stop(ErrClosed)
	}
	if cancel != nil {
		cancel(reason)
	}
	if reason == TransportError {
		c.to.memory.learn(false)
	}
	go c.leave(tr, quiet, tell)
}

// leave closes the transport on a goroutine of its own, for the goodbye of TLS
// may wait, and makes the last call of the Receiver. Done waits for it.
func (c *Conn) leave(tr transport, quiet, tell bool) {
	defer c.finish()
	if tr != nil {
		tr.closeNow(quiet)
	}
	if tell {
		c.tell()
	}
}

// tell makes the last call of the Receiver.
func (c *Conn) tell() {
	c.protect(func() { c.recv.Closed(c.why, c.err) })
}

// abandon is the end of a connection that never opened and whose Receiver is
// not to hear of it.
func (c *Conn) abandon() {
	c.mu.Lock()
	c.told = true
	c.mu.Unlock()
	c.end(TransportError, nil)
}

// deliver hands a message to the Receiver. The turn that begins with it lasts
// until rest, so that the messages of one read need no lock each. It reports
// false when the connection is over, and true when it is only closing: then the
// rest of what comes is thrown away. Only the goroutine that reads may call it.
func (c *Conn) deliver(kind Kind, data []byte) bool {
	if !c.turn {
		c.mu.Lock()
		c.delivering = c.state == Open
		c.turn = c.delivering
		c.mu.Unlock()
	}
	if State(c.seen.Load()) == Open {
		c.message(kind, data)
	}
	return State(c.seen.Load()) != Closed
}

// rest ends the turn: the reader has handed up all that it has. It has to be
// called before the reader waits or ends.
func (c *Conn) rest() {
	if !c.turn {
		return
	}
	c.turn = false
	if p, ok := c.recv.(Pauser); ok {
		c.protect(p.Paused)
	}
	c.delivered()
}

func (c *Conn) message(kind Kind, data []byte) {
	defer c.recovered()
	c.recv.Message(kind, data)
}

// delivered lets others call the Receiver again, and makes the last call if
// the connection ended meanwhile.
func (c *Conn) delivered() {
	c.mu.Lock()
	c.delivering = false
	tell := c.over && !c.told
	if tell {
		c.told = true
		c.tasks++
	}
	c.mu.Unlock()
	if tell {
		c.tell()
		c.finish()
	}
}

// protect runs code of the application; a panic is logged and ends the
// connection.
func (c *Conn) protect(f func()) {
	defer c.recovered()
	f()
}

// recovered belongs deferred around code of the application.
func (c *Conn) recovered() {
	if v := recover(); v != nil {
		c.cfg.Logger.Error("engine: panic in the application, connection closed", "panic", v, "stack", string(debug.Stack()))
		c.end(TransportError, fmt.Errorf("engine: panic in the application: %v", v))
	}
}

// writeReason tells a server that takes nothing from one that has gone.
func writeReason(err error) Reason {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return TransportError
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return TransportClose
	}
	return TransportError
}
