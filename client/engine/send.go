package engine

import (
	"bytes"
	"time"
	"unicode/utf8"

	"github.com/go-socketio/socketio/internal/eio"
)

// Send queues one message and returns at once. data is copied. It returns
// [ErrClosed], [ErrQueueFull] or [ErrText], and nothing is queued then.
func (c *Conn) Send(kind Kind, data []byte) error {
	one := [1]Message{{Kind: kind, Data: data}}
	return c.push(one[:], false)
}

// SendMessages is Send for messages that stay adjacent on the wire. Either all
// are queued or none.
func (c *Conn) SendMessages(msgs ...Message) error { return c.push(msgs, false) }

// SendVolatile is SendMessages for messages that are worth nothing later: they
// are dropped, with [ErrNotWritable], unless the transport takes them now.
func (c *Conn) SendVolatile(msgs ...Message) error { return c.push(msgs, true) }

// Writable tells whether a message sent now would leave now: the connection is
// open, its heartbeat is not overdue, no upgrade is under way and nothing else waits.
func (c *Conn) Writable() bool {
	now := time.Now().UnixNano()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == Open && !c.overdueLocked(now) && c.writableLocked()
}

func (c *Conn) writableLocked() bool {
	return c.queue == nil && !c.flushing && !c.upgrading
}

func (c *Conn) push(msgs []Message, volatile bool) error {
	size := 0
	for i := range msgs {
		if msgs[i].Kind == Text && !c.sendable(msgs[i].Data) {
			return ErrText
		}
		size += len(msgs[i].Data) + itemSize
	}
	c.mu.Lock()
	switch {
	case c.state != Open:
		c.mu.Unlock()
		return ErrClosed
	case c.queue == nil && c.overdueLocked(time.Now().UnixNano()): // what joins others that wait goes with them, and need not ask what time it is
		c.mu.Unlock()
		c.end(PingTimeout, nil)
		return ErrClosed
	case volatile && !c.writableLocked():
		c.mu.Unlock()
		return ErrNotWritable
	}
	waiting := c.queued + int(c.sending.Load())
	if c.queue != nil {
		waiting += len(c.queue.items) * itemSize
	}
	if waiting > 0 && waiting+size > c.cfg.MaxQueuedBytes {
		c.mu.Unlock()
		return ErrQueueFull
	}
	for i := range msgs {
		c.pushLocked(eio.Message, msgs[i].Kind == Binary, msgs[i].Plain, msgs[i].Data)
	}
	c.wakeAndUnlock()
	return nil
}

// sendable checks what every transport in question can carry.
func (c *Conn) sendable(text []byte) bool {
	return utf8.Valid(text) && (!c.to.polls || bytes.IndexByte(text, eio.Separator) < 0)
}

// wakeAndUnlock sees to it that what is queued gets sent. Starting the
// goroutine after the fact is what joins messages: whoever sends goes on until
// it waits for something, and all its messages then leave with one write.
func (c *Conn) wakeAndUnlock() {
	wake := c.queue != nil && !c.flushing && !c.upgrading && c.tr != nil && c.startLocked()
	if wake {
		c.flushing = true
	}
	c.mu.Unlock()
	if wake {
		go c.flush(nil)
	}
}

// flush sends first, if there is any, and all that is queued. There is one at a
// time, and Done waits for it.
func (c *Conn) flush(first *outbox) {
	defer c.finish()
	b := first
	for sent := false; ; sent = true {
		c.mu.Lock()
		if b == nil && c.queue != nil && !c.upgrading && !c.over {
			b, c.queue = c.queue, nil
			b.counted = true
			c.sending.Store(int64(c.queued))
			c.queued, c.pongs, c.answering = 0, 0, false
		}
		if b == nil {
			c.flushing = false
			c.pausedLocked()
			parting := c.parting && !c.tr.waits()
			drained := sent && !c.over && c.queue == nil
			c.mu.Unlock()
			if parting {
				c.end(ForcedClose, nil)
			} else if f := c.cfg.Hooks.Drain; drained && f != nil {
				c.protect(f)
			}
			return
		}
		tr := c.tr
		c.mu.Unlock()
		err := tr.send(b)
		if err == nil && b.items[len(b.items)-1].typ == eio.Close {
			c.mu.Lock()
			c.parting = true
			c.mu.Unlock()
		}
		b.release()
		b = nil
		c.sending.Store(0)
		if err != nil {
			c.end(writeReason(err), err)
		}
	}
}
