package eio

import (
	"encoding/base64"
	"errors"
	"strconv"
	"unicode/utf8"
)

// Polling bodies of Engine.IO protocol 3 count the length of each record. A
// text body has
//
//	<length in UTF-16 code units> ":" <packet>
//
// and a binary one, for whoever can take it,
//
//	<0 text, 1 binary> <length in bytes, a decimal digit 0-9 a byte> 255 <packet>

// Errors of the polling bodies of protocol 3.
var (
	ErrEmptyPayload = errors.New("eio: empty polling body")
	ErrRecordLength = errors.New("eio: a record's length is no number, or not that of the record")
)

// maxLengthDigits keeps a length within an int32; no body comes near.
const maxLengthDigits = 9

// NextText3 splits the first record off a text body of protocol 3, which must
// be valid UTF-8. The record may be empty, which means nothing. The end is
// reached when rest is empty; a body that is empty from the start is an error.
func NextText3(payload []byte) (record, rest []byte, err error) {
	if len(payload) == 0 {
		return nil, nil, ErrEmptyPayload
	}
	units, i := 0, 0
	for ; i < len(payload) && payload[i] != ':'; i++ {
		c := payload[i]
		if c < '0' || c > '9' || i == maxLengthDigits {
			return nil, nil, ErrRecordLength
		}
		units = units*10 + int(c-'0')
	}
	if i == 0 || i == len(payload) {
		return nil, nil, ErrRecordLength
	}
	text := payload[i+1:]
	n := 0
	for units > 0 && n < len(text) {
		if text[n] < utf8.RuneSelf {
			n, units = n+1, units-1
			continue
		}
		r, size := utf8.DecodeRune(text[n:])
		n, units = n+size, units-1
		if r > 0xffff { // a pair of surrogates
			units--
		}
	}
	if units != 0 {
		return nil, nil, ErrRecordLength
	}
	return text[:n:n], text[n:], nil
}

// NextBinary3 splits the first record off a binary body of protocol 3 and tells
// whether it is a binary one, for [ParseBinary3], or text, for [ParseText3],
// which has not been looked at and may not be UTF-8. The end is reached when
// rest is empty; a body that is empty from the start is an error.
func NextBinary3(payload []byte) (record []byte, binary bool, rest []byte, err error) {
	if len(payload) == 0 {
		return nil, false, nil, ErrEmptyPayload
	}
	n, i := 0, 1
	for ; i < len(payload) && payload[i] != 0xff; i++ {
		c := payload[i]
		if c > 9 || i > maxLengthDigits {
			return nil, false, nil, ErrRecordLength
		}
		n = n*10 + int(c)
	}
	if payload[0] > 1 || i == 1 || i >= len(payload) || n > len(payload)-i-1 {
		return nil, false, nil, ErrRecordLength
	}
	data := payload[i+1:]
	return data[:n:n], payload[0] == 1, data[n:], nil
}

// AppendRecord3 appends p as a record of a text body of protocol 3.
func AppendRecord3(dst []byte, p Packet) []byte {
	units := 1 + utf16Len(p.Data)
	if p.Binary {
		units = 2 + base64.StdEncoding.EncodedLen(len(p.Data))
	}
	dst = strconv.AppendInt(dst, int64(units), 10)
	dst = append(dst, ':')
	return AppendText3(dst, p)
}

// AppendBinaryRecord3 appends p as a record of a binary body of protocol 3,
// which text packets may be in too.
func AppendBinaryRecord3(dst []byte, p Packet) []byte {
	kind := byte(0)
	if p.Binary {
		kind = 1
	}
	dst = append(dst, kind)
	start := len(dst)
	dst = strconv.AppendInt(dst, int64(1+len(p.Data)), 10)
	for i := start; i < len(dst); i++ {
		dst[i] -= '0'
	}
	dst = append(dst, 0xff)
	if p.Binary {
		return AppendBinary3(dst, p)
	}
	return AppendText(dst, p)
}

// utf16Len counts the UTF-16 code units of a text, which is how JavaScript
// counts characters. A byte that is no UTF-8 counts as the replacement
// character that it becomes there.
func utf16Len(text []byte) int {
	n := 0
	for len(text) > 0 {
		if text[0] < utf8.RuneSelf {
			n, text = n+1, text[1:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		n, text = n+1, text[size:]
		if r > 0xffff {
			n++
		}
	}
	return n
}
