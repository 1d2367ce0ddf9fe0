//lint:file-ignore SA5008,U1000 odd tags and fields are the point of these types

package packet_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/packet"
)

// The types below are written by our own walk because they hold a Binary; apart
// from that, encoding/json must have come to the same text.

type Inner struct {
	A int
	B string `json:"bee"`
}

type hidden struct {
	FromHidden int
	A          string // deeper than the A of Odd, the same depth as Inner.A
}

type Self struct {
	*Self
	Deep int
}

type stringer string

func (s stringer) MarshalText() ([]byte, error) { return []byte("<" + string(s) + ">"), nil }

type byPointer int

func (p *byPointer) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `"p%d"`, *p), nil }

type zero struct{ never bool }

func (z zero) IsZero() bool { return !z.never }

type Odd struct {
	Inner
	hidden
	*Self
	Named      Inner `json:"named"`
	unexported int
	Skipped    int     `json:"-"`
	Dash       int     `json:"-,"`
	BadName    int     `json:"a\"b"`
	Fancy      int     `json:"ü-$ x"`
	Empty      string  `json:",omitempty"`
	EmptyMap   any     `json:",omitempty"`
	EmptyPtr   *int    `json:"ep,omitempty"`
	EmptyArr   [0]int  `json:",omitempty"`
	Zero       zero    `json:",omitzero"`
	ZeroTime   Inner   `json:",omitzero"`
	Num        int     `json:",string"`
	Float      float64 `json:",string"`
	Str        string  `json:"str,string"`
	PtrNum     *int    `json:",string"`
	NilNum     *int    `json:",string"`
	NotNum     []int   `json:",string"`
	Time       time.Time
	ByPtr      byPointer
	Text       stringer
	TextMap    map[stringer]int
	Any        any
	Iface      fmt.Stringer
	Nil        map[string]any
	Bin        packet.Binary
}

// B-77: a struct with bytes in it is, apart from these, what encoding/json makes of it.
func TestStructsAsJSON(t *testing.T) {
	n := 7
	bin := packet.Binary{1}
	when := time.Date(2020, 1, 2, 3, 4, 5, 6, time.UTC)
	values := []any{
		&Odd{Bin: bin},
		Odd{Bin: bin},
		&Odd{Inner: Inner{1, "x"}, hidden: hidden{2, "y"}, Self: &Self{Deep: 3, Self: &Self{Deep: 4}}, Num: 5, Float: 1.5, Str: `q"`, PtrNum: &n, Time: when,
			ByPtr: 6, Text: "t", Any: []any{Inner{}, &n, bin, map[string]any{"<": bin}, when}, Zero: zero{true}, ZeroTime: Inner{A: 1},
			Empty: "x", EmptyMap: 0, EmptyPtr: &n, Dash: 8, BadName: 9, Fancy: 10, NotNum: []int{1}, Bin: bin},
		struct {
			Inner `json:"inner"`
			*hidden
			fmt.Stringer
			List []Odd
			Map  map[int]*Odd
			B    packet.Binary
		}{List: []Odd{{}, {Bin: bin}}, Map: map[int]*Odd{10: {Bin: bin}, 9: nil}},
		struct { // the deeper A gives way
			Inner
			Other struct{ A int } `json:"A"`
			B     packet.Binary
		}{B: bin},
		struct { // two of the same depth, the tagged one wins
			Inner
			Other
			B packet.Binary
		}{Inner{1, "x"}, Other{2, 3}, bin},
		struct { // two of the same depth and no tag: neither
			Inner
			hidden
			B packet.Binary
		}{Inner{1, "x"}, hidden{2, "y"}, bin},
		map[stringer]any{"b": 1, "a": bin},
		map[uint8]any{2: 1, 10: bin},
		map[keyed]packet.Binary{{2}: bin, {1}: nil},
		[]struct{ B packet.Binary }{{}, {bin}},
		struct {
			X []struct{ B packet.Binary }
			Y [1]map[string]packet.Binary
			Z **packet.Binary
		}{Y: [1]map[string]packet.Binary{{"k": bin}}},
		struct {
			A packet.Binary    `json:",omitempty"`
			B [1]packet.Binary `json:",omitempty"`
			C struct {
				packet.Args2[int, packet.Binary]
			}
			D *packet.Binary `json:",omitzero"`
			E any            `json:",omitempty"`
			F map[string]any `json:",omitempty"`
		}{B: [1]packet.Binary{bin}},
	}
	for i, v := range values {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			// Where encoding/json has base64 the packet has a placeholder.
			plain := marshal(t, v)
			want, count := plain, 0
			for strings.Contains(want, `"AQ=="`) {
				want = strings.Replace(want, `"AQ=="`, fmt.Sprintf(`{"_placeholder":true,"num":%d}`, count), 1)
				count++
			}
			var c packet.Codec
			got, attachments, err := c.AppendAck(nil, "", 1, []any{v})
			if err != nil || len(attachments) != count || count == 0 {
				t.Fatalf("%v with %d attachments, want %d", err, len(attachments), count)
			}
			if want := fmt.Sprintf("6%d-1[%s]", count, want); string(got) != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}

			// And back, against encoding/json on the base64.
			have, expect := reflect.New(reflect.TypeOf(v)), reflect.New(reflect.TypeOf(v))
			err = c.Decode([]byte(want), attachments, have.Interface())
			wantErr := json.Unmarshal([]byte(plain), expect.Interface())
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("back: %v, encoding/json says %v", err, wantErr)
			}
			// Compared as JSON: in an any there are bytes here and base64 there.
			if a, b := marshal(t, have.Interface()), marshal(t, expect.Interface()); err == nil && a != b {
				t.Errorf("back\n got %s\nwant %s", a, b)
			}
		})
	}
}

type Other struct {
	A int `json:"A"`
	C int
}

type keyed struct{ n int }

func (k keyed) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "k%d", k.n), nil }

func (k *keyed) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "k%d", &k.n)
	return err
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Types that refer to themselves, and that hold no binary data, go to encoding/json
// and come back.
func TestRecursiveTypes(t *testing.T) {
	type node struct {
		Next *node                    `json:",omitempty"`
		Kids []node                   `json:",omitempty"`
		By   map[string]packet.Binary `json:",omitempty"`
	}
	v := node{Next: &node{Kids: []node{{}, {By: map[string]packet.Binary{"k": {1}}}}}}
	var c packet.Codec
	text, attachments, err := c.AppendEvent(nil, "", 0, false, "e", []any{v, node{}})
	want := `51-["e",{"Next":{"Kids":[{},{"By":{"k":{"_placeholder":true,"num":0}}}]}},{}]`
	if err != nil || string(text) != want {
		t.Fatalf("got %s, %v, want %s", text, err, want)
	}
	var back node
	if err := c.DecodeArgs("e", parse(t, string(text)).Args, attachments, &back); err != nil || !reflect.DeepEqual(back, v) {
		t.Errorf("%+v, %v", back, err)
	}
}
