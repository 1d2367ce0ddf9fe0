package engine

import (
	"errors"
	"net/http"
	"time"

	"github.com/go-socketio/socketio/internal/wsock"
)

// serveUpgrade lets a WebSocket apply for taking over a polling session:
//
//	client            server
//	  2probe ───────►
//	         ◄─────── 3probe; the waiting GET is answered, with a noop if need be
//	       5 ───────►         from here on the queue belongs to the WebSocket
//
// Until the 5 the session lives on polling, and whatever happens to the
// candidate, its own deadline included, does not touch it.
func (srv *Server) serveUpgrade(s *Session, w http.ResponseWriter, r *http.Request, transport string, base64 bool) {
	if srv.cfg.DisableUpgrade {
		srv.refuse(w, r, BadRequest, "", "TRANSPORT_MISMATCH: upgrades are switched off")
		return
	}
	if err := wsock.Check(r); err != nil {
		srv.refuse(w, r, BadRequest, "", "TRANSPORT_HANDSHAKE_ERROR: "+err.Error())
		return
	}
	h := srv.upgradeHeader(w)
	s.setHeaders(h, r)
	conn, err := wsock.Accept(w, r, h, srv.websocketOptions())
	if err != nil {
		srv.acceptFailed(w, r, err)
		return
	}
	c := &candidate{s: s, conn: conn, base64: base64}
	if transport != WebSocket || !c.apply() {
		srv.sayNo(conn)
		return
	}
	conn.Go(c, c.ended) // Server.Shutdown waits for it through the group
}

// candidate reads a connection that asks to take over, and after it has, goes
// on as the session's reader.
type candidate struct {
	s        *Session
	conn     carrier
	deadline *time.Timer
	base64   bool // its request said that it cannot take binary frames
	upgraded bool
}

// apply makes the connection the only one that asks to take over, unless the
// session takes none. It starts the time for it, and the group counts it until
// ended is called.
func (c *candidate) apply() bool {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != open || s.line != nil || s.direct || s.candidate != nil {
		return false
	}
	s.candidate = c.conn
	s.srv.group.start()
	c.deadline = time.AfterFunc(s.srv.cfg.UpgradeTimeout, c.expire)
	return true
}

// expire ends an upgrade that takes too long: a proxy may have swallowed the
// 101, and neither side would ever notice.
func (c *candidate) expire() {
	if c.withdraw() {
		_ = c.conn.CloseNow()
	}
}

// withdraw takes back the application, once: a candidate that has withdrawn
// cannot take over, and one that has taken over cannot withdraw.
func (c *candidate) withdraw() bool {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.s.candidate != c.conn {
		return false
	}
	c.s.candidate = nil
	c.s.upgrading = false
	return true
}

// ended runs when the WebSocket is over.
func (c *candidate) ended(err error) {
	defer c.s.srv.group.done()
	if c.upgraded {
		c.s.readEnded(c.conn, err)
		return
	}
	c.deadline.Stop()
	code := 0
	if ce, ok := errors.AsType[*wsock.CloseError](err); ok {
		code = echoCode(ce)
	} else if pe, ok := errors.AsType[*wsock.ProtocolError](err); ok {
		code = pe.Code
	} else if err != errEnded {
		code = -1
	}
	if c.withdraw() && code >= 0 {
		c.sayClose(code)
	}
	_ = c.conn.CloseNow()
}

func (c *candidate) sayClose(code int) {
	if _, ok := c.conn.(*stream); !ok {
		_ = c.conn.SetWriteDeadline(time.Now().Add(c.s.srv.cfg.WriteTimeout))
		_, _ = c.conn.Write(wsock.AppendClose(nil, code, ""))
		_ = c.conn.CloseLinger(lingerTime)
	}
}

func (c *candidate) Message(op wsock.Opcode, data []byte) error {
	if c.upgraded {
		return (*lineReceiver)(c.s).Message(op, data)
	}
	switch {
	case op == wsock.Text && string(data) == "2probe":
		return c.probed()
	case op == wsock.Text && string(data) == "5":
		return c.takeOver()
	}
	return errEnded
}

func (c *candidate) Control(op wsock.Opcode, data []byte) error {
	if c.upgraded {
		return (*lineReceiver)(c.s).Control(op, data)
	}
	if op == wsock.Ping {
		_, err := c.conn.Write(wsock.AppendFrame(nil, wsock.Pong, data))
		return err
	}
	return nil
}

func (c *candidate) Drained() {}

// probed answers the probe and frees the waiting GET at once; a GET that comes
// later is held for upgradeTick at most. Nothing else is written on a
// candidate, so this goroutine may write by itself.
func (c *candidate) probed() error {
	// Noted before the answer leaves: a client that has it may count on the
	// upgrade, also if the session is closed right behind.
	if !c.underWay(false) {
		return errEnded
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(c.s.srv.cfg.WriteTimeout))
	answer := wsock.AppendFrame(nil, wsock.Text, []byte("3probe"))
	if _, ok := c.conn.(*stream); ok {
		answer = answer[1:] // see streamFrame
	}
	if _, err := c.conn.Write(answer); err != nil {
		return err
	}
	_ = c.conn.SetWriteDeadline(time.Time{})
	if !c.underWay(true) {
		return errEnded
	}
	return nil
}

// underWay notes that the client is about to leave polling, and frees the
// waiting GET if told to. It reports false if the application is void.
func (c *candidate) underWay(free bool) bool {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.candidate != c.conn {
		return false
	}
	s.upgrading = true
	if free && s.poll != nil {
		s.poll.noop = true
		s.poll.signal()
	}
	return true
}

// takeOver makes the connection the session's transport.
func (c *candidate) takeOver() error {
	s := c.s
	s.mu.Lock()
	if s.candidate != c.conn || s.state == closed || s.posting {
		// A client that changes over in the midst of a POST would have two
		// goroutines deliver its messages.
		s.mu.Unlock()
		return errEnded
	}
	c.deadline.Stop()
	s.candidate = nil
	s.upgrading = false
	s.line = c.conn
	if _, s.streams = c.conn.(*stream); s.streams {
		s.base64 = false
	} else {
		s.base64 = s.base64 || c.base64
	}
	lingering := s.state == closing // closed in the midst of the upgrade: its last words go out here
	if lingering {
		s.beat.Stop()
		s.swapCloseLocked()
	}
	c.upgraded = true
	s.forgivePingLocked()
	if s.poll != nil {
		s.poll.signal()
	}
	wake := s.queued > 0 && s.wakeLocked()
	s.mu.Unlock()
	s.wake(wake)
	s.left(lingering)
	return nil
}

// swapCloseLocked turns the close packet at the end of the queue of a polling
// session into the farewell of another transport.
func (s *Session) swapCloseLocked() {
	msgs := s.queue.msgs.Waiting()
	last := s.farewell(0)
	s.queued += len(last.frame) - len(msgs[len(msgs)-1].frame)
	msgs[len(msgs)-1] = last
}
