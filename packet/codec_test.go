package packet_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/packet"
)

func TestAppendEvent(t *testing.T) {
	id := uint64(1)
	tests := []struct {
		name  string
		nsp   string
		id    *uint64
		event string
		args  []any
		want  string
	}{
		{"no arguments", "", nil, "a", nil, `2["a"]`},
		{"main namespace", "/", nil, "a", nil, `2["a"]`},
		{"namespace and id", "/x", &id, "a", []any{1}, `2/x,1["a",1]`},
		{"id 0", "", new(uint64), "a", nil, `20["a"]`},
		{"plain types", "", nil, "a", []any{nil, true, false, "s", 1, int8(-1), int16(2), int32(3), int64(-4), uint(5), uint8(6), uint16(7), uint32(8), uint64(math.MaxUint64)},
			`2["a",null,true,false,"s",1,-1,2,3,-4,5,6,7,8,18446744073709551615]`},
		{"floats", "", nil, "a", []any{0.0, 1.0, -1.5, 1e20, 1e21, 1e-6, 1e-7, 100000.0, float32(0.1), float32(1e21), math.Copysign(0, -1)},
			`2["a",0,1,-1.5,100000000000000000000,1e+21,0.000001,1e-07,100000,0.1,1e+21,-0]`},
		{"strings", "", nil, "é\"", []any{"", "\\", "\x00\x1e\x1f\n\r\t\x7f", "<&>", "\u2028", "12345678\"", "1234567é", "12345678" + "é😀"},
			`2["é\"","","\\","\u0000\u001e\u001f\n\r\t` + "\x7f" + `","<&>","` + "\u2028" + `","12345678\"","1234567é","12345678é😀"]`},
		{"not UTF-8", "", nil, "a", []any{"x\xffy\xc3", "\xed\xa0\x80"}, "2[\"a\",\"x\ufffdy\ufffd\",\"\ufffd\ufffd\ufffd\"]"},
		{"raw JSON", "", nil, "a", []any{json.RawMessage(` {"a": [1,2]}`), json.RawMessage(nil)}, `2["a", {"a": [1,2]},null]`},
		{"nil bytes", "", nil, "a", []any{[]byte(nil), packet.Binary(nil), []any(nil), map[string]any(nil), packet.Raw{}, (*int)(nil)}, `2["a",null,null,null,null,null,null]`},
		{"containers", "", nil, "a", []any{[]any{1, []any{}, "x"}, map[string]any{"b": 1, "a": map[string]any{}, "<": nil}},
			`2["a",[1,[],"x"],{"<":null,"a":{},"b":1}]`},
		{"other types", "", nil, "a", []any{[]string{"<"}, map[string]int{"x": 1}, struct {
			A string `json:"a"`
			B []byte
		}{"&", []byte{1}}, json.Number("12"), time.Unix(0, 0).UTC()},
			`2["a",["<"],{"x":1},{"a":"&","B":"AQ=="},12,"1970-01-01T00:00:00Z"]`},
		{"tuples", "", nil, "a", []any{packet.Args2[int, string]{1, "x"}, packet.None{}, &packet.Args3[int, int, int]{2, 3, 4}, 5}, `2["a",1,"x",2,3,4,5]`},
		{"nil tuple", "", nil, "a", []any{(*packet.Args2[int, int])(nil), packet.None{}}, `2["a",null]`},
		{"free names", "", nil, "error", nil, `2["error"]`},
		{"data like a placeholder, no attachments", "", nil, "a", []any{map[string]any{"_placeholder": true, "num": 3}}, `2["a",{"_placeholder":true,"num":3}]`},
	}
	var c packet.Codec
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := uint64(0)
			if tt.id != nil {
				n = *tt.id
			}
			got, attachments, err := c.AppendEvent([]byte("before"), tt.nsp, n, tt.id != nil, tt.event, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != "before"+tt.want || attachments != nil {
				t.Errorf("got %s and %v, want %s", got, attachments, tt.want)
			}
			if _, err := packet.Parse(got[len("before"):], packet.Limits{}); err != nil {
				t.Errorf("Parse refuses it: %v", err)
			}
		})
	}
}

type withBinary struct {
	Name string        `json:"name"`
	Data packet.Binary `json:"data,omitempty"`
}

func TestAppendBinary(t *testing.T) {
	type nested struct {
		In  map[string]withBinary
		Any any `json:"any"`
		B64 []byte
	}
	tests := []struct {
		name string
		args []any
		want string // of the JSON, after the count
		n    int
	}{
		{"whole argument", []any{[]byte{1}}, `[{"_placeholder":true,"num":0}]`, 1},
		{"empty, not nil", []any{[]byte{}}, `[{"_placeholder":true,"num":0}]`, 1},
		{"Binary", []any{packet.Binary{1}, 7}, `[{"_placeholder":true,"num":0},7]`, 1},
		{"in maps and slices", []any{map[string]any{"b": []byte{1}, "a": []any{[]byte{2}, "x"}}},
			`[{"a":[{"_placeholder":true,"num":0},"x"],"b":{"_placeholder":true,"num":1}}]`, 2},
		{"in a struct", []any{withBinary{"n", packet.Binary{1}}}, `[{"name":"n","data":{"_placeholder":true,"num":0}}]`, 1},
		{"in a pointer", []any{&withBinary{"n", packet.Binary{1}}, withBinary{Name: "empty"}},
			`[{"name":"n","data":{"_placeholder":true,"num":0}},{"name":"empty"}]`, 1},
		{"deep", []any{nested{In: map[string]withBinary{"y": {Data: packet.Binary{1}}, "x": {Data: packet.Binary{2}}}, Any: []byte{3}, B64: []byte{4}}},
			`[{"In":{"x":{"name":"","data":{"_placeholder":true,"num":0}},"y":{"name":"","data":{"_placeholder":true,"num":1}}},"any":{"_placeholder":true,"num":2},"B64":"BA=="}]`, 3},
		{"slice of Binary", []any{[]packet.Binary{{1}, nil, {2}}}, `[[{"_placeholder":true,"num":0},null,{"_placeholder":true,"num":1}]]`, 2},
		{"array and pointers", []any{[2]*packet.Binary{{1}, nil}}, `[[{"_placeholder":true,"num":0},null]]`, 1},
		{"integer keys", []any{map[int]packet.Binary{10: {1}, 9: {2}}}, `[{"10":{"_placeholder":true,"num":0},"9":{"_placeholder":true,"num":1}}]`, 2},
		{"in a tuple", []any{packet.Args2[string, []byte]{"a", []byte{1}}}, `["a",{"_placeholder":true,"num":0}]`, 1},
		{"same bytes twice", []any{[]byte{1}, []byte{1}}, `[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, 2},
		{"text that mentions it", []any{"_placeholder", `\u005f`, []byte{1}}, `["_placeholder","\\u005f",{"_placeholder":true,"num":0}]`, 1},
		{"half a placeholder", []any{map[string]any{"_placeholder": false}, []byte{1}}, `[{"_placeholder":false},{"_placeholder":true,"num":0}]`, 1},
	}
	var c packet.Codec
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, attachments, err := c.AppendAck(nil, "/n[", 3, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("6%d-/n[,3%s", tt.n, tt.want); string(got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if len(attachments) != tt.n {
				t.Errorf("%d attachments", len(attachments))
			}
			if _, err := packet.Parse(got, packet.Limits{}); err != nil {
				t.Errorf("Parse refuses it: %v", err)
			}
		})
	}
}

// Attachments are the caller's own bytes.
func TestAttachmentsAreNotCopied(t *testing.T) {
	var c packet.Codec
	a, b := []byte{1}, packet.Binary{2}
	_, attachments, err := c.AppendEvent(nil, "", 0, false, "e", []any{a, withBinary{Data: b}})
	if err != nil {
		t.Fatal(err)
	}
	if &attachments[0][0] != &a[0] || &attachments[1][0] != &b[0] {
		t.Error("attachments were copied")
	}
}

type failing struct{}

func (failing) MarshalJSON() ([]byte, error) { return nil, errors.New("no way") }

type brokenText struct{}

func (brokenText) MarshalJSON() ([]byte, error) { return []byte("\"\xff\""), nil }

func TestAppendRefuses(t *testing.T) {
	type ring struct {
		Next *ring
		Any  any
	}
	loop := &ring{}
	loop.Next = loop
	loop.Any = loop
	cycle := map[string]any{}
	cycle["x"] = []any{cycle}
	smuggled := map[string]any{"_placeholder": true, "num": 0}
	many := make([]any, 11)
	for i := range many {
		many[i] = []byte{byte(i)}
	}
	tests := []struct {
		name  string
		event string
		args  []any
		is    error
		text  string
	}{
		{"reserved", "connect", nil, packet.ErrReservedEvent, `packet: event "connect": the event name is reserved`},
		{"reserved", "newListener", nil, packet.ErrReservedEvent, ``},
		{"NaN", "e", []any{1, math.NaN()}, nil, `argument 2 of "e": JSON has no NaN`},
		{"infinite", "e", []any{float32(math.Inf(-1))}, nil, `argument 1 of "e": JSON has no -Inf`},
		{"NaN within", "e", []any{[]float64{math.NaN()}}, nil, `argument 1 of "e": json: unsupported value: NaN`},
		{"channel", "e", []any{make(chan int)}, nil, `argument 1 of "e": json: unsupported type: chan int`},
		{"func in a map", "e", []any{map[string]any{"f": func() {}}}, nil, `argument 1 of "e": json: unsupported type: func()`},
		{"marshaler fails", "e", []any{failing{}}, nil, `no way`},
		{"marshaler beside binary fails", "e", []any{struct {
			F failing
			B packet.Binary
		}{B: packet.Binary{1}}}, nil, `field F: json: error calling MarshalJSON`},
		{"marshaler's text", "e", []any{brokenText{}}, nil, `argument 1 of "e": the JSON is not valid UTF-8`},
		{"bad RawMessage", "e", []any{json.RawMessage(`{"a":1}]`)}, nil, `argument 1 of "e": json.RawMessage: not JSON: unexpected byte at byte 7`},
		{"empty RawMessage", "e", []any{json.RawMessage{}}, nil, `argument 1 of "e": json.RawMessage: the JSON ends too early at byte 0`},
		{"RawMessage not UTF-8", "e", []any{json.RawMessage("\"\xff\"")}, nil, `not valid UTF-8`},
		{"deep RawMessage", "e", []any{json.RawMessage(strings.Repeat("[", 10001))}, nil, `nested too deeply`},
		{"cycle of maps", "e", []any{cycle}, nil, `cycle`},
		{"cycle of pointers", "e", []any{loop}, nil, `cycle`},
		{"map key", "e", []any{map[[1]int]packet.Binary{{1}: {1}}}, nil, `argument 1 of "e": a map with keys of type [1]int has no JSON form`},
		{"too many attachments", "e", many, packet.ErrTooManyAttachments, `packet: event "e": too many attachments in one packet: 11, the bound is 10`},
		{"placeholder beside bytes", "e", []any{smuggled, []byte{1}}, packet.ErrPlaceholder, ``},
		{"placeholder after bytes", "e", []any{[]byte{1}, []any{smuggled}}, packet.ErrPlaceholder, ``},
		{"raw placeholder", "e", []any{json.RawMessage(`{"_placeholder":true,"num":0}`), []byte{1}}, packet.ErrPlaceholder, ``},
		{"escaped placeholder", "e", []any{json.RawMessage(`{"\u005fplaceholder":true,"num":0}`), []byte{1}}, packet.ErrPlaceholder, ``},
		{"placeholder by type", "e", []any{struct {
			P bool `json:"_placeholder"`
			B packet.Binary
		}{true, packet.Binary{1}}}, packet.ErrPlaceholder, ``},
	}
	var c packet.Codec
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, attachments, err := c.AppendEvent([]byte("before"), "", 0, false, tt.event, tt.args)
			if err == nil {
				t.Fatalf("accepted: %s", got[:min(len(got), 200)])
			}
			if tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("error is %q, want %v with %q", err, tt.is, tt.text)
			}
			if string(got) != "before" || attachments != nil {
				t.Errorf("beside the error: %.50s and %v", got, attachments)
			}
		})
	}
}

// A Codec with a bound of its own, and the bound is inclusive.
func TestMaxAttachments(t *testing.T) {
	c := packet.Codec{MaxAttachments: 12}
	many := make([]any, 12)
	for i := range many {
		many[i] = []byte{byte(i)}
	}
	got, attachments, err := c.AppendEvent(nil, "", 0, false, "e", many)
	if err != nil || len(attachments) != 12 || !strings.HasPrefix(string(got), `512-["e",`) {
		t.Errorf("%s, %v", got, err)
	}
	if _, _, err := c.AppendEvent(nil, "", 0, false, "e", append(many, []byte{})); !errors.Is(err, packet.ErrTooManyAttachments) {
		t.Errorf("13 attachments: %v", err)
	}
}

// P11: data of a peer that is sent on beside bytes cannot claim them, and the data
// of a binary packet cannot claim what it did not bring.
func TestRelayKeepsAttachmentsApart(t *testing.T) {
	var c packet.Codec
	h := parse(t, `2["in",{"_placeholder":true,"num":0}]`)
	_, _, err := c.AppendEvent(nil, "", 0, false, "out", append(h.Args.Values(nil), []byte("secret")))
	if !errors.Is(err, packet.ErrPlaceholder) {
		t.Errorf("smuggled: %v", err)
	}
	h = parse(t, `52-["in",{"_placeholder":true,"num":1}]`)
	_, _, err = c.AppendEvent(nil, "", 0, false, "out", h.Args.Values([][]byte{{1}}))
	if e, ok := errors.AsType[*packet.Error](err); !ok || e.Reason != packet.ReasonAttachments {
		t.Errorf("missing attachment: %v", err)
	}
}

func TestAppendAllocates(t *testing.T) {
	var c packet.Codec
	buf := make([]byte, 0, 4096)
	tests := map[string][]any{
		"raw":    {json.RawMessage(`{"id":12345,"text":"hello"}`)},
		"plain":  {"hello", 1, true, nil, 2.5},
		"map":    {map[string]any{"a": 1, "b": "c", "list": []any{1, 2}}},
		"values": parse(t, echoText).Args.Values(nil),
	}
	for name, args := range tests {
		if n := testing.AllocsPerRun(50, func() {
			_, _, _ = c.AppendEvent(buf, "/chat", 1, true, "echo", args)
			_, _, _ = c.AppendAck(buf, "/chat", 1, args)
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestCodecConcurrently(t *testing.T) {
	var c packet.Codec
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				v := withBinary{"n", packet.Binary{1}}
				text, attachments, err := c.AppendEvent(nil, "", 0, false, "e", []any{v, map[string]any{"x": &v}})
				if err != nil {
					t.Error(err)
					return
				}
				h, err := packet.Parse(text, packet.Limits{})
				if err != nil {
					t.Error(err)
					return
				}
				var a withBinary
				var b any
				if err := c.DecodeArgs("e", h.Args, attachments, &a, &b); err != nil || a.Data[0] != 1 {
					t.Error(a, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestAppendOthers(t *testing.T) {
	check := func(got []byte, want string) {
		t.Helper()
		if string(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	check(packet.AppendConnect(nil, "/", nil), `0`)
	check(packet.AppendConnect(nil, "/a", []byte(`{"sid":"x"}`)), `0/a,{"sid":"x"}`)
	check(packet.AppendDisconnect(nil, ""), `1`)
	check(packet.AppendDisconnect(nil, "/a"), `1/a,`)
	got, err := packet.AppendConnectError(nil, "/a", `not "authorized"`, nil)
	if err != nil {
		t.Error(err)
	}
	check(got, `4/a,{"message":"not \"authorized\""}`)
	got, err = packet.AppendConnectError(nil, "", "no", map[string]any{"code": 1})
	if err != nil {
		t.Error(err)
	}
	check(got, `4{"message":"no","data":{"code":1}}`)
	got, err = packet.AppendConnectError([]byte("x"), "", "no", math.NaN())
	if err == nil {
		t.Error("NaN has become JSON")
	}
	check(got, "x")
	check(packet.AppendHeader(nil, packet.BinaryEvent, 2, "/a", 0, true), `52-/a,0`)
}

func TestCheckNamespace(t *testing.T) {
	for _, name := range []string{"/", "/a", "/a/b?c=d", "/é\ufffd"} {
		if err := packet.CheckNamespace(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "a", "a/", "/a,b", ",", "/a\x1e", "/\xff", "/\ufffd\xff"} {
		if err := packet.CheckNamespace(name); err == nil {
			t.Errorf("%q passes", name)
		}
	}
}
