package packet

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// JSON changes how a [Codec] turns Go values into JSON and back. The zero
// value is encoding/json, without escapes for HTML. All functions may be called concurrently.
type JSON struct {
	// Marshal, if set, replaces encoding/json for the values that the Codec does
	// not write itself: structs, typed maps and slices, and types with JSON
	// methods. Strings, booleans, numbers, []any, map[string]any and binary data
	// never reach it. What it returns is checked.
	Marshal func(v any) ([]byte, error)
	// Unmarshal, if set, replaces encoding/json for decoding. The text was
	// checked, and does not change; dst is a pointer that is not nil. It is not asked for what
	// a plain string, bool, small int or a json.RawMessage takes, nor for a value
	// with attachments in it, where it is asked for the parts without.
	Unmarshal func(text []byte, dst any) error

	// Replace, if set, is asked for each value before it is encoded, and what it
	// returns is sent in its place: the replacer of JSON.stringify. It sees the arguments,
	// with the key "", and the elements of []any and map[string]any, after the
	// container, with their index or key. It does not see into other types, for which
	// MarshalJSON is the place. It must not change v itself.
	Replace func(key string, v any) (any, error)
	// Revive, if set, is asked for each value that was decoded into an any, and
	// what it returns is put in its place: the reviver of JSON.parse. Elements come before
	// what holds them, with their index or key; the key of an argument itself is "". Values decoded
	// into other types are not shown to it: for these UnmarshalJSON is the place.
	Revive func(key string, v any) (any, error)
}

// appendJSON appends v as plain JSON, made by the JSON engine.
func (c *Codec) appendJSON(dst []byte, v any) ([]byte, error) {
	if c.JSON.Marshal == nil {
		return appendJSON(dst, v)
	}
	text, err := c.JSON.Marshal(v)
	if err != nil {
		return dst, err
	}
	if at, failed := validate(text, maxDepth); failed != sound {
		return dst, refuse(ReasonPayload, "JSON.Marshal: "+failed.String(), at)
	}
	if err := checkText(text); err != nil {
		return dst, err
	}
	return append(dst, text...), nil
}

func (c *Codec) unmarshal(text []byte, dst any) error {
	if c.JSON.Unmarshal != nil {
		return c.JSON.Unmarshal(text, dst)
	}
	return explain(json.Unmarshal(text, dst))
}

// replace runs JSON.Replace over a value and what it holds. The caller's
// containers stay as they are.
func (c *Codec) replace(key string, v any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errCycle
	}
	v, err := c.JSON.Replace(key, v)
	if err != nil {
		return nil, err
	}
	switch held := v.(type) {
	case []any:
		if held == nil {
			return v, nil
		}
		list := make([]any, len(held))
		for i := range held {
			if list[i], err = c.replace(strconv.Itoa(i), held[i], depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		if held == nil {
			return v, nil
		}
		m := make(map[string]any, len(held))
		for _, k := range slices.Sorted(maps.Keys(held)) {
			if m[k], err = c.replace(k, held[k], depth+1); err != nil {
				return nil, err
			}
		}
		return m, nil
	}
	return v, nil
}

// reviver runs JSON.Revive over what was decoded.
type reviver struct {
	codec *Codec
	seen  map[uintptr]bool // pointers followed: the destination may be a ring
}

func (c *Codec) revive(dst any) error {
	switch dst.(type) {
	case *Raw, *json.RawMessage:
		return nil
	}
	r := reviver{codec: c}
	return r.typed("", reflect.ValueOf(dst).Elem(), 0)
}

// typed looks for the anys in a value of some type.
func (r *reviver) typed(key string, v reflect.Value, depth int) error {
	t := v.Type()
	if depth > maxWalk || !r.codec.mayRevive(t) {
		return nil
	}
	switch t.Kind() {
	case reflect.Interface:
		x, err := r.any(key, v.Interface())
		if err != nil {
			return err
		}
		if x == nil {
			v.SetZero()
		} else {
			v.Set(reflect.ValueOf(x))
		}
	case reflect.Pointer:
		if v.IsNil() || r.seen[v.Pointer()] {
			return nil
		}
		if r.seen == nil {
			r.seen = map[uintptr]bool{}
		}
		r.seen[v.Pointer()] = true
		return r.typed(key, v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := r.typed(strconv.Itoa(i), v.Index(i), depth+1); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			elem := reflect.New(t.Elem()).Elem() // elements of a map cannot be set in place
			elem.Set(v.MapIndex(k))
			text, err := keyText(k)
			if err == nil {
				err = r.typed(text, elem, depth+1)
			}
			if err != nil {
				return err
			}
			v.SetMapIndex(k, elem)
		}
	case reflect.Struct:
		for _, f := range r.codec.shapeOf(t).fields {
			field, err := v.FieldByIndexErr(f.index)
			if err != nil || !field.CanSet() {
				continue
			}
			if err := r.typed(f.Name, field, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// any goes through what encoding/json puts into an any, the inside first. Its
// recursion is bounded by the depth that was decoded.
func (r *reviver) any(key string, v any) (_ any, err error) {
	switch held := v.(type) {
	case []any:
		for i := range held {
			if held[i], err = r.any(strconv.Itoa(i), held[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(held)) {
			if held[k], err = r.any(k, held[k]); err != nil {
				return nil, err
			}
		}
	}
	return r.codec.JSON.Revive(key, v)
}

// mayRevive reports whether an any may be found in a value of type t.
func (c *Codec) mayRevive(t reflect.Type) bool {
	if known, ok := c.anys.Load(t); ok {
		return known.(bool)
	}
	is := searchAny(t, make(map[reflect.Type]bool))
	c.anys.Store(t, is)
	return is
}

func searchAny(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] || opaque(t) {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return t.NumMethod() == 0
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return searchAny(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); (f.IsExported() || f.Anonymous) && searchAny(f.Type, seen) {
				return true
			}
		}
	}
	return false
}
