package msgpack

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-socketio/socketio/packet"
	"github.com/tinylib/msgp/msgp"
)

var errCycle = errors.New("nested too deeply, perhaps a cycle")

// appendText appends a string; bytes that are not UTF-8 become U+FFFD, as in encoding/json.
func appendText(dst []byte, s string) []byte {
	return msgp.AppendString(dst, strings.ToValidUTF8(s, "\uFFFD"))
}

// appendValue appends one value. The common types need no reflection.
func appendValue(dst []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return msgp.AppendNil(dst), nil
	case string:
		return appendText(dst, v), nil
	case bool:
		return msgp.AppendBool(dst, v), nil
	case int:
		return msgp.AppendInt(dst, v), nil
	case int64:
		return msgp.AppendInt64(dst, v), nil
	case uint64:
		return msgp.AppendUint64(dst, v), nil
	case float64:
		return msgp.AppendFloat64(dst, v), nil
	case []byte:
		return appendBinary(dst, v), nil
	case packet.Binary:
		return appendBinary(dst, v), nil
	case *argument:
		return append(dst, v.raw...), nil
	case Raw:
		return appendRaw(dst, v)
	case Ext:
		return msgp.AppendExtension(dst, &msgp.RawExtension{Type: v.Type, Data: v.Data})
	case json.RawMessage:
		if v == nil {
			return msgp.AppendNil(dst), nil
		}
		return fromJSON(dst, v, depth)
	case json.Number:
		return appendNumber(dst, v)
	case []any:
		return appendList(dst, v, depth)
	case map[string]any:
		return appendMap(dst, v, depth)
	}
	return appendReflect(dst, reflect.ValueOf(v), depth)
}

func appendBinary(dst, b []byte) []byte {
	if b == nil {
		return msgp.AppendNil(dst)
	}
	return msgp.AppendBytes(dst, b)
}

func appendRaw(dst []byte, r Raw) ([]byte, error) {
	if r == nil {
		return msgp.AppendNil(dst), nil
	}
	if err := r.check(); err != nil {
		return dst, err
	}
	return append(dst, r...), nil
}

// appendNumber writes an integer as one if it has 64 bits or less.
func appendNumber(dst []byte, n json.Number) ([]byte, error) {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil && string(n) != "-0" { // no integer is -0, a float is
		return msgp.AppendInt64(dst, i), nil
	}
	if u, err := strconv.ParseUint(string(n), 10, 64); err == nil {
		return msgp.AppendUint64(dst, u), nil
	}
	if n == "" {
		return msgp.AppendInt(dst, 0), nil // what encoding/json makes of it
	}
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil {
		return dst, fmt.Errorf("json.Number %.40q is no number", string(n))
	}
	return msgp.AppendFloat64(dst, f), nil
}

func appendList(dst []byte, list []any, depth int) (_ []byte, err error) {
	if list == nil {
		return msgp.AppendNil(dst), nil
	}
	if depth >= maxDepth {
		return dst, errCycle
	}
	dst = msgp.AppendArrayHeader(dst, uint32(len(list)))
	for _, v := range list {
		if dst, err = appendValue(dst, v, depth+1); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendMap writes the keys in order, so that equal values have equal packets.
func appendMap(dst []byte, m map[string]any, depth int) (_ []byte, err error) {
	if m == nil {
		return msgp.AppendNil(dst), nil
	}
	if depth >= maxDepth {
		return dst, errCycle
	}
	dst = msgp.AppendMapHeader(dst, uint32(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if dst, err = appendValue(appendText(dst, k), m[k], depth+1); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendReflect writes a value of a type that has no branch of its own.
func appendReflect(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if depth >= maxDepth {
		return dst, errCycle
	}
	t := v.Type()
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return msgp.AppendNil(dst), nil
		}
	}
	switch t {
	case rawType, extType, numberType, binaryType, messageType, argumentType:
		return appendValue(dst, v.Interface(), depth)
	}
	if out, done, err := appendMethods(dst, v, depth); done {
		return out, err
	}
	switch k := t.Kind(); {
	case k == reflect.Interface:
		return appendValue(dst, v.Elem().Interface(), depth+1)
	case k == reflect.Pointer:
		return appendReflect(dst, v.Elem(), depth+1)
	case k == reflect.String:
		return appendText(dst, v.String()), nil
	case k == reflect.Bool:
		return msgp.AppendBool(dst, v.Bool()), nil
	case v.CanInt():
		return msgp.AppendInt64(dst, v.Int()), nil
	case v.CanUint():
		return msgp.AppendUint64(dst, v.Uint()), nil
	case k == reflect.Float32:
		return msgp.AppendFloat32(dst, float32(v.Float())), nil
	case k == reflect.Float64:
		return msgp.AppendFloat64(dst, v.Float()), nil
	case k == reflect.Slice && plainByte(t.Elem()):
		return msgp.AppendBytes(dst, v.Bytes()), nil
	case k == reflect.Slice || k == reflect.Array:
		dst = msgp.AppendArrayHeader(dst, uint32(v.Len()))
		var err error
		for i := range v.Len() {
			if dst, err = appendReflect(dst, v.Index(i), depth+1); err != nil {
				return dst, err
			}
		}
		return dst, nil
	case k == reflect.Map:
		return appendTypedMap(dst, v, depth)
	case k == reflect.Struct:
		return appendStruct(dst, v, depth)
	}
	return dst, fmt.Errorf("a %v has no form in MessagePack", t)
}

// appendMethods leaves a value to its own methods, if it has them; by address if
// there is one, for they may have pointer receivers.
func appendMethods(dst []byte, v reflect.Value, depth int) (_ []byte, done bool, err error) {
	x := v
	if v.Kind() != reflect.Pointer && v.CanAddr() {
		x = v.Addr()
	}
	if !x.Type().Implements(jsonMarshaler) && !x.Type().Implements(textMarshaler) || x.Kind() == reflect.Interface {
		return dst, false, nil
	}
	switch m := x.Interface().(type) {
	case json.Marshaler:
		text, err := m.MarshalJSON()
		if err != nil {
			return dst, true, err
		}
		dst, err = fromJSON(dst, text, depth)
		return dst, true, err
	case encoding.TextMarshaler:
		text, err := m.MarshalText()
		return appendText(dst, string(text)), true, err
	}
	return dst, false, nil
}

func appendTypedMap(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	type entry struct {
		key   string
		value reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		key, err := keyText(it.Key())
		if err != nil {
			return dst, err
		}
		entries = append(entries, entry{key, it.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	dst = msgp.AppendMapHeader(dst, uint32(len(entries)))
	var err error
	for _, e := range entries {
		if dst, err = appendReflect(appendText(dst, e.key), e.value, depth+1); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// keyText is a map key as encoding/json writes it.
func keyText(k reflect.Value) (string, error) {
	if k.Kind() == reflect.String {
		return k.String(), nil
	}
	if m, ok := k.Interface().(encoding.TextMarshaler); ok {
		if k.Kind() == reflect.Pointer && k.IsNil() {
			return "", nil
		}
		text, err := m.MarshalText()
		return string(text), err
	}
	switch {
	case k.CanInt():
		return strconv.FormatInt(k.Int(), 10), nil
	case k.CanUint():
		return strconv.FormatUint(k.Uint(), 10), nil
	}
	return "", fmt.Errorf("a map with keys of type %v has no form in MessagePack", k.Type())
}
