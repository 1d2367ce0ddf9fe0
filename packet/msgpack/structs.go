package msgpack

import (
	"encoding/json"
	"errors"
	"reflect"
)

func decodeStruct(src []byte, i int, v reflect.Value) (int, error) {
	fields := fieldsOf(v.Type())
	n, next := header(src, i)
	for range n {
		var key []byte
		key, next = textAt(src, next)
		f := find(fields, string(key))
		if f == nil {
			next = skip(src, next)
			continue
		}
		at, err := reach(v, f.index)
		if err == nil && f.quoted && kindAt(src, next) == kindString {
			err = unquote(src, next, at)
			next = skip(src, next)
		} else if err == nil {
			next, err = decodeAt(src, next, at)
		}
		if m, ok := errors.AsType[*mismatch](err); ok {
			if m.field != "" {
				m.field = "." + m.field
			}
			m.field = f.name + m.field
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

// reach returns a field of v, making the embedded structs on the way to it.
func reach(v reflect.Value, index []int) (reflect.Value, error) {
	for n, i := range index {
		if n > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !v.CanSet() {
					return v, errors.New("cannot set embedded pointer to unexported struct " + v.Type().Elem().String())
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, nil
}
