package packet_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-socketio/socketio/packet"
)

// FuzzParse checks that Parse never panics, agrees with encoding/json on what
// JSON is and what it says, and that what it read is written stably. WIRE-16
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`0`, `0{"token":"x"}`, `0/admin,`, `0/nope`, `0/?a=b`, `1`, `1/admin,`, `2["a",1]`, `212["a"]`, `20["a"]`,
		`312["ok"]`, `4/admin,{"message":"Not authorized"}`, `4"x"`, `51-["f",{"_placeholder":true,"num":0}]`,
		`61-/admin,456[{"_placeholder":true,"num":0}]`, `2`, `20`, `42[]`, `2[]`, `2[null]`, `2[{}]`, `2{}`, `2"x"`, `2[1e3,"\u0041\n"]`,
		`2["connect"]`, `2["a"]x`, `51e0-["f"]`, `50-[]`, `599-[]`, `218446744073709551616["a"]`, `2 [ "a" , 1 ] `,
		`51-["f",{"_placeholder":true,"_placeholder":false,"num":{}}]`, `52-["f",{"\u005fplaceholder":true,"num":1}]`,
		`2["a",` + strings.Repeat(`[{"k":`, 70) + `1` + strings.Repeat(`}]`, 70) + `]`,
		`[1,-0.5e+3,true,false,null,"\ud83d\ude00",{"":{}}]`, "\"\x1e\"", "\"\xff\"", `1,2`, ` 1 , [ ] `, `01`, `1.`, `-`, `"\u12"`, `{"a" : }`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		wrapped := "[" + string(b) + "]"
		_, err := packet.Parse([]byte("3"+wrapped), packet.Limits{})
		if valid := json.Valid([]byte(wrapped)); valid != (err == nil) {
			t.Fatalf("json.Valid(%q) is %v, Parse says %v", wrapped, valid, err)
		}

		h, err := packet.Parse(b, packet.Limits{})
		if err != nil {
			e, ok := errors.AsType[*packet.Error](err)
			if !ok || e.Reason == "" || e.Offset < 0 || e.Offset > len(b) {
				t.Fatalf("error %#v", err)
			}
			return
		}
		checkHeader(t, h)
		first := h.Append(nil)
		again, err := packet.Parse(first, packet.Limits{})
		if err != nil {
			t.Fatalf("%q was written as %q: %v", b, first, err)
		}
		if !reflect.DeepEqual(h, again) {
			t.Fatalf("%q was written as %q:\n%+v\n%+v", b, first, h, again)
		}
		if second := again.Append(nil); !bytes.Equal(first, second) {
			t.Fatalf("%q, then %q", first, second)
		}
	})
}

// checkHeader compares what Parse found in the payload with encoding/json.
func checkHeader(t *testing.T, h packet.Header) {
	t.Helper()
	if h.Payload == nil {
		return
	}
	if h.Type == packet.Connect || h.Type == packet.ConnectError {
		if !json.Valid(h.Payload) {
			t.Fatalf("payload %q", h.Payload)
		}
		return
	}
	var list []json.RawMessage
	if err := json.Unmarshal(h.Payload, &list); err != nil {
		t.Fatalf("payload %q: %v", h.Payload, err)
	}
	if h.Type == packet.Event || h.Type == packet.BinaryEvent {
		var name any
		if err := json.Unmarshal(list[0], &name); err == nil { // a number may be too large
			if s, ok := name.(string); ok && utf8.Valid(h.Name) && s != string(h.Name) {
				t.Fatalf("name %q, want %q", h.Name, s)
			}
		}
		list = list[1:]
	}
	if len(list) != h.Args.Len() {
		t.Fatalf("%d arguments, want %d", h.Args.Len(), len(list))
	}
	for i, arg := range h.Args.All() {
		if !bytes.Equal(arg, list[i]) || i < 3 && !bytes.Equal(arg, h.Args.At(i)) {
			t.Fatalf("argument %d is %q, want %q", i, arg, list[i])
		}
	}
}

// FuzzCodec writes events of all kinds of values and reads them back.
func FuzzCodec(f *testing.F) {
	f.Add("a", "/", uint64(0), true, []byte(`{"a":1}`), []byte{1, 2}, "text", 1.5)
	f.Add("é\"\\\x00", "/x?y", uint64(math.MaxUint64), true, []byte(`[]`), []byte{}, "\x1e\u2028<&>", math.Copysign(0, -1))
	f.Add("connect", "", uint64(7), false, []byte(`{"_placeholder":true,"num":0}`), []byte(nil), "\xff", 1e21)
	f.Add("", "/1", uint64(7), true, []byte(` 1 `), []byte("x"), "_placeholder", math.NaN())
	f.Add("a", "/[", uint64(7), true, []byte(`{"\u005fplaceholder":true,"num":1}`), []byte("x"), `\u`, 1e-7)
	f.Add("a", "/", uint64(7), true, []byte(`{"_placeholder":true,"x":{"_placeholder":true,"num":0},"num":0}`), []byte("x"), ``, 0.1)
	f.Fuzz(func(t *testing.T, event, nsp string, id uint64, hasID bool, raw, data []byte, text string, number float64) {
		if nsp != "" && packet.CheckNamespace(nsp) != nil || len(nsp) > 512 {
			return
		}
		type mixed struct {
			Text string
			Data packet.Binary
			Any  any
		}
		var c packet.Codec
		args := []any{json.RawMessage(raw), data, text, number, map[string]any{text: data, "n": number}, mixed{text, data, []any{number, data}}}
		packed, attachments, err := c.AppendEvent(nil, nsp, id, hasID, event, args)
		if err != nil {
			bad := packet.IsReserved(event) || math.IsNaN(number) || math.IsInf(number, 0) ||
				raw != nil && (!json.Valid(raw) || !utf8.Valid(raw)) || errors.Is(err, packet.ErrPlaceholder) && bytes.Contains(raw, []byte("placeholder")) ||
				errors.Is(err, packet.ErrPlaceholder) && bytes.Contains(raw, []byte(`\u`))
			if !bad {
				t.Fatal(err)
			}
			return
		}
		if !utf8.Valid(packed) {
			t.Fatalf("%q is not UTF-8", packed)
		}
		h, err := packet.Parse(packed, packet.Limits{})
		if err != nil {
			t.Fatalf("%q: %v", packed, err)
		}
		if got := string(h.Name); got != strings.ToValidUTF8(event, "\ufffd") && utf8.ValidString(event) {
			t.Fatalf("event %q is %q", event, got)
		}
		if want := strings.TrimPrefix(nsp, "/"); string(h.Namespace) != nsp && (want != "" || h.Namespace != nil) {
			t.Fatalf("namespace %q is %q", nsp, h.Namespace)
		}
		if h.HasID != hasID || hasID && h.ID != id || h.Attachments != len(attachments) || h.Args.Len() != len(args) {
			t.Fatalf("%q is %+v", packed, h)
		}
		var (
			gotRaw    json.RawMessage
			gotData   []byte
			gotText   string
			gotNumber float64
			gotMap    map[string]any
			gotMixed  mixed
		)
		if err := c.DecodeArgs(event, h.Args, attachments, &gotRaw, &gotData, &gotText, &gotNumber, &gotMap, &gotMixed); err != nil {
			t.Fatalf("%q: %v", packed, err)
		}
		if raw != nil && h.Attachments == 0 && !bytes.Equal(gotRaw, bytes.Trim(raw, " \t\r\n")) {
			t.Fatalf("raw %q is %q", raw, gotRaw)
		}
		if !bytes.Equal(gotData, data) || (gotData == nil) != (data == nil) || !bytes.Equal(gotMixed.Data, data) {
			t.Fatalf("data %q is %q and %q", data, gotData, gotMixed.Data)
		}
		if utf8.ValidString(text) && (gotText != text || gotMixed.Text != text) {
			t.Fatalf("text %q is %q and %q", text, gotText, gotMixed.Text)
		}
		if gotNumber != number || gotMixed.Any.([]any)[0] != number {
			t.Fatalf("number %v is %v and %v", number, gotNumber, gotMixed.Any)
		}

		// What came is sent on as it came.
		onward, onwardAttachments, err := c.AppendEvent(nil, nsp, id, hasID, event, h.Args.Values(attachments))
		if err != nil {
			t.Fatalf("%q again: %v", packed, err)
		}
		h2, err := packet.Parse(onward, packet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range args {
			var a, b any
			if err := errors.Join(c.Decode(h.Args.At(i), attachments, &a), c.Decode(h2.Args.At(i), onwardAttachments, &b)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(a, b) {
				t.Fatalf("argument %d: %v was sent on as %v", i, a, b)
			}
		}
	})
}

// FuzzDecode decodes binary packets of a hostile peer into types of all kinds, and
// compares the any with what encoding/json makes of the same text.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"_placeholder":true,"num":0}`, `[{"_placeholder":true,"num":0},{"num":1,"_placeholder":true}]`,
		`{"a":{"b":[{"_placeholder":true,"num":0,"x":{"_placeholder":true,"num":1}}]},"A":null}`,
		`{"\u005fplaceholder":true,"num":1}`, `{"List":[{},{"Bin":"AQID"}],"Map":{"1":{"_placeholder":true,"num":0}},"Num":"1"}`,
		` { "_placeholder" : true , "num" : 0 } `, `"x"`, `[1e999]`, `{"Num":{"_placeholder":true,"num":1}}`, `[[[[{"_placeholder":true,"num":0}]]]]`,
		`[` + strings.Repeat(`{"_placeholder":true,"num":0},`, 50) + `{"_placeholder":true,"num":1}]`,
		`{"Raw":{"_placeholder":true,"num":1},"raw":[{"_placeholder":true,"num":1},{"_placeholder":true,"num":1}],"Time":{"_placeholder":true,"num":1}}`,
		`{"Any":[{"_placeholder":true,"num":1},{"_placeholder":true,"num":1}],"List":[{"Raw":{"_placeholder":true,"num":1}},{"Raw":{"_placeholder":true,"num":1}}]}`,
	} {
		f.Add([]byte(s))
	}
	type tree struct {
		Bin   packet.Binary
		Plain []byte
		List  []tree
		Map   map[int]tree
		Ptr   *tree
		Any   any
		Num   int `json:",string"`
		Str   string
		Raw   json.RawMessage
		Time  time.Time
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		attachments := [][]byte{{1}, {2, 3}}
		large := [][]byte{{1}, make([]byte, 1000)}
		h, err := packet.Parse([]byte(`52-["f",`+string(b)+`]`), packet.Limits{})
		if err != nil {
			return
		}
		var c packet.Codec
		for _, arg := range h.Args.All() {
			for _, dst := range []any{new(tree), new([]tree), new(map[string]tree), new([2]packet.Binary), new(string), new([]byte), new(float64), new(struct{}), new([]json.RawMessage), new(map[string]json.RawMessage), new(*time.Time)} {
				_ = c.Decode(arg, attachments, dst)
				_ = c.Decode(arg, large, dst)
			}
			checkInline(t, arg, large)
			var r packet.Raw
			if err := c.Decode(arg, attachments, &r); err != nil {
				t.Fatal(err)
			}
			inline, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			var got, want any
			err = c.Decode(arg, attachments, &got)
			wantErr := json.Unmarshal(inline, &want)
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%q: %v, encoding/json says %v of %q", arg, err, wantErr, inline)
			}
			if err == nil && utf8.Valid(arg) && !reflect.DeepEqual(textual(got), want) {
				t.Fatalf("%q: %v, encoding/json has %v", arg, got, want)
			}
		}
	})
}

// checkInline checks how long JSON may become when attachments are written into it.
func checkInline(t *testing.T, arg []byte, attachments [][]byte) {
	t.Helper()
	room := len(arg)
	for _, b := range attachments {
		room += base64.StdEncoding.EncodedLen(len(b)) + 2
	}
	var c packet.Codec
	var r packet.Raw
	var whole json.RawMessage
	err := c.Decode(arg, attachments, &whole)
	if err2 := c.Decode(arg, attachments, &r); err2 != nil {
		t.Fatal(err2)
	}
	if _, err2 := r.MarshalJSON(); (err == nil) != (err2 == nil) {
		t.Fatalf("%q: %v, but Raw says %v", arg, err, err2)
	}
	if len(whole) > room {
		t.Fatalf("%q is %d bytes, the bound is %d", arg, len(whole), room)
	}
	if err == nil {
		return
	}
	e, ok := errors.AsType[*packet.Error](err)
	if !ok || e.Reason != packet.ReasonAttachments || !bytes.HasPrefix(arg[e.Offset:], []byte("{")) {
		t.Fatalf("%q: %v", arg, err)
	}
	// Only what names the large one twice is too long.
	if bytes.Count(arg, []byte("1")) < 2 && !bytes.Contains(arg, []byte(`\u`)) {
		t.Fatalf("%q: %v", arg, err)
	}
}

// textual puts base64 in place of bytes.
func textual(v any) any {
	switch v := v.(type) {
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case []any:
		for i := range v {
			v[i] = textual(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = textual(v[k])
		}
	}
	return v
}
