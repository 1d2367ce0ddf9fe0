package siotest

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/packet"
)

// receive takes one Engine.IO packet of the server. It reports false when the
// server said that it was the last.
func (c *Conn) receive(p eio.Packet) bool {
	switch p.Type {
	case eio.Ping:
		if !c.mute {
			c.mu.Lock()
			l := c.link
			c.mu.Unlock()
			l.control(eio.Pong)
		}
	case eio.Close:
		c.end(errors.New("the server closed the connection"))
		return false
	case eio.Message:
		c.mu.Lock()
		joined := c.routeLocked(p)
		c.changedLocked()
		c.mu.Unlock()
		if joined != "" {
			c.leaveFence(joined)
		}
	}
	return true
}

// opened takes the open packet.
func (c *Conn) opened(p eio.Packet) error {
	if p.Type != eio.Open {
		return fmt.Errorf("the first packet is %s and not open", p.Type)
	}
	h, err := eio.ParseHandshake(p.Data)
	if err != nil {
		return err
	}
	c.SID, c.Handshake = h.SID, string(p.Data)
	return nil
}

// partial is a binary packet that waits for attachments.
type partial struct {
	client      *Client // which may leave before they have come; nil for a fence
	header      packet.Header
	attachments [][]byte
}

// routeLocked gives a message to the Client it is for. It copies the data. The
// name is that of a fence's namespace that the server has, and that is to be left.
func (c *Conn) routeLocked(p eio.Packet) (joined string) {
	if p.Binary {
		m := Message{Binary: true, Data: bytes.Clone(p.Data)}
		if c.partial == nil {
			c.queue = append(c.queue, m)
			return ""
		}
		c.partial.attachments = append(c.partial.attachments, m.Data)
		c.completeLocked()
		return ""
	}
	m := Message{Data: append([]byte{byte(eio.Message)}, p.Data...)}
	h, err := packet.Parse(m.Data[1:], packet.Limits{MaxAttachments: unbounded})
	var cl *Client
	if err == nil {
		cl = c.clientLocked(h.Namespace)
	}
	isFence := err == nil && bytes.HasPrefix(h.Namespace, []byte(fence))
	if cl == nil && !isFence {
		c.queue = append(c.queue, m)
		return ""
	}
	if isFence {
		switch h.Type {
		case packet.Connect:
			joined = string(h.Namespace)
		case packet.ConnectError:
			c.fences++
		}
	}
	c.partial = &partial{client: cl, header: h}
	c.completeLocked()
	return joined
}

// leaveFence leaves a fence's namespace, so that the client is where it was when
// the Fence returns. The packet does not hold up the one who reads.
func (c *Conn) leaveFence(namespace string) {
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	l.later(func() {
		_ = c.Send("41" + namespace + ",") // a failure shows as the end of the connection
		c.mu.Lock()
		defer c.mu.Unlock()
		c.fences++
		c.changedLocked()
	})
}

// completeLocked hands up a packet that has all its attachments. It drops one
// whose client has left meanwhile, as a client does, and what is for a fence.
func (c *Conn) completeLocked() {
	p := c.partial
	if len(p.attachments) != p.header.Attachments {
		return
	}
	c.partial = nil
	if p.client != nil && c.clientLocked(p.header.Namespace) == p.client {
		p.client.takeLocked(&p.header, p.attachments)
	}
}

func (c *Conn) clientLocked(nsp []byte) *Client {
	if nsp == nil {
		return c.clients["/"]
	}
	return c.clients[string(nsp)]
}
