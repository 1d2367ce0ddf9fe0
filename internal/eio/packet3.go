package eio

import "encoding/base64"

// Packets of Engine.IO protocol 3 differ from those of protocol 4 in their
// binary forms alone, which carry the packet type: a binary frame begins with
// it as a byte, and base64 with 'b' and its digit.

// ParseText3 reads one packet of protocol 3 in its text form: a type digit and
// text, or "b4" and base64. No other type carries bytes.
func ParseText3(src []byte) (Packet, error) {
	if len(src) == 0 || src[0] != binaryMark {
		return ParseText(src)
	}
	if len(src) < 2 || PacketType(src[1]) != Message {
		return Packet{}, ErrUnknownType
	}
	data, err := decodeBase64(src[2:])
	if err != nil {
		return Packet{}, err
	}
	return Packet{Type: Message, Binary: true, Data: data}, nil
}

// ParseBinary3 reads a binary frame, or a binary record of a polling body: the
// type as a number, then the bytes.
func ParseBinary3(src []byte) (Packet, error) {
	switch {
	case len(src) == 0:
		return Packet{}, ErrEmptyPacket
	case PacketType(src[0])+Open != Message:
		return Packet{}, ErrUnknownType
	}
	return Packet{Type: Message, Binary: true, Data: src[1:]}, nil
}

// AppendText3 appends p in its text form.
func AppendText3(dst []byte, p Packet) []byte {
	if p.Binary {
		dst = append(dst, binaryMark, byte(p.Type))
		return base64.StdEncoding.AppendEncode(dst, p.Data)
	}
	return AppendText(dst, p)
}

// AppendBinary3 appends p, which is binary, in its binary form.
func AppendBinary3(dst []byte, p Packet) []byte {
	dst = append(dst, byte(p.Type-Open))
	return append(dst, p.Data...)
}
