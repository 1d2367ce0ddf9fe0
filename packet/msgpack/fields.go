package msgpack

import (
	"cmp"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/go-socketio/socketio/packet"
)

var (
	rawType      = reflect.TypeFor[Raw]()
	extType      = reflect.TypeFor[Ext]()
	timeType     = reflect.TypeFor[time.Time]()
	numberType   = reflect.TypeFor[json.Number]()
	binaryType   = reflect.TypeFor[packet.Binary]()
	messageType  = reflect.TypeFor[json.RawMessage]()
	argumentType = reflect.TypeFor[*argument]()

	jsonMarshaler   = reflect.TypeFor[json.Marshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// plainByte reports whether slices of t are binary data: bytes that do not
// write themselves.
func plainByte(t reflect.Type) bool {
	return t.Kind() == reflect.Uint8 && !reflect.PointerTo(t).Implements(jsonMarshaler) && !reflect.PointerTo(t).Implements(textMarshaler)
}

// field is a field of a struct as encoding/json sees it.
type field struct {
	name      string
	index     []int
	omitEmpty bool
	omitZero  bool
	quoted    bool // the string option
	tagged    bool
}

// known remembers the fields of struct types, of which a program has a bounded number.
var known sync.Map // reflect.Type → []field

func fieldsOf(t reflect.Type) []field {
	if f, ok := known.Load(t); ok {
		return f.([]field)
	}
	f := dominant(collect(nil, t, nil, map[reflect.Type]bool{}))
	known.Store(t, f)
	return f
}

// find returns the field for a key, the exact name first, then in any case.
func find(fields []field, key string) *field {
	for i := range fields {
		if fields[i].name == key {
			return &fields[i]
		}
	}
	for i := range fields {
		if strings.EqualFold(fields[i].name, key) {
			return &fields[i]
		}
	}
	return nil
}

// collect appends the fields of t and of the structs embedded in it. above holds
// the types that are being collected, for one may embed a pointer to itself.
func collect(out []field, t reflect.Type, index []int, above map[reflect.Type]bool) []field {
	if above[t] {
		return out
	}
	above[t] = true
	defer delete(above, t)
	for i := range t.NumField() {
		f := t.Field(i)
		embedded := f.Type
		if f.Anonymous && embedded.Kind() == reflect.Pointer {
			embedded = embedded.Elem()
		}
		isStruct := f.Anonymous && embedded.Kind() == reflect.Struct
		tag := f.Tag.Get("json")
		if !f.IsExported() && !isStruct || tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if !validName(name) {
			name = ""
		}
		at := append(slices.Clip(index), i)
		if isStruct && name == "" {
			out = collect(out, embedded, at, above)
			continue
		}
		if !f.IsExported() {
			continue
		}
		one := field{name: cmp.Or(name, f.Name), index: at, tagged: name != ""}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "omitempty":
				one.omitEmpty = true
			case "omitzero":
				one.omitZero = true
			case "string":
				one.quoted = quotable(f.Type)
			}
		}
		out = append(out, one)
	}
	return out
}

// dominant keeps of equal names the least nested, then the only tagged one; if
// that leaves several, none.
func dominant(all []field) []field {
	byName := make(map[string][]field, len(all))
	for _, f := range all {
		byName[f.name] = append(byName[f.name], f)
	}
	rank := func(a, b field) int {
		tagged := 0
		if a.tagged != b.tagged {
			tagged = 1
			if a.tagged {
				tagged = -1
			}
		}
		return cmp.Or(cmp.Compare(len(a.index), len(b.index)), tagged)
	}
	out := make([]field, 0, len(byName))
	for _, same := range byName {
		slices.SortStableFunc(same, rank)
		if len(same) == 1 || rank(same[0], same[1]) != 0 {
			out = append(out, same[0])
		}
	}
	slices.SortFunc(out, func(a, b field) int { return slices.Compare(a.index, b.index) })
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

// quotable reports whether the string option has an effect on a type.
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
