package siotest

import (
	"context"
	"fmt"
)

// await waits until cond, called under the lock, is true. It reports false
// after Patience.
func (c *Conn) await(cond func() bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), c.ts.Patience)
	defer cancel()
	for {
		c.mu.Lock()
		if cond() {
			c.mu.Unlock()
			return true
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// Receive waits for the next message that is not for one of the connection's
// Clients, and fails the test if there is none.
func (c *Conn) Receive() Message {
	c.t.Helper()
	var m Message
	var err error
	ok := c.await(func() bool {
		if len(c.queue) > 0 {
			m, c.queue = c.queue[0], c.queue[1:]
			return true
		}
		err = c.err
		return err != nil
	})
	if !ok {
		c.t.Fatalf("siotest: no message after %v", c.ts.Patience)
	}
	if err != nil {
		c.t.Fatalf("siotest: wanted a message, but the connection is over: %v", err)
	}
	return m
}

// Expect receives messages and fails the test unless they are these, in this
// order; see [Message.String] for binary ones.
func (c *Conn) Expect(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if got := c.Receive().String(); got != w {
			c.t.Fatalf("siotest: received %s, want %s", got, w)
		}
	}
}

// Fence waits until everything that the server has queued for this connection
// by now has come. What is in nobody's hands yet, such as an event that a
// handler is still working on, it does not wait for.
//
// It asks for a namespace that does not exist, which the server answers at once
// and in order. A parent namespace that takes every name gets these, too, and
// they are left as soon as they are joined: /siotest-fence-1 and so on.
func (c *Conn) Fence() {
	c.t.Helper()
	c.mu.Lock()
	// As many answers as there were questions up to this one: one of them is to
	// a question that was sent after this line, so Fences may overlap.
	c.asked++
	want := c.asked
	c.mu.Unlock()
	if err := c.Send(fmt.Sprintf("40%s%d,", fence, want)); err != nil {
		c.t.Fatalf("siotest: fence: %v", err)
	}
	var err error
	if !c.await(func() bool {
		if c.fences >= want {
			return true // even if the connection ended right behind the answer
		}
		err = c.err
		return err != nil
	}) {
		c.t.Fatalf("siotest: the server does not answer after %v", c.ts.Patience)
	}
	if err != nil {
		c.t.Fatalf("siotest: fence: the connection is over: %v", err)
	}
}

// fence begins the names of namespaces that no server has, unless it takes
// every name. They are numbered because one that is joined must not be asked for again.
const fence = "/siotest-fence-"

// Quiet waits for the Fence and fails the test if anything came that nobody has received.
func (c *Conn) Quiet() {
	c.t.Helper()
	c.Fence()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.queue {
		c.t.Errorf("siotest: unexpected message %s", m)
	}
	for _, cl := range c.clients {
		for _, e := range cl.events {
			c.t.Errorf("siotest: unexpected event %s in %s", e, cl.nsp)
		}
	}
}

// WaitClosed waits until the server ends the connection, and returns how it
// did; it fails the test if it does not.
func (c *Conn) WaitClosed() error {
	c.t.Helper()
	var err error
	if !c.await(func() bool { err = c.err; return err != nil }) {
		c.t.Fatalf("siotest: the connection is still open after %v", c.ts.Patience)
	}
	return err
}
