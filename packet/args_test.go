package packet_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/go-socketio/socketio/packet"
)

func parse(t *testing.T, text string) packet.Header {
	t.Helper()
	h, err := packet.Parse([]byte(text), packet.Limits{})
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return h
}

func TestArgs(t *testing.T) {
	tests := []struct {
		src  string
		want []string
	}{
		{`2["e"]`, nil},
		{`2["e" ]`, nil},
		{`3[]`, nil},
		{`2["e",1]`, []string{`1`}},
		{`2["e", 1 ]`, []string{`1`}},
		{`2["e",true,false,null]`, []string{`true`, `false`, `null`}},
		{`2["e", "a,]}b" , "\"\\" ,[ 1 , {"x":"]"} ], {} ,-1.5e+3]`, []string{`"a,]}b"`, `"\"\\"`, `[ 1 , {"x":"]"} ]`, `{}`, `-1.5e+3`}},
		{`3[[],{},"",0]`, []string{`[]`, `{}`, `""`, `0`}},
		{`3["12345678","1234567\"9","\\"]`, []string{`"12345678"`, `"1234567\"9"`, `"\\"`}},
	}
	for _, tt := range tests {
		a := parse(t, tt.src).Args
		if a.Len() != len(tt.want) {
			t.Errorf("%s: Len is %d, want %d", tt.src, a.Len(), len(tt.want))
		}
		var all []string
		for i, arg := range a.All() {
			all = append(all, string(arg))
			if got := string(a.At(i)); got != string(arg) {
				t.Errorf("%s: At(%d) is %s, All has %s", tt.src, i, got, arg)
			}
		}
		if !slices.Equal(all, tt.want) {
			t.Errorf("%s: %q, want %q", tt.src, all, tt.want)
		}
		if a.At(-1) != nil || a.At(a.Len()) != nil {
			t.Errorf("%s: an argument outside the bounds", tt.src)
		}
		if raw := "[" + string(a.Raw()) + "]"; !json.Valid([]byte(raw)) {
			t.Errorf("%s: Raw is %s", tt.src, raw)
		}
	}
}

func TestArgsAllStops(t *testing.T) {
	n := 0
	for range parse(t, `3[1,2,3]`).Args.All() {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("went on to %d", n)
	}
}

func TestArgsClone(t *testing.T) {
	src := []byte(`2["e",{"a":1},2]`)
	h, err := packet.Parse(src, packet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	c := h.Args.Clone()
	clear(src)
	if got := string(c.At(0)) + string(c.At(1)); got != `{"a":1}2` {
		t.Errorf("the clone changed with the packet: %q", got)
	}
	var none packet.Args
	if c := none.Clone(); c.Len() != 0 || c.Raw() != nil || none.Values(nil) != nil {
		t.Error("no arguments became some")
	}
}

// Arguments are sent on without being decoded, attachments with new numbers.
func TestArgsValues(t *testing.T) {
	var c packet.Codec
	a, b := []byte{1}, []byte{2, 2}
	h := parse(t, `52-["in",[{"_placeholder":true,"num":1}, 9007199254740993],{"x" : {"num":0,"_placeholder":true}},{"y":{"_placeholder":true,"num":1}}]`)
	args := append([]any{[]byte{0}}, h.Args.Values([][]byte{a, b})...)
	text, attachments, err := c.AppendEvent(nil, "", 0, false, "out", args)
	if err != nil {
		t.Fatal(err)
	}
	want := `53-["out",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}, 9007199254740993],{"x" : {"_placeholder":true,"num":2}},{"y":{"_placeholder":true,"num":1}}]`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if len(attachments) != 3 || &attachments[1][0] != &b[0] || &attachments[2][0] != &a[0] {
		t.Errorf("attachments are %v", attachments)
	}

	// Of a plain event, what looks like a placeholder stays data.
	h = parse(t, `2["in",{"_placeholder":true,"num":5}]`)
	text, attachments, err = c.AppendEvent(nil, "", 0, false, "out", h.Args.Values(nil))
	if want := `2["out",{"_placeholder":true,"num":5}]`; err != nil || string(text) != want || attachments != nil {
		t.Errorf("got %s, %v, %v, want %s", text, attachments, err, want)
	}
}

func TestRawJSON(t *testing.T) {
	h := parse(t, `51-["in",{"a":{"_placeholder":true,"num":0}}]`)
	var c packet.Codec
	var r packet.Raw
	if err := c.DecodeArgs("in", h.Args, [][]byte{{1, 2, 3}}, &r); err != nil {
		t.Fatal(err)
	}
	if got := string(r.JSON()); got != `{"a":{"_placeholder":true,"num":0}}` || len(r.Attachments()) != 1 {
		t.Errorf("%s with %v", got, r.Attachments())
	}
	got, err := json.Marshal(map[string]any{"kept": r, "zero": packet.Raw{}})
	if want := `{"kept":{"a":"AQID"},"zero":null}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	var back struct{ Kept packet.Raw }
	if err := json.Unmarshal(got, &back); err != nil || string(back.Kept.JSON()) != `{"a":"AQID"}` {
		t.Errorf("%s, %v", back.Kept.JSON(), err)
	}
}

// Values go into the caller's memory where there is enough of it, and pointers
// into it hold when there is not.
func TestAppendValues(t *testing.T) {
	var c packet.Codec
	for _, text := range []string{`2["in"]`, `2["in",{"a":[1,2]}]`, `2["in",1,"b",[3]]`} {
		h := parse(t, text)
		want, _, _ := c.AppendEvent(nil, "", 0, false, "out", append([]any{"first"}, h.Args.Values(nil)...))
		for room := range 5 {
			raws := make([]packet.Raw, 1, 1+room)
			values := append(make([]any, 0, 1+room), "first")
			got := h.Args.AppendValues(values, raws, nil)
			text, _, err := c.AppendEvent(nil, "", 0, false, "out", got)
			if err != nil || string(text) != string(want) {
				t.Errorf("with room for %d: %s, %v, want %s", room, text, err, want)
			}
			if n := h.Args.Len(); n > 0 && n <= room && (&got[0] != &values[0] || got[1] != &raws[:2][1]) {
				t.Errorf("with room for %d, %d values went elsewhere", room, n)
			}
		}
	}
}
