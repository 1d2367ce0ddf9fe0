package msgpack_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// FuzzAdd: no message panics; what is taken is encoded and read again the same,
// and has JSON. WIRE-16
func FuzzAdd(f *testing.F) {
	for _, s := range []string{
		"83a47479706500a464617461d40000a36e7370a12f",
		"83a47479706500a46461746181a5746f6b656ea178a36e7370a62f61646d696e",
		"84a47479706502a46461746194a568656c6c6f01a161c403010203a76f7074696f6e7381a8636f6d7072657373c3a36e7370a12f",
		"85a47479706502a46461746192a16581a16195c0c3cb3ff8000000000000f9cf000000012a05f200a76f7074696f6e7381a8636f6d7072657373c3a2696400a36e7370a12f",
		"84a47479706503a26964cd012ca36e7370a52f63686174a46461746193a26f6bd40000d7000000018bcfe5687b",
		"83a47479706502a46461746192a165c702000908a36e7370a12f",
		"dfffffffffa0", "ddffffffff", "c9ffffffff00", "d6ff6553f100",
	} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := msgpack.New().NewDecoder(packet.Limits{}).Add(bytes.Clone(data), true)
		if err != nil {
			return
		}
		if err := p.Check(packet.Limits{}); err != nil {
			t.Fatalf("taken, but %v", err)
		}
		once := encode(t, p)
		twice := encode(t, add(t, once))
		if !bytes.Equal(once, twice) {
			t.Fatalf("%x becomes %x", once, twice)
		}
		for i := range p.Args {
			exercise(t, p.Args[i].(packet.Argument))
		}
		if p.Data != nil {
			exercise(t, p.Data.(packet.Argument))
		}
	})
}

// exercise decodes into all sorts of types.
func exercise(t *testing.T, arg packet.Argument) {
	var text json.RawMessage
	if err := arg.Decode(&text); err != nil || !json.Valid(text) {
		t.Fatalf("JSON %q: %v", text, err)
	}
	var v any
	if err := arg.Decode(&v); err != nil {
		t.Fatalf("any: %v", err)
	}
	_, _ = msgpack.Append(nil, v) // a Date after the year 9999 has no JSON in Go; nothing may panic
	for _, dst := range []any{new(string), new(int8), new(uint64), new(float32), new([]byte), new([]int), new([2]string),
		new(map[string]int), new(map[int]any), new(everything), new(*everything), new([]everything), new(json.Number), new(msgpack.Raw)} {
		_ = arg.Decode(dst) // most do not fit; none may panic
	}
}

// FuzzValue: what encoding/json reads is encoded and comes back.
func FuzzValue(f *testing.F) {
	f.Add([]byte(`{"a":[1,-1,18446744073709551615,1.5,"é",null,true],"b":{}}`))
	f.Add([]byte(`"\ud800"`))
	f.Add([]byte("[-0.0,-0]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return
		}
		b, err := msgpack.Append(nil, json.RawMessage(text))
		if err != nil {
			return // numbers that no float64 holds
		}
		first, err := msgpack.Raw(b).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := msgpack.Append(nil, json.RawMessage(first))
		if err != nil {
			t.Fatal(err)
		}
		second, err := msgpack.Raw(again).MarshalJSON()
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%s becomes %s, %v", first, second, err)
		}
	})
}
