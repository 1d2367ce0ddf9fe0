package wsock

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

const (
	finBit  = 0x80
	rsvBits = 0x70
	maskBit = 0x80

	// maxControl bounds the payload of control frames (RFC 6455 section 5.5).
	maxControl = 125
	// maxHeader is two bytes, eight of length and four of mask.
	maxHeader = 14
)

// HeaderSize returns how many bytes the header of an unmasked frame with n
// bytes of payload takes: 2, 4 or 10.
func HeaderSize(n int) int {
	switch {
	case n <= 125:
		return 2
	case n <= 0xffff:
		return 4
	default:
		return 10
	}
}

// PutHeader writes the header of one final, unmasked frame with n bytes of
// payload to the front of dst and returns its size, which is HeaderSize(n).
// dst must be at least that long.
func PutHeader(dst []byte, op Opcode, n int) int {
	dst[0] = finBit | byte(op)
	switch {
	case n <= 125:
		dst[1] = byte(n)
		return 2
	case n <= 0xffff:
		dst[1] = 126
		binary.BigEndian.PutUint16(dst[2:], uint16(n))
		return 4
	default:
		dst[1] = 127
		binary.BigEndian.PutUint64(dst[2:], uint64(n))
		return 10
	}
}

// AppendFrame appends one final, unmasked frame (what a server sends) whose
// payload is the given pieces one after another. The payload of a control frame
// is cut at the 125 bytes the protocol allows.
func AppendFrame(dst []byte, op Opcode, payload ...[]byte) []byte {
	dst, _ = appendFrame(dst, op, 0, payload)
	return dst
}

// AppendMaskedFrame is [AppendFrame] for the client's side: the payload is
// masked with a fresh key.
func AppendMaskedFrame(dst []byte, op Opcode, payload ...[]byte) []byte {
	dst, start := appendFrame(dst, op, maskBit, payload)
	// Keys come from math/rand/v2's global source, which is ChaCha8 seeded by
	// the system: nothing a page could predict (RFC 6455 section 10.3), and
	// cheap enough for every frame.
	key := ws.NewMask()
	copy(dst[start-4:start], key[:])
	ws.Cipher(dst[start:], key, 0)
	return dst
}

// appendFrame returns where the payload starts; with mask set, the four bytes
// before it are left for the key.
func appendFrame(dst []byte, op Opcode, mask byte, payload [][]byte) ([]byte, int) {
	n := 0
	for _, p := range payload {
		n += len(p)
	}
	if op >= Close && n > maxControl {
		n = maxControl
	}
	var head [maxHeader]byte
	size := PutHeader(head[:], op, n)
	head[1] |= mask
	if mask != 0 {
		size += 4
	}
	dst = append(dst, head[:size]...)
	start := len(dst)
	for _, p := range payload {
		dst = append(dst, p...)
	}
	return dst[:start+n], start
}

// AppendClose appends an unmasked close frame. A code of zero makes it empty
// (the peer then reports 1005), and the reason is left out with it. A reason
// longer than 123 bytes is cut between two characters.
func AppendClose(dst []byte, code int, reason string) []byte {
	return AppendFrame(dst, Close, closePayload(code, reason))
}

// AppendMaskedClose is [AppendClose] for the client's side.
func AppendMaskedClose(dst []byte, code int, reason string) []byte {
	return AppendMaskedFrame(dst, Close, closePayload(code, reason))
}

func closePayload(code int, reason string) []byte {
	if code == 0 {
		return nil
	}
	if len(reason) > maxControl-2 {
		cut := maxControl - 2
		for cut > 0 && !utf8.RuneStart(reason[cut]) {
			cut--
		}
		reason = reason[:cut]
	}
	p := make([]byte, 2, 2+len(reason))
	binary.BigEndian.PutUint16(p, uint16(code))
	return append(p, reason...)
}
