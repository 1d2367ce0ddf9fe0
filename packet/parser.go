package packet

import (
	"fmt"
	"reflect"
)

// Parser turns packets into messages and back. Both ends of a connection must
// use the same one, as with the parser option of the official server and
// client: nothing on the wire tells which it is. [Standard] is the default
// parser in this shape; package packet/msgpack, a module of its own, is the
// one that speaks MessagePack.
//
// One Parser serves all connections: its methods are called concurrently.
type Parser interface {
	// Encode appends a packet. It travels as at most one text message, returned
	// as text, followed by binary ones. dst is memory to append to: what is
	// returned may alias it, and the bytes in p.Args. The text is valid UTF-8 without
	// U+001E, which ends a record of long-polling.
	//
	// p.Args holds Go values of the application, and arguments that a Decoder of
	// the same Parser has made, which go out as they came in. Encode must not change p.
	Encode(dst []byte, p *Packet) (text []byte, binary [][]byte, err error)
	// NewDecoder returns the decoder of one connection.
	NewDecoder(lim Limits) Decoder
}

// Decoder puts the messages of one connection together. It is used by one
// goroutine at a time. An error ends the connection.
type Decoder interface {
	// Add takes the next message, whose bytes are the Decoder's to keep. It
	// returns a packet, or nil if more messages belong to it. It must not
	// allocate by numbers that it read, and check all that [Packet.Check] does
	// not. Arguments are not decoded before somebody asks for them.
	Add(data []byte, binary bool) (*Packet, error)
}

// Packet is a packet as a [Parser] sees it. The default parser alone goes
// without: see [Header].
type Packet struct {
	// Type is one of Connect to ConnectError. Whether an event or an ack holds
	// binary data is the parser's own affair.
	Type Type
	// HasID tells ack id 0 from none. An ack has one, an event may have.
	HasID bool
	ID    uint64
	// Namespace is never empty; "/" is the main one.
	Namespace string
	// Name is the name of an event.
	Name string
	// Args are the arguments of an event after the name, or those of an ack.
	// Each of a decoded packet is an [Argument].
	Args []any
	// Data is the payload of CONNECT (from the server: sid and pid; from the
	// client: auth) and CONNECT_ERROR (message, data): an object, nil for none.
	// Of a decoded packet it is an [Argument] too.
	Data any
}

// Argument is a value as it came from the wire. It may be given to its
// [Parser] to be sent on as it is.
type Argument interface {
	// Decode decodes the value into dst, a pointer that is not nil. Into a
	// *json.RawMessage, any value goes as JSON.
	Decode(dst any) error
}

// Check returns an error unless a decoded packet is one that the protocol
// allows. The server checks what a Decoder returns.
func (p *Packet) Check(lim Limits) error {
	if p.Type > ConnectError {
		return refuse(ReasonType, "want a type from 0 to 4", 0)
	}
	longest := lim.MaxNamespace
	if longest < 1 {
		longest = defaultNamespace
	}
	if p.Namespace == "" || p.Namespace[0] != '/' || len(p.Namespace) > longest {
		return refuse(ReasonNamespace, fmt.Sprintf(`a name begins with "/" and has at most %d bytes`, longest), 0)
	}
	switch p.Type {
	case Event:
		if IsReserved(p.Name) {
			return refuse(ReasonPayload, "the event name is reserved", 0)
		}
	case Ack:
	default:
		if p.HasID {
			return refuse(ReasonID, "this type of packet has no ack id", 0)
		}
		if len(p.Args) > 0 {
			return refuse(ReasonPayload, "this type of packet has no arguments", 0)
		}
	}
	if p.Data != nil && p.Type != Connect && p.Type != ConnectError {
		return refuse(ReasonPayload, "this type of packet has no payload of its own", 0)
	}
	for _, a := range append(p.Args[:len(p.Args):len(p.Args)], p.Data) {
		if _, ok := a.(Argument); !ok && a != nil {
			return refuse(ReasonPayload, fmt.Sprintf("the parser made a %T, which is no packet.Argument", a), 0)
		}
	}
	return nil
}

// Decode decodes the arguments of a decoded packet, each into one of dst,
// with the rules and the errors of [Codec.DecodeArgs].
func (p *Packet) Decode(dst ...any) error {
	if len(dst) == 1 {
		if d, ok := dst[0].(Destination); ok && !nilPointer(d) {
			dst = d.Destinations()
		}
	}
	for i := range dst {
		if err := p.DecodeArg(i, dst[i]); err != nil {
			return err
		}
	}
	return nil
}

// DecodeArg decodes one argument of a decoded packet, counted from 0.
func (p *Packet) DecodeArg(i int, dst any) error {
	var err error
	switch {
	case i < 0 || i >= len(p.Args) || p.Args[i] == nil:
		err = absent(dst)
	default:
		if v := reflect.ValueOf(dst); v.Kind() != reflect.Pointer || v.IsNil() {
			err = notPointer(dst)
		} else {
			err = p.Args[i].(Argument).Decode(dst)
		}
	}
	if err != nil {
		return &ArgumentError{Event: p.Name, Index: i + 1, Err: err}
	}
	return nil
}

// Expand returns arguments with the values of each [Tuple] in its place, which
// is what a [Parser] is given.
func Expand(args []any) []any {
	for i, arg := range args {
		if _, ok := arg.(Tuple); !ok || nilPointer(arg) {
			continue
		}
		out := append(make([]any, 0, len(args)+2), args[:i]...)
		for _, arg := range args[i:] {
			if t, ok := arg.(Tuple); ok && !nilPointer(arg) {
				out = append(out, t.Values()...)
			} else {
				out = append(out, arg)
			}
		}
		return out
	}
	return args
}
