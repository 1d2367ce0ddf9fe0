package packet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// Decode decodes one argument into dst, a non-nil pointer. attachments are
// those of the packet it came with, nil if that was no binary packet: then
// placeholders are ordinary data. Types are decoded as encoding/json does, and
// each placeholder becomes the bytes it names: a []byte or [Binary] anywhere
// takes them, as does an any.
//
// Those bytes are not copied: they are shared with everybody who decodes the
// same packet, so treat them as read-only. Everything else is a copy, except a
// [Raw], which aliases raw.
//
// A json.RawMessage, and a type that reads its own JSON, gets attachments as
// base64 strings. That is refused, with an [*Error] of [ReasonAttachments],
// where a peer names attachments so often that the argument would be longer
// than with each of them once. Where bytes are shared there is no such bound:
// what an application makes of them, such as JSON, has the size of all places
// they stand in.
func (c *Codec) Decode(raw []byte, attachments [][]byte, dst any) error {
	// Text from anywhere: all that follows walks it without looking at the
	// grammar again.
	if at, failed := validate(raw, maxDepth); failed != sound {
		return refuse(ReasonPayload, failed.String(), at)
	}
	return c.decode(raw, attachments, dst)
}

// decode is Decode for JSON that has been checked.
func (c *Codec) decode(raw []byte, attachments [][]byte, dst any) error {
	err := c.decodeValue(raw, attachments, dst)
	if err == nil && c.JSON.Revive != nil {
		err = c.revive(dst)
	}
	return err
}

// decodeValue is decode without JSON.Revive.
func (c *Codec) decodeValue(raw []byte, attachments [][]byte, dst any) error {
	if v := reflect.ValueOf(dst); v.Kind() != reflect.Pointer || v.IsNil() {
		return notPointer(dst)
	}
	if len(attachments) > 0 {
		return c.restore(raw, attachments, dst)
	}
	switch d := dst.(type) {
	case *json.RawMessage:
		*d = bytes.Clone(raw)
		return nil
	case *Raw:
		*d = Raw{json: raw}
		return nil
	// What follows only spares encoding/json the plainest cases, others go to
	// it.
	case *string:
		if n := len(raw) - 1; raw[0] == '"' && raw[n] == '"' {
			if bytes.IndexByte(raw, '\\') < 0 && checkText(raw) == nil {
				*d = string(raw[1:n])
				return nil
			}
		}
	case *bool:
		switch string(raw) {
		case "true":
			*d = true
			return nil
		case "false":
			*d = false
			return nil
		}
	case *int:
		if n, ok := plainInt(raw); ok {
			*d = n
			return nil
		}
	case *float64:
		if n, ok := plainInt(raw); ok {
			*d = float64(n)
			return nil
		}
	}
	return c.unmarshal(raw, dst)
}

// plainInt reads up to nine digits, which fit into every int and are exact in
// every float64.
func plainInt(raw []byte) (int, bool) {
	if len(raw) == 0 || len(raw) > 9 || raw[0] == '0' && len(raw) > 1 {
		return 0, false
	}
	n := 0
	for _, c := range raw {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// DecodeArgs decodes the arguments of an event, or of an ack if event is "",
// each into one of dst, non-nil pointers. A [Destination] that stands alone is
// replaced by what it holds. More arguments than destinations are ignored, as
// in JavaScript. A destination without an argument is left as it is if its type
// has a nil (pointer, map, slice, interface), and is an error otherwise.
//
// Errors are [*ArgumentError] and read: argument 2 of "send": cannot decode
// string into int.
func (c *Codec) DecodeArgs(event string, args Args, attachments [][]byte, dst ...any) error {
	if len(dst) == 1 {
		if d, ok := dst[0].(Destination); ok && !nilPointer(d) {
			dst = d.Destinations()
		}
	}
	for i, raw := range args.All() {
		if i >= len(dst) {
			return nil
		}
		if err := c.decode(raw, attachments, dst[i]); err != nil {
			return &ArgumentError{Event: event, Index: i + 1, Err: err}
		}
	}
	for i := args.Len(); i < len(dst); i++ {
		if err := absent(dst[i]); err != nil {
			return &ArgumentError{Event: event, Index: i + 1, Err: err}
		}
	}
	return nil
}

// DecodeArg decodes one argument, counted from 0, into dst, with the rules and
// the errors of [Codec.DecodeArgs]. To read all of many arguments use that or
// [Args.All]: each call here goes over the arguments before the one it wants.
func (c *Codec) DecodeArg(event string, args Args, attachments [][]byte, i int, dst any) error {
	var err error
	if raw := args.At(i); raw != nil {
		err = c.decode(raw, attachments, dst)
	} else {
		err = absent(dst)
	}
	if err != nil {
		return &ArgumentError{Event: event, Index: i + 1, Err: err}
	}
	return nil
}

// absent says whether a destination can do without an argument.
func absent(dst any) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return notPointer(dst)
	}
	switch v.Elem().Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface:
		return nil
	}
	return fmt.Errorf("missing, want %v", v.Elem().Type())
}

func notPointer(dst any) error {
	return fmt.Errorf("cannot decode into %T, want a pointer that is not nil", dst)
}

// mismatch is a value that does not fit its destination, with the way to it
// through the fields of structs.
type mismatch struct {
	field, value string
	into         reflect.Type
}

func (m *mismatch) Error() string {
	value := m.value
	if len(value) > 40 { // a number can be as long as the peer likes
		value = value[:40] + "…"
	}
	s := "cannot decode " + value + " into " + m.into.String()
	if m.field != "" {
		s += ", field " + m.field
	}
	return s
}

// explain words an error of encoding/json for people who have never seen our
// JSON.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &mismatch{field: wrong.Field, value: wrong.Value, into: wrong.Type}
	}
	return err
}

// MarshalJSON implements json.Marshaler, for those who keep a Raw rather than
// send it: attachments become base64 strings, within the bound that
// [Codec.Decode] has for them.
func (r Raw) MarshalJSON() ([]byte, error) {
	if r.json == nil {
		return []byte("null"), nil
	}
	if len(r.attachments) == 0 {
		return r.json, nil
	}
	places, err := locate(nil, r.json, r.attachments)
	if err != nil {
		return nil, err
	}
	return inline(r.json, 0, len(r.json), places, r.attachments, inlineRoom(r.json, r.attachments))
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *Raw) UnmarshalJSON(b []byte) error {
	*r = Raw{json: bytes.Clone(b)}
	return nil
}

// locate is findPlaceholders with the check that each names an attachment.
func locate(dst []placeholder, src []byte, attachments [][]byte) ([]placeholder, error) {
	dst = findPlaceholders(dst, src)
	for _, p := range dst {
		if p.num < 0 || p.num >= len(attachments) {
			return nil, refuse(ReasonAttachments, "a placeholder names no attachment", p.start)
		}
	}
	return dst, nil
}
