package packet_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/packet"
)

// decodeBoth decodes text with the codec and with encoding/json, which must agree.
func decodeBoth[T any](t *testing.T, raw string) {
	t.Helper()
	var c packet.Codec
	var got, want T
	err := c.Decode([]byte(raw), nil, &got)
	wantErr := json.Unmarshal([]byte(raw), &want)
	if (err == nil) != (wantErr == nil) {
		t.Errorf("%s into %T: %v, encoding/json says %v", raw, got, err, wantErr)
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		t.Errorf("%s into %T: %#v, encoding/json has %#v", raw, got, got, want)
	}
}

func TestDecodeAsJSON(t *testing.T) {
	for _, raw := range []string{
		`null`, `true`, `false`, `0`, `1`, `-1`, `-0`, `123456789`, `1234567890`, `9007199254740993`, `1.5`, `1e3`, `1e999`, `12345678901234567890123`,
		`""`, `"a"`, `"é"`, `"a\"b\u00e9\n"`, `"\ud800"`, "\"\xff\"", `"AQID"`, `[]`, `[1,2]`, `["a"]`, `{}`, `{"A":1}`, `{"a":"x","b":[1]}`,
		` 1 `, ` "x" `, "\ttrue\n",
		``, ` `, `x`, `"`, `"a`, `a"`, `"a"b"`, `01`, `1 2`, `tru`, `{`, `[1,]`, `"\x"`, "\"\n\"",
	} {
		decodeBoth[string](t, raw)
		decodeBoth[bool](t, raw)
		decodeBoth[int](t, raw)
		decodeBoth[int8](t, raw)
		decodeBoth[uint64](t, raw)
		decodeBoth[float64](t, raw)
		decodeBoth[any](t, raw)
		decodeBoth[[]byte](t, raw)
		decodeBoth[packet.Binary](t, raw)
		decodeBoth[map[string]any](t, raw)
		decodeBoth[[]int](t, raw)
		decodeBoth[*int](t, raw)
		decodeBoth[struct{ A int }](t, raw)
	}
	var c packet.Codec
	for _, raw := range []string{`{`, `1 2`, ``} {
		if err := c.Decode([]byte(raw), nil, new(json.RawMessage)); err == nil {
			t.Errorf("%q into json.RawMessage: no error", raw)
		}
		if err := c.Decode([]byte(raw), nil, new(packet.Raw)); err == nil {
			t.Errorf("%q into Raw: no error", raw)
		}
		if err := c.Decode([]byte(raw), [][]byte{{1}}, new(any)); err == nil {
			t.Errorf("%q with attachments: no error", raw)
		}
	}
}

func TestDecodeCopies(t *testing.T) {
	var c packet.Codec
	src := []byte(`"text"`)
	var raw json.RawMessage
	var s string
	if err := errors.Join(c.Decode(src, nil, &raw), c.Decode(src, nil, &s)); err != nil {
		t.Fatal(err)
	}
	clear(src)
	if string(raw) != `"text"` || s != "text" {
		t.Errorf("%q and %q changed with the packet", raw, s)
	}
}

func TestDecodeAttachments(t *testing.T) {
	type inner struct {
		Data  packet.Binary `json:"data"`
		Plain []byte        `json:"plain"`
		Text  string
	}
	type Embedded struct{ E packet.Binary }
	type outer struct {
		*Embedded
		In    inner
		Ptr   *inner
		List  []inner
		Map   map[string]packet.Binary
		Ints  map[int]any
		Any   any
		Array [2]packet.Binary
		N     int64 `json:",string"`
		Raw   packet.Raw
		JSON  json.RawMessage
		Skip  string `json:"-"`
	}
	const ph0 = `{"_placeholder":true,"num":0}`
	const ph1 = `{"num":1 ,"_placeholder": true}`
	src := `{"E":` + ph0 + `,"in":{"DATA":` + ph1 + `,"plain":` + ph0 + `,"text":"t\u00e9"},"Ptr":{"data":` + ph0 + `},
		"List":[{"data":` + ph0 + `},{"plain":` + ph1 + `,"data":null}],"Map":{"a":` + ph0 + `,"b\n":"AQID"},"Ints":{"7":` + ph1 + `,"8":[1,{"x":` + ph0 + `}]},
		"Any":{"deep":[` + ph0 + `,null,true,false,1.5,"s",{"k":` + ph1 + `}],"none":{}},"Array":[` + ph1 + `],"N":"12","Raw":[` + ph0 + `],"JSON":[` + ph0 + `],
		"unknown":{"x":[` + ph0 + `]},"Skip":"x","-":1}`
	a, b := []byte{1, 2}, []byte{3}
	want := outer{
		Embedded: &Embedded{E: a},
		In:       inner{Data: b, Plain: a, Text: "té"},
		Ptr:      &inner{Data: a},
		List:     []inner{{Data: a}, {Plain: b}},
		Map:      map[string]packet.Binary{"a": a, "b\n": {1, 2, 3}},
		Ints:     map[int]any{7: b, 8: []any{1.0, map[string]any{"x": a}}},
		Any:      map[string]any{"deep": []any{a, nil, true, false, 1.5, "s", map[string]any{"k": b}}, "none": map[string]any{}},
		Array:    [2]packet.Binary{b, nil},
		N:        12,
		JSON:     json.RawMessage(`["AQI="]`),
	}
	var c packet.Codec
	var got outer
	if err := c.Decode([]byte(src), [][]byte{a, b}, &got); err != nil {
		t.Fatal(err)
	}
	if string(got.Raw.JSON()) != "["+ph0+"]" || len(got.Raw.Attachments()) != 2 {
		t.Errorf("Raw is %s", got.Raw.JSON())
	}
	got.Raw = packet.Raw{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	// Not copied, and not to be grown into what lies behind.
	if &got.In.Data[0] != &b[0] || &got.E[0] != &a[0] || cap(got.E) != len(a) {
		t.Error("attachments were copied or can be grown")
	}

	// Both ends of the same bytes.
	for _, dst := range []any{new([]byte), new(packet.Binary), new(any), new(*[]byte)} {
		if err := c.Decode([]byte(ph1), [][]byte{a, b}, dst); err != nil {
			t.Errorf("%T: %v", dst, err)
		}
		if s := reflect.Indirect(reflect.ValueOf(dst)); s.IsZero() {
			t.Errorf("%T is still zero", dst)
		}
	}
	// B-65: without attachments a placeholder is an object.
	var x any
	if err := c.Decode([]byte(ph0), nil, &x); err != nil || !reflect.DeepEqual(x, map[string]any{"_placeholder": true, "num": 0.0}) {
		t.Errorf("%v, %v", x, err)
	}
}

// Decoding into values that hold something already does what encoding/json does.
func TestDecodeIntoUsed(t *testing.T) {
	type T struct {
		B    packet.Binary
		List []any
		Map  map[string]any
		Any  any
		Ptr  *int
	}
	fresh := func() T {
		n := 5
		return T{List: []any{"old", "old", "old"}, Map: map[string]any{"keep": true}, Any: &n, Ptr: &n}
	}
	src := `{"List":[1],"Map":{"new":1},"Any":7,"Ptr":null,"B":{"_placeholder":true,"num":0}}`
	plain := strings.Replace(src, `{"_placeholder":true,"num":0}`, `"AQ=="`, 1)
	got, want := fresh(), fresh()
	var c packet.Codec
	if err := c.Decode([]byte(src), [][]byte{{1}}, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(plain), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// WIRE-15: arguments into variables, too many, too few and of the wrong type among them.
func TestDecodeArgs(t *testing.T) {
	type message struct {
		Text string `json:"text"`
		To   struct{ ID int }
	}
	tests := []struct {
		src  string
		dst  []any
		want string // of the error
	}{
		{`2["send","a",1]`, []any{new(string), new(int)}, ``},
		{`2["send","a",1]`, nil, ``},
		// P2: more than wanted.
		{`2["send","a",1,2,3]`, []any{new(string)}, ``},
		{`2["send","a",1]`, []any{&packet.None{}}, ``},
		{`2["send","a",1]`, []any{&packet.Args2[string, int]{}}, ``},
		// P1: fewer than wanted.
		{`2["send"]`, []any{new(string)}, `argument 1 of "send": missing, want string`},
		{`2["send","a"]`, []any{new(string), new(int)}, `argument 2 of "send": missing, want int`},
		{`2["send","a"]`, []any{&packet.Args3[string, *int, message]{}}, `argument 3 of "send": missing, want packet_test.message`},
		{`2["send"]`, []any{new(*int), new(any), new([]byte), new(map[string]int), new(json.RawMessage)}, ``},
		// P3: null for everything.
		{`2["send",null,null,null,null]`, []any{new(string), new(int), new(message), new(*int)}, ``},
		{`2["send",1,"x"]`, []any{new(int), new(int)}, `argument 2 of "send": cannot decode string into int`},
		{`2["send",{"text":1}]`, []any{new(message)}, `argument 1 of "send": cannot decode number into string, field text`},
		{`2["send",{"To":{"ID":"x"}}]`, []any{new(message)}, `argument 1 of "send": cannot decode string into int, field To.ID`},
		{`2["send",[1]]`, []any{new(message)}, `argument 1 of "send": cannot decode array into packet_test.message`},
		{`2["send",300]`, []any{new(int8)}, `argument 1 of "send": cannot decode number 300 into int8`},
		{`2["send",1.5]`, []any{new(int)}, `argument 1 of "send": cannot decode number 1.5 into int`},
		{`2["send",` + strings.Repeat("9", 1000) + `]`, []any{new(int)}, `argument 1 of "send": cannot decode number 999999999999999999999999999999999… into int`},
		{`2["send",1]`, []any{nil}, `argument 1 of "send": cannot decode into <nil>, want a pointer that is not nil`},
		{`2["send",1]`, []any{(*int)(nil)}, `argument 1 of "send": cannot decode into *int, want a pointer that is not nil`},
		{`2["send",1]`, []any{5}, `argument 1 of "send": cannot decode into int, want a pointer that is not nil`},
		{`2["send"]`, []any{5}, `argument 1 of "send": cannot decode into int, want a pointer that is not nil`},
		{`2["send"]`, []any{nil}, `argument 1 of "send": cannot decode into <nil>, want a pointer that is not nil`},
	}
	var c packet.Codec
	for _, tt := range tests {
		h := parse(t, tt.src)
		err := c.DecodeArgs(string(h.Name), h.Args, nil, tt.dst...)
		text := ""
		if err != nil {
			text = err.Error()
			if _, ok := errors.AsType[*packet.ArgumentError](err); !ok {
				t.Errorf("%.60s: a %T", tt.src, err)
			}
		}
		if text != tt.want {
			t.Errorf("%.60s:\n got %q\nwant %q", tt.src, text, tt.want)
		}
	}

	var a packet.Args2[string, int]
	if err := c.DecodeArgs("", parse(t, `31["x",2]`).Args, nil, &a); err != nil || a.A != "x" || a.B != 2 {
		t.Errorf("%+v, %v", a, err)
	}
	err := c.DecodeArgs("", parse(t, `31["x"]`).Args, nil, new(int))
	if err == nil || err.Error() != "argument 1 of the ack: cannot decode string into int" {
		t.Error(err)
	}
}

func TestDecodeArg(t *testing.T) {
	var c packet.Codec
	a := parse(t, `51-["send","x",{"_placeholder":true,"num":0}]`).Args
	var b []byte
	if err := c.DecodeArg("send", a, [][]byte{{7}}, 1, &b); err != nil || len(b) != 1 || b[0] != 7 {
		t.Errorf("%v, %v", b, err)
	}
	for want, err := range map[string]error{
		`argument 1 of "send": cannot decode string into int`: c.DecodeArg("send", a, nil, 0, new(int)),
		`argument 3 of "send": missing, want int`:             c.DecodeArg("send", a, nil, 2, new(int)),
		`argument 0 of "send": missing, want int`:             c.DecodeArg("send", a, nil, -1, new(int)),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := c.DecodeArg("send", a, nil, 2, new(*int)); err != nil {
		t.Error(err)
	}
}

func TestDecodeAttachmentErrors(t *testing.T) {
	const ph = `{"_placeholder":true,"num":0}`
	type deep struct {
		A struct {
			B []struct {
				C int `json:"c"`
			}
		}
		X packet.Binary
		Q int `json:",string"`
	}
	tests := []struct {
		raw  string
		dst  any
		want string
	}{
		{ph, new(string), "cannot decode an attachment into string"},
		{ph, new(int), "cannot decode an attachment into int"},
		{ph, new(deep), "cannot decode an attachment into packet_test.deep"},
		{ph, new(map[string]int), "cannot decode an attachment into map[string]int"},
		{ph, new([]int), "cannot decode an attachment into []int"},
		{`{"A":{"B":[{"c":1},{"c":` + ph + `}]}}`, new(deep), "cannot decode an attachment into int, field A.B.c"},
		{`{"A":{"B":[{"c":"x"}]},"X":` + ph + `}`, new(deep), "cannot decode string into int, field A.B.c"},
		{`{"Q":"x","X":` + ph + `}`, new(deep), `cannot decode what is no quoted value into int, field Q`},
		{`{"Q":` + ph + `}`, new(deep), `cannot decode an attachment into int, field Q`},
		{`{"x":` + ph + `}`, new(map[int][]byte), "cannot decode number x into int"},
		{`{"_placeholder":true,"num":3}`, new(any), "illegal attachments"},
		{`{"_placeholder":true,"num":-1}`, new(any), "illegal attachments"},
		{ph, nil, "want a pointer"},
		{ph, 5, "want a pointer"},
		{ph, (*any)(nil), "want a pointer"},
		{`[1e999,` + ph + `]`, new(any), "cannot decode number 1e999 into float64"},
	}
	var c packet.Codec
	for _, tt := range tests {
		err := c.Decode([]byte(tt.raw), [][]byte{{1}}, tt.dst)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s into %T: %v, want %q", tt.raw, tt.dst, err, tt.want)
		}
	}
}

func TestReservedNames(t *testing.T) {
	for _, name := range []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"} {
		if !packet.IsReserved(name) {
			t.Errorf("%s is free", name)
		}
	}
	for _, name := range []string{"", "error", "connection", "Connect", "connect ", "message"} {
		if packet.IsReserved(name) {
			t.Errorf("%q is reserved", name)
		}
	}
}
