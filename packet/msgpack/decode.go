package msgpack

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/tinylib/msgp/msgp"
)

// decode decodes one scanned value into dst. What most handlers ask for needs
// no reflection.
func decode(src []byte, dst any) error {
	k := kindAt(src, 0)
	switch d := dst.(type) {
	case *string:
		if d != nil && k == kindString {
			text, _ := textAt(src, 0)
			*d = string(text)
			return nil
		}
	case *Raw:
		if d != nil {
			*d = src
			return nil
		}
	case *any:
		if d != nil && *d == nil {
			var err error
			*d, _, err = anyAt(src, 0)
			return err
		}
	}
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("cannot decode into %T, want a pointer that is not nil", dst)
	}
	_, err := decodeAt(src, 0, v.Elem())
	return err
}

// mismatch is a value that does not fit its destination, with the way to it.
type mismatch struct {
	field, value string
	into         reflect.Type
}

func (m *mismatch) Error() string {
	s := "cannot decode " + m.value + " into " + m.into.String()
	if m.field != "" {
		s += ", field " + m.field
	}
	return s
}

func misfit(src []byte, i int, into reflect.Type) error {
	names := [...]string{
		kindNil: "nil", kindUndefined: "undefined", kindBool: "bool", kindInt: "number", kindFloat: "number",
		kindString: "string", kindBinary: "binary data", kindArray: "array", kindMap: "object", kindDate: "a date", kindExt: "an extension",
	}
	m := &mismatch{value: names[kindAt(src, i)], into: into}
	if m.value == "number" {
		if text, err := appendJSON(nil, src, i); err == nil {
			m.value += " " + string(text)
		}
	}
	return m
}

// decodeAt decodes the scanned value at src[i] into v and returns the index
// behind it. Its recursion is bounded by the depth that was scanned.
func decodeAt(src []byte, i int, v reflect.Value) (end int, err error) {
	t := v.Type()
	k := kindAt(src, i)
	isNil := k == kindNil || k == kindUndefined
	switch {
	case t == rawType:
		end = skip(src, i)
		v.SetBytes(src[i:end:end])
		return end, nil
	case t == extType && k == kindExt:
		kind, body, next := extAt(src, i)
		v.Set(reflect.ValueOf(Ext{Type: kind, Data: body}))
		return next, nil
	case t == timeType && k == kindDate:
		v.Set(reflect.ValueOf(dateAt(src, i)))
		return skip(src, i), nil
	case t.Kind() == reflect.Pointer:
		if isNil {
			v.SetZero()
			return skip(src, i), nil
		}
		if v.IsNil() {
			v.Set(reflect.New(t.Elem()))
		}
		return decodeAt(src, i, v.Elem())
	}
	if end, done, err := decodeMethods(src, i, v, isNil); done {
		return end, err
	}
	if isNil {
		switch t.Kind() {
		case reflect.Interface, reflect.Map, reflect.Slice:
			v.SetZero()
		}
		return skip(src, i), nil
	}
	switch kind := t.Kind(); {
	case kind == reflect.Interface:
		return decodeInterface(src, i, v)
	case kind == reflect.Slice && plainByte(t.Elem()) && (k == kindBinary || k == kindString):
		return decodeBytes(src, i, v, k)
	case (kind == reflect.Slice || kind == reflect.Array) && k == kindArray:
		return decodeList(src, i, v)
	case kind == reflect.Map && k == kindMap:
		return decodeMap(src, i, v)
	case kind == reflect.Struct && k == kindMap:
		return decodeStruct(src, i, v)
	}
	return skip(src, i), decodeScalar(src, i, v, k)
}

// decodeMethods leaves a value to the destination's own methods.
func decodeMethods(src []byte, i int, v reflect.Value, isNil bool) (end int, done bool, err error) {
	p := v.Addr()
	switch t := p.Type(); {
	case t.Implements(jsonUnmarshaler):
		text, end, err := appendJSONAt(nil, src, i)
		if err == nil {
			err = p.Interface().(json.Unmarshaler).UnmarshalJSON(text)
		}
		return end, true, err
	case t.Implements(textUnmarshaler) && !isNil:
		if kindAt(src, i) != kindString {
			return i, true, misfit(src, i, v.Type())
		}
		text, end := textAt(src, i)
		return end, true, p.Interface().(encoding.TextUnmarshaler).UnmarshalText(text)
	}
	return i, false, nil
}

func decodeInterface(src []byte, i int, v reflect.Value) (int, error) {
	// As in encoding/json, a pointer already there is decoded into.
	if in := v.Elem(); in.Kind() == reflect.Pointer && !in.IsNil() {
		return decodeAt(src, i, in.Elem())
	}
	if v.Type().NumMethod() > 0 {
		return i, misfit(src, i, v.Type())
	}
	x, end, err := anyAt(src, i)
	if err == nil {
		v.Set(reflect.ValueOf(x))
	}
	return end, err
}

func decodeBytes(src []byte, i int, v reflect.Value, k kind) (int, error) {
	b, end := textAt(src, i)
	if k == kindString { // as a peer writes it that has no binary data
		text := b
		b = make([]byte, base64.StdEncoding.DecodedLen(len(text)))
		n, err := base64.StdEncoding.Decode(b, text)
		if err != nil {
			return end, &mismatch{value: "a string that is not base64", into: v.Type()}
		}
		b = b[:n]
	}
	v.SetBytes(b)
	return end, nil
}

func decodeScalar(src []byte, i int, v reflect.Value, k kind) error {
	t := v.Type()
	bad := func() error { return misfit(src, i, t) }
	switch {
	case t == numberType && (k == kindInt || k == kindFloat):
		text, err := appendJSON(nil, src, i)
		if err != nil || string(text) == "null" {
			return bad()
		}
		v.SetString(string(text))
	case t.Kind() == reflect.String && k == kindString:
		text, _ := textAt(src, i)
		v.SetString(string(text))
	case t.Kind() == reflect.Bool && k == kindBool:
		v.SetBool(src[i] == 0xc3)
	case v.CanInt() && k == kindInt:
		n, _, err := msgp.ReadInt64Bytes(src[i:])
		if err != nil || v.OverflowInt(n) {
			return bad()
		}
		v.SetInt(n)
	case v.CanUint() && k == kindInt:
		n, _, err := msgp.ReadUint64Bytes(src[i:])
		if err != nil || v.OverflowUint(n) {
			return bad()
		}
		v.SetUint(n)
	case v.CanFloat() && (k == kindFloat || k == kindInt):
		f, err := floatAt(src, i)
		if err != nil || v.OverflowFloat(f) && !math.IsInf(f, 0) {
			return bad()
		}
		v.SetFloat(f)
	default:
		return bad()
	}
	return nil
}

func floatAt(src []byte, i int) (float64, error) {
	switch src[i] {
	case 0xca:
		f, _, err := msgp.ReadFloat32Bytes(src[i:])
		return float64(f), err
	case 0xcb:
		f, _, err := msgp.ReadFloat64Bytes(src[i:])
		return f, err
	}
	if n, _, err := msgp.ReadInt64Bytes(src[i:]); err == nil {
		return float64(n), nil
	}
	n, _, err := msgp.ReadUint64Bytes(src[i:])
	return float64(n), err
}

func decodeList(src []byte, i int, v reflect.Value) (int, error) {
	n, next := header(src, i) // as many as were scanned
	if v.Kind() == reflect.Slice {
		if v.IsNil() || v.Cap() < n {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		v.SetLen(n)
	}
	var err error
	for k := range n {
		if k >= v.Len() { // an array takes what it has room for
			next = skip(src, next)
			continue
		}
		elem := v.Index(k)
		elem.SetZero() // a reused slot must not show what it held
		if next, err = decodeAt(src, next, elem); err != nil {
			return next, err
		}
	}
	for k := n; k < v.Len(); k++ {
		v.Index(k).SetZero()
	}
	return next, nil
}

func decodeMap(src []byte, i int, v reflect.Value) (int, error) {
	t := v.Type()
	n, next := header(src, i)
	if v.IsNil() {
		v.Set(reflect.MakeMap(t))
	}
	for range n {
		var text []byte
		text, next = textAt(src, next)
		key, err := mapKey(t.Key(), string(text))
		if err != nil {
			return next, err
		}
		elem := reflect.New(t.Elem()).Elem()
		if next, err = decodeAt(src, next, elem); err != nil {
			return next, err
		}
		v.SetMapIndex(key, elem)
	}
	return next, nil
}

func mapKey(t reflect.Type, text string) (reflect.Value, error) {
	key := reflect.New(t).Elem()
	bad := &mismatch{value: "the key of an object", into: t}
	if m, ok := key.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return key, m.UnmarshalText([]byte(text))
	}
	switch {
	case t.Kind() == reflect.String:
		key.SetString(text)
	case key.CanInt():
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || key.OverflowInt(n) {
			return key, bad
		}
		key.SetInt(n)
	case key.CanUint():
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || key.OverflowUint(n) {
			return key, bad
		}
		key.SetUint(n)
	default:
		return key, bad
	}
	return key, nil
}

// anyAt decodes the scanned value at src[i] without a type to guide it.
func anyAt(src []byte, i int) (x any, end int, err error) {
	switch k := kindAt(src, i); k {
	case kindArray:
		n, next := header(src, i)
		list := make([]any, n)
		for k := range list {
			if list[k], next, err = anyAt(src, next); err != nil {
				return nil, next, err
			}
		}
		return list, next, nil
	case kindMap:
		n, next := header(src, i)
		m := make(map[string]any, n)
		for range n {
			var key []byte
			key, next = textAt(src, next)
			if m[string(key)], next, err = anyAt(src, next); err != nil {
				return nil, next, err
			}
		}
		return m, next, nil
	case kindInt:
		end = skip(src, i)
		if n, _, err := msgp.ReadInt64Bytes(src[i:]); err == nil {
			return n, end, nil
		}
		n, _, err := msgp.ReadUint64Bytes(src[i:])
		return n, end, err
	case kindFloat:
		f, err := floatAt(src, i)
		return f, skip(src, i), err
	case kindBool:
		return src[i] == 0xc3, i + 1, nil
	case kindString:
		text, end := textAt(src, i)
		return string(text), end, nil
	case kindBinary:
		b, end := textAt(src, i)
		return b, end, nil
	case kindDate:
		return dateAt(src, i), skip(src, i), nil
	case kindExt:
		t, body, end := extAt(src, i)
		return Ext{Type: t, Data: body}, end, nil
	}
	return nil, skip(src, i), nil
}
