package packet

import (
	"cmp"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode"
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

// structShape is how encoding/json sees a struct type.
type structShape struct {
	fields []fieldShape
	byName map[string]int // exact names; others are matched without case
}

type fieldShape struct {
	name      string
	index     []int
	omitEmpty bool
	omitZero  bool
	quoted    bool // the "string" option
	tagged    bool
}

// find returns the field for a key as encoding/json matches it, or nil.
func (s *structShape) find(key string) *fieldShape {
	if i, ok := s.byName[key]; ok {
		return &s.fields[i]
	}
	for i := range s.fields {
		if strings.EqualFold(s.fields[i].name, key) {
			return &s.fields[i]
		}
	}
	return nil
}

func (c *Codec) shapeOf(t reflect.Type) *structShape {
	if known, ok := c.structs.Load(t); ok {
		return known.(*structShape)
	}
	s := &structShape{fields: dominant(collectFields(nil, t, nil, make(map[reflect.Type]bool)))}
	s.byName = make(map[string]int, len(s.fields))
	for i, f := range s.fields {
		s.byName[f.name] = i
	}
	known, _ := c.structs.LoadOrStore(t, s)
	return known.(*structShape)
}

// collectFields appends the fields of t, those of embedded structs too. within
// holds the types being collected, since a type may embed a pointer to itself.
func collectFields(out []fieldShape, t reflect.Type, index []int, within map[reflect.Type]bool) []fieldShape {
	if within[t] {
		return out
	}
	within[t] = true
	defer delete(within, t)
	for i := range t.NumField() {
		f := t.Field(i)
		embedded := f.Type
		if f.Anonymous && embedded.Kind() == reflect.Pointer {
			embedded = embedded.Elem()
		}
		if !f.IsExported() && !(f.Anonymous && embedded.Kind() == reflect.Struct) {
			continue
		}
		tag := f.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if !validName(name) {
			name = ""
		}
		at := append(slices.Clip(index), i)
		if f.Anonymous && name == "" && embedded.Kind() == reflect.Struct {
			out = collectFields(out, embedded, at, within)
			continue
		}
		if !f.IsExported() {
			continue
		}
		shape := fieldShape{name: name, index: at, tagged: name != ""}
		if name == "" {
			shape.name = f.Name
		}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "omitempty":
				shape.omitEmpty = true
			case "omitzero":
				shape.omitZero = true
			case "string":
				shape.quoted = quotable(f.Type)
			}
		}
		out = append(out, shape)
	}
	return out
}

// dominant keeps of equal names the one that counts: the least nested, then the
// only tagged one; if that leaves several, none. Order is that of declaration.
func dominant(all []fieldShape) []fieldShape {
	groups := make(map[string][]fieldShape, len(all))
	for _, f := range all {
		groups[f.name] = append(groups[f.name], f)
	}
	out := make([]fieldShape, 0, len(groups))
	for _, g := range groups {
		slices.SortStableFunc(g, func(a, b fieldShape) int {
			if n := cmp.Compare(len(a.index), len(b.index)); n != 0 {
				return n
			}
			if a.tagged == b.tagged {
				return 0
			} else if a.tagged {
				return -1
			}
			return 1
		})
		if len(g) > 1 && len(g[0].index) == len(g[1].index) && g[0].tagged == g[1].tagged {
			continue
		}
		out = append(out, g[0])
	}
	slices.SortFunc(out, func(a, b fieldShape) int { return slices.Compare(a.index, b.index) })
	return out
}

// validName reports whether encoding/json takes a tag's name seriously.
func validName(s string) bool {
	for _, r := range s {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}

// quotable reports whether the "string" option has an effect on a type.
func quotable(t reflect.Type) bool {
	if t.Name() == "" && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch k := t.Kind(); k {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64:
		return true
	default:
		return k >= reflect.Int && k <= reflect.Uintptr
	}
}
