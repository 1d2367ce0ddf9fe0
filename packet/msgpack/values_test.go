package msgpack_test

import (
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

type embedded struct {
	Inner string
	Same  int `json:"same"`
}

type everything struct {
	embedded
	Name    string            `json:"name"`
	Skipped int               `json:"-"`
	Empty   string            `json:"empty,omitempty"`
	Zero    time.Time         `json:"zero,omitzero"`
	Quoted  int64             `json:"quoted,string"`
	QText   string            `json:"qtext,string"`
	Time    time.Time         `json:"time"`
	Addr    netip.Addr        `json:"addr"`
	Big     *big.Int          `json:"big"`
	Raw     json.RawMessage   `json:"raw"`
	Number  json.Number       `json:"number"`
	Float   float64           `json:"float"`
	Small   float32           `json:"small"`
	List    []int16           `json:"list"`
	Array   [2]bool           `json:"array"`
	Map     map[int]string    `json:"map"`
	Nil     map[string]string `json:"nil"`
	Pointer *uint8            `json:"pointer"`
	Any     any               `json:"any"`
	private int
}

func sample() everything {
	n := uint8(200)
	return everything{
		embedded: embedded{Inner: "in", Same: 3}, Name: "né <b>", Skipped: 1, Quoted: -5, QText: "q",
		Time: time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC), Addr: netip.MustParseAddr("10.0.0.1"),
		Big: big.NewInt(77), Raw: json.RawMessage(`{"a":[1,null]}`), Number: "12", Float: 0.25, Small: 1.5,
		List: []int16{-1, 300}, Array: [2]bool{true}, Map: map[int]string{2: "b", 1: "a"}, Pointer: &n, Any: "x", private: 1,
	}
}

func roundTrip(t *testing.T, in, out any) {
	t.Helper()
	b, err := msgpack.Append(nil, in)
	if err != nil {
		t.Fatalf("%#v: %v", in, err)
	}
	if err := msgpack.Raw(b).Decode(out); err != nil {
		t.Fatalf("%#v: %v", in, err)
	}
}

// A struct is what encoding/json makes of it.
func TestStructsAsJSON(t *testing.T) {
	in := sample()
	b, err := msgpack.Append(nil, in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := msgpack.Raw(b).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var out, outJSON everything
	if err := msgpack.Raw(b).Decode(&out); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(want, &outJSON); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(out, outJSON) {
		t.Errorf("got  %+v\nwant %+v", out, outJSON)
	}
}

func TestIntegersAreExact(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 127, 128, -32, -33, 255, 256, 65535, 65536, math.MaxInt32, math.MinInt32, 1<<53 + 1, math.MaxInt64, math.MinInt64} {
		var i int64
		var v any
		var num json.Number
		roundTrip(t, n, &i)
		roundTrip(t, n, &v)
		roundTrip(t, n, &num)
		if k, _ := num.Int64(); i != n || v != n || k != n {
			t.Errorf("%d: %d %v %s", n, i, v, num)
		}
	}
	for _, n := range []uint64{math.MaxInt64 + 1, math.MaxUint64} {
		var u uint64
		var v any
		var text json.RawMessage
		roundTrip(t, n, &u)
		roundTrip(t, n, &v)
		roundTrip(t, n, &text)
		var back uint64
		if err := json.Unmarshal(text, &back); err != nil || u != n || v != n || back != n {
			t.Errorf("%d: %d %v %s", n, u, v, text)
		}
	}
	var u uint64
	roundTrip(t, json.RawMessage(`18446744073709551615`), &u)
	if u != math.MaxUint64 {
		t.Errorf("from JSON: %d", u)
	}
}

func TestBinaryAnywhere(t *testing.T) {
	type file struct {
		Name string        `json:"name"`
		Body []byte        `json:"body"`
		Sum  packet.Binary `json:"sum"`
	}
	in := file{"f", []byte{1, 2}, packet.Binary{3}}
	b, err := msgpack.Append(nil, map[string]any{"file": in, "list": []any{[]byte{4}}})
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := msgpack.Raw(b).Decode(&v); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"file": map[string]any{"name": "f", "body": []byte{1, 2}, "sum": []byte{3}},
		"list": []any{[]byte{4}},
	}
	if !reflect.DeepEqual(v, want) {
		t.Errorf("got %#v", v)
	}
	var out struct{ File file }
	if err := msgpack.Raw(b).Decode(&out); err != nil || !reflect.DeepEqual(out.File, in) {
		t.Errorf("got %+v, %v", out, err)
	}
	// Auth payloads cross to JSON: bytes as encoding/json knows them.
	var text json.RawMessage
	if err := msgpack.Raw(b).Decode(&text); err != nil || json.Unmarshal(text, &out) != nil || !reflect.DeepEqual(out.File, in) {
		t.Errorf("got %s, %v", text, err)
	}
	var bytes []byte
	roundTrip(t, "AQI=", &bytes)
	if string(bytes) != "\x01\x02" {
		t.Errorf("base64 gives %x", bytes)
	}
}

func TestSpecialValues(t *testing.T) {
	var f float64
	roundTrip(t, math.Inf(-1), &f)
	if !math.IsInf(f, -1) {
		t.Errorf("got %v", f)
	}
	roundTrip(t, math.NaN(), &f)
	if !math.IsNaN(f) {
		t.Errorf("got %v", f)
	}
	var text json.RawMessage
	roundTrip(t, []any{math.NaN(), msgpack.Ext{Type: 5, Data: []byte{1, 2, 3}}, nil}, &text)
	if string(text) != "[null,null,null]" {
		t.Errorf("got %s", text)
	}
	var v any
	roundTrip(t, msgpack.Ext{Type: 5, Data: []byte{1, 2, 3}}, &v)
	if !reflect.DeepEqual(v, msgpack.Ext{Type: 5, Data: []byte{1, 2, 3}}) {
		t.Errorf("got %#v", v)
	}
	var e msgpack.Ext
	roundTrip(t, msgpack.Ext{Type: 7, Data: []byte{1}}, &e)
	if e.String() != "ext 7 of 1 bytes" {
		t.Errorf("got %v", e)
	}

	date := msgpack.Raw(unhex(t, "d7000000018bcfe5687b"))
	var at time.Time
	var s string
	if err := date.Decode(&at); err != nil || at.UnixMilli() != 1700000000123 {
		t.Errorf("got %v, %v", at, err)
	}
	if err := date.Decode(&text); err != nil || string(text) != `"2023-11-14T22:13:20.123Z"` {
		t.Errorf("got %s, %v", text, err)
	}
	if err := date.Decode(&s); err == nil {
		t.Errorf("a date is decoded into the string %q", s)
	}
	stamp := msgpack.Raw(unhex(t, "d6ff6553f100"))
	if err := stamp.Decode(&at); err != nil || at.Unix() != 1700000000 {
		t.Errorf("got %v, %v", at, err)
	}
	roundTrip(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), &at)
	if at.Year() != 2026 {
		t.Errorf("got %v", at)
	}

	kept := 5
	if err := msgpack.Raw(unhex(t, "d40000")).Decode(&kept); err != nil || kept != 5 {
		t.Errorf("undefined makes %d, %v", kept, err)
	}
	p := &kept
	if err := (msgpack.Raw{0xc0}).Decode(&p); err != nil || p != nil {
		t.Errorf("nil makes %v, %v", p, err)
	}
	var r msgpack.Raw
	roundTrip(t, []int{1, 2}, &r)
	if again, err := msgpack.Append(nil, []any{r}); err != nil || string(again) != "\x91\x92\x01\x02" {
		t.Errorf("got %x, %v", again, err)
	}
	if err := json.Unmarshal([]byte(`{"a":1}`), &r); err != nil || string(r) != "\x81\xa1a\x01" {
		t.Errorf("got %x, %v", r, err)
	}
	roundTrip(t, "\xff", &s)
	if s != "\uFFFD" {
		t.Errorf("got %q", s)
	}
}

func TestMismatches(t *testing.T) {
	cases := []struct {
		in   any
		dst  any
		want string
	}{
		{"x", new(int), "cannot decode string into int"},
		{1, new(string), "cannot decode number 1 into string"},
		{300, new(uint8), "cannot decode number 300 into uint8"},
		{-1, new(uint), "cannot decode number -1 into uint"},
		{1.5, new(int), "cannot decode number 1.5 into int"},
		{uint64(math.MaxUint64), new(int64), "into int64"},
		{[]byte{1}, new(string), "cannot decode binary data into string"},
		{"%", new([]byte), "not base64"},
		{map[string]any{"a": map[string]any{"b": "x"}}, new(struct{ A struct{ B bool } }), "cannot decode string into bool, field A.B"},
		{map[string]any{"x": 1}, new(map[int]int), "the key of an object"},
		{[]any{1}, new(map[string]int), "cannot decode array"},
		{map[string]any{}, new([]int), "cannot decode object"},
		{1, new(error), "into error"},
		{1, 5, "pointer that is not nil"},
		{1, (*int)(nil), "pointer that is not nil"},
		{1, new(netip.Addr), "cannot decode number 1"},
		{map[string]any{"q": "x"}, new(struct {
			Q int `json:"q,string"`
		}), "quoted"},
	}
	for _, c := range cases {
		b, err := msgpack.Append(nil, c.in)
		if err != nil {
			t.Fatal(err)
		}
		if err := msgpack.Raw(b).Decode(c.dst); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v into %T: %v, want %q", c.in, c.dst, err, c.want)
		}
	}
}

func TestContainers(t *testing.T) {
	list := []int{9, 9, 9}
	roundTrip(t, []int{1, 2}, &list)
	if !reflect.DeepEqual(list, []int{1, 2}) {
		t.Errorf("got %v", list)
	}
	array := [3]int{9, 9, 9}
	roundTrip(t, []int{1, 2}, &array)
	if array != [3]int{1, 2, 0} {
		t.Errorf("got %v", array)
	}
	roundTrip(t, []int{1, 2, 3, 4}, &array)
	if array != [3]int{1, 2, 3} {
		t.Errorf("got %v", array)
	}
	m := map[netip.Addr]*int{}
	n := 3
	roundTrip(t, map[netip.Addr]*int{netip.MustParseAddr("::1"): &n}, &m)
	if *m[netip.MustParseAddr("::1")] != 3 {
		t.Errorf("got %v", m)
	}
	u := map[uint16]bool{}
	roundTrip(t, map[string]bool{"7": true}, &u)
	if !u[7] {
		t.Errorf("got %v", u)
	}
	var into any = &n
	roundTrip(t, 8, &into)
	if n != 8 {
		t.Errorf("an any that holds a pointer is not decoded into it: %v", into)
	}
	var fold struct{ UserID int }
	roundTrip(t, map[string]int{"userid": 4}, &fold)
	if fold.UserID != 4 {
		t.Errorf("got %+v", fold)
	}
	large := make([]any, 70000)
	for i := range large {
		large[i] = int64(i)
	}
	var back any
	roundTrip(t, large, &back)
	if !reflect.DeepEqual(back, any(large)) {
		t.Error("a list of 70000 comes back changed")
	}
	wide := map[string]any{}
	for i := range 70000 {
		wide[strings.Repeat("k", i%7)+string(rune('a'+i%26))+json.Number(time.Duration(i).String()).String()] = strings.Repeat("v", i%300)
	}
	roundTrip(t, wide, &back)
	if !reflect.DeepEqual(back, any(wide)) {
		t.Error("a large map comes back changed")
	}
}
