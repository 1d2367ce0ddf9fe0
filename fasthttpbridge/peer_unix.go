//go:build unix

package fasthttpbridge

import (
	"net"
	"syscall"
	"time"
)

// peer notices that the client of a waiting request goes away, which fasthttp
// does not: nobody reads the connection meanwhile. All methods may be called on
// a nil *peer.
type peer struct {
	conn net.Conn
	raw  syscall.RawConn
}

// newPeer returns nil for a connection that cannot be watched.
func newPeer(c net.Conn) *peer {
	switch c.(type) {
	case *net.TCPConn, *net.UnixConn:
	default:
		return nil
	}
	raw, err := c.(syscall.Conn).SyscallConn()
	// fasthttp's ReadTimeout has done its duty, and would end the watch.
	if err != nil || c.SetReadDeadline(time.Time{}) != nil {
		return nil
	}
	return &peer{conn: c, raw: raw}
}

// awaitEnd blocks until the client has gone, then true, or has sent its next
// request, or wake is called. It takes nothing from the connection.
func (p *peer) awaitEnd() (gone bool) {
	if p == nil {
		return false
	}
	_ = p.raw.Read(func(fd uintptr) (done bool) { // fails when wake is called
		var b [1]byte
		for {
			n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
			switch err {
			case syscall.EINTR:
			case syscall.EAGAIN:
				return false
			default:
				gone = err != nil || n == 0
				return true
			}
		}
	})
	return gone
}

// wake ends awaitEnd.
func (p *peer) wake() {
	if p != nil {
		_ = p.conn.SetReadDeadline(time.Unix(1, 0)) // fails on a closed connection, which wakes as well
	}
}

// release makes the connection readable again, after wake.
func (p *peer) release() {
	if p != nil {
		_ = p.conn.SetReadDeadline(time.Time{}) // fasthttp sees by itself that a connection is closed
	}
}
