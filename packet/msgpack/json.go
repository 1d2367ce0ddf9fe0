package msgpack

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/tinylib/msgp/msgp"
)

// dateFormat is what a JavaScript Date has in JSON.
const dateFormat = "2006-01-02T15:04:05.000Z"

// appendJSON appends the scanned value at src[i] as JSON.
func appendJSON(dst, src []byte, i int) ([]byte, error) {
	dst, _, err := appendJSONAt(dst, src, i)
	return dst, err
}

// appendJSONAt also returns the index behind the value, so that nesting costs
// no second walk. Its recursion is bounded by the depth that was scanned.
func appendJSONAt(dst, src []byte, i int) (_ []byte, end int, err error) {
	k := kindAt(src, i)
	switch k {
	case kindBool:
		return strconv.AppendBool(dst, src[i] == 0xc3), i + 1, nil
	case kindArray:
		n, next := header(src, i)
		dst = append(dst, '[')
		for k := range n {
			if k > 0 {
				dst = append(dst, ',')
			}
			if dst, next, err = appendJSONAt(dst, src, next); err != nil {
				return dst, next, err
			}
		}
		return append(dst, ']'), next, nil
	case kindMap:
		n, next := header(src, i)
		dst = append(dst, '{')
		for k := range n {
			if k > 0 {
				dst = append(dst, ',')
			}
			var key []byte
			key, next = textAt(src, next)
			dst = append(appendQuote(dst, string(key)), ':')
			if dst, next, err = appendJSONAt(dst, src, next); err != nil {
				return dst, next, err
			}
		}
		return append(dst, '}'), next, nil
	}
	end = skip(src, i)
	switch k {
	case kindInt:
		if n, _, err := msgp.ReadInt64Bytes(src[i:]); err == nil {
			return strconv.AppendInt(dst, n, 10), end, nil
		}
		n, _, err := msgp.ReadUint64Bytes(src[i:])
		return strconv.AppendUint(dst, n, 10), end, err
	case kindFloat:
		dst, err = appendFloat(dst, src, i)
		return dst, end, err
	case kindString:
		text, _ := textAt(src, i)
		return appendQuote(dst, string(text)), end, nil
	case kindBinary:
		b, _ := textAt(src, i)
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, b)
		return append(dst, '"'), end, nil
	case kindDate:
		t := dateAt(src, i)
		if y := t.Year(); y >= 0 && y <= 9999 { // all that RFC 3339 knows
			dst = append(dst, '"')
			dst = t.AppendFormat(dst, dateLayout(t))
			return append(dst, '"'), end, nil
		}
	}
	return append(dst, "null"...), end, nil
}

// dateLayout keeps what a timestamp has beyond milliseconds.
func dateLayout(t time.Time) string {
	if t.Nanosecond()%1e6 != 0 {
		return time.RFC3339Nano
	}
	return dateFormat
}

// appendFloat writes a number as encoding/json does; JSON has no NaN and no infinities.
func appendFloat(dst, src []byte, i int) ([]byte, error) {
	var v any
	if src[i] == 0xca {
		f, _, err := msgp.ReadFloat32Bytes(src[i:])
		if err != nil {
			return dst, err
		}
		v = f
		if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
			v = nil
		}
	} else {
		f, _, err := msgp.ReadFloat64Bytes(src[i:])
		if err != nil {
			return dst, err
		}
		v = f
		if math.IsNaN(f) || math.IsInf(f, 0) {
			v = nil
		}
	}
	text, err := json.Marshal(v)
	return append(dst, text...), err
}

func appendQuote(dst []byte, s string) []byte {
	text, _ := json.Marshal(s) // a string always has a JSON form
	return append(dst, text...)
}

// fromJSON appends JSON as MessagePack. Integers keep 64 bits.
func fromJSON(dst, text []byte, depth int) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return dst, err
	}
	if len(bytes.TrimSpace(text[d.InputOffset():])) > 0 {
		return dst, errors.New("bytes behind the JSON")
	}
	return appendValue(dst, v, depth)
}
