package engine_test

import (
	"bytes"
	"testing"

	"github.com/go-socketio/socketio/engine"
)

// BenchmarkNewText is what every emit pays for its message.
func BenchmarkNewText(b *testing.B) {
	payload := bytes.Repeat([]byte("x"), 64)
	b.ReportAllocs()
	for b.Loop() {
		engine.NewText(payload)
	}
}

// BenchmarkFlush is one message of 64 bytes from Send to the client's reader,
// 64 to a batch, over loopback.
func BenchmarkFlush(b *testing.B) {
	a := newApp(b)
	g := start(b, engine.Config{}, a)
	p, k := g.connect()
	m := text(string(bytes.Repeat([]byte("x"), 64)))
	b.ReportAllocs()
	for b.Loop() {
		for range 64 {
			_ = k.Send(m)
		}
		for range 64 {
			<-p.got
		}
	}
}
