package wsock

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// header is one parsed frame header.
type header struct {
	length uint64
	key    [4]byte
	op     Opcode
	fin    bool
	masked bool
	packed bool // RSV1: the message is compressed
}

// parseHeader reads a frame header from the front of b and returns its size, or
// zero when b ends before it does. What the first two bytes alone make illegal
// is reported as soon as they are there. agreed holds the reserved bits that an
// extension gave a meaning.
func parseHeader(b []byte, agreed byte, h *header) (int, error) {
	if len(b) < 2 {
		return 0, nil
	}
	h.op, h.fin, h.masked = Opcode(b[0]&0x0f), b[0]&finBit != 0, b[1]&maskBit != 0
	n := b[1] &^ maskBit
	if b[0]&rsvBits&^agreed != 0 {
		return 0, broken("a reserved bit is set but no extension was negotiated")
	}
	h.packed = b[0]&rsv1Bit != 0
	if h.packed && h.op != Text && h.op != Binary {
		return 0, broken("a reserved bit is set on a frame that does not begin a message")
	}
	switch h.op {
	case Continuation, Text, Binary:
	case Close, Ping, Pong:
		if !h.fin {
			return 0, broken("a control frame is fragmented")
		}
		if n > maxControl {
			return 0, broken("a control frame announces more than 125 bytes")
		}
	default:
		return 0, broken(fmt.Sprintf("opcode 0x%x is reserved", byte(h.op)))
	}
	size := 2
	switch n {
	case 126:
		if len(b) < 4 {
			return 0, nil
		}
		h.length = uint64(binary.BigEndian.Uint16(b[2:]))
		size = 4
	case 127:
		if len(b) < 10 {
			return 0, nil
		}
		h.length = binary.BigEndian.Uint64(b[2:])
		if h.length>>63 != 0 {
			return 0, broken("the highest bit of a 64-bit length is set")
		}
		size = 10
	default:
		h.length = uint64(n)
	}
	// A length written longer than need be is let through: it does no harm and
	// some small clients always use one form.
	if h.masked {
		if len(b) < size+4 {
			return 0, nil
		}
		h.key = [4]byte(b[size:])
		size += 4
	}
	return size, nil
}

// parseClose turns a close frame's payload into the error that ends Serve.
func parseClose(p []byte) error {
	if len(p) == 0 {
		return &CloseError{Code: CodeNoStatus}
	}
	if len(p) == 1 {
		return broken("a close frame has one byte where a two-byte code belongs")
	}
	code := int(binary.BigEndian.Uint16(p))
	if !validCloseCode(code) {
		return broken(fmt.Sprintf("close code %d must not be sent", code))
	}
	if !utf8.Valid(p[2:]) {
		return &ProtocolError{Code: CodeInvalidData, Reason: "the reason of a close frame is not UTF-8"}
	}
	return &CloseError{Code: code, Reason: string(p[2:])}
}

// validCloseCode follows RFC 6455 section 7.4 and the registry it opened, which
// has since given out 1012 (restart), 1013 (try again) and 1014 (bad gateway).
func validCloseCode(code int) bool {
	switch {
	case code >= 1000 && code <= 1014:
		return code != 1004 && code != 1005 && code != 1006
	default:
		return code >= 3000 && code <= 4999
	}
}

func broken(reason string) error {
	return &ProtocolError{Code: CodeProtocolError, Reason: reason}
}
