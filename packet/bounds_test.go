package packet_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/packet"
)

// WIRE-07 WIRE-09: the bounds can be set, and are inclusive.
func TestParseLimits(t *testing.T) {
	nested := func(n int) string {
		return `2["a",` + strings.Repeat("[", n) + strings.Repeat("]", n) + `]`
	}
	mixed := func(n int) string {
		return `2["a",` + strings.Repeat(`[{"k":`, n) + `1` + strings.Repeat(`}]`, n) + `]`
	}
	tests := []struct {
		name string
		src  string
		lim  packet.Limits
		ok   bool
	}{
		{"depth of 5000", nested(5000), packet.Limits{}, true},
		{"objects and arrays, 64 deep", mixed(32), packet.Limits{}, true},
		{"objects and arrays, 66 deep", mixed(33), packet.Limits{}, true},
		{"objects and arrays, 5000 deep", mixed(2500), packet.Limits{}, true},
		{"depth at the default bound", nested(9999), packet.Limits{}, true},
		{"depth over the default bound", nested(10000), packet.Limits{}, false},
		{"depth at a bound", nested(4), packet.Limits{MaxDepth: 5}, true},
		{"depth over a bound", nested(5), packet.Limits{MaxDepth: 5}, false},
		{"flat at depth 1", nested(0)[:5] + "]", packet.Limits{MaxDepth: 1}, true},
		{"negative means default", nested(5), packet.Limits{MaxDepth: -1, MaxAttachments: -1, MaxNamespace: -1}, true},
		{"namespace at the default bound", "0/" + strings.Repeat("x", 511), packet.Limits{}, true},
		{"namespace at a bound", "0/abc,", packet.Limits{MaxNamespace: 4}, true},
		{"namespace over a bound", "0/abcd,", packet.Limits{MaxNamespace: 4}, false},
		{"attachments at a bound", `512-["f"]`, packet.Limits{MaxAttachments: 12}, true},
		{"an attachment named 17 times", "51-[\"f\"" + strings.Repeat(`,{"_placeholder":true,"num":0}`, 17) + "]", packet.Limits{}, true},
		{"an attachment named 18 times", "51-[\"f\"" + strings.Repeat(`,{"_placeholder":true,"num":0}`, 18) + "]", packet.Limits{}, false},
		{"attachments over a bound", `52-["f"]`, packet.Limits{MaxAttachments: 1}, false},
		{"attachments, large bound", `5` + fmt.Sprint(int64(math.MaxInt64)) + `-["f"]`, packet.Limits{MaxAttachments: math.MaxInt}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := packet.Parse([]byte(tt.src), tt.lim); (err == nil) != tt.ok {
				t.Errorf("got %v, want ok=%v", err, tt.ok)
			}
		})
	}
}

// Every crooked closing deep inside is found, also where the scanner's bit
// stack runs over from one word into the next.
func TestParseBracketsMatch(t *testing.T) {
	for depth := 1; depth <= 200; depth++ {
		var open, shut strings.Builder
		closers := make([]byte, depth)
		for i := range depth {
			if i*7%3 == 0 {
				open.WriteString(`{"k":`)
				closers[depth-1-i] = '}'
			} else {
				open.WriteByte('[')
				closers[depth-1-i] = ']'
			}
		}
		shut.Write(closers)
		good := `2["a",` + open.String() + `1` + shut.String() + `]`
		if _, err := packet.Parse([]byte(good), packet.Limits{}); err != nil {
			t.Fatalf("depth %d: %v", depth, err)
		}
		at := len(good) - 1 - depth + depth/2
		bad := []byte(good)
		bad[at] ^= ']' ^ '}'
		if _, err := packet.Parse(bad, packet.Limits{}); err == nil {
			t.Fatalf("depth %d: a wrong bracket at %d is accepted", depth, at)
		}
	}
}

// A hostile nesting around placeholders must not cost the square of its length:
// were it so, this test would take minutes.
func TestParseBinaryIsLinear(t *testing.T) {
	src := `51-["f",` + strings.Repeat(`{"a":`, 9990) + `"` + strings.Repeat("x", 900_000) + `"` + strings.Repeat(`}`, 9990) + `,{"_placeholder":true,"num":0}]`
	h, err := packet.Parse([]byte(src), packet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	type tree struct {
		A *tree
		B packet.Binary
	}
	var c packet.Codec
	var deep any
	if err := c.DecodeArgs("f", h.Args, [][]byte{{1}}, &deep); err != nil {
		t.Fatal(err)
	}
	var typed tree
	if err := c.DecodeArgs("f", h.Args, [][]byte{{1}}, &typed); err == nil {
		t.Fatal("a string was decoded into a struct")
	}
}

func TestParseAllocates(t *testing.T) {
	for _, src := range []string{
		echoText, `312["ok"]`, `0`, `1/admin,`, `2/chat,17["send",[1,2,[3]],null]`,
		`2["a",` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `]`,
		`52-["f",{"a":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":1}]`,
	} {
		b := []byte(src)
		if n := testing.AllocsPerRun(50, func() { _, _ = packet.Parse(b, packet.Limits{}) }); n != 0 {
			t.Errorf("Parse(%s) allocates %v times", src, n)
		}
	}
}

// What a header holds lies in the packet and cannot be grown over what follows.
func TestParseAliases(t *testing.T) {
	src := []byte(`51-/nsp,7["name",[1],{"_placeholder":true,"num":0}]`)
	h, err := packet.Parse(src, packet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	keep := string(src)
	for name, b := range map[string][]byte{
		"Namespace": h.Namespace, "Name": h.Name, "Payload": h.Payload,
		"Args.Raw": h.Args.Raw(), "Args.At(0)": h.Args.At(0), "Args.At(1)": h.Args.At(1),
	} {
		if len(b) == 0 {
			t.Errorf("%s is empty", name)
		}
		_ = append(b, 'X')
		if string(src) != keep {
			t.Fatalf("append to %s wrote into the packet: %s", name, src)
		}
	}
	src[bytesIndex(keep, "name")] = 'N'
	if string(h.Name) != "Name" {
		t.Error("Name does not alias the packet")
	}
}

func bytesIndex(s, sub string) int { return strings.Index(s, sub) }
