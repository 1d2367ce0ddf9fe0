package packet

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"time"
)

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	timeType        = reflect.TypeFor[time.Time]()
)

// inlineRoom is how long JSON may become when attachments are written into it:
// as long as with each of them once. Placeholders are short, and may name one
// attachment any number of times; without a bound some kilobytes of them would
// be gigabytes of base64. The official peers name each once.
func inlineRoom(src []byte, attachments [][]byte) int64 {
	room := int64(len(src))
	for _, b := range attachments {
		room += inlineLen(b)
	}
	return room
}

// inlineLen is the length of an attachment in JSON, with its quotes.
func inlineLen(b []byte) int64 {
	return int64(base64.StdEncoding.EncodedLen(len(b)) + len(`""`))
}

// inline returns src[start:end] with base64 strings in place of its
// placeholders, which is how encoding/json knows bytes. places are those from
// start on. More than room bytes are refused before any is written.
func inline(src []byte, start, end int, places []placeholder, attachments [][]byte, room int64) ([]byte, error) {
	size, over := int64(end-start), end
	n := 0
	for ; n < len(places) && places[n].start < end; n++ {
		p := places[n]
		size += inlineLen(attachments[p.num]) - int64(p.end-p.start)
		if size > room && over == end {
			over = p.start
		}
	}
	if size > room {
		return nil, refuse(ReasonAttachments, "named too often to write out in base64: name each attachment once, "+
			"or decode into []byte, Binary or any, which share it", over)
	}
	dst := make([]byte, 0, size)
	for _, p := range places[:n] {
		dst = append(dst, src[start:p.start]...)
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, attachments[p.num])
		dst = append(dst, '"')
		start = p.end
	}
	return append(dst, src[start:end]...), nil
}

// inlines reports whether a value of the opaque type t may take JSON that has
// attachments in it and begins with c; place says that it is one. What cannot
// fit is not worth the base64.
func inlines(t reflect.Type, c byte, place bool) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	p := reflect.PointerTo(t)
	switch {
	case t == timeType: // its error would repeat the base64
		return false
	case t.Implements(jsonUnmarshaler) || p.Implements(jsonUnmarshaler):
		return true
	case t.Implements(textUnmarshaler) || p.Implements(textUnmarshaler):
		return place
	}
	// Types that only write their own JSON are read by their kind.
	switch t.Kind() {
	case reflect.Interface:
		return true // it may hold a pointer
	case reflect.Struct, reflect.Map:
		return !place && c == '{'
	case reflect.Slice:
		return c == '[' || place && t.Elem().Kind() == reflect.Uint8
	case reflect.Array:
		return c == '['
	case reflect.String:
		return place
	}
	return false
}

// unfit is the error for a value, with attachments in it, that t cannot take.
func unfit(t reflect.Type, c byte, place bool) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	m := &mismatch{value: "object", into: t}
	if place {
		m.value = "an attachment"
	} else if c == '[' {
		m.value = "array"
	}
	return m
}
