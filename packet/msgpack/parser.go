package msgpack

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-socketio/socketio/packet"
	"github.com/tinylib/msgp/msgp"
)

// Parser is a [packet.Parser]. It is safe for concurrent use; the zero value is ready.
type Parser struct{}

// New returns the parser.
func New() *Parser { return &Parser{} }

var _ packet.Parser = (*Parser)(nil)

// Encode implements [packet.Parser]: the packet is one binary message.
func (*Parser) Encode(dst []byte, p *packet.Packet) (text []byte, binary [][]byte, err error) {
	start := len(dst)
	n := uint32(2)
	if p.HasID {
		n++
	}
	withData := p.Type == packet.Event || p.Type == packet.Ack || p.Data != nil
	if withData {
		n++
	}
	if p.Type > packet.ConnectError {
		return dst, nil, fmt.Errorf("msgpack: %v is no packet of this parser", p.Type)
	}
	out := msgp.AppendMapHeader(dst, n)
	out = msgp.AppendInt(msgp.AppendString(out, "type"), int(p.Type))
	out = appendText(msgp.AppendString(out, "nsp"), p.Namespace)
	if p.HasID {
		out = msgp.AppendUint64(msgp.AppendString(out, "id"), p.ID)
	}
	if withData {
		out = msgp.AppendString(out, "data")
		if out, err = appendData(out, p); err != nil {
			return dst, nil, err
		}
	}
	return nil, [][]byte{out[start:]}, nil
}

func appendData(out []byte, p *packet.Packet) ([]byte, error) {
	var err error
	switch p.Type {
	case packet.Event:
		out = msgp.AppendArrayHeader(out, uint32(len(p.Args)+1))
		out = appendText(out, p.Name)
	case packet.Ack:
		out = msgp.AppendArrayHeader(out, uint32(len(p.Args)))
	default:
		if out, err = appendValue(out, p.Data, 0); err != nil {
			err = fmt.Errorf("msgpack: %v: %w", p.Type, err)
		}
		return out, err
	}
	for i, arg := range p.Args {
		if out, err = appendValue(out, arg, 0); err != nil {
			return out, &packet.ArgumentError{Event: p.Name, Index: i + 1, Err: err}
		}
	}
	return out, nil
}

// NewDecoder implements [packet.Parser].
func (*Parser) NewDecoder(lim packet.Limits) packet.Decoder {
	if lim.MaxDepth < 1 {
		lim.MaxDepth = maxDepth
	}
	return decoder{lim}
}

type decoder struct{ limits packet.Limits }

// Add implements [packet.Decoder]. Every message is a packet.
func (d decoder) Add(data []byte, binary bool) (*packet.Packet, error) {
	if !binary {
		return nil, errors.New("msgpack: got a text message, the client does not use the MessagePack parser")
	}
	end, err := scan(data, 0, d.limits.MaxDepth)
	if err != nil {
		return nil, err
	}
	if end < len(data) {
		return nil, refuse(packet.ReasonPayload, "bytes behind the packet", end)
	}
	if kindAt(data, 0) != kindMap {
		return nil, refuse(packet.ReasonPayload, "want a map", 0)
	}
	e, err := readEnvelope(data)
	if err != nil {
		return nil, err
	}
	p, err := e.packet(data)
	if err != nil {
		return nil, err
	}
	return p, p.Check(d.limits)
}

// envelope says where the parts of a packet begin; 0 is none.
type envelope struct{ kind, nsp, id, data int }

func readEnvelope(src []byte) (e envelope, err error) {
	n, i := header(src, 0)
	for range n {
		key, value := textAt(src, i)
		var part *int
		switch string(key) {
		case "type":
			part = &e.kind
		case "nsp":
			part = &e.nsp
		case "id":
			part = &e.id
		case "data":
			part = &e.data
		}
		if part != nil {
			if *part != 0 {
				return e, refuse(packet.ReasonPayload, "a key stands twice", i)
			}
			if kindAt(src, value) != kindUndefined {
				*part = value
			}
		}
		i = skip(src, value) // other keys, such as options, are of no meaning to the receiver
	}
	return e, nil
}

// packet reads the parts and checks the shape that the type demands.
func (e envelope) packet(src []byte) (*packet.Packet, error) {
	kind, err := uintAt(src, e.kind)
	if err != nil || kind > uint64(packet.ConnectError) {
		return nil, refuse(packet.ReasonType, "want a type from 0 to 4", e.kind)
	}
	if e.nsp == 0 || kindAt(src, e.nsp) != kindString {
		return nil, refuse(packet.ReasonNamespace, "want a string", e.nsp)
	}
	nsp, _ := textAt(src, e.nsp)
	p := &packet.Packet{Type: packet.Type(kind), Namespace: string(nsp)}
	if e.id != 0 {
		if p.ID, err = uintAt(src, e.id); err != nil {
			return nil, refuse(packet.ReasonID, "want an integer of at most 64 bits, not below 0", e.id)
		}
		p.HasID = true
	}
	has := kindNone
	if e.data != 0 {
		has = kindAt(src, e.data)
	}
	switch p.Type {
	case packet.Event, packet.Ack:
		if has != kindArray {
			return nil, refuse(packet.ReasonPayload, "want an array", e.data)
		}
		return p, readArgs(p, src, e.data)
	case packet.Disconnect:
		if has != kindNone {
			return nil, refuse(packet.ReasonPayload, "DISCONNECT has no payload", e.data)
		}
	case packet.Connect:
		if has != kindNone && has != kindMap {
			return nil, refuse(packet.ReasonPayload, "want a map", e.data)
		}
	default:
		if has != kindString && has != kindMap {
			return nil, refuse(packet.ReasonPayload, "want a string or a map", e.data)
		}
	}
	if has != kindNone {
		p.Data = &argument{src[e.data:skip(src, e.data)]}
	}
	return p, nil
}

func readArgs(p *packet.Packet, src []byte, at int) error {
	n, i := header(src, at)
	if p.Type == packet.Event {
		if n == 0 {
			return refuse(packet.ReasonPayload, "want an event name", at)
		}
		switch kindAt(src, i) {
		case kindString:
			name, _ := textAt(src, i)
			p.Name = string(name)
		case kindInt, kindFloat:
			name, err := appendJSON(nil, src, i)
			if err != nil || string(name) == "null" {
				return refuse(packet.ReasonPayload, "the event name is no number", i)
			}
			p.Name = string(name)
		default:
			return refuse(packet.ReasonPayload, "want an event name, a string or a number", i)
		}
		i = skip(src, i)
		n--
	}
	if n == 0 {
		return nil
	}
	list := make([]argument, n) // as many as were scanned
	p.Args = make([]any, n)
	for k := range list {
		end := skip(src, i)
		list[k].raw = src[i:end:end]
		p.Args[k] = &list[k]
		i = end
	}
	return nil
}

// argument is one value as it came.
type argument struct{ raw []byte }

// Decode implements [packet.Argument].
func (a *argument) Decode(dst any) error { return decode(a.raw, dst) }

// Raw is one value of MessagePack. As an argument, or in one, it is checked and
// sent as it is; decoding into it takes the value as it came, without a copy. nil is sent as nil.
type Raw []byte

// Decode decodes the value as that of an argument is decoded.
func (r Raw) Decode(dst any) error {
	if err := r.check(); err != nil {
		return err
	}
	return decode(r, dst)
}

// check looks at every byte: a Raw may be anything.
func (r Raw) check() error {
	end, err := scan(r, 0, maxDepth)
	if err == nil && end < len(r) {
		err = refuse(packet.ReasonPayload, "bytes behind the value", end)
	}
	return err
}

// MarshalJSON implements [json.Marshaler]: binary data becomes base64, a date its
// text, and what JSON does not have null.
func (r Raw) MarshalJSON() ([]byte, error) {
	if r == nil {
		return []byte("null"), nil
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return appendJSON(nil, r, 0)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (r *Raw) UnmarshalJSON(text []byte) error {
	out, err := fromJSON(nil, text, 0)
	*r = out
	return err
}

// Append appends v to dst as MessagePack, as an argument is encoded.
func Append(dst []byte, v any) ([]byte, error) {
	out, err := appendValue(dst, v, 0)
	if err != nil {
		return dst, err
	}
	return out, nil
}

var (
	_ json.Marshaler   = Raw(nil)
	_ json.Unmarshaler = (*Raw)(nil)
)

// Ext is a value of an extension type that has no meaning here.
type Ext struct {
	Type int8
	Data []byte
}

// String describes the value.
func (e Ext) String() string {
	return "ext " + strconv.Itoa(int(e.Type)) + " of " + strconv.Itoa(len(e.Data)) + " bytes"
}

func refuse(reason, detail string, offset int) error {
	return &packet.Error{Reason: reason, Detail: detail, Offset: offset}
}
