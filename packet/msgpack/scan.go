package msgpack

import (
	"encoding/binary"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/go-socketio/socketio/packet"
	"github.com/tinylib/msgp/msgp"
)

// maxDepth is the default bound of nesting, that of the default parser.
const maxDepth = 10000

type kind uint8

const (
	kindNone kind = iota
	kindNil
	kindUndefined // as the JavaScript parser writes it
	kindBool
	kindInt // of either sign
	kindFloat
	kindString
	kindBinary
	kindArray
	kindMap
	kindDate
	kindExt
)

// kindAt tells what the value at src[i] is. The value was scanned.
func kindAt(src []byte, i int) kind {
	switch c := src[i]; {
	case c <= 0x7f || c >= 0xe0 || c >= 0xcc && c <= 0xd3:
		return kindInt
	case c <= 0x8f || c == 0xde || c == 0xdf:
		return kindMap
	case c <= 0x9f || c == 0xdc || c == 0xdd:
		return kindArray
	case c <= 0xbf || c >= 0xd9 && c <= 0xdb:
		return kindString
	case c == 0xc0:
		return kindNil
	case c == 0xc2 || c == 0xc3:
		return kindBool
	case c >= 0xc4 && c <= 0xc6:
		return kindBinary
	case c == 0xca || c == 0xcb:
		return kindFloat
	default:
		return extKind(src, i)
	}
}

// extKind knows the extensions of the JavaScript library: type 0 stands for undefined,
// a date or an ArrayBuffer, told apart by the format. The timestamp is
// MessagePack's own.
func extKind(src []byte, i int) kind {
	t, _, _ := extAt(src, i)
	switch c := src[i]; {
	case t == 0 && c == 0xd4:
		return kindUndefined
	case t == 0 && c == 0xd7:
		return kindDate
	case t == 0 && c >= 0xc7 && c <= 0xc9:
		return kindBinary
	case t == -1:
		if _, ok := timestamp(src, i); ok {
			return kindDate
		}
	}
	return kindExt
}

// prefix is how many bytes of length and ext type follow the first byte of a
// format, and how many of body if that is fixed.
func prefix(c byte) (length, body int, ok bool) {
	switch c {
	case 0xc4, 0xd9:
		return 1, 0, true
	case 0xc5, 0xda:
		return 2, 0, true
	case 0xc6, 0xdb:
		return 4, 0, true
	case 0xc7, 0xc8, 0xc9:
		return 1 << (c - 0xc7), 1, true // the ext type is part of the body
	case 0xcc, 0xd0:
		return 0, 1, true
	case 0xcd, 0xd1:
		return 0, 2, true
	case 0xca, 0xce, 0xd2:
		return 0, 4, true
	case 0xcb, 0xcf, 0xd3:
		return 0, 8, true
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return 0, 1 + 1<<(c-0xd4), true
	case 0xc0, 0xc2, 0xc3:
		return 0, 0, true
	}
	return 0, 0, false // 0xc1, and the containers, which are not asked for
}

func truncated(src []byte) error {
	return refuse(packet.ReasonPayload, "the MessagePack ends too early", len(src))
}

// scan checks the value that begins at src[i] and returns the index behind it.
// Nothing is allocated but one number for each level of nesting; no length is
// believed before its bytes are there. Strings must be UTF-8, and keys strings, as
// in JSON.
func scan(src []byte, i, depth int) (int, error) {
	// frame counts what is left of a container; of a map keys and values, so that an even
	// number says that a key is next.
	type frame struct {
		left uint64
		keys bool
	}
	var few [32]frame
	open := few[:0]
	for {
		if i >= len(src) {
			return i, truncated(src)
		}
		key := false
		if n := len(open); n > 0 {
			f := &open[n-1]
			key = f.keys && f.left%2 == 0
			f.left--
		}
		c := src[i]
		start := i
		var count uint64
		container, isMap := false, false
		switch {
		case c <= 0x7f || c >= 0xe0:
			i++
		case c <= 0x8f:
			container, isMap, count = true, true, uint64(c&0x0f)
			i++
		case c <= 0x9f:
			container, count = true, uint64(c&0x0f)
			i++
		case c >= 0xdc && c <= 0xdf:
			size := 2 << (c & 1)
			if len(src)-i-1 < size {
				return i, truncated(src)
			}
			container, isMap, count = true, c >= 0xde, readLength(src[i+1:], size)
			i += 1 + size
		default:
			end, err := scanFlat(src, i)
			if err != nil {
				return i, err
			}
			i = end
		}
		if key && kindAt(src, start) != kindString {
			return start, refuse(packet.ReasonPayload, "the key of a map is not a string", start)
		}
		if container {
			if isMap {
				count *= 2
			}
			if count > uint64(len(src)-i) { // each takes a byte at least
				return start, truncated(src)
			}
			if len(open) >= depth {
				return start, refuse(packet.ReasonPayload, "nested too deeply", start)
			}
			if count > 0 {
				open = append(open, frame{count, isMap})
				continue
			}
		}
		for len(open) > 0 && open[len(open)-1].left == 0 {
			open = open[:len(open)-1]
		}
		if len(open) == 0 {
			return i, nil
		}
	}
}

// scanFlat is scan for what is neither a container nor one byte.
func scanFlat(src []byte, i int) (end int, err error) {
	c := src[i]
	start := i
	size := 0
	if c >= 0xa0 && c <= 0xbf {
		size = int(c & 0x1f)
		i++
	} else {
		length, body, ok := prefix(c)
		if !ok {
			return i, refuse(packet.ReasonPayload, "a byte that MessagePack does not use", i)
		}
		i++
		if len(src)-i < length {
			return i, truncated(src)
		}
		n := readLength(src[i:], length)
		i += length
		if n > uint64(len(src)-i) {
			return i, truncated(src)
		}
		size = int(n) + body
	}
	if len(src)-i < size {
		return i, truncated(src)
	}
	end = i + size
	if (c < 0xc0 || c >= 0xd9) && !utf8.Valid(src[i:end]) {
		return i, refuse(packet.ReasonPayload, "a string is not UTF-8", start)
	}
	return end, nil
}

func readLength(b []byte, size int) uint64 {
	switch size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.BigEndian.Uint16(b))
	case 4:
		return uint64(binary.BigEndian.Uint32(b))
	}
	return 0
}

// skip returns the index behind the scanned value at src[i].
func skip(src []byte, i int) int {
	for left := uint64(1); left > 0; left-- {
		switch c := src[i]; {
		case c <= 0x7f || c >= 0xe0:
			i++
		case c <= 0x9f || c >= 0xdc:
			n, next := header(src, i)
			if c <= 0x8f || c >= 0xde {
				n *= 2
			}
			left += uint64(n)
			i = next
		case c <= 0xbf:
			i += 1 + int(c&0x1f)
		default:
			length, body, _ := prefix(c)
			i += 1 + length + body + int(readLength(src[i+1:], length))
		}
	}
	return i
}

// header reads the head of a scanned array or map.
func header(src []byte, i int) (n, next int) {
	switch c := src[i]; {
	case c <= 0x9f:
		return int(c & 0x0f), i + 1
	default:
		size := 2 << (c & 1)
		return int(readLength(src[i+1:], size)), i + 1 + size
	}
}

// textAt reads a scanned string, or binary data.
func textAt(src []byte, i int) (text []byte, next int) {
	c := src[i]
	i++
	size := int(c & 0x1f)
	if c >= 0xc0 {
		length, typ, _ := prefix(c) // an ArrayBuffer has its ext type in the way
		size = int(readLength(src[i:], length))
		i += length + typ
	}
	return src[i : i+size : i+size], i + size
}

var errNotUint = errors.New("not an integer of 64 bits without a sign")

// uintAt reads a scanned integer; i is 0 if there is none.
func uintAt(src []byte, i int) (uint64, error) {
	if i == 0 || kindAt(src, i) != kindInt {
		return 0, errNotUint
	}
	n, _, err := msgp.ReadUint64Bytes(src[i:])
	return n, err
}

// extAt reads a scanned extension.
func extAt(src []byte, i int) (t int8, body []byte, next int) {
	c := src[i]
	length, size, _ := prefix(c)
	i++
	size += int(readLength(src[i:], length))
	i += length
	return int8(src[i]), src[i+1 : i+size : i+size], i + size
}

// timestamp reads MessagePack's extension type -1. It reports false if it is not well formed.
func timestamp(src []byte, i int) (time.Time, bool) {
	_, b, _ := extAt(src, i)
	var sec int64
	var nsec uint32
	switch len(b) {
	case 4:
		sec = int64(binary.BigEndian.Uint32(b))
	case 8:
		n := binary.BigEndian.Uint64(b)
		sec, nsec = int64(n&(1<<34-1)), uint32(n>>34)
	case 12:
		nsec, sec = binary.BigEndian.Uint32(b), int64(binary.BigEndian.Uint64(b[4:]))
	default:
		return time.Time{}, false
	}
	return time.Unix(sec, int64(nsec)).UTC(), nsec < 1e9
}

// dateAt reads a scanned date: milliseconds since 1970 in the JavaScript library's form.
func dateAt(src []byte, i int) time.Time {
	if t, body, _ := extAt(src, i); t == 0 {
		return time.UnixMilli(int64(binary.BigEndian.Uint64(body))).UTC()
	}
	t, _ := timestamp(src, i)
	return t
}
