package packet

import (
	"encoding/binary"
	"math/bits"
)

// maxDepth is the default bound of JSON nesting. encoding/json refuses to
// decode more, so accepting more would only move the error.
const maxDepth = 10000

// fault is why the scanner stopped. It is a number and not an error so that the
// hot path returns it in a register.
type fault uint8

const (
	sound      fault = iota
	truncated        // the text ends inside a value
	unexpected       // a byte the grammar does not allow here
	tooDeep          // nesting beyond the bound
)

func (f fault) String() string {
	switch f {
	case truncated:
		return "the JSON ends too early"
	case unexpected:
		return "not JSON: unexpected byte"
	case tooDeep:
		return "the JSON is nested too deeply"
	}
	return ""
}

// skipSpace returns the index of the first byte at or after i that is not JSON
// white space.
func skipSpace(src []byte, i int) int {
	for i < len(src) && src[i] <= ' ' {
		switch src[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

// scanValue checks the JSON value (RFC 8259) that begins at src[i], without
// leading space, and returns the index behind it. On a fault it returns the
// index of the offence. depth is how many containers may be open at once.
//
// It keeps its own stack of one bit per open container, so hostile nesting
// costs bits that have arrived and never goroutine stack; up to 64 levels
// nothing is allocated.
func scanValue(src []byte, i, depth int) (int, fault) {
	var (
		top    uint64   // innermost 64 open containers, bit 0 the innermost, 1 an object
		outer  []uint64 // the others, a word each time top is full
		open   int      // containers open
		failed fault
	)
values:
	for {
		if i >= len(src) {
			return len(src), truncated
		}
		switch c := src[i]; c {
		case '"':
			if i, failed = scanString(src, i+1); failed != sound {
				return i, failed
			}
		case '{', '[':
			if open >= depth {
				return i, tooDeep
			}
			if open > 0 && open&63 == 0 {
				outer = append(outer, top)
			}
			open++
			top <<= 1
			i = skipSpace(src, i+1)
			if i >= len(src) {
				return i, truncated
			}
			if c == '[' {
				if src[i] != ']' {
					continue values
				}
			} else {
				top |= 1
				if src[i] != '}' {
					if i, failed = scanKey(src, i); failed != sound {
						return i, failed
					}
					continue values
				}
			}
			i++
			open--
			top >>= 1
			if open > 0 && open&63 == 0 {
				top = outer[len(outer)-1]
				outer = outer[:len(outer)-1]
			}
		case 't':
			if i, failed = scanWord(src, i, "true"); failed != sound {
				return i, failed
			}
		case 'f':
			if i, failed = scanWord(src, i, "false"); failed != sound {
				return i, failed
			}
		case 'n':
			if i, failed = scanWord(src, i, "null"); failed != sound {
				return i, failed
			}
		default:
			if i, failed = scanNumber(src, i); failed != sound {
				return i, failed
			}
		}

		// A value ends before i: close what it completes, or go on behind a
		// comma.
		for {
			if open == 0 {
				return i, sound
			}
			if i < len(src) && src[i] <= ' ' {
				i = skipSpace(src, i)
			}
			if i >= len(src) {
				return i, truncated
			}
			c := src[i]
			if c == ',' {
				i = skipSpace(src, i+1)
				if top&1 != 0 {
					if i, failed = scanKey(src, i); failed != sound {
						return i, failed
					}
				}
				continue values
			}
			// ']' is 0x5d and '}' is 0x7d: bit 0 of top chooses between them.
			if c != ']'+byte(top&1)<<5 {
				return i, unexpected
			}
			i++
			open--
			top >>= 1
			if open > 0 && open&63 == 0 {
				top = outer[len(outer)-1]
				outer = outer[:len(outer)-1]
			}
		}
	}
}

// scanKey checks an object's key, the colon and the space around them, and
// returns the index of the value.
func scanKey(src []byte, i int) (int, fault) {
	if i >= len(src) {
		return i, truncated
	}
	if src[i] != '"' {
		return i, unexpected
	}
	i, failed := scanString(src, i+1)
	if failed != sound {
		return i, failed
	}
	i = skipSpace(src, i)
	if i >= len(src) {
		return i, truncated
	}
	if src[i] != ':' {
		return i, unexpected
	}
	return skipSpace(src, i+1), sound
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stops marks, in the high bit of each byte of w, the bytes a JSON string
// cannot hold plainly: controls, the quote and the backslash. Only the lowest
// mark is exact, a borrow may spoil those above it.
func stops(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((w-ones*0x20)&^w | (quote-ones)&^quote | (slash-ones)&^slash) & highs
}

// scanString checks a JSON string whose opening quote is at i-1 and returns the
// index behind the closing one. Eight bytes are looked at together; a short
// string costs one such step because the step may look beyond its end.
func scanString(src []byte, i int) (int, fault) {
	for {
		for len(src)-i >= 8 {
			m := stops(binary.LittleEndian.Uint64(src[i:]))
			if m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		for i < len(src) && src[i] != '"' && src[i] != '\\' && src[i] >= ' ' {
			i++
		}
		if i >= len(src) {
			return len(src), truncated
		}
		switch src[i] {
		case '"':
			return i + 1, sound
		case '\\':
			if i+1 >= len(src) {
				return len(src), truncated
			}
			switch src[i+1] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				i += 2
			case 'u':
				for k := i + 2; k < i+6; k++ {
					if k >= len(src) {
						return len(src), truncated
					}
					if _, ok := hexDigit(src[k]); !ok {
						return k, unexpected
					}
				}
				i += 6
			default:
				return i + 1, unexpected
			}
		default:
			return i, unexpected
		}
	}
}

func hexDigit(c byte) (rune, bool) {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0'), true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10, true
	}
	return 0, false
}

func scanWord(src []byte, i int, word string) (int, fault) {
	if len(src)-i >= len(word) && string(src[i:i+len(word)]) == word {
		return i + len(word), sound
	}
	for k := 0; k < len(word) && i < len(src); k++ {
		if src[i] != word[k] {
			return i, unexpected
		}
		i++
	}
	return i, truncated
}

// scanNumber checks a JSON number beginning at src[i] and returns the index
// behind it.
func scanNumber(src []byte, i int) (int, fault) {
	if src[i] == '-' {
		i++
	}
	if i >= len(src) {
		return i, truncated
	}
	switch {
	case src[i] == '0':
		i++
	case '1' <= src[i] && src[i] <= '9':
		i = skipDigits(src, i+1)
	default:
		return i, unexpected
	}
	if i < len(src) && src[i] == '.' {
		start := i + 1
		if i = skipDigits(src, start); i == start {
			return i, missing(src, i)
		}
	}
	if i < len(src) && src[i]|0x20 == 'e' {
		start := i + 1
		if start < len(src) && (src[start] == '+' || src[start] == '-') {
			start++
		}
		if i = skipDigits(src, start); i == start {
			return i, missing(src, i)
		}
	}
	return i, sound
}

func skipDigits(src []byte, i int) int {
	for i < len(src) && src[i]-'0' <= 9 {
		i++
	}
	return i
}

func missing(src []byte, i int) fault {
	if i >= len(src) {
		return truncated
	}
	return unexpected
}

// skipValue returns the index behind the value at src[i] of JSON that scanValue
// has accepted already: it matches brackets and checks nothing.
func skipValue(src []byte, i int) int {
	switch src[i] {
	case '"':
		return skipString(src, i+1)
	case '{', '[':
		for open := 0; ; {
			switch src[i] {
			case '"':
				i = skipString(src, i+1)
				continue
			case '{', '[':
				open++
			case '}', ']':
				if open--; open == 0 {
					return i + 1
				}
			}
			i++
		}
	}
	for i < len(src) {
		switch src[i] {
		case ',', ']', '}', ' ', '\t', '\n', '\r':
			return i
		}
		i++
	}
	return i
}

// skipString is scanString without the checks.
func skipString(src []byte, i int) int {
	for {
		for len(src)-i >= 8 {
			m := stops(binary.LittleEndian.Uint64(src[i:]))
			if m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		switch src[i] {
		case '"':
			return i + 1
		case '\\':
			i += 2
		default:
			i++
		}
	}
}

// validate checks that src is exactly one JSON value with nothing but white
// space around it.
func validate(src []byte, depth int) (int, fault) {
	i, failed := scanValue(src, skipSpace(src, 0), depth)
	if failed != sound {
		return i, failed
	}
	if i = skipSpace(src, i); i < len(src) {
		return i, unexpected
	}
	return i, sound
}
