package engine

import (
	"math"
	"time"

	"github.com/go-socketio/socketio/internal/eio"
)

// The server pings, the client answers, and a server that does not ping within
// its pingInterval + pingTimeout is given up. One timer sees to that. It runs
// on the monotonic clock, which stands still while a laptop sleeps; so before
// something is sent the deadline is compared with the wall clock, too, and a
// message is refused rather than lost in a connection that is long gone.

// maxSilence bounds what a server may announce, to what the timers of other
// clients can hold: 2^31-1 ms.
const maxSilence = math.MaxInt32 * time.Millisecond

func silenceOf(h eio.Handshake) time.Duration {
	return min(min(h.PingInterval, maxSilence)+min(h.PingTimeout, maxSilence), maxSilence)
}

// maxPongs bounds the answers that wait in the queue: a server that pings without
// end and reads nothing costs nothing. Several may be due, for a server may wait
// for the answer to each ping, as ours does before it closes a stream.
const maxPongs = 16

// pinged answers a ping.
func (c *Conn) pinged() {
	c.mu.Lock()
	if c.state != Open {
		c.mu.Unlock()
		return
	}
	c.deadline = time.Now().UnixNano() + int64(c.silence)
	c.watchdog.Reset(c.silence)
	if c.pongs < maxPongs {
		c.pongs++
		c.pushLocked(eio.Pong, false, true, nil)
	}
	c.wakeAndUnlock()
	if f := c.cfg.Hooks.Ping; f != nil {
		c.protect(f)
	}
}

// overdueLocked reports whether the server has been silent for too long. While
// the Receiver runs, the ping may lie unread behind what it still holds.
func (c *Conn) overdueLocked(now int64) bool {
	return now > c.deadline && !c.delivering
}

// onSilence runs when the watchdog's time is over.
func (c *Conn) onSilence() {
	c.mu.Lock()
	if c.state == Open && c.delivering {
		c.deadline = time.Now().UnixNano() + int64(c.silence)
		c.watchdog.Reset(c.silence)
		c.mu.Unlock()
		return
	}
	open := c.state == Open
	c.mu.Unlock()
	if open {
		c.end(PingTimeout, nil)
	}
}
