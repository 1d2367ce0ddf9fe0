package packet

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

var (
	errNotUTF8 = errors.New("the JSON is not valid UTF-8")
	errCycle   = errors.New("nested too deeply, perhaps a cycle")
)

// checkText refuses JSON made by others that is no UTF-8: receivers of a text
// frame with it must end the connection (RFC 6455 section 8.1).
func checkText(b []byte) error {
	if !ascii(b) && !utf8.Valid(b) {
		return errNotUTF8
	}
	return nil
}

// ascii tells whether b has no byte above 0x7f, faster than utf8.Valid finds what
// that makes of it. Nearly all JSON is so.
func ascii(b []byte) bool {
	var seen uint64
	for ; len(b) >= 16; b = b[16:] {
		seen |= binary.LittleEndian.Uint64(b) | binary.LittleEndian.Uint64(b[8:])
	}
	if len(b) >= 8 {
		seen |= binary.LittleEndian.Uint64(b)
		b = b[8:]
	}
	for _, c := range b {
		seen |= uint64(c)
	}
	return seen&highs == 0
}

// value writes one value. The common types are written here, so that they need
// neither reflection nor encoding/json.
func (e *encoder) value(v any, depth int) error {
	switch v := v.(type) {
	case nil:
		e.dst = append(e.dst, "null"...)
	case string:
		e.dst = appendString(e.dst, v)
	case bool:
		e.dst = strconv.AppendBool(e.dst, v)
	case int:
		e.dst = strconv.AppendInt(e.dst, int64(v), 10)
	case int8:
		e.dst = strconv.AppendInt(e.dst, int64(v), 10)
	case int16:
		e.dst = strconv.AppendInt(e.dst, int64(v), 10)
	case int32:
		e.dst = strconv.AppendInt(e.dst, int64(v), 10)
	case int64:
		e.dst = strconv.AppendInt(e.dst, v, 10)
	case uint:
		e.dst = strconv.AppendUint(e.dst, uint64(v), 10)
	case uint8:
		e.dst = strconv.AppendUint(e.dst, uint64(v), 10)
	case uint16:
		e.dst = strconv.AppendUint(e.dst, uint64(v), 10)
	case uint32:
		e.dst = strconv.AppendUint(e.dst, uint64(v), 10)
	case uint64:
		e.dst = strconv.AppendUint(e.dst, v, 10)
	case float32:
		return e.float(float64(v), 32)
	case float64:
		return e.float(v, 64)
	case json.RawMessage:
		return e.rawMessage(v)
	case []byte:
		e.bytes(v)
	case Binary:
		e.bytes(v)
	case Raw:
		return e.raw(v)
	case *Raw:
		if v == nil {
			e.dst = append(e.dst, "null"...)
			return nil
		}
		return e.raw(*v)
	case []any:
		return e.slice(v, depth)
	case map[string]any:
		return e.object(v, depth)
	case standardArgument:
		return e.raw(v.Raw)
	default:
		e.loose = true
		return e.other(v, depth)
	}
	return nil
}

func (e *encoder) bytes(b []byte) {
	if b == nil {
		e.dst = append(e.dst, "null"...)
		return
	}
	e.attach(b)
}

// float writes a number as JavaScript does: no exponent between 1e-6 and 1e21.
func (e *encoder) float(f float64, size int) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("JSON has no %v", f)
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 {
		if size == 64 && (a < 1e-6 || a >= 1e21) ||
			size == 32 && (float32(a) < 1e-6 || float32(a) >= 1e21) {
			format = 'e'
		}
	}
	e.dst = strconv.AppendFloat(e.dst, f, format, -1, size)
	return nil
}

func (e *encoder) rawMessage(m json.RawMessage) error {
	if m == nil {
		e.dst = append(e.dst, "null"...)
		return nil
	}
	if at, failed := validate(m, maxDepth); failed != sound {
		return fmt.Errorf("json.RawMessage: %v at byte %d", failed, at)
	}
	if err := checkText(m); err != nil {
		return err
	}
	e.loose = true
	e.dst = append(e.dst, m...)
	return nil
}

// raw writes an argument that came from a packet, its placeholders renumbered.
func (e *encoder) raw(r Raw) error {
	if r.json == nil {
		e.dst = append(e.dst, "null"...)
		return nil
	}
	if err := checkText(r.json); err != nil {
		return err
	}
	if len(r.attachments) == 0 {
		e.loose = true
		e.dst = append(e.dst, r.json...)
		return nil
	}
	if num, end := usual(r.json, 0); end == len(r.json) && num < len(r.attachments) {
		e.again(r.attachments, num)
		return nil
	}
	return e.mixed(r)
}

// mixed is raw for an argument that is no plain placeholder. A function of its
// own, for its stack is large.
func (e *encoder) mixed(r Raw) error {
	e.loose = true
	var few [8]placeholder
	done := 0
	for _, p := range findPlaceholders(few[:0], r.json) {
		if p.num < 0 || p.num >= len(r.attachments) {
			return refuse(ReasonAttachments, "a placeholder names no attachment", p.start)
		}
		e.dst = append(e.dst, r.json[done:p.start]...)
		done = p.end
		e.again(r.attachments, p.num)
	}
	e.dst = append(e.dst, r.json[done:]...)
	return nil
}

// again writes a placeholder for an attachment of another packet.
func (e *encoder) again(attachments [][]byte, num int) {
	if e.attachments == nil && len(attachments) == 1 {
		e.place(0)
		e.attachments = attachments[:1:1] // the same list, which spares making one; adding to it copies
		return
	}
	e.share(attachments[num])
}

// share is attach for bytes that may be an attachment of this packet already,
// which are then sent once.
func (e *encoder) share(b []byte) {
	for i, have := range e.attachments {
		if len(b) > 0 && len(have) == len(b) && &have[0] == &b[0] {
			e.place(i)
			return
		}
	}
	e.attach(b)
}

func (e *encoder) slice(list []any, depth int) error {
	if list == nil {
		e.dst = append(e.dst, "null"...)
		return nil
	}
	if depth >= maxDepth {
		return errCycle
	}
	e.dst = append(e.dst, '[')
	for i, v := range list {
		if i > 0 {
			e.dst = append(e.dst, ',')
		}
		if err := e.value(v, depth+1); err != nil {
			return err
		}
	}
	e.dst = append(e.dst, ']')
	return nil
}

// object writes the keys in order, so that equal values have equal packets.
func (e *encoder) object(m map[string]any, depth int) error {
	if m == nil {
		e.dst = append(e.dst, "null"...)
		return nil
	}
	e.loose = true
	if depth >= maxDepth {
		return errCycle
	}
	var few [16]string // keeps the keys of a small map off the heap
	keys := few[:0]
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	e.dst = append(e.dst, '{')
	for i, k := range keys {
		if i > 0 {
			e.dst = append(e.dst, ',')
		}
		e.dst = appendString(e.dst, k)
		e.dst = append(e.dst, ':')
		if err := e.value(m[k], depth+1); err != nil {
			return err
		}
	}
	e.dst = append(e.dst, '}')
	return nil
}
