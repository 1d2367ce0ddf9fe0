package client

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/go-socketio/socketio/packet"
)

// frames is one encoded packet: a text, or none if the parser goes without,
// and the binary messages behind it.
type frames struct {
	text   []byte
	binary [][]byte
	plain  bool // not to be compressed
	lent   bool // the bytes are somebody else's, see kept
}

// kept returns the packet with bytes of its own: it is to be sent later, and
// what the application gave may change until then.
func (f frames) kept() frames {
	if f.lent {
		f.text, f.lent = bytes.Clone(f.text), false
		list := make([][]byte, len(f.binary))
		for i, b := range f.binary {
			list[i] = bytes.Clone(b)
		}
		f.binary = list
	}
	return f
}

func (f frames) size() int {
	n := len(f.text)
	for _, b := range f.binary {
		n += len(b)
	}
	return n
}

// arguments are those of an event or an ack, not decoded yet. Only one of json
// and other is in use.
type arguments struct {
	json   packet.Args    // of the default parser
	binary [][]byte       // its attachments
	other  *packet.Packet // of any other parser
}

func (a *arguments) len() int {
	if a.other != nil {
		return len(a.other.Args)
	}
	return a.json.Len()
}

func (a *arguments) decode(c *packet.Codec, event string, dst []any) error {
	if a.other != nil {
		return a.other.Decode(dst...)
	}
	return c.DecodeArgs(event, a.json, a.binary, dst...)
}

func (a *arguments) decodeOne(c *packet.Codec, event string, i int, dst any) error {
	if a.other != nil {
		return a.other.DecodeArg(i, dst)
	}
	return c.DecodeArg(event, a.json, a.binary, i, dst)
}

func (a *arguments) values() []any {
	if a.other != nil {
		return slices.Clone(a.other.Args)
	}
	return a.json.Values(a.binary)
}

// last returns the last argument if it is a string.
func (a *arguments) last(c *packet.Codec) (string, bool) {
	n := a.len()
	if n == 0 {
		return "", false
	}
	if a.other == nil {
		if raw := a.json.At(n - 1); len(raw) == 0 || raw[0] != '"' {
			return "", false
		}
	}
	var s string
	err := a.decodeOne(c, "", n-1, &s)
	return s, err == nil
}

// encodeEvent encodes an event, at the end of dst if it can, and lends the
// result: it is good until dst or the arguments change.
func (m *Manager) encodeEvent(dst []byte, nsp string, id uint64, hasID bool, event string, args []any) (frames, error) {
	if m.cfg.Parser == nil {
		text, binary, err := m.codec.AppendEvent(dst, nsp, id, hasID, event, args)
		return frames{text: text, binary: binary, lent: true}, err
	}
	if packet.IsReserved(event) {
		return frames{}, fmt.Errorf("client: event %q: %w", event, ErrReservedEvent)
	}
	return m.translate(&packet.Packet{
		Type: packet.Event, Namespace: nsp, ID: id, HasID: hasID, Name: event, Args: packet.Expand(args),
	})
}

// encodeAck is encodeEvent for an answer.
func (m *Manager) encodeAck(dst []byte, nsp string, id uint64, args []any) (frames, error) {
	if m.cfg.Parser == nil {
		text, binary, err := m.codec.AppendAck(dst, nsp, id, args)
		return frames{text: text, binary: binary, lent: true}, err
	}
	return m.translate(&packet.Packet{
		Type: packet.Ack, Namespace: nsp, ID: id, HasID: true, Args: packet.Expand(args),
	})
}

func (m *Manager) encodeDisconnect(nsp string) (frames, error) {
	if m.cfg.Parser == nil {
		return frames{text: packet.AppendDisconnect(nil, nsp)}, nil
	}
	return m.translate(&packet.Packet{Type: packet.Disconnect, Namespace: nsp})
}

// encodeConnect takes the payload as JSON, an object, or nothing.
func (m *Manager) encodeConnect(nsp string, payload []byte) (frames, error) {
	if m.cfg.Parser == nil {
		return frames{text: packet.AppendConnect(nil, nsp, payload)}, nil
	}
	p := &packet.Packet{Type: packet.Connect, Namespace: nsp}
	if payload != nil {
		var data map[string]any
		if err := m.codec.Decode(payload, nil, &data); err != nil {
			return frames{}, err
		}
		p.Data = data
	}
	return m.translate(p)
}

// numbered returns an event with an ack id of its own. Events that are sent
// more than once are encoded once, when they are emitted: the values may have
// changed since.
func (m *Manager) numbered(f frames, nsp string, id uint64) (frames, error) {
	if m.cfg.Parser == nil {
		t := packet.Event
		if len(f.binary) > 0 {
			t = packet.BinaryEvent
		}
		body := f.text[len(packet.AppendHeader(nil, t, len(f.binary), nsp, 0, false)):]
		f.text = append(packet.AppendHeader(make([]byte, 0, len(f.text)+20), t, len(f.binary), nsp, id, true), body...)
		return f, nil
	}
	p, err := m.reread(f)
	if err != nil {
		return frames{}, err
	}
	p.ID, p.HasID = id, true
	again, err := m.translate(p)
	again.plain = f.plain
	return again, err
}

// reread decodes a packet that Config.Parser has encoded.
func (m *Manager) reread(f frames) (p *packet.Packet, err error) {
	defer m.catch("Config.Parser", &err)
	d := m.cfg.Parser.NewDecoder(m.limits)
	if len(f.text) > 0 {
		p, err = d.Add(bytes.Clone(f.text), false)
	}
	for _, b := range f.binary {
		if err == nil && p == nil {
			p, err = d.Add(bytes.Clone(b), true)
		}
	}
	if err == nil && p == nil {
		err = errors.New("the packet is not complete")
	}
	if err != nil {
		return nil, fmt.Errorf("client: Config.Parser cannot decode what it has encoded: %w", err)
	}
	return p, nil
}

var (
	errNoMessage = errors.New("client: Config.Parser made no message of a packet")
	errBadText   = errors.New("client: Config.Parser made a text that is not UTF-8, or holds U+001E")
)

// translate encodes a packet with Config.Parser. That is code of the
// application, which may call its socket: no lock is held.
func (m *Manager) translate(p *packet.Packet) (frames, error) {
	text, binary, err := m.cfg.Parser.Encode(nil, p)
	switch {
	case err != nil:
		return frames{}, err
	case len(text) == 0 && len(binary) == 0:
		return frames{}, errNoMessage
	case !utf8.Valid(text) || bytes.IndexByte(text, 0x1e) >= 0: // would end the connection
		return frames{}, errBadText
	}
	return frames{text: text, binary: binary, lent: true}.kept(), nil // the parser may use its bytes again
}
