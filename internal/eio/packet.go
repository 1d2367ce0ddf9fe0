package eio

import (
	"encoding/base64"
	"errors"
)

// PacketType is the kind of a packet, as the character it has on the wire.
type PacketType byte

// The packet types of Engine.IO protocol 4. There are no others.
const (
	Open PacketType = '0' + iota
	Close
	Ping
	Pong
	Message
	Upgrade
	Noop
)

// Separator stands between the records of a polling body. It is not escaped: a
// text that holds it arrives as two records. JSON never holds it plainly.
const Separator = 0x1e

// binaryMark begins a text that is binary data in base64.
const binaryMark = 'b'

// Errors of [ParseText]. They are values to compare with; none holds bytes of
// the peer.
var (
	ErrEmptyPacket = errors.New("eio: empty packet")
	ErrUnknownType = errors.New("eio: unknown packet type")
	ErrBadBase64   = errors.New("eio: binary packet is not standard base64 with padding")
)

// String returns the protocol's name of the type.
func (t PacketType) String() string {
	switch t {
	case Open:
		return "open"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	case Message:
		return "message"
	case Upgrade:
		return "upgrade"
	case Noop:
		return "noop"
	}
	return "unknown"
}

// Packet is one Engine.IO packet. Binary packets are always of type Message.
type Packet struct {
	Type   PacketType
	Binary bool
	// Data aliases the input of [ParseText], except bytes decoded from base64.
	Data []byte
}

// ParseText reads one packet in its text form, which is a text frame of a
// websocket or one record of a polling body: a type digit and text, or 'b' and
// base64.
func ParseText(src []byte) (Packet, error) {
	if len(src) == 0 {
		return Packet{}, ErrEmptyPacket
	}
	t := PacketType(src[0])
	if t >= Open && t <= Noop {
		return Packet{Type: t, Data: src[1:]}, nil
	}
	if t != binaryMark {
		return Packet{}, ErrUnknownType
	}
	data, err := decodeBase64(src[1:])
	if err != nil {
		return Packet{}, err
	}
	return Packet{Type: Message, Binary: true, Data: data}, nil
}

// decodeBase64 accepts what AppendText writes and nothing else: one text for
// one sequence of bytes.
func decodeBase64(src []byte) ([]byte, error) {
	for _, c := range src {
		// The decoder would skip line ends.
		if c == '\n' || c == '\r' {
			return nil, ErrBadBase64
		}
	}
	dst := make([]byte, base64.StdEncoding.DecodedLen(len(src)))
	n, err := strictBase64.Decode(dst, src)
	if err != nil {
		return nil, ErrBadBase64
	}
	return dst[:n], nil
}

// strictBase64 refuses padding bits that are not zero.
var strictBase64 = base64.StdEncoding.Strict()

// AppendText appends p in its text form: the type digit and the data, or 'b'
// and base64 if p is binary.
func AppendText(dst []byte, p Packet) []byte {
	if p.Binary {
		dst = append(dst, binaryMark)
		return base64.StdEncoding.AppendEncode(dst, p.Data)
	}
	dst = append(dst, byte(p.Type))
	return append(dst, p.Data...)
}
