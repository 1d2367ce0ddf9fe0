package packet

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// maxWalk bounds how deep a Go value is followed in search of binary data.
// Deeper values are written by encoding/json, which knows cycles when it meets
// them.
const maxWalk = 1000

// other writes a value of a type that has no branch of its own in value. Only
// if the value does hold binary data are its structs and maps written here;
// else encoding/json has it whole.
func (e *encoder) other(v any, depth int) error {
	r := reflect.ValueOf(v)
	if e.codec.mayHold(r.Type()) {
		if found, _ := e.codec.holdsBinary(r, 0); found {
			return e.walk(r, depth)
		}
	}
	var err error
	e.dst, err = e.codec.appendJSON(e.dst, v)
	return err
}

// holdsBinary reports whether there is binary data in v. ok is false if v is
// too deep to tell, and the search ends at once, for a cycle may branch.
func (c *Codec) holdsBinary(v reflect.Value, depth int) (found, ok bool) {
	if depth > maxWalk {
		return false, false
	}
	t := v.Type()
	if t == rawType {
		return true, true
	}
	if t == binaryType {
		return !v.IsNil(), true
	}
	if !c.mayHold(t) {
		return false, true
	}
	switch t.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return false, true
		}
		if v = v.Elem(); v.Type() == bytesType {
			return !v.IsNil(), true
		}
		return c.holdsBinary(v, depth+1)
	case reflect.Pointer:
		if v.IsNil() {
			return false, true
		}
		return c.holdsBinary(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if found, ok = c.holdsBinary(v.Index(i), depth+1); found || !ok {
				return found, ok
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if found, ok = c.holdsBinary(it.Value(), depth+1); found || !ok {
				return found, ok
			}
		}
	case reflect.Struct:
		for _, f := range c.shapeOf(t).fields {
			field, err := v.FieldByIndexErr(f.index)
			if err != nil {
				continue // behind a nil embedded pointer
			}
			if found, ok = c.holdsBinary(field, depth+1); found || !ok {
				return found, ok
			}
		}
	}
	return false, true
}

// walk writes a value that may hold binary data.
func (e *encoder) walk(v reflect.Value, depth int) error {
	if depth > maxDepth {
		return errCycle
	}
	t := v.Type()
	switch {
	case t == binaryType:
		e.bytes(v.Bytes())
		return nil
	case t == rawType:
		return e.raw(v.Interface().(Raw))
	case !e.codec.mayHold(t):
		// By address if there is one: MarshalJSON may have a pointer receiver.
		if v.CanAddr() {
			v = v.Addr()
		}
		var err error
		e.dst, err = e.codec.appendJSON(e.dst, v.Interface())
		return err
	}
	switch t.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Slice, reflect.Map:
		if v.IsNil() {
			e.dst = append(e.dst, "null"...)
			return nil
		}
	}
	switch t.Kind() {
	case reflect.Interface:
		return e.value(v.Elem().Interface(), depth+1)
	case reflect.Pointer:
		return e.walk(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		e.dst = append(e.dst, '[')
		for i := range v.Len() {
			if i > 0 {
				e.dst = append(e.dst, ',')
			}
			if err := e.walk(v.Index(i), depth+1); err != nil {
				return err
			}
		}
		e.dst = append(e.dst, ']')
		return nil
	case reflect.Map:
		return e.walkMap(v, depth)
	default: // mayHold leaves nothing but structs
		return e.walkStruct(v, depth)
	}
}

func (e *encoder) walkMap(v reflect.Value, depth int) error {
	type entry struct {
		key   string
		value reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		key, err := keyText(it.Key())
		if err != nil {
			return err
		}
		entries = append(entries, entry{key, it.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	e.dst = append(e.dst, '{')
	for i, entry := range entries {
		if i > 0 {
			e.dst = append(e.dst, ',')
		}
		e.dst = appendString(e.dst, entry.key)
		e.dst = append(e.dst, ':')
		if err := e.walk(entry.value, depth+1); err != nil {
			return err
		}
	}
	e.dst = append(e.dst, '}')
	return nil
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
	return "", fmt.Errorf("a map with keys of type %v has no JSON form", k.Type())
}

func (e *encoder) walkStruct(v reflect.Value, depth int) error {
	e.dst = append(e.dst, '{')
	first := true
	for _, f := range e.codec.shapeOf(v.Type()).fields {
		field, ok := f.In(v)
		if !ok {
			continue
		}
		if !first {
			e.dst = append(e.dst, ',')
		}
		first = false
		e.dst = appendString(e.dst, f.Name)
		e.dst = append(e.dst, ':')
		start := len(e.dst)
		if err := e.walk(field, depth+1); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		if f.Quoted && string(e.dst[start:]) != "null" {
			e.dst = appendString(e.dst[:start], string(e.dst[start:]))
		}
	}
	e.dst = append(e.dst, '}')
	return nil
}
