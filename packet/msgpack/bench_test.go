package msgpack_test

import (
	"testing"

	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

type line struct {
	ID   int     `json:"id"`
	Text string  `json:"text"`
	On   bool    `json:"on"`
	N    float64 `json:"n"`
}

func BenchmarkEncode(b *testing.B) {
	parser := msgpack.New()
	buf := make([]byte, 0, 1024)
	for _, c := range []struct {
		name string
		arg  any
	}{
		{"string", "hello there, this is a line"},
		{"struct", line{12345, "hello there, this is a line", true, -1.5}},
		{"map", map[string]any{"id": 12345, "text": "hello there", "on": true}},
	} {
		p := &packet.Packet{Type: packet.Event, Namespace: "/", Name: "echo", Args: []any{c.arg}}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := parser.Encode(buf, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	src := encode(b, &packet.Packet{Type: packet.Event, Namespace: "/", Name: "echo", Args: []any{line{12345, "hello there, this is a line", true, -1.5}}})
	d := msgpack.New().NewDecoder(packet.Limits{})
	b.Run("scan", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(src)))
		for b.Loop() {
			if _, err := d.Add(src, true); err != nil {
				b.Fatal(err)
			}
		}
	})
	p, err := d.Add(src, true)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		var dst line
		for b.Loop() {
			if err := p.Decode(&dst); err != nil {
				b.Fatal(err)
			}
		}
	})
}
