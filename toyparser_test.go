package socketio_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/siotest"
)

// toy is a parser that an application might write: a text "T" with the head of
// a packet as JSON, and a binary message of JSON for each argument.
type toy struct{}

type toyHead struct {
	Type  packet.Type     `json:"type"`
	Nsp   string          `json:"nsp"`
	ID    *uint64         `json:"id,omitempty"`
	Name  string          `json:"name,omitempty"`
	Data  json.RawMessage `json:"data,omitempty"`
	Parts int             `json:"parts"`
}

type toyArgument json.RawMessage

func (a toyArgument) Decode(dst any) error         { return json.Unmarshal(a, dst) }
func (a toyArgument) MarshalJSON() ([]byte, error) { return a, nil }

func (toy) Encode(dst []byte, p *packet.Packet) (text []byte, binary [][]byte, err error) {
	h := toyHead{Type: p.Type, Nsp: p.Namespace, Name: p.Name, Parts: len(p.Args)}
	if p.HasID {
		h.ID = &p.ID
	}
	if p.Data != nil {
		if h.Data, err = json.Marshal(p.Data); err != nil {
			return nil, nil, err
		}
	}
	for _, arg := range p.Args {
		switch arg {
		case "text with an end of record":
			return []byte("T\x1e"), nil, nil
		case "text that is not UTF-8":
			return []byte("T\xff"), nil, nil
		case "nothing":
			return nil, nil, nil
		}
		part, err := json.Marshal(arg)
		if err != nil {
			return nil, nil, err
		}
		binary = append(binary, part)
	}
	head, err := json.Marshal(h)
	return append(append(dst, 'T'), head...), binary, err
}

func (toy) NewDecoder(packet.Limits) packet.Decoder { return &toyDecoder{} }

type toyDecoder struct {
	p     *packet.Packet
	parts int
}

func (d *toyDecoder) Add(data []byte, binary bool) (*packet.Packet, error) {
	if binary {
		if d.p == nil || !json.Valid(data) {
			return nil, errors.New("toy: bad part")
		}
		d.p.Args = append(d.p.Args, toyArgument(data))
		d.parts--
	} else {
		var h toyHead
		if d.p != nil || len(data) == 0 || data[0] != 'T' {
			return nil, errors.New("toy: bad head")
		}
		if string(data) == "Tpanic" {
			panic("toy")
		}
		if string(data) == "Tstranger" {
			return &packet.Packet{Type: packet.Event, Namespace: "/", Name: "x", Args: []any{1}}, nil
		}
		if err := json.Unmarshal(data[1:], &h); err != nil {
			return nil, err
		}
		d.p, d.parts = &packet.Packet{Type: h.Type, Namespace: h.Nsp, Name: h.Name}, h.Parts
		if h.ID != nil {
			d.p.ID, d.p.HasID = *h.ID, true
		}
		if h.Data != nil {
			d.p.Data = toyArgument(h.Data)
		}
	}
	if d.parts > 0 {
		return nil, nil
	}
	p := d.p
	d.p = nil
	return p, nil
}

// say sends a packet of the toy parser as it stands on the wire.
func say(t *testing.T, c *siotest.Conn, head string, parts ...string) {
	t.Helper()
	if err := c.Send("4T" + head); err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		if err := c.SendBinary([]byte(p)); err != nil {
			t.Fatal(err)
		}
	}
}

// hear receives a packet of the toy parser: its head and its parts.
func hear(t *testing.T, c *siotest.Conn) string {
	t.Helper()
	m := c.Receive()
	text, ok := strings.CutPrefix(m.String(), "4T")
	if !ok {
		t.Fatalf("received %s", m)
	}
	var h toyHead
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		t.Fatal(err)
	}
	for range h.Parts {
		text += " " + string(c.Receive().Data)
	}
	return text
}

func expect(t *testing.T, c *siotest.Conn, want string) {
	t.Helper()
	if got := hear(t, c); got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
}

// enterToy joins a namespace and returns the server's greeting.
func enterToy(t *testing.T, c *siotest.Conn, nsp, auth string) map[string]string {
	t.Helper()
	say(t, c, `{"type":0,"nsp":"`+nsp+`","data":`+auth+`}`)
	text := hear(t, c)
	var h toyHead
	var hello map[string]string
	if err := json.Unmarshal([]byte(text), &h); err != nil || h.Type != packet.Connect || json.Unmarshal(h.Data, &hello) != nil {
		t.Fatalf("not let in: %s", text)
	}
	return hello
}
