package packet

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Standard is the default parser in the shape of a [Parser], for code that
// works with any. The server does not need it: without a parser of your own it
// uses [Parse] and [Codec] directly, which costs less. The zero value is ready to use.
type Standard struct {
	Codec Codec
}

// Encode implements [Parser].
func (s *Standard) Encode(dst []byte, p *Packet) (text []byte, binary [][]byte, err error) {
	nsp := p.Namespace
	switch p.Type {
	case Event:
		return s.Codec.AppendEvent(dst, nsp, p.ID, p.HasID, p.Name, p.Args)
	case Ack:
		return s.Codec.AppendAck(dst, nsp, p.ID, p.Args)
	case Disconnect:
		return AppendDisconnect(dst, nsp), nil, nil
	case Connect, ConnectError:
		text = AppendHeader(dst, p.Type, 0, nsp, 0, false)
		if p.Data == nil {
			return text, nil, nil
		}
		var data json.RawMessage
		if arg, ok := p.Data.(Argument); ok {
			err = arg.Decode(&data)
			text = append(text, data...)
		} else {
			text, err = s.Codec.appendJSON(text, p.Data)
		}
		return text, nil, err
	}
	return dst, nil, fmt.Errorf("packet: %v is not for a Parser to encode", p.Type)
}

// NewDecoder implements [Parser].
func (s *Standard) NewDecoder(lim Limits) Decoder {
	return &standardDecoder{codec: &s.Codec, limits: lim}
}

type standardDecoder struct {
	codec       *Codec
	limits      Limits
	pending     *Header // attachments of it are still to come
	attachments [][]byte
}

var (
	errWantBinary = errors.New("got plaintext data when reconstructing a packet")
	errWantText   = errors.New("got binary data when not reconstructing a packet")
)

// Add implements [Decoder].
func (d *standardDecoder) Add(data []byte, binary bool) (*Packet, error) {
	switch {
	case binary && d.pending == nil:
		return nil, errWantText
	case !binary && d.pending != nil:
		return nil, errWantBinary
	case binary:
		d.attachments = append(d.attachments, data)
		if len(d.attachments) < d.pending.Attachments {
			return nil, nil
		}
		h, attachments := d.pending, d.attachments
		d.pending, d.attachments = nil, nil
		return d.packet(h, attachments), nil
	}
	h, err := Parse(data, d.limits)
	if err != nil {
		return nil, err
	}
	if h.Binary() {
		d.pending = &h
		return nil, nil
	}
	return d.packet(&h, nil), nil
}

func (d *standardDecoder) packet(h *Header, attachments [][]byte) *Packet {
	p := &Packet{Type: h.Type, Namespace: "/", ID: h.ID, HasID: h.HasID, Name: string(h.Name)}
	if h.Namespace != nil {
		p.Namespace = string(h.Namespace)
	}
	switch h.Type {
	case BinaryEvent:
		p.Type = Event
	case BinaryAck:
		p.Type = Ack
	case Connect, ConnectError:
		if h.Payload != nil {
			p.Data = standardArgument{Raw{json: h.Payload}, d.codec}
		}
	}
	for _, text := range h.Args.All() {
		p.Args = append(p.Args, standardArgument{Raw{json: text, attachments: attachments}, d.codec})
	}
	return p
}

// standardArgument is a Raw that knows how to decode itself.
type standardArgument struct {
	Raw
	codec *Codec
}

func (a standardArgument) Decode(dst any) error {
	return a.codec.decode(a.json, a.attachments, dst)
}
