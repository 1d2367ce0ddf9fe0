package packet

import "testing"

func TestParseSmoke(t *testing.T) {
	h, err := Parse([]byte(`2["echo",{"a":[1,2,"x"]},3]`), Limits{})
	if err != nil || string(h.Name) != "echo" || h.Args.Len() != 2 || string(h.Args.At(1)) != "3" {
		t.Fatalf("%+v %v", h, err)
	}
	var c Codec
	text, att, err := c.AppendEvent(nil, "/x", 7, true, "f", []any{[]byte{1}, "a", map[string]any{"b": []byte{2}}})
	if err != nil || len(att) != 2 {
		t.Fatal(err)
	}
	if string(text) != `52-/x,7["f",{"_placeholder":true,"num":0},"a",{"b":{"_placeholder":true,"num":1}}]` {
		t.Fatalf("%s", text)
	}
	h, err = Parse(text, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var x []byte
	var y int
	t.Log(c.DecodeArgs("f", h.Args, att, &x, &y))
}
