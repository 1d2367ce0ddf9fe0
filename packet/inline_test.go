package packet_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/packet"
)

type (
	readsJSON  struct{ n int }
	readsText  struct{ n int }
	writesText int
	named      interface{ Name() string }
	person     struct{ Data []byte }
)

func (r *readsJSON) UnmarshalJSON(b []byte) error { r.n = len(b); return nil }
func (r *readsText) UnmarshalText(b []byte) error { r.n = len(b); return nil }
func (writesText) MarshalText() ([]byte, error)   { return []byte("w"), nil }
func (p *person) Name() string                    { return "p" }
func holding(p *person) *named                    { var n named = p; return &n }
func repeated(n int, f func(i int) string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = f(i)
	}
	return list
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A placeholder is short and its attachment may be large: naming it often must
// not cost more than what arrived, whatever it is decoded into.
func TestDecodeManyPlaceholders(t *testing.T) {
	const (
		places = 2000
		fits   = ""
		refuse = "illegal attachments"
		array  = "cannot decode array into"
		object = "cannot decode object into"
		single = "cannot decode an attachment into"
	)
	const ph = `{"_placeholder":true,"num":0}`
	list := "[" + strings.Join(repeated(places, func(int) string { return ph }), ",") + "]"
	keys := "{" + strings.Join(repeated(places, func(i int) string { return fmt.Sprintf(`"%d":%s`, i, ph) }), ",") + "}"
	same := "{" + strings.Join(repeated(places, func(int) string { return `"J":` + ph }), ",") + "}"
	attachment := bytes.Repeat([]byte{0xfb}, 100_000)

	tests := []struct {
		raw  string
		dst  any
		want string
	}{
		{list, new(string), array},
		{list, new(int), array},
		{list, new(*int), array},
		{list, new(uint8), array},
		{list, new(float64), array},
		{list, new(bool), array},
		{list, new(json.Number), array},
		{list, new(struct{ A string }), array},
		{list, new(map[string]any), array},
		{list, new(named), array},
		{list, holding(nil), array},
		{list, holding(new(person)), array},
		{list, new(time.Time), array},
		{list, new(*time.Time), array},
		{list, new(readsText), array},
		{list, new(writesText), array},
		{list, new(net.IP), array},
		{list, new(chan int), array},
		{keys, new(string), object},
		{keys, new(int), object},
		{keys, new(bool), object},
		{keys, new([]any), object},
		{keys, new([]byte), object},
		{keys, new(packet.Binary), object},
		{keys, new([2]any), object},
		{keys, new(time.Time), object},
		{keys, new(readsText), object},
		{ph, new(time.Time), single},
		{ph, new(*time.Time), single},
		{ph, new(writesText), single},
		{ph, new(named), single},
		{ph, holding(new(person)), single},
		{list, new([]string), single},
		{list, new([]int), single},
		{list, new([]byte), single},
		{list, new([]time.Time), single},
		{list, new([]person), single},
		{keys, new(map[string]string), single},
		{same, new(struct{ J string }), single},
		{same, new(struct {
			J int `json:",string"`
		}), single},

		{list, new(json.RawMessage), refuse},
		{keys, new(json.RawMessage), refuse},
		{list, new(*json.RawMessage), refuse},
		{list, new(readsJSON), refuse},
		{keys, new(readsJSON), refuse},
		{list, new([]json.RawMessage), refuse},
		{list, new([]*json.RawMessage), refuse},
		{list, new([3]json.RawMessage), refuse},
		{list, new([]readsJSON), refuse},
		{list, new([]readsText), refuse},
		{list, new([]net.IP), "invalid IP"},
		{keys, new(map[string]json.RawMessage), refuse},
		{keys, new(map[int]readsText), refuse},
		{same, new(struct{ J json.RawMessage }), refuse},
		{same, new(struct{ J *readsJSON }), refuse},
		{"[" + list + "]", new([]json.RawMessage), refuse},
		{`{"A":` + list + `}`, new(struct{ A json.RawMessage }), refuse},

		{list, new(any), fits},
		{keys, new(any), fits},
		{list, new([]any), fits},
		{list, new([][]byte), fits},
		{list, new([]packet.Binary), fits},
		{list, new([]packet.Raw), fits},
		{list, new(packet.Raw), fits},
		{list, new([3][]byte), fits},
		{keys, new(map[string]any), fits},
		{keys, new(map[int][]byte), fits},
		{keys, new(struct{ A json.RawMessage }), fits}, // keys without a field
		{same, new(struct{ J []byte }), fits},
		{same, new(struct{ J any }), fits},
		{same, holding(new(person)), fits},
	}
	for _, tt := range tests {
		var c packet.Codec
		var err error
		n := allocated(func() { err = c.Decode([]byte(tt.raw), [][]byte{attachment}, tt.dst) })
		if bound := uint64(10 * (len(tt.raw) + len(attachment))); n > bound {
			t.Errorf("%.40s into %T allocates %d bytes, want at most %d", tt.raw, tt.dst, n, bound)
		}
		switch {
		case tt.want == fits && err != nil:
			t.Errorf("%.40s into %T: %v", tt.raw, tt.dst, err)
		case tt.want != fits && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%.40s into %T: %.200v, want %q", tt.raw, tt.dst, err, tt.want)
		}
		if tt.want == refuse {
			e, ok := errors.AsType[*packet.Error](err)
			if !ok || e.Reason != packet.ReasonAttachments || e.Offset <= 0 || !strings.HasPrefix(tt.raw[e.Offset:], ph) {
				t.Errorf("%.40s into %T: %#v", tt.raw, tt.dst, err)
			}
		}
	}

	var err error
	r := rawOf(t, list, attachment)
	if n := allocated(func() { _, err = json.Marshal(r) }); n > uint64(len(list)*10) {
		t.Errorf("Raw.MarshalJSON allocates %d bytes", n)
	}
	if e, ok := errors.AsType[*packet.Error](err); !ok || e.Reason != packet.ReasonAttachments {
		t.Errorf("Raw.MarshalJSON: %v", err)
	}
}

func rawOf(t *testing.T, text string, attachments ...[]byte) packet.Raw {
	t.Helper()
	var c packet.Codec
	var r packet.Raw
	if err := c.Decode([]byte(text), attachments, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// What official peers send, each attachment once, is never refused, and is
// written into one piece of memory.
func TestInlineEachOnce(t *testing.T) {
	var attachments [][]byte
	var want []string
	for i := range 10 {
		attachments = append(attachments, bytes.Repeat([]byte{byte(i)}, i*10_000))
		want = append(want, `"`+base64.StdEncoding.EncodeToString(attachments[i])+`"`)
	}
	src := "[" + strings.Join(repeated(10, func(i int) string { return fmt.Sprintf(`{"_placeholder":true,"num":%d}`, i) }), " ,") + "]"
	text := "[" + strings.Join(want, " ,") + "]"
	var c packet.Codec

	var whole json.RawMessage
	if err := c.Decode([]byte(src), attachments, &whole); err != nil || string(whole) != text {
		t.Errorf("%.100s, %v", whole, err)
	}
	n := allocated(func() {
		var whole json.RawMessage
		_ = c.Decode([]byte(src), attachments, &whole)
	})
	if bound := uint64(len(text) + 20_000); n > bound {
		t.Errorf("%d bytes of JSON allocate %d", len(text), n)
	}
	var list []json.RawMessage
	if err := c.Decode([]byte(src), attachments, &list); err != nil || len(list) != 10 || string(list[9]) != want[9] {
		t.Errorf("%d elements, %v", len(list), err)
	}
	var texts []readsText
	if err := c.Decode([]byte(src), attachments, &texts); err != nil || texts[9].n != len(want[9])-2 {
		t.Errorf("%d, %v", texts, err)
	}
	// Sharing takes nothing from what may be written out.
	var mixed struct {
		A, B []byte
		J    json.RawMessage
		C    any
	}
	one := `{"_placeholder":true,"num":9}`
	if err := c.Decode([]byte(`{"A":`+one+`,"B":`+one+`,"J":`+one+`,"C":[`+one+`]}`), attachments, &mixed); err != nil || string(mixed.J) != want[9] {
		t.Errorf("%.100s, %v", mixed.J, err)
	}
	if b, err := json.Marshal(rawOf(t, src, attachments...)); err != nil || string(b) != strings.ReplaceAll(text, " ", "") {
		t.Errorf("%.100s, %v", b, err)
	}
}

// An attachment shorter than its placeholder may be named at will.
func TestInlineSmall(t *testing.T) {
	src := "[" + strings.Join(repeated(1000, func(int) string { return `{"_placeholder":true,"num":0}` }), ",") + "]"
	want := "[" + strings.Join(repeated(1000, func(int) string { return `"AQI="` }), ",") + "]"
	var c packet.Codec
	var got json.RawMessage
	if err := c.Decode([]byte(src), [][]byte{{1, 2}}, &got); err != nil || string(got) != want {
		t.Errorf("%.100s, %v", got, err)
	}
	// It is the sum that counts, not the order.
	big := `[{"_placeholder":true,"num":1},{"_placeholder":true,"num":1},` + src[1:]
	if err := c.Decode([]byte(big), [][]byte{{1, 2}, make([]byte, 10_000)}, &got); err != nil {
		t.Error(err)
	}
}

// Shared bytes cost what their places do, however many there are.
func TestDecodeManyShared(t *testing.T) {
	attachment := make([]byte, 1<<20)
	perPlace := func(places int) uint64 {
		src := []byte("[" + strings.Join(repeated(places, func(int) string { return `{"_placeholder":true,"num":0}` }), ",") + "]")
		var c packet.Codec
		var got any
		var err error
		n := allocated(func() { err = c.Decode(src, [][]byte{attachment}, &got) })
		if err != nil {
			t.Fatal(err)
		}
		list := got.([]any)
		if last := list[places-1].([]byte); len(list) != places || &last[0] != &attachment[0] || cap(last) != len(attachment) {
			t.Error("the bytes are not shared")
		}
		return n / uint64(places)
	}
	if few, many := perPlace(3300), perPlace(33_000); many > 2*few || many > 500 {
		t.Errorf("%d bytes for each place, %d if there are ten times as many", few, many)
	}
}
