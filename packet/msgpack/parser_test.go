package msgpack_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func add(t testing.TB, data []byte) *packet.Packet {
	t.Helper()
	p, err := msgpack.New().NewDecoder(packet.Limits{}).Add(data, true)
	if err != nil {
		t.Fatalf("%x: %v", data, err)
	}
	return p
}

func encode(t testing.TB, p *packet.Packet) []byte {
	t.Helper()
	text, binary, err := msgpack.New().Encode(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	if text != nil || len(binary) != 1 {
		t.Fatalf("text %q and %d binary messages", text, len(binary))
	}
	return binary[0]
}

// anys decodes every argument without a type.
func anys(t testing.TB, p *packet.Packet) []any {
	t.Helper()
	var out []any
	for i := range p.Args {
		var v any
		if err := p.DecodeArg(i, &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// The bytes are those that socket.io-msgpack-parser 3.0.2 makes. WIRE-12, B-80
func TestOfficialPackets(t *testing.T) {
	cases := []struct {
		hex  string
		want packet.Packet
		args []any
		data string // JSON
	}{
		{hex: "83a47479706500a464617461d40000a36e7370a12f", want: packet.Packet{Type: packet.Connect, Namespace: "/"}},
		{hex: "83a47479706500a46461746181a5746f6b656ea178a36e7370a62f61646d696e",
			want: packet.Packet{Type: packet.Connect, Namespace: "/admin"}, data: `{"token":"x"}`},
		{hex: "82a47479706501a36e7370a12f", want: packet.Packet{Type: packet.Disconnect, Namespace: "/"}},
		{hex: "84a47479706502a46461746194a568656c6c6f01a161c403010203a76f7074696f6e7381a8636f6d7072657373c3a36e7370a12f",
			want: packet.Packet{Type: packet.Event, Namespace: "/", Name: "hello"}, args: []any{int64(1), "a", []byte{1, 2, 3}}},
		{hex: "85a47479706502a46461746192a16581a16195c0c3cb3ff8000000000000f9cf000000012a05f200a76f7074696f6e7381a8636f6d7072657373c3a2696400a36e7370a12f",
			want: packet.Packet{Type: packet.Event, Namespace: "/", Name: "e", HasID: true},
			args: []any{map[string]any{"a": []any{nil, true, 1.5, int64(-7), int64(5000000000)}}}},
		{hex: "84a47479706503a26964cd012ca36e7370a52f63686174a46461746193a26f6bd40000d7000000018bcfe5687b",
			want: packet.Packet{Type: packet.Ack, Namespace: "/chat", HasID: true, ID: 300},
			args: []any{"ok", nil, time.UnixMilli(1700000000123).UTC()}},
		{hex: "83a47479706502a46461746192a165c702000908a36e7370a12f",
			want: packet.Packet{Type: packet.Event, Namespace: "/", Name: "e"}, args: []any{[]byte{9, 8}}},
		{hex: "83a47479706502a464617461920ca178a36e7370a12f",
			want: packet.Packet{Type: packet.Event, Namespace: "/", Name: "12"}, args: []any{"x"}},
		{hex: "83a47479706504a36e7370a12fa46461746181a76d657373616765a26e6f",
			want: packet.Packet{Type: packet.ConnectError, Namespace: "/"}, data: `{"message":"no"}`},
	}
	for _, c := range cases {
		p := add(t, unhex(t, c.hex))
		if p.Type != c.want.Type || p.Namespace != c.want.Namespace || p.Name != c.want.Name || p.ID != c.want.ID || p.HasID != c.want.HasID {
			t.Errorf("%s: got %+v", c.hex, p)
		}
		if got := anys(t, p); !reflect.DeepEqual(got, c.args) {
			t.Errorf("%s: arguments %#v, want %#v", c.hex, got, c.args)
		}
		data := ""
		if p.Data != nil {
			var raw json.RawMessage
			if err := p.Data.(packet.Argument).Decode(&raw); err != nil {
				t.Error(err)
			}
			data = string(raw)
		}
		if data != c.data {
			t.Errorf("%s: data %s, want %s", c.hex, data, c.data)
		}
		// Undecoded arguments go out as they came.
		again := add(t, encode(t, p))
		if !reflect.DeepEqual(again, p) {
			t.Errorf("%s: encoded again %+v", c.hex, again)
		}
	}
}

func TestEncodedForm(t *testing.T) {
	p := &packet.Packet{Type: packet.Event, Namespace: "/", Name: "e", HasID: true, ID: 7, Args: []any{"x", []byte{1}}}
	want := "84 a474797065 02 a36e7370 a12f a26964 07 a464617461 93 a165 a178 c40101"
	if got := encode(t, p); !bytes.Equal(got, unhex(t, want)) {
		t.Errorf("got %x", got)
	}
	p = &packet.Packet{Type: packet.Disconnect, Namespace: "/a"}
	if got := encode(t, p); !bytes.Equal(got, unhex(t, "82 a474797065 01 a36e7370 a22f61")) {
		t.Errorf("got %x", got)
	}
}

// B-80: messages that are no packet.
func TestRefusedPackets(t *testing.T) {
	raw := func(pairs ...any) []byte {
		out := []byte{0x80 | byte(len(pairs)/2)}
		for _, v := range pairs {
			var err error
			if out, err = msgpack.Append(out, v); err != nil {
				t.Fatal(err)
			}
		}
		return out
	}
	event := func(data any) []byte { return raw("type", 2, "nsp", "/", "data", data) }
	deep := append(bytes.Repeat([]byte{0x91}, 10001), 0xc0)
	cases := []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "too early"},
		{"no map", []byte{0x01}, "want a map"},
		{"bytes behind", append(event([]any{"e"}), 0), "bytes behind"},
		{"unused byte", []byte{0xc1}, "does not use"},
		{"no type", raw("nsp", "/", "data", []any{"e"}), "want a type"},
		{"type 5", raw("type", 5, "nsp", "/", "data", []any{"e"}), "want a type"},
		{"type as text", raw("type", "2", "nsp", "/", "data", []any{"e"}), "want a type"},
		{"type as float", raw("type", 2.0, "nsp", "/", "data", []any{"e"}), "want a type"},
		{"negative type", raw("type", -1, "nsp", "/", "data", []any{"e"}), "want a type"},
		{"no namespace", raw("type", 2, "data", []any{"e"}), "invalid namespace"},
		{"namespace is a number", raw("type", 2, "nsp", 1, "data", []any{"e"}), "invalid namespace"},
		{"namespace without slash", raw("type", 2, "nsp", "x", "data", []any{"e"}), "invalid namespace"},
		{"empty namespace", raw("type", 2, "nsp", "", "data", []any{"e"}), "invalid namespace"},
		{"long namespace", raw("type", 0, "nsp", "/"+strings.Repeat("x", 512)), "invalid namespace"},
		{"event without data", raw("type", 2, "nsp", "/"), "want an array"},
		{"event with a map", event(map[string]any{}), "want an array"},
		{"event with null", event(nil), "want an array"},
		{"event without a name", event([]any{}), "want an event name"},
		{"name is null", event([]any{nil}), "want an event name"},
		{"name is a list", event([]any{[]any{}}), "want an event name"},
		{"name is NaN", event([]any{math.NaN()}), "no number"},
		{"reserved name", event([]any{"disconnecting"}), "reserved"},
		{"ack with a map", raw("type", 3, "nsp", "/", "id", 1, "data", map[string]any{}), "want an array"},
		{"negative id", raw("type", 3, "nsp", "/", "id", -1, "data", []any{}), "invalid ack id"},
		{"id as text", raw("type", 3, "nsp", "/", "id", "1", "data", []any{}), "invalid ack id"},
		{"id as float", raw("type", 3, "nsp", "/", "id", 1.5, "data", []any{}), "invalid ack id"},
		{"id of CONNECT", raw("type", 0, "nsp", "/", "id", 1), "invalid ack id"},
		{"CONNECT with a list", raw("type", 0, "nsp", "/", "data", []any{}), "want a map"},
		{"CONNECT with null", raw("type", 0, "nsp", "/", "data", nil), "want a map"},
		{"DISCONNECT with data", raw("type", 1, "nsp", "/", "data", map[string]any{}), "no payload"},
		{"CONNECT_ERROR without data", raw("type", 4, "nsp", "/"), "want a string or a map"},
		{"twice the same key", raw("type", 2, "type", 2, "nsp", "/", "data", []any{"e"}), "twice"},
		{"key is a number", []byte{0x81, 0x01, 0x01}, "not a string"},
		{"nested key is a number", []byte{0x81, 0xa1, 'a', 0x81, 0x01, 0x01}, "not a string"},
		{"name is an extension", event([]any{msgpack.Ext{Type: 1}}), "want an event name"},
		{"too deep", deep, "too deeply"},
		{"a map of four billion", []byte{0xdf, 0xff, 0xff, 0xff, 0xff, 0xa0}, "too early"},
		{"a list of four billion", []byte{0xdd, 0xff, 0xff, 0xff, 0xff}, "too early"},
		{"a string of four billion", []byte{0xdb, 0xff, 0xff, 0xff, 0xff}, "too early"},
		{"binary data of four billion", []byte{0xc6, 0xff, 0xff, 0xff, 0xff}, "too early"},
		{"an extension of four billion", []byte{0xc9, 0xff, 0xff, 0xff, 0xff, 0x00}, "too early"},
		{"half a number", []byte{0x81, 0xa1, 'a', 0xcb, 0, 0}, "too early"},
		{"invalid UTF-8", []byte{0x81, 0xa1, 0xff, 0x01}, "not UTF-8"},
		{"invalid UTF-8 in long text", []byte{0x81, 0xd9, 1, 0xff, 0x01}, "not UTF-8"},
	}
	for _, c := range cases {
		p, err := msgpack.New().NewDecoder(packet.Limits{}).Add(c.data, true)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %+v", c.name, err, p)
		}
	}
	if _, err := msgpack.New().NewDecoder(packet.Limits{}).Add([]byte(`2["e"]`), false); err == nil {
		t.Error("a text message is taken")
	}
	for i, whole := 0, unhex(t, "84a47479706502a46461746194a568656c6c6f01a161c403010203a76f7074696f6e7381a8636f6d7072657373c3a36e7370a12f"); i < len(whole); i++ {
		if _, err := msgpack.New().NewDecoder(packet.Limits{}).Add(whole[:i], true); err == nil {
			t.Errorf("the first %d bytes of a packet are taken", i)
		}
	}
}

// What a number declares costs nothing before the bytes are there.
func TestDeclaredSizes(t *testing.T) {
	hostile := [][]byte{
		{0xdd, 0x7f, 0xff, 0xff, 0xff, 0xc0},
		{0xdf, 0x7f, 0xff, 0xff, 0xff, 0xa0, 0xc0},
		append(bytes.Repeat([]byte{0xdd, 0, 0, 0xff, 0xff}, 1000), 0xc0),
		{0xc6, 0x7f, 0xff, 0xff, 0xff, 0},
	}
	d := msgpack.New().NewDecoder(packet.Limits{})
	for _, src := range hostile {
		allocs := testing.AllocsPerRun(10, func() {
			if _, err := d.Add(src, true); err == nil {
				t.Fatal("taken")
			}
		})
		if allocs > 12 {
			t.Errorf("%x…: %v allocations", src[:5], allocs)
		}
	}
}

func TestEncodeErrors(t *testing.T) {
	type ring struct{ Next *ring }
	r := &ring{}
	r.Next = r
	for _, v := range []any{make(chan int), func() {}, complex(1, 1), r, msgpack.Raw{0xc1}, msgpack.Raw{0x01, 0x01}, msgpack.Raw{},
		json.RawMessage(`{`), json.RawMessage(`1 2`), json.Number("x"), map[float64]int{1: 1}} {
		_, _, err := msgpack.New().Encode([]byte("kept"), &packet.Packet{Type: packet.Event, Namespace: "/", Name: "e", Args: []any{1, v}})
		if arg, ok := errors.AsType[*packet.ArgumentError](err); !ok || arg.Index != 2 {
			t.Errorf("%T: %v", v, err)
		}
	}
	if _, _, err := msgpack.New().Encode(nil, &packet.Packet{Type: packet.BinaryEvent, Namespace: "/"}); err == nil {
		t.Error("a type of the default parser is encoded")
	}
}
