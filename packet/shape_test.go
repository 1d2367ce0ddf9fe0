//lint:file-ignore SA5008,U1000 odd tags and fields are the point of these types

package packet_test

import (
	"bytes"
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

func TestStructsAsJSON(t *testing.T) {
	n := 7
	values := []any{
		&Odd{},
		&Odd{Inner: Inner{1, "x"}, hidden: hidden{2, "y"}, Self: &Self{Deep: 3, Self: &Self{Deep: 4}}, Num: 5, Float: 1.5, Str: `q"`, PtrNum: &n,
			ByPtr: 6, Text: "t", TextMap: map[stringer]int{"k": 1, "a": 2}, Any: []any{Inner{}, &n}, Zero: zero{true}, Empty: "x", EmptyMap: 0, EmptyPtr: &n},
		struct {
			Inner `json:"inner"`
			*hidden
			fmt.Stringer
			List []Odd
			Map  map[int]*Odd
			B    packet.Binary
		}{List: []Odd{{}, {}}, Map: map[int]*Odd{10: {}, 9: nil}},
		struct {
			Inner
			Other struct{ A int } `json:"A"`
			B     packet.Binary
		}{},
		map[stringer]any{"b": 1, "a": packet.Binary(nil)},
		[]struct{ B packet.Binary }{},
		struct {
			X []struct{ B packet.Binary }
			Y [1]map[string]packet.Binary
		}{},
	}
	for _, v := range values {
		// Beside a Binary that is there, the walk writes v, not encoding/json.
		var c packet.Codec
		got, attachments, err := c.AppendAck(nil, "", 1, []any{struct {
			V any
			B packet.Binary
		}{v, packet.Binary{1}}})
		if err != nil || len(attachments) != 1 {
			t.Errorf("%T: %v", v, err)
			continue
		}
		want := marshal(t, v)
		got = bytes.TrimPrefix(got, []byte(`61-1[{"V":`))
		got = bytes.TrimSuffix(got, []byte(`,"B":{"_placeholder":true,"num":0}}]`))
		if string(got) != want {
			t.Errorf("%T\n got %s\nwant %s", v, got, want)
		}

		// And back: the walk of the decoder against encoding/json.
		src := `{"V":` + want + `,"B":{"_placeholder":true,"num":0}}`
		plain := `{"V":` + want + `,"B":"AQ=="}`
		holder := reflect.StructOf([]reflect.StructField{
			{Name: "V", Type: reflect.TypeOf(v)}, {Name: "B", Type: reflect.TypeFor[packet.Binary]()},
		})
		have, expect := reflect.New(holder), reflect.New(holder)
		err = c.Decode([]byte(src), [][]byte{{1}}, have.Interface())
		wantErr := json.Unmarshal([]byte(plain), expect.Interface())
		if (err == nil) != (wantErr == nil) {
			t.Errorf("%T back: %v, encoding/json says %v", v, err, wantErr)
		} else if err == nil && !reflect.DeepEqual(have.Interface(), expect.Interface()) {
			t.Errorf("%T back\n got %+v\nwant %+v", v, have.Elem(), expect.Elem())
		}
	}
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
