package packet

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// appendString appends s as a JSON string. Nothing is escaped for HTML. Bytes
// that are not UTF-8 become U+FFFD, as in encoding/json: a text frame with
// anything else would end the connection of whoever gets it.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := len(dst)
	// Most strings stand for themselves: copy first, then look for the byte
	// that does not.
	dst = append(dst, s...)
	i := start
	for ; len(dst)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(dst[i:])
		if stops(w)|w&highs != 0 {
			break
		}
	}
	for i < len(dst) && plain(dst[i]) {
		i++
	}
	if i < len(dst) {
		dst = appendEscaped(dst[:i], s[i-start:])
	}
	return append(dst, '"')
}

// plain reports whether a byte is ASCII that stands for itself in a JSON
// string.
func plain(c byte) bool {
	return c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\'
}

func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain(c) {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			dst = append(dst, s[start:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[start:i]...)
			dst = append(dst, `�`...)
			start = i + 1
		}
		i += size
	}
	return append(dst, s[start:]...)
}

// unquote returns the text of a checked JSON string given without its quotes.
// Without escapes that is s itself. A surrogate without its other half becomes
// U+FFFD.
func unquote(s []byte) []byte {
	i := bytes.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	out := append(make([]byte, 0, len(s)), s[:i]...)
	for i < len(s) {
		if s[i] != '\\' {
			out = append(out, s[i])
			i++
			continue
		}
		c := s[i+1]
		i += 2
		switch c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r := hexRune(s[i:])
			i += 4
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if len(s)-i >= 6 && s[i] == '\\' && s[i+1] == 'u' {
					pair = utf16.DecodeRune(r, hexRune(s[i+2:]))
				}
				if pair != utf8.RuneError {
					i += 6
				}
				r = pair
			}
			out = utf8.AppendRune(out, r)
		default: // the quote, both slashes
			out = append(out, c)
		}
	}
	return out
}

// hexRune reads the four digits of a \u escape.
func hexRune(s []byte) rune {
	var r rune
	for _, c := range s[:4] {
		d, _ := hexDigit(c)
		r = r<<4 | d
	}
	return r
}
