package packet

import (
	"encoding"
	"encoding/json"
	"reflect"
)

var (
	binaryType = reflect.TypeFor[Binary]()
	bytesType  = reflect.TypeFor[[]byte]()
	rawType    = reflect.TypeFor[Raw]()

	// A type with one of these writes or reads its own JSON; nobody can look
	// inside.
	opaqueTypes = [...]reflect.Type{
		reflect.TypeFor[json.Marshaler](),
		jsonUnmarshaler,
		reflect.TypeFor[encoding.TextMarshaler](),
		textUnmarshaler,
	}
)

// mayHold reports whether a value of type t may hold binary data that travels
// as attachments. Types that cannot are left to encoding/json whole.
func (c *Codec) mayHold(t reflect.Type) bool {
	if known, ok := c.holds.Load(t); ok {
		return known.(bool)
	}
	// Only the answer for t itself is kept: those found on the way may have
	// been cut short where a type refers to itself.
	holds := searchBinary(t, make(map[reflect.Type]bool))
	c.holds.Store(t, holds)
	return holds
}

func searchBinary(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t == binaryType || t == rawType {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	if opaque(t) {
		return false
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return searchBinary(t.Elem(), seen)
	case reflect.Map:
		return searchBinary(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); (f.IsExported() || f.Anonymous) && searchBinary(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// isOpaque reports whether values of type t read or write their own JSON.
func (c *Codec) isOpaque(t reflect.Type) bool {
	if known, ok := c.opaques.Load(t); ok {
		return known.(bool)
	}
	is := opaque(t)
	c.opaques.Store(t, is)
	return is
}

func opaque(t reflect.Type) bool {
	for _, o := range opaqueTypes {
		if t.Implements(o) || t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(o) {
			return true
		}
	}
	return false
}

// structShape is what a Codec remembers of a struct type.
type structShape struct {
	fields Fields
	byName map[string]int // exact names
}

func (s *structShape) find(key string) *Field {
	if i, ok := s.byName[key]; ok {
		return &s.fields[i]
	}
	return s.fields.Find(key)
}

func (c *Codec) shapeOf(t reflect.Type) *structShape {
	if known, ok := c.structs.Load(t); ok {
		return known.(*structShape)
	}
	s := &structShape{fields: FieldsOf(t)}
	s.byName = make(map[string]int, len(s.fields))
	for i, f := range s.fields {
		s.byName[f.Name] = i
	}
	known, _ := c.structs.LoadOrStore(t, s)
	return known.(*structShape)
}
