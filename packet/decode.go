package packet

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// Decode decodes one argument into dst, a non-nil pointer. attachments are those of
// the packet it came with, nil if that was no binary packet: then placeholders are
// ordinary data. Types are decoded as encoding/json does, and each placeholder
// becomes the bytes it names: a []byte or [Binary] anywhere takes them, as does any.
//
// The bytes are not copied: they are shared with everybody who decodes the same
// packet, so treat them as read-only. raw must be JSON that [Parse] accepted.
func (c *Codec) Decode(raw []byte, attachments [][]byte, dst any) error {
	switch d := dst.(type) {
	case *json.RawMessage:
		*d = bytes.Clone(raw)
		return nil
	case *Raw:
		*d = Raw{json: raw, attachments: attachments}
		return nil
	case *string:
		if len(raw) > 1 && raw[0] == '"' {
			*d = string(unquote(raw[1 : len(raw)-1]))
			return nil
		}
	case *[]byte:
		if len(attachments) > 0 && raw[0] == '{' {
			if p, ok := readPlaceholder(raw, 0); ok && p.num >= 0 && p.num < len(attachments) {
				*d = attachments[p.num]
				return nil
			}
		}
	case *Binary:
		return c.Decode(raw, attachments, (*[]byte)(d))
	}
	if len(attachments) > 0 {
		var out []byte
		done := 0
		err := eachPlaceholder(raw, func(p placeholder) error {
			if p.num < 0 || p.num >= len(attachments) {
				return refuse(ReasonAttachments, "a placeholder names no attachment", p.start)
			}
			out = append(out, raw[done:p.start]...)
			out = append(out, '"')
			out = base64.StdEncoding.AppendEncode(out, attachments[p.num])
			out = append(out, '"')
			done = p.end
			return nil
		})
		if err != nil {
			return err
		}
		raw = append(out, raw[done:]...)
	}
	return plainError(json.Unmarshal(raw, dst))
}

// DecodeArgs decodes the arguments of an event, or of an ack if event is "",
// each into one of dst, non-nil pointers. A single [Destination] among them stands for what it
// holds. More arguments than destinations are ignored, as in JavaScript. A
// destination without an argument is left as it is if its type has a null (pointer, map, slice,
// interface), and is an error otherwise. Errors are [*ArgumentError]: argument 2
// of "send": cannot decode string into int.
func (c *Codec) DecodeArgs(event string, args Args, attachments [][]byte, dst ...any) error {
	if len(dst) == 1 {
		if d, ok := dst[0].(Destination); ok {
			dst = d.Destinations()
		}
	}
	for i, raw := range args.All() {
		if i >= len(dst) {
			return nil
		}
		if err := c.Decode(raw, attachments, dst[i]); err != nil {
			return &ArgumentError{Event: event, Index: i + 1, Err: err}
		}
	}
	for i := args.Len(); i < len(dst); i++ {
		t := reflect.TypeOf(dst[i])
		if t != nil && t.Kind() == reflect.Pointer {
			switch t.Elem().Kind() {
			case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface:
				continue
			}
			return &ArgumentError{Event: event, Index: i + 1, Err: fmt.Errorf("missing, want %v", t.Elem())}
		}
		return &ArgumentError{Event: event, Index: i + 1, Err: fmt.Errorf("cannot decode into %v, want a pointer", t)}
	}
	return nil
}

// plainError words a type mismatch of encoding/json for people.
func plainError(err error) error {
	var mismatch *json.UnmarshalTypeError
	if !errors.As(err, &mismatch) {
		return err
	}
	if mismatch.Field != "" {
		return fmt.Errorf("cannot decode %s into %v, field %s", mismatch.Value, mismatch.Type, mismatch.Field)
	}
	return fmt.Errorf("cannot decode %s into %v", mismatch.Value, mismatch.Type)
}
