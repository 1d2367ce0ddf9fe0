package msgpack

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/go-socketio/socketio/packet"
	"github.com/tinylib/msgp/msgp"
)

func appendStruct(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	type member struct {
		*packet.Field
		value reflect.Value
	}
	var few [16]member
	members := few[:0]
	fields := fieldsOf(v.Type())
	for i := range fields {
		f := &fields[i]
		if value, ok := f.In(v); ok {
			members = append(members, member{f, value})
		}
	}
	dst = msgp.AppendMapHeader(dst, uint32(len(members)))
	for _, m := range members {
		dst = msgp.AppendString(dst, m.Name)
		var err error
		if m.Quoted {
			dst, err = appendQuoted(dst, m.value)
		} else {
			dst, err = appendReflect(dst, m.value, depth+1)
		}
		if err != nil {
			return dst, fmt.Errorf("field %s: %w", m.Name, err)
		}
	}
	return dst, nil
}

// appendQuoted writes a field with the string option: its JSON, as a string.
func appendQuoted(dst []byte, v reflect.Value) ([]byte, error) {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return dst, err
	}
	if string(text) == "null" {
		return msgp.AppendNil(dst), nil
	}
	return appendText(dst, string(text)), nil
}

func decodeStruct(src []byte, i int, v reflect.Value) (int, error) {
	fields := fieldsOf(v.Type())
	n, next := header(src, i)
	for range n {
		var key []byte
		key, next = textAt(src, next)
		f := fields.Find(string(key))
		if f == nil {
			next = skip(src, next)
			continue
		}
		at, err := f.Reach(v)
		if err == nil && f.Quoted && kindAt(src, next) == kindString {
			err = unquote(src, next, at)
			next = skip(src, next)
		} else if err == nil {
			next, err = decodeAt(src, next, at)
		}
		if m, ok := errors.AsType[*mismatch](err); ok {
			if m.field != "" {
				m.field = "." + m.field
			}
			m.field = f.Name + m.field
		}
		if err != nil {
			return next, err
		}
	}
	return next, nil
}

// unquote decodes a field with the string option: JSON in a string.
func unquote(src []byte, i int, v reflect.Value) error {
	text, _ := textAt(src, i)
	if json.Unmarshal(text, v.Addr().Interface()) != nil {
		return &mismatch{value: "what is no quoted value", into: v.Type()}
	}
	return nil
}
