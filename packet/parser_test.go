package packet_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/packet"
)

func TestStandardEncodesWhatItDecodes(t *testing.T) {
	cases := [][]string{
		{`0`}, {`0/admin,{"token":"x"}`}, {`1`}, {`1/admin,`}, {`2["a"]`}, {`2/chat,17["a",1,{"b":[null]},"é"]`},
		{`30[]`}, {`3/a,18446744073709551615["x"]`}, {`4{"message":"no"}`}, {`4"no"`}, {`20["0"]`},
		{`52-["f",{"a":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":1}]`, "\x01", "\x02\x03"},
		{`61-9[{"_placeholder":true,"num":0}]`, ""},
	}
	var s packet.Standard
	for _, msgs := range cases {
		d := s.NewDecoder(packet.Limits{})
		var p *packet.Packet
		for i, m := range msgs {
			var err error
			if p, err = d.Add([]byte(m), i > 0); err != nil {
				t.Fatalf("%q: %v", msgs, err)
			}
			if (p != nil) != (i == len(msgs)-1) {
				t.Fatalf("%q: message %d gives %v", msgs, i, p)
			}
		}
		if err := p.Check(packet.Limits{}); err != nil {
			t.Errorf("%q: %v", msgs, err)
		}
		text, binary, err := s.Encode([]byte("-"), p)
		if err != nil {
			t.Fatalf("%q: %v", msgs, err)
		}
		got := []string{string(text[1:])}
		for _, b := range binary {
			got = append(got, string(b))
		}
		if !reflect.DeepEqual(got, msgs) {
			t.Errorf("%q becomes %q", msgs, got)
		}
	}
}

func TestStandardRefuses(t *testing.T) {
	var s packet.Standard
	for _, c := range []struct {
		msgs []string // the first is text, "!" marks another text
		want string
	}{
		{[]string{`2[]`}, "invalid payload"},
		{[]string{``}, "unknown packet type"},
		{[]string{`51-["a",{"_placeholder":true,"num":0}]`, `!2["b"]`}, "got plaintext data"},
		{[]string{`2["b"]`, "\x00"}, "got binary data"},
	} {
		d := s.NewDecoder(packet.Limits{})
		var err error
		for i, m := range c.msgs {
			text, isText := strings.CutPrefix(m, "!")
			_, err = d.Add([]byte(text), i > 0 && !isText)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v", c.msgs, err)
		}
	}
	if _, _, err := s.Encode(nil, &packet.Packet{Type: packet.BinaryAck, Namespace: "/"}); err == nil {
		t.Error("BINARY_ACK is encoded")
	}
}

func TestPacketDecode(t *testing.T) {
	var s packet.Standard
	p, err := s.NewDecoder(packet.Limits{}).Add([]byte(`2["move",{"X":1},"b"]`), false)
	if err != nil {
		t.Fatal(err)
	}
	var both packet.Args2[struct{ X int }, string]
	if err := p.Decode(&both); err != nil || both.A.X != 1 || both.B != "b" {
		t.Errorf("got %+v, %v", both, err)
	}
	var n int
	var m map[string]any
	for _, c := range []struct {
		err  error
		want string
	}{
		{p.DecodeArg(1, &n), `argument 2 of "move": cannot decode string into int`},
		{p.DecodeArg(2, &n), `argument 3 of "move": missing, want int`},
		{p.DecodeArg(-1, &n), `argument 0 of "move": missing, want int`},
		{p.DecodeArg(0, n), `argument 1 of "move": cannot decode into int, want a pointer that is not nil`},
		{p.DecodeArg(2, &m), ""},
	} {
		if got := ""; c.err != nil && c.err.Error() != c.want || c.err == nil && c.want != got {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
}

func TestExpand(t *testing.T) {
	plain := []any{1, "x"}
	if got := packet.Expand(plain); &got[0] != &plain[0] {
		t.Error("arguments without tuples are copied")
	}
	in := []any{0, packet.Args2[int, string]{A: 1, B: "2"}, packet.None{}, (*packet.None)(nil), packet.Args3[int, int, int]{A: 3, B: 4, C: 5}}
	if got := packet.Expand(in); !reflect.DeepEqual(got, []any{0, 1, "2", (*packet.None)(nil), 3, 4, 5}) {
		t.Errorf("got %v", got)
	}
}

// WIRE-11: another JSON library gets its share, and what it returns is checked.
func TestJSONEngine(t *testing.T) {
	type inner struct{ N int }
	var c packet.Codec
	c.JSON.Marshal = func(v any) ([]byte, error) {
		if v, ok := v.(inner); ok {
			return []byte{'"', byte('0' + v.N), '"'}, nil
		}
		return []byte(v.(string)), nil
	}
	text, _, err := c.AppendEvent(nil, "/", 0, false, "e", []any{inner{7}, []any{inner{8}}, 1})
	if err != nil || string(text) != `2["e","7",["8"],1]` {
		t.Errorf("got %s, %v", text, err)
	}
	text, err = c.AppendConnectError(nil, "/", "no", inner{9})
	if err != nil || string(text) != `4{"message":"no","data":"9"}` {
		t.Errorf("got %s, %v", text, err)
	}
	type wrong string
	for _, bad := range []string{``, `{`, `1 2`, "\"\xff\""} {
		c.JSON.Marshal = func(any) ([]byte, error) { return []byte(bad), nil }
		if text, _, err := c.AppendEvent(nil, "/", 0, false, "e", []any{wrong("")}); err == nil {
			t.Errorf("%q is sent as %s", bad, text)
		}
	}
	broken := errors.New("broken")
	c.JSON.Unmarshal = func([]byte, any) error { return broken }
	var v any
	if err := c.Decode([]byte(`1`), nil, &v); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	c.JSON.Unmarshal = func(text []byte, dst any) error {
		*dst.(*any) = "n" + string(text)
		return nil
	}
	if err := c.Decode([]byte(`[12,{"_placeholder":true,"num":0}]`), [][]byte{{1}}, &v); err != nil || !reflect.DeepEqual(v, []any{"n12", []byte{1}}) {
		t.Errorf("got %#v, %v", v, err)
	}
}

// WIRE-10: values are replaced before they are encoded.
func TestReplace(t *testing.T) {
	var c packet.Codec
	var keys []string
	c.JSON.Replace = func(key string, v any) (any, error) {
		keys = append(keys, key)
		switch v := v.(type) {
		case int:
			if v < 0 {
				return nil, errors.New("negative")
			}
			return []any{v, "int"}, nil
		}
		return v, nil
	}
	in := map[string]any{"b": []any{true, []byte{1}}, "a": nil}
	text, attachments, err := c.AppendEvent(nil, "/", 0, false, "e", []any{"s", in})
	if err != nil || string(text) != `51-["e","s",{"a":null,"b":[true,{"_placeholder":true,"num":0}]}]` || len(attachments) != 1 {
		t.Errorf("got %s, %v", text, err)
	}
	if want := []string{"", "", "a", "b", "0", "1"}; !reflect.DeepEqual(keys, want) {
		t.Errorf("keys %q, want %q", keys, want)
	}
	if _, _, err := c.AppendAck(nil, "/", 0, []any{"x", []any{-1}}); err == nil || err.Error() != "argument 2 of the ack: negative" {
		t.Errorf("got %v", err)
	}
	if _, _, err := c.AppendAck(nil, "/", 0, []any{1}); err == nil {
		t.Error("a replacement that is replaced for ever comes to an end")
	}
}

// WIRE-10: values are replaced after they were decoded.
func TestRevive(t *testing.T) {
	var c packet.Codec
	c.JSON.Revive = func(key string, v any) (any, error) {
		switch v {
		case "bad":
			return nil, errors.New("refused")
		case "gone":
			return nil, nil
		case nil:
			return "was null", nil
		}
		if f, ok := v.(float64); ok {
			return key + "=" + json.Number(strings.Repeat("I", int(f))).String(), nil
		}
		return v, nil
	}
	type node struct {
		Next *node
		V    any
		L    []any
		M    map[int]any
		N    float64
		B    []byte
	}
	var n node
	text := `{"V":{"k":2,"gone":"gone"},"L":[1,null],"M":{"5":3},"N":4,"Next":{"V":1},"B":{"_placeholder":true,"num":0}}`
	if err := c.Decode([]byte(text), [][]byte{{9}}, &n); err != nil {
		t.Fatal(err)
	}
	want := node{V: map[string]any{"k": "k=II", "gone": nil}, L: []any{"0=I", "was null"}, M: map[int]any{5: "5=III"}, N: 4,
		Next: &node{V: "V=I"}, B: []byte{9}}
	want.Next.V = "V=I"
	if !reflect.DeepEqual(n, want) {
		t.Errorf("got  %+v, %+v\nwant %+v", n, n.Next, want)
	}
	ring := &node{}
	ring.Next = ring
	if err := c.Decode([]byte(`{"V":1}`), nil, ring); err != nil || ring.V != "V=I" {
		t.Errorf("got %v, %v", ring.V, err)
	}
	var v any
	if err := c.Decode([]byte(`[["bad"]]`), nil, &v); err == nil {
		t.Errorf("got %v", v)
	}
	if err := c.Decode([]byte(`1`), nil, &v); err != nil || v != "=I" {
		t.Errorf("got %v, %v", v, err)
	}
	var raw json.RawMessage
	if err := c.Decode([]byte(`"bad"`), nil, &raw); err != nil || string(raw) != `"bad"` {
		t.Errorf("got %s, %v", raw, err)
	}
}

// FuzzStandard: behind the seam the default parser takes what Parse takes, and
// what it makes of it is stable.
func FuzzStandard(f *testing.F) {
	for _, s := range []string{`0`, `0/a,{"b":1}`, `2["a",1]`, `30[]`, `4"x"`, `1/x,`, `51-["a",{"_placeholder":true,"num":0}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s packet.Standard
		h, want := packet.Parse(data, packet.Limits{})
		p, err := s.NewDecoder(packet.Limits{}).Add(data, false)
		if (err == nil) != (want == nil) {
			t.Fatalf("Add: %v, Parse: %v", err, want)
		}
		if err != nil || p == nil {
			return
		}
		if err := p.Check(packet.Limits{}); err != nil {
			t.Fatalf("Parse takes what Check refuses: %v", err)
		}
		if p.Type == packet.Ack && !h.HasID {
			return // has no form of its own: nobody could use it
		}
		text, _, err := s.Encode(nil, p)
		if err != nil {
			return // not UTF-8, which the transports have checked
		}
		again, err := s.NewDecoder(packet.Limits{}).Add(text, false)
		if err != nil {
			t.Fatalf("%q becomes %q: %v", data, text, err)
		}
		twice, _, err := s.Encode(nil, again)
		if err != nil || string(twice) != string(text) {
			t.Fatalf("%q becomes %q, then %q, %v", data, text, twice, err)
		}
	})
}
