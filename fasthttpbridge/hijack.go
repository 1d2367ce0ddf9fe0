package fasthttpbridge

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// handOverTime bounds the wait for fasthttp to let go of a connection. It does so
// at once, or, when something in between answered in the handler's place, never.
const handOverTime = 10 * time.Second

var errNotHandedOver = errors.New("fasthttpbridge: fasthttp did not hand the connection over; did a middleware answer for the handler, after a timeout perhaps?")

// Hijack takes the connection over. It is a *net.TCPConn or *net.UnixConn where
// that is what the server has accepted, and the bytes that the client has sent
// already are in the reader. The connection has no deadlines.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	switch {
	case w.hijacked:
		return nil, nil, http.ErrHijacked
	case w.pipe != nil:
		return nil, nil, errors.New("fasthttpbridge: the response is being sent, it is too late to take over the connection")
	}
	w.hijacked = true
	w.conn, w.given = make(chan takenConn), make(chan struct{})
	defer close(w.given)
	w.hand(turnHijack)
	late := time.NewTimer(handOverTime)
	defer late.Stop()
	select {
	case c := <-w.conn:
		if c.err != nil {
			return nil, nil, c.err
		}
		rw := bufio.NewReadWriter(bufio.NewReader(c.reader()), bufio.NewWriter(c.Conn))
		if _, err := rw.Reader.Peek(len(c.ahead)); err != nil {
			_ = c.Close() // the first error says it all
			return nil, nil, err
		}
		_, err := rw.Writer.Write(w.body)
		return c.Conn, rw, err
	case <-late.C:
		return nil, nil, errNotHandedOver
	}
}

// takenConn is a connection that fasthttp has let go.
type takenConn struct {
	net.Conn
	ahead []byte // what fasthttp has read of it beyond the request
	err   error
}

func (c takenConn) reader() io.Reader {
	if len(c.ahead) == 0 {
		return c.Conn
	}
	return io.MultiReader(bytes.NewReader(c.ahead), c.Conn)
}

// handOver gives the connection to the handler that waits in Hijack. fasthttp
// closes its connection, and reuses its buffers, when this function returns.
func (w *response) handOver(fc net.Conn) {
	c := takenConn{Conn: fc}
	if u, ok := fc.(interface{ UnsafeConn() net.Conn }); ok {
		c.Conn = u.UnsafeConn()
	}
	if c.ahead, c.err = readAhead(fc, c.Conn); c.err == nil {
		if own, err := duplicate(c.Conn); err == nil {
			_ = c.Close() // fasthttp's; it would not if it was told to keep such connections
			c.Conn = own
			if !w.give(c) {
				_ = own.Close() // nobody wants it
			}
			return
		}
	}
	held := &heldConn{Conn: c.Conn, closed: make(chan struct{})}
	c.Conn = held
	if w.give(c) && c.err == nil {
		<-held.closed
	}
}

func (w *response) give(c takenConn) bool {
	select {
	case w.conn <- c:
		return true
	case <-w.given:
		return false
	}
}

// heldConn is a connection that is fasthttp's to close, for which it waits.
type heldConn struct {
	net.Conn
	once   sync.Once
	closed chan struct{}
}

func (c *heldConn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		err = c.Conn.Close()
		close(c.closed)
	})
	return err
}

// readAhead returns what fasthttp's reader fr holds of conn. Its buffer is not
// to be seen from outside, so it is read until it would have to read conn, which
// refuses because its deadline is over.
func readAhead(fr io.Reader, conn net.Conn) ([]byte, error) {
	if err := conn.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return nil, err
	}
	var ahead []byte
	for {
		var buf [512]byte
		n, err := fr.Read(buf[:])
		ahead = append(ahead, buf[:n]...)
		if err != nil {
			break // the deadline; anything else shows again when conn is read
		}
	}
	return ahead, conn.SetReadDeadline(time.Time{})
}
