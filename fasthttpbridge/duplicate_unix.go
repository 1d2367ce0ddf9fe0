//go:build unix

package fasthttpbridge

import (
	"errors"
	"net"
	"os"
)

// duplicate returns a second connection on the same socket, which lives on
// when fasthttp closes the first. Otherwise fasthttp's request context, reader
// and a goroutine would have to be kept for the life of each WebSocket, and the
// handler would get a wrapper where it could use a plain connection better.
func duplicate(c net.Conn) (net.Conn, error) {
	var f *os.File
	var err error
	switch c := c.(type) { // and not an interface: a wrapper may have methods of its own that must not be gone around
	case *net.TCPConn:
		f, err = c.File()
	case *net.UnixConn:
		f, err = c.File()
	default:
		return nil, errors.ErrUnsupported
	}
	if err != nil {
		return nil, err
	}
	own, err := net.FileConn(f)
	return own, errors.Join(err, f.Close())
}
