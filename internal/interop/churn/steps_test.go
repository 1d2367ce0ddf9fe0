package churn

import (
	"strings"
)

// step is a point at which a client goes away: it does everything up to it.
type step struct {
	name string
	do   func(c *client) error
}

// steps are the stations of the ways in: polling, upgrade, WebSocket alone.
var steps = []step{
	{"TCP connection only", func(c *client) error { return c.dial() }},
	{"half a request line", func(c *client) error { return c.write("GET /socket.io/?EIO=4&tra") }},
	{"half a request header", func(c *client) error {
		return c.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nX-")
	}},
	{"handshake sent, answer not read", func(c *client) error { return c.request("GET", "", "") }},
	{"handshake done, no CONNECT", (*client).handshake},
	{"CONNECT posted, never polled", func(c *client) error { return c.connectPolling("40") }},
	{"CONNECT to an unknown namespace", func(c *client) error { return c.connectPolling("40/nobody,") }},
	{"connected over polling", (*client).connected},
	{"GET pending", func(c *client) error { return first(c.connected, c.pend) }},
	{"GET pending before CONNECT", func(c *client) error { return first(c.handshake, c.pend) }},
	{"POST cut in the middle of its body", func(c *client) error { return first(c.connected, c.halfPost) }},
	{"POST cut while a GET is pending", func(c *client) error { return first(c.connected, c.pend, c.halfPost) }},
	{"POST cut before its body", func(c *client) error { return first(c.handshake, c.emptyPost) }},
	{"bad packet posted", func(c *client) error { return first(c.connected, func() error { return c.post("4abc") }) }},
	{"attachment awaited over polling", func(c *client) error {
		return first(c.connected, func() error { return c.post(`451-["echo",{"_placeholder":true,"num":0}]`) })
	}},
	{"goodbye posted", func(c *client) error { return first(c.connected, func() error { return c.post("1") }) }},
	{"namespace left", func(c *client) error { return first(c.connected, func() error { return c.post("41") }) }},
	{"middleware running, over polling", func(c *client) error { return c.connectPolling(`40{"slow":true}`) }},

	{"upgrade requested, answer not read", func(c *client) error { return first(c.connected, c.askCandidate) }},
	{"candidate open", func(c *client) error { return first(c.connected, c.candidate) }},
	{"probe sent", func(c *client) error { return first(c.connected, c.candidate, c.sender("2probe")) }},
	{"probe answered", (*client).probed},
	{"probe answered, GET pending", func(c *client) error {
		return first(c.connected, c.pend, c.candidate, c.sender("2probe"), c.expecter("3probe"))
	}},
	{"something else than a probe", func(c *client) error { return first(c.connected, c.candidate, c.sender("4oops")) }},
	{"two candidates", func(c *client) error { return first(c.probed, c.candidate) }},
	{"upgrade half sent", func(c *client) error { return first(c.probed, func() error { return c.raw(frame("5")[:5]) }) }},
	{"upgraded", func(c *client) error { return first(c.probed, c.sender("5")) }},
	{"upgraded before CONNECT", func(c *client) error {
		return first(c.handshake, c.candidate, c.sender("2probe"), c.expecter("3probe"), c.sender("5"))
	}},
	{"upgraded and talked", func(c *client) error {
		return first(c.probed, c.sender("5"), c.sender(`42["echo",1]`), c.expecter(`42["echo",1]`))
	}},

	{"WebSocket requested, answer not read", func(c *client) error { return c.askWebSocket("") }},
	{"WebSocket open", (*client).open},
	{"CONNECT sent", func(c *client) error { return first(c.open, c.sender("40")) }},
	{"connected", (*client).joined},
	{"middleware running", func(c *client) error { return first(c.open, c.sender(`40{"slow":true}`)) }},
	{"second CONNECT", func(c *client) error { return first(c.joined, c.sender("40")) }},
	{"two namespaces", func(c *client) error { return first(c.joined, c.sender("40/other,"), c.expecter("40/other,{")) }},
	{"half a frame header", func(c *client) error { return first(c.joined, func() error { return c.raw(frame("42[]")[:1]) }) }},
	{"half a frame", func(c *client) error {
		long := frame(`42["echo","` + strings.Repeat("x", 100_000) + `"]`)
		return first(c.joined, func() error { return c.raw(long[:50_000]) })
	}},
	{"attachment awaited", func(c *client) error {
		return first(c.joined, c.sender(`451-["echo",{"_placeholder":true,"num":0}]`))
	}},
	{"reply not read", func(c *client) error {
		return first(c.joined, c.sender(`42["echo","`+strings.Repeat("x", 50_000)+`"]`))
	}},
	{"server waits for an ack", func(c *client) error { return first(c.joined, c.sender(`421["ask"]`), c.expecter("42")) }},
	{"bad packet", func(c *client) error { return first(c.joined, c.sender("4abc")) }},
	{"bad frame", func(c *client) error { return first(c.joined, func() error { return c.raw("\xff\xff\xff\xff") }) }},
	{"engine goodbye", func(c *client) error { return first(c.joined, c.sender("1")) }},
	{"close frame", func(c *client) error {
		return first(c.joined, func() error { return c.raw("\x88\x80\x00\x00\x00\x00") })
	}},
	{"namespace left, connection kept", func(c *client) error { return first(c.joined, c.sender("41")) }},
}

// first runs actions until one fails.
func first(actions ...func() error) error {
	for _, act := range actions {
		if err := act(); err != nil {
			return err
		}
	}
	return nil
}
