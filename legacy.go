package socketio

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet"
)

// Clients of Socket.IO 1 and 2 speak protocol 4 on Engine.IO 3. It differs
// from protocol 5 in how namespaces are joined, and all of that is here:
//
//   - The client is in "/" from the beginning, without asking.
//   - It knows its sockets by the session's id, and CONNECT carries none.
//   - What it has to say when it joins stands behind the namespace, as a query.
//   - A refusal carries the data or the message, not an object with both.

// maxLegacyNamespace bounds a namespace with its query, in bytes, which is
// where the tokens of old clients stand. The name alone is bounded as in protocol 5.
const maxLegacyNamespace = 8 << 10

var errLegacyNamespace = errors.New("the name of a namespace is too long")

// legacy tells whether the client speaks protocol 4.
func (c *conn) legacy() bool { return c.session.Protocol() == 3 && c.srv.cfg.Parser == nil }

// parse reads one packet of the client.
func (c *conn) parse(data []byte) (packet.Header, error) {
	if !c.legacy() {
		return packet.Parse(data, c.srv.limits)
	}
	limits := c.srv.limits
	limits.MaxNamespace = maxLegacyNamespace
	h, err := packet.Parse(data, limits)
	if err != nil {
		return h, err
	}
	return h, splitQuery(&h)
}

// splitQuery takes the query off the namespace. In a CONNECT it becomes the
// payload, an object with the last value of each parameter.
func splitQuery(h *packet.Header) error {
	name, query, found := bytes.Cut(h.Namespace, []byte{'?'})
	if len(name) > 512 {
		return errLegacyNamespace
	}
	h.Namespace = name
	if len(name) <= 1 {
		h.Namespace = nil // "/"
	}
	if h.Type != packet.Connect {
		return nil
	}
	h.Payload = nil // protocol 4 has none
	if !found {
		return nil
	}
	values, _ := url.ParseQuery(string(query)) // what does not parse is left out, as in an URL
	auth := make(map[string]string, len(values))
	for key, list := range values {
		auth[key] = list[len(list)-1]
	}
	h.Payload, _ = json.Marshal(auth) // strings always have a JSON form
	return nil
}

// legacyID is the id of a legacy client's socket. The client makes the same one
// of the session's id, which is therefore no secret among such clients.
func (c *conn) legacyID(ns *Namespace) string {
	if ns.name == "/" {
		return c.session.ID()
	}
	return ns.name + "#" + c.session.ID()
}

// welcome is the answer to a CONNECT; in protocol 4 it says nothing more.
func (c *conn) welcome(nsp, sid, pid string) ([]*engine.Message, error) {
	if c.legacy() {
		return []*engine.Message{engine.NewText(packet.AppendConnect(nil, nsp, nil))}, nil
	}
	return c.srv.connectMessages(nsp, sid, pid)
}

// appendLegacyError appends the refusal of a legacy client: the data of the
// error, or the message if there is none, or one that JavaScript takes for none.
func appendLegacyError(dst []byte, nsp string, e *Error) ([]byte, error) {
	text, err := json.Marshal(e.Data)
	if err != nil {
		return dst, err
	}
	switch string(text) {
	case "null", "false", "0", `""`:
		text, _ = json.Marshal(e.Message) // a string always has a JSON form
	}
	return append(packet.AppendHeader(dst, packet.ConnectError, 0, nsp, 0, false), text...), nil
}
