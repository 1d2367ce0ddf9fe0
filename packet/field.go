package packet

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Field is a field of a struct as encoding/json sees it, for parsers that write
// and read structs in another format by the same names and rules.
type Field struct {
	Name   string
	Quoted bool // the "string" option: the value's JSON is written as a string

	index     []int
	omitEmpty bool
	omitZero  bool
	tagged    bool
}

// Fields are the fields of a struct type in the order of their declaration, those of embedded
// structs among them.
type Fields []Field

// FieldsOf returns the fields of a struct type. They are gathered anew by each
// call, and never change: keep them.
func FieldsOf(t reflect.Type) Fields {
	return dominant(collectFields(nil, t, nil, make(map[reflect.Type]bool)))
}

// Find returns the field for a key as encoding/json matches it, by its exact
// name first and then without case; nil if there is none.
func (fs Fields) Find(key string) *Field {
	for i := range fs {
		if fs[i].Name == key {
			return &fs[i]
		}
	}
	for i := range fs {
		if strings.EqualFold(fs[i].Name, key) {
			return &fs[i]
		}
	}
	return nil
}

// In returns the field's value in v, a struct, and false if it is to be left
// out: by omitempty or omitzero, or since it is behind an embedded pointer that is nil.
func (f *Field) In(v reflect.Value) (value reflect.Value, ok bool) {
	value, err := v.FieldByIndexErr(f.index)
	if err != nil || f.omitEmpty && isEmpty(value) || f.omitZero && isZero(value) {
		return value, false
	}
	return value, true
}

// Reach returns the field of v, an addressable struct, to be set. It makes the
// embedded structs on the way to it, and fails where those are not exported.
func (f *Field) Reach(v reflect.Value) (reflect.Value, error) {
	for n, i := range f.index {
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

// isEmpty is the rule of the omitempty option.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// isZero is the rule of the omitzero option: a type's own IsZero method
// decides.
func isZero(v reflect.Value) bool {
	type zeroer interface{ IsZero() bool }
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return true
	}
	if z, ok := v.Interface().(zeroer); ok {
		return z.IsZero()
	}
	if v.CanAddr() {
		if z, ok := v.Addr().Interface().(zeroer); ok {
			return z.IsZero()
		}
	}
	return v.IsZero()
}

// collectFields appends the fields of t, those of embedded structs too. within
// holds the types being collected, since a type may embed a pointer to itself.
func collectFields(out []Field, t reflect.Type, index []int, within map[reflect.Type]bool) []Field {
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
		one := Field{Name: cmp.Or(name, f.Name), index: at, tagged: name != ""}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "omitempty":
				one.omitEmpty = true
			case "omitzero":
				one.omitZero = true
			case "string":
				one.Quoted = quotable(f.Type)
			}
		}
		out = append(out, one)
	}
	return out
}

// dominant keeps of equal names the one that counts: the least nested, then the
// only tagged one; if that leaves several, none. Order is that of declaration.
func dominant(all []Field) []Field {
	groups := make(map[string][]Field, len(all))
	for _, f := range all {
		groups[f.Name] = append(groups[f.Name], f)
	}
	out := make([]Field, 0, len(groups))
	for _, g := range groups {
		slices.SortStableFunc(g, func(a, b Field) int {
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
	slices.SortFunc(out, func(a, b Field) int { return slices.Compare(a.index, b.index) })
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
