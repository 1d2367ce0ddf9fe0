package packet_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/packet"
)

// echoText is an event with an object of 64 bytes, the shape most events have.
const echoText = `2["echo",{"id":12345,"text":"hello there, this is a line","on":true,"n":-1.5}]`

func BenchmarkParse(b *testing.B) {
	cases := []struct{ name, text string }{
		{"echo64", echoText},
		{"ack", `312["ok"]`},
		{"namespace", `2/chat,17["send",{"text":"hi"}]`},
		{"string1k", `2["s","` + strings.Repeat("abcdefgh", 128) + `"]`},
		{"objects4k", `2["s",[` + strings.Repeat(`{"id":1,"name":"some name","tags":["a","b"]},`, 90) + `0]]`},
		{"binary", `52-["f",{"a":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":1}]`},
	}
	for _, c := range cases {
		src := []byte(c.text)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := packet.Parse(src, packet.Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("encoding-json-Valid", func(b *testing.B) {
		src := []byte(echoText[1:])
		b.SetBytes(int64(len(src)))
		for b.Loop() {
			json.Valid(src)
		}
	})
}

func BenchmarkAppendEvent(b *testing.B) {
	cases := []struct {
		name string
		args []any
	}{
		{"raw64", []any{json.RawMessage(`{"id":12345,"text":"hello there, this is a line","on":true,"n":-1.5}`)}},
		{"string", []any{"hello there, this is a line"}},
		{"mixed", []any{"hello", 42, true, 1.5, nil}},
		{"map", []any{map[string]any{"id": 12345, "text": "hello there", "on": true}}},
		{"struct", []any{struct {
			ID   int    `json:"id"`
			Text string `json:"text"`
		}{12345, "hello there"}}},
		{"bytes", []any{make([]byte, 64)}},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			var codec packet.Codec
			buf := make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := codec.AppendEvent(buf, "/", 0, false, "echo", c.args); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeArgs(b *testing.B) {
	h, err := packet.Parse([]byte(echoText), packet.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	var codec packet.Codec
	b.Run("raw", func(b *testing.B) {
		b.ReportAllocs()
		var dst packet.Raw
		for b.Loop() {
			if err := codec.DecodeArgs("echo", h.Args, nil, &dst); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("struct", func(b *testing.B) {
		b.ReportAllocs()
		var dst struct {
			ID   int
			Text string
		}
		for b.Loop() {
			if err := codec.DecodeArgs("echo", h.Args, nil, &dst); err != nil {
				b.Fatal(err)
			}
		}
	})
}
