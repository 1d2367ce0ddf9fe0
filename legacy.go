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
func (c *conn) legacy() bool { return c.session.Protocol() == 3 }

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

// connectMessages tell the client that it is in.
func (c *conn) connectMessages(nsp, sid, pid string) ([]*engine.Message, error) {
	switch {
	case !c.legacy():
		return c.srv.connectMessages(nsp, sid, pid)
	case c.srv.cfg.Parser != nil:
		return c.srv.messages(&packet.Packet{Type: packet.Connect, Namespace: nsp})
	}
	return []*engine.Message{engine.NewText(packet.AppendConnect(nil, nsp, nil))}, nil
}

// refusalMessages tell the client that it is not let in. A legacy client is
// told the data of the error, or the message if there is none, or such that
// JavaScript takes for none.
func (c *conn) refusalMessages(nsp string, e *Error) (msgs []*engine.Message, err error) {
	if !c.legacy() {
		return c.srv.refusalMessages(nsp, e)
	}
	defer func() { // the data may have a MarshalJSON of the application's
		if v := recover(); v != nil {
			err = errPanic{v}
		}
	}()
	data, err := c.srv.refusalText(e.Data)
	if err != nil {
		return nil, err
	}
	var whole any = e.Data
	switch string(data) {
	case "", "null", "false", "0", `""`:
		data, whole = nil, e.Message
	}
	if c.srv.cfg.Parser != nil {
		return c.srv.messages(&packet.Packet{Type: packet.ConnectError, Namespace: nsp, Data: whole})
	}
	if data == nil {
		data, _ = json.Marshal(e.Message) // a string always has a JSON form
	}
	text := packet.AppendHeader(nil, packet.ConnectError, 0, nsp, 0, false)
	return []*engine.Message{engine.NewText(append(text, data...))}, nil
}

// refusalText returns the JSON of a refusal's data as protocol 5 has it, which
// is the only place where the codec writes a value by itself.
func (srv *Server) refusalText(data any) ([]byte, error) {
	if data == nil {
		return nil, nil
	}
	text, err := srv.codec.AppendConnectError(nil, "/", "", data)
	text = bytes.TrimPrefix(text, []byte(`4{"message":"","data":`))
	return bytes.TrimSuffix(text, []byte{'}'}), err
}
