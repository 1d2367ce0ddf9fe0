package packet

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
)

// restore is decode for an argument of a binary packet.
func (c *Codec) restore(raw []byte, attachments [][]byte, dst any) error {
	var few [8]placeholder
	places, err := locate(few[:0], raw, attachments)
	if err != nil {
		return err
	}
	switch d := dst.(type) {
	case *Raw:
		*d = Raw{json: raw, attachments: attachments}
		return nil
	case *json.RawMessage:
		text, err := inline(raw, 0, len(raw), places, attachments, inlineRoom(raw, attachments))
		if err == nil {
			*d = text
		}
		return err
	}
	if len(places) == 0 {
		return c.decodeValue(raw, nil, dst)
	}
	r := restorer{codec: c, src: raw, places: places, attachments: attachments, room: inlineRoom(raw, attachments)}
	_, err = r.value(reflect.ValueOf(dst).Elem(), skipSpace(raw, 0))
	return err
}

// restorer decodes checked JSON with attachments in it. It goes over the text
// once, from left to right, and never looks ahead for the end of what it is
// about to go into, so the time stays linear however deep a peer nests.
type restorer struct {
	codec       *Codec
	src         []byte
	places      []placeholder // those not passed yet
	attachments [][]byte
	room        int64 // for JSON with attachments written into it, all of it
}

// placeholder returns the one that begins at i, if one does.
func (r *restorer) placeholder(i int) (placeholder, bool) {
	for len(r.places) > 0 && r.places[0].start < i {
		r.places = r.places[1:]
	}
	if len(r.places) > 0 && r.places[0].start == i {
		return r.places[0], true
	}
	return placeholder{}, false
}

// value decodes what begins at src[i] into v and returns the index behind it.
func (r *restorer) value(v reflect.Value, i int) (int, error) {
	t := v.Type()
	p, place := r.placeholder(i)
	if t == rawType {
		end := skipValue(r.src, i)
		v.Set(reflect.ValueOf(Raw{json: r.src[i:end:end], attachments: r.attachments}))
		return end, nil
	}
	if len(r.places) == 0 || r.codec.isOpaque(t) {
		return r.plain(v, i)
	}
	c := r.src[i]
	switch kind := t.Kind(); {
	case place && kind == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		b := r.attachments[p.num]
		v.SetBytes(b[:len(b):len(b)])
		return p.end, nil
	case kind == reflect.Interface && !place && c != 'n' && v.Elem().Kind() == reflect.Pointer && !v.Elem().IsNil():
		// As in encoding/json, a pointer already there is decoded into.
		return r.value(v.Elem().Elem(), i)
	case kind == reflect.Interface && t.NumMethod() == 0:
		x, end, err := r.any(i)
		if err != nil {
			return end, err
		}
		if x == nil {
			v.SetZero()
		} else {
			v.Set(reflect.ValueOf(x))
		}
		return end, nil
	case kind == reflect.Pointer && c != 'n':
		if v.IsNil() {
			v.Set(reflect.New(t.Elem()))
		}
		return r.value(v.Elem(), i)
	case place:
		return i, &mismatch{value: "an attachment", into: t}
	case kind == reflect.Struct && c == '{':
		return r.structure(v, i)
	case kind == reflect.Map && c == '{':
		return r.mapping(v, i)
	case (kind == reflect.Slice || kind == reflect.Array) && c == '[':
		return r.list(v, i)
	}
	// A plain value, or a mismatch that encoding/json has words for.
	return r.plain(v, i)
}

// plain leaves a value to encoding/json, with base64 in place of attachments
// for types that read their own JSON.
func (r *restorer) plain(v reflect.Value, i int) (int, error) {
	end := skipValue(r.src, i)
	text := r.src[i:end]
	_, place := r.placeholder(i)
	if len(r.places) > 0 && r.places[0].start < end {
		t := v.Type()
		if !r.codec.isOpaque(t) || !inlines(t, r.src[i], place) {
			return end, unfit(t, r.src[i], place)
		}
		var err error
		if text, err = inline(r.src, i, end, r.places, r.attachments, r.room); err != nil {
			return end, err
		}
		r.room -= int64(len(text))
	}
	return end, r.codec.unmarshal(text, v.Addr().Interface())
}

// each calls f with the index of each key (or -1 in an array) and value of the
// container at src[i]. f returns the index behind the value.
func (r *restorer) each(i int, f func(key []byte, at int) (int, error)) (int, error) {
	object := r.src[i] == '{'
	for i = skipSpace(r.src, i+1); r.src[i] != '}' && r.src[i] != ']'; {
		if r.src[i] == ',' {
			i = skipSpace(r.src, i+1)
		}
		var key []byte
		if object {
			start := i
			i = skipString(r.src, i+1)
			key = r.src[start:i]
			i = skipSpace(r.src, i)
			i = skipSpace(r.src, i+1) // the colon
		}
		end, err := f(key, i)
		if err != nil {
			return end, err
		}
		i = skipSpace(r.src, end)
	}
	return i + 1, nil
}

func (r *restorer) structure(v reflect.Value, i int) (int, error) {
	shape := r.codec.shapeOf(v.Type())
	return r.each(i, func(key []byte, at int) (int, error) {
		f := shape.find(string(unquote(key[1 : len(key)-1])))
		if f == nil {
			return skipValue(r.src, at), nil
		}
		field, err := f.Reach(v)
		if err != nil {
			return at, err
		}
		var end int
		if f.Quoted {
			end, err = r.quoted(field, at)
		} else {
			end, err = r.value(field, at)
		}
		return end, within(f.Name, err)
	})
}

// within adds the field an error happened in.
func within(name string, err error) error {
	if m, ok := errors.AsType[*mismatch](err); ok {
		if m.field != "" {
			name += "."
		}
		m.field = name + m.field
	}
	return err
}

// quoted decodes a field with the "string" option by the one-field struct that
// makes encoding/json apply it.
func (r *restorer) quoted(v reflect.Value, i int) (int, error) {
	end := skipValue(r.src, i)
	if place, ok := r.placeholder(i); ok {
		return place.end, &mismatch{value: "an attachment", into: v.Type()}
	}
	one := reflect.New(reflect.StructOf([]reflect.StructField{{
		Name: "V", Type: v.Type(), Tag: `json:"v,string"`,
	}}))
	one.Elem().Field(0).Set(v)
	text := append([]byte(`{"v":`), r.src[i:end]...)
	err := json.Unmarshal(append(text, '}'), one.Interface())
	v.Set(one.Elem().Field(0))
	if err != nil {
		err = &mismatch{value: "what is no quoted value", into: v.Type()}
	}
	return end, err
}

func (r *restorer) mapping(v reflect.Value, i int) (int, error) {
	t := v.Type()
	if v.IsNil() {
		v.Set(reflect.MakeMap(t))
	}
	return r.each(i, func(key []byte, at int) (int, error) {
		k, err := mapKey(t.Key(), key)
		if err != nil {
			return at, err
		}
		elem := reflect.New(t.Elem()).Elem()
		end, err := r.value(elem, at)
		if err != nil {
			return end, err
		}
		v.SetMapIndex(k, elem)
		return end, nil
	})
}

// mapKey decodes a key, given with its quotes. Types other than string are
// shown to encoding/json as the key of a map.
func mapKey(t reflect.Type, key []byte) (reflect.Value, error) {
	if t.Kind() == reflect.String && !reflect.PointerTo(t).Implements(textUnmarshaler) {
		return reflect.ValueOf(string(unquote(key[1 : len(key)-1]))).Convert(t), nil
	}
	one := reflect.New(reflect.MapOf(t, reflect.TypeFor[struct{}]()))
	text := append([]byte{'{'}, key...)
	if err := json.Unmarshal(append(text, ":{}}"...), one.Interface()); err != nil {
		return reflect.Value{}, explain(err)
	}
	return one.Elem().MapKeys()[0], nil
}

func (r *restorer) list(v reflect.Value, i int) (int, error) {
	n := 0
	array := v.Kind() == reflect.Array
	end, err := r.each(i, func(_ []byte, at int) (int, error) {
		if array && n >= v.Len() {
			return skipValue(r.src, at), nil
		}
		if !array {
			if n >= v.Cap() {
				v.Grow(1)
			}
			v.SetLen(n + 1)
		}
		// A reused slot of the slice must not show what it held.
		if !array {
			v.Index(n).SetZero()
		}
		next, err := r.value(v.Index(n), at)
		n++
		return next, err
	})
	if err != nil {
		return end, err
	}
	switch {
	case array:
		for ; n < v.Len(); n++ {
			v.Index(n).SetZero()
		}
	case n == 0:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	default:
		v.SetLen(n)
	}
	return end, nil
}

// any decodes what begins at src[i] into the types encoding/json chooses for an
// any, and placeholders into []byte. Its recursion is bounded by the depth
// validate has allowed.
func (r *restorer) any(i int) (x any, end int, err error) {
	if p, ok := r.placeholder(i); ok {
		b := r.attachments[p.num]
		return b[:len(b):len(b)], p.end, nil
	}
	switch r.src[i] {
	case '{':
		m := make(map[string]any)
		end, err = r.each(i, func(key []byte, at int) (int, error) {
			v, next, err := r.any(at)
			m[string(unquote(key[1:len(key)-1]))] = v
			return next, err
		})
		return m, end, err
	case '[':
		list := []any{}
		end, err = r.each(i, func(_ []byte, at int) (int, error) {
			v, next, err := r.any(at)
			list = append(list, v)
			return next, err
		})
		return list, end, err
	case '"':
		end = skipString(r.src, i+1)
		return string(unquote(r.src[i+1 : end-1])), end, nil
	case 't':
		return true, i + len("true"), nil
	case 'f':
		return false, i + len("false"), nil
	case 'n':
		return nil, i + len("null"), nil
	}
	end = skipValue(r.src, i)
	if r.codec.JSON.Unmarshal != nil { // it may know better numbers than float64
		err = r.codec.JSON.Unmarshal(r.src[i:end], &x)
		return x, end, err
	}
	f, err := strconv.ParseFloat(string(r.src[i:end]), 64)
	if err != nil {
		return nil, end, &mismatch{value: "number " + string(r.src[i:end]), into: reflect.TypeFor[float64]()}
	}
	return f, end, nil
}
