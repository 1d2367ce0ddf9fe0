package churn

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// patience bounds each read and write of a client.
const patience = 20 * time.Second

// client is as little of a Socket.IO client as will do: it works on bytes, so
// that it can stop between any two of them.
type client struct {
	addr  string
	conns []net.Conn
	main  *link // polling requests, or the WebSocket of a client that has no other
	ws    *link
	sid   string
}

// link is one connection and its reader.
type link struct {
	net.Conn
	in *bufio.Reader
}

// abortAt takes a client to a step and drops all of its connections: with a
// reset, or, every fourth time, with an ordinary end.
func abortAt(addr string, st step, n int) error {
	c := &client{addr: addr}
	err := st.do(c)
	for _, conn := range c.conns {
		if tcp, ok := conn.(*net.TCPConn); ok && n%4 != 0 {
			_ = tcp.SetLinger(0) // an ordinary end would do as well
		}
		_ = conn.Close()
	}
	return err
}

func (c *client) connect() (*link, error) {
	conn, err := net.DialTimeout("tcp", c.addr, patience)
	if err != nil {
		return nil, err
	}
	c.conns = append(c.conns, conn)
	return &link{conn, bufio.NewReaderSize(conn, 512)}, conn.SetDeadline(time.Now().Add(patience))
}

func (c *client) dial() (err error) {
	if c.main == nil {
		c.main, err = c.connect()
	}
	return err
}

func (c *client) write(text string) error {
	if err := c.dial(); err != nil {
		return err
	}
	_, err := io.WriteString(c.main, text)
	return err
}

// request sends a polling request of the session on the main connection.
func (c *client) request(method, query, body string) error {
	head := fmt.Sprintf("%s /socket.io/?EIO=4&transport=polling%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n",
		method, query, c.addr, len(body))
	return c.write(head + body)
}

// answer reads the body of the answer to the last request.
func (c *client) answer() (string, error) {
	res, err := http.ReadResponse(c.main.in, nil)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", res.StatusCode, body)
	}
	return string(body), err
}

// handshake opens a polling session.
func (c *client) handshake() error {
	if err := c.request("GET", "", ""); err != nil {
		return err
	}
	body, err := c.answer()
	if err != nil {
		return err
	}
	var open struct{ SID string }
	err = json.Unmarshal([]byte(strings.TrimPrefix(body, "0")), &open)
	c.sid = open.SID
	return err
}

func (c *client) post(body string) error {
	if err := c.request("POST", "&sid="+c.sid, body); err != nil {
		return err
	}
	_, err := c.answer()
	return err
}

func (c *client) connectPolling(packet string) error {
	return first(c.handshake, func() error { return c.post(packet) })
}

// connected is in the main namespace, over polling.
func (c *client) connected() error {
	if err := c.connectPolling("40"); err != nil {
		return err
	}
	for { // a heartbeat may come first
		if err := c.request("GET", "&sid="+c.sid, ""); err != nil {
			return err
		}
		body, err := c.answer()
		if err != nil || strings.Contains(body, `40{"sid"`) {
			return err
		}
		if body != "2" {
			return fmt.Errorf("no CONNECT but %q", body)
		}
	}
}

// pend leaves a GET waiting on a connection of its own.
func (c *client) pend() error {
	l, err := c.connect()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(l, "GET /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: %s\r\n\r\n", c.sid, c.addr)
	return err
}

func (c *client) halfPost() error {
	return c.write(fmt.Sprintf("POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000\r\n\r\n4", c.sid, c.addr))
}

func (c *client) emptyPost() error {
	return c.write(fmt.Sprintf("POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: %s\r\nContent-Length: 10\r\n\r\n", c.sid, c.addr))
}

// askWebSocket sends the request for a WebSocket on a connection of its own.
func (c *client) askWebSocket(query string) (err error) {
	if c.ws, err = c.connect(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.ws, "GET /socket.io/?EIO=4&transport=websocket%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\n"+
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", query, c.addr)
	return err
}

func (c *client) askCandidate() error { return c.askWebSocket("&sid=" + c.sid) }

func (c *client) switched() error {
	res, err := http.ReadResponse(c.ws.in, nil)
	if err == nil && res.StatusCode != http.StatusSwitchingProtocols {
		err = fmt.Errorf("status %d", res.StatusCode)
	}
	return err
}

// candidate opens the WebSocket that the session shall move to.
func (c *client) candidate() error { return first(c.askCandidate, c.switched) }

func (c *client) probed() error {
	return first(c.connected, c.candidate, c.sender("2probe"), c.expecter("3probe"))
}

// open opens a session that is a WebSocket from the beginning.
func (c *client) open() error {
	return first(func() error { return c.askWebSocket("") }, c.switched, c.expecter(`0{"sid"`))
}

// joined is in the main namespace, over WebSocket.
func (c *client) joined() error {
	return first(c.open, c.sender("40"), c.expecter(`40{"sid"`))
}

// raw sends bytes on the WebSocket's connection.
func (c *client) raw(text string) error {
	_, err := io.WriteString(c.ws, text)
	return err
}

func (c *client) sender(text string) func() error {
	return func() error { return c.raw(frame(text)) }
}

// expecter reads messages until one begins with prefix; heartbeats may come between.
func (c *client) expecter(prefix string) func() error {
	return func() error {
		for {
			text, err := c.message()
			if err != nil {
				return fmt.Errorf("waiting for %q: %w", prefix, err)
			}
			if strings.HasPrefix(text, prefix) {
				return nil
			}
			if text != "2" {
				return fmt.Errorf("got %q instead of %q", text, prefix)
			}
		}
	}
}

// message reads one unmasked frame.
func (c *client) message() (string, error) {
	var head [8]byte
	if _, err := io.ReadFull(c.ws.in, head[:2]); err != nil {
		return "", err
	}
	size := uint64(head[1])
	switch size {
	case 126:
		if _, err := io.ReadFull(c.ws.in, head[:2]); err != nil {
			return "", err
		}
		size = uint64(binary.BigEndian.Uint16(head[:2]))
	case 127:
		if _, err := io.ReadFull(c.ws.in, head[:8]); err != nil {
			return "", err
		}
		size = binary.BigEndian.Uint64(head[:8])
	}
	text := make([]byte, size)
	_, err := io.ReadFull(c.ws.in, text)
	return string(text), err
}

// frame is a text frame masked with zeros, which leave the text as it is.
func frame(text string) string {
	head := []byte{0x81}
	switch n := len(text); {
	case n < 126:
		head = append(head, 0x80|byte(n))
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, 0x80|126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 0x80|127), uint64(n))
	}
	return string(append(head, 0, 0, 0, 0)) + text
}
