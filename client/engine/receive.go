package engine

import (
	"errors"
	"time"

	"github.com/go-socketio/socketio/internal/eio"
)

var errSecondOpen = errors.New("engine: the server opened the session a second time")

// opened makes the connection an open one, if it is still wanted, and tells an
// Opener. The transport's goroutine calls it, before it reads on.
func (c *Conn) opened(tr transport, h eio.Handshake) bool {
	c.mu.Lock()
	if c.state != Connecting {
		c.mu.Unlock()
		return false
	}
	c.setLocked(Open)
	c.tr, c.id = tr, h.SID
	c.maxPayload, c.silence = h.MaxPayload, silenceOf(h)
	c.deadline = time.Now().UnixNano() + int64(c.silence)
	c.watchdog = time.AfterFunc(c.silence, c.onSilence)
	c.delivering = true
	c.mu.Unlock()
	c.to.memory.learn(tr.name() == WebSocket)
	if o, ok := c.recv.(Opener); ok {
		c.protect(func() { o.Opened(c) })
	}
	c.delivered()
	return true
}

// receive handles one packet of an open connection, however it came. It reports
// whether what follows is still to be read.
func (c *Conn) receive(p eio.Packet) bool {
	switch p.Type {
	case eio.Message:
		kind := Text
		if p.Binary {
			kind = Binary
		}
		return c.deliver(kind, p.Data)
	case eio.Ping:
		c.pinged()
	case eio.Close:
		c.end(TransportClose, nil)
		return false
	case eio.Open:
		c.end(TransportError, errSecondOpen)
		return false
	}
	// A pong, an upgrade and a noop mean nothing here, and the reference ignores them too.
	return true
}
