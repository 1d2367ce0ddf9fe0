package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-socketio/socketio/packet"
)

// A value is what travels in an event, as it is shown and typed: nil, bool,
// json.Number, string, []byte, []any and object. Numbers keep their digits and
// objects their order, which a map would lose.
type object []member

type member struct {
	key   string
	value any
}

// binaryKey marks binary data in JSON: {"$base64": "AQID"}.
const binaryKey = "$base64"

// values makes values of the arguments of an event or an answer.
func values(args []any) []any {
	list := make([]any, len(args))
	for i, arg := range args {
		list[i] = valueOf(arg)
	}
	return list
}

func valueOf(arg any) any {
	switch arg := arg.(type) {
	case *packet.Raw:
		if v, err := parseValue(arg.JSON(), attached(arg.Attachments())); err == nil {
			return v
		}
	case packet.Argument: // of another parser
		var v any
		if arg.Decode(&v) == nil {
			return fromGo(v)
		}
	}
	return fmt.Sprint(arg) // nothing that a client makes comes here
}

// fromGo takes what a parser makes of its packets.
func fromGo(v any) any {
	switch v := v.(type) {
	case nil, bool, string, []byte:
		return v
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = fromGo(e)
		}
		return list
	case map[string]any:
		o := make(object, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			o = append(o, member{k, fromGo(v[k])})
		}
		return o
	}
	text, err := json.Marshal(v) // numbers, dates, extensions
	if err != nil {
		return fmt.Sprint(v)
	}
	if parsed, err := parseValue(text, asIs); err == nil {
		return parsed
	}
	return string(text)
}

// stands tells what an object stands for: binary data, or itself.
type stands func(object) (any, error)

// parseValue reads JSON.
func parseValue(text []byte, meaning stands) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := readValue(d, meaning)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is something behind the value")
	}
	return v, nil
}

func readValue(d *json.Decoder, meaning stands) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := readValue(d, meaning)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	case json.Delim('{'):
		o := object{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := readValue(d, meaning)
			if err != nil {
				return nil, err
			}
			o = append(o, member{key.(string), v}) // a key is nothing else
		}
		if _, err := d.Token(); err != nil {
			return nil, err
		}
		return meaning(o)
	}
	return token, nil
}

func asIs(o object) (any, error) { return o, nil }

// typed is what an object means that somebody typed: {"$base64": …} is binary.
func typed(o object) (any, error) {
	if len(o) != 1 || o[0].key != binaryKey {
		return o, nil
	}
	text, ok := o[0].value.(string)
	if !ok {
		return nil, fmt.Errorf("%q must be a string of base64", binaryKey)
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", binaryKey, err)
	}
	return data, nil
}

// attached is what an object means that came with attachments.
func attached(attachments [][]byte) stands {
	return func(o object) (any, error) {
		is, num := false, -1
		for _, m := range o {
			switch v := m.value.(type) {
			case bool:
				is = is || m.key == "_placeholder" && v
			case json.Number:
				if n, err := v.Int64(); m.key == "num" && err == nil && n >= 0 && n < int64(len(attachments)) {
					num = int(n)
				}
			}
		}
		if is && num >= 0 {
			return attachments[num], nil
		}
		return o, nil
	}
}

// appendValue appends v as JSON on one line, with binary data as {"$base64": …}.
func appendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case []byte:
		dst = append(dst, `{"`+binaryKey+`":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, v)
		return append(dst, `"}`...)
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, e)
		}
		return append(dst, ']')
	case object:
		dst = append(dst, '{')
		for i, m := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(append(dst, quote(m.key)...), ':')
			dst = appendValue(dst, m.value)
		}
		return append(dst, '}')
	case string:
		return append(dst, quote(v)...)
	case json.Number:
		return append(dst, v...)
	case bool:
		return fmt.Append(dst, v)
	}
	return append(dst, "null"...)
}

// sendable is v as the client takes it.
func sendable(v any) any {
	if !holdsBinary(v) {
		return json.RawMessage(appendValue(nil, v))
	}
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = sendable(e)
		}
		return list
	case object:
		m := make(map[string]any, len(v))
		for _, e := range v {
			m[e.key] = sendable(e.value)
		}
		return m
	}
	return v // the data itself
}

func sendables(list []any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = sendable(v)
	}
	return out
}

func holdsBinary(v any) bool {
	switch v := v.(type) {
	case []byte:
		return true
	case []any:
		for _, e := range v {
			if holdsBinary(e) {
				return true
			}
		}
	case object:
		for _, m := range v {
			if holdsBinary(m.value) {
				return true
			}
		}
	}
	return false
}

// quote writes a string as JSON in which every character shows: what a server
// sends must not move the cursor of a terminal, or turn its text around.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case shows(r):
			b.WriteRune(r)
		case r >= 0x10000:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
