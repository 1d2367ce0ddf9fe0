package eio_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/go-socketio/socketio/internal/eio"
)

// WIRE-01: every type, and what is none.
func TestParseText(t *testing.T) {
	tests := []struct {
		src  string
		want eio.Packet
		err  error
	}{
		{src: `0{"sid":"x"}`, want: eio.Packet{Type: eio.Open, Data: []byte(`{"sid":"x"}`)}},
		{src: `1`, want: eio.Packet{Type: eio.Close}},
		{src: `2`, want: eio.Packet{Type: eio.Ping}},
		{src: `2probe`, want: eio.Packet{Type: eio.Ping, Data: []byte(`probe`)}},
		{src: `3probe`, want: eio.Packet{Type: eio.Pong, Data: []byte(`probe`)}},
		{src: `4`, want: eio.Packet{Type: eio.Message}},
		{src: `4hello`, want: eio.Packet{Type: eio.Message, Data: []byte(`hello`)}},
		{src: "4\x00\xff€😀", want: eio.Packet{Type: eio.Message, Data: []byte("\x00\xff€😀")}},
		{src: `4b`, want: eio.Packet{Type: eio.Message, Data: []byte(`b`)}},
		{src: `5`, want: eio.Packet{Type: eio.Upgrade}},
		{src: `6`, want: eio.Packet{Type: eio.Noop}},
		{src: `bAQID`, want: eio.Packet{Type: eio.Message, Binary: true, Data: []byte{1, 2, 3}}},
		{src: `bAQI=`, want: eio.Packet{Type: eio.Message, Binary: true, Data: []byte{1, 2}}},
		{src: `bAQ==`, want: eio.Packet{Type: eio.Message, Binary: true, Data: []byte{1}}},
		{src: `b+/+/`, want: eio.Packet{Type: eio.Message, Binary: true, Data: []byte{0xfb, 0xff, 0xbf}}},
		{src: `b`, want: eio.Packet{Type: eio.Message, Binary: true}},

		// B-25, B-49
		{src: ``, err: eio.ErrEmptyPacket},
		{src: `7`, err: eio.ErrUnknownType},
		{src: `9x`, err: eio.ErrUnknownType},
		{src: `/`, err: eio.ErrUnknownType},
		{src: `hello`, err: eio.ErrUnknownType},
		{src: ` 4`, err: eio.ErrUnknownType},
		{src: `BAQID`, err: eio.ErrUnknownType},
		{src: "\x1e", err: eio.ErrUnknownType},
		{src: "\xff", err: eio.ErrUnknownType},
		// B-30
		{src: `b!!!`, err: eio.ErrBadBase64},
		{src: `bAQI`, err: eio.ErrBadBase64},
		{src: `bAQ`, err: eio.ErrBadBase64},
		{src: `bA`, err: eio.ErrBadBase64},
		{src: `bAQ=`, err: eio.ErrBadBase64},
		{src: `bAQ==AQ==`, err: eio.ErrBadBase64},
		{src: `bAQID=`, err: eio.ErrBadBase64},
		{src: `b====`, err: eio.ErrBadBase64},
		{src: `bAR==`, err: eio.ErrBadBase64},
		{src: `b-_-_`, err: eio.ErrBadBase64},
		{src: "bAQ\nID", err: eio.ErrBadBase64},
		{src: "bAQID\r\n", err: eio.ErrBadBase64},
		{src: "\n", err: eio.ErrUnknownType},
		{src: `b AQID`, err: eio.ErrBadBase64},
	}
	for _, tt := range tests {
		got, err := eio.ParseText([]byte(tt.src))
		if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
			t.Errorf("ParseText(%q): error %v, want %v", tt.src, err, tt.err)
			continue
		}
		if got.Type != tt.want.Type || got.Binary != tt.want.Binary || !bytes.Equal(got.Data, tt.want.Data) {
			t.Errorf("ParseText(%q) = %+v, want %+v", tt.src, got, tt.want)
		}
		if err == nil {
			if back := eio.AppendText(nil, got); string(back) != tt.src {
				t.Errorf("%q is written as %q", tt.src, back)
			}
		}
	}
}

// Text is not copied: the reader hands out its own buffer.
func TestParseTextAliases(t *testing.T) {
	src := []byte("4hello")
	p, err := eio.ParseText(src)
	if err != nil || &p.Data[0] != &src[1] {
		t.Errorf("%v, %v", p, err)
	}
	if n := testing.AllocsPerRun(20, func() { _, _ = eio.ParseText(src) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestPacketTypeString(t *testing.T) {
	want := []string{"open", "close", "ping", "pong", "message", "upgrade", "noop", "unknown"}
	for i, w := range want {
		if got := (eio.Open + eio.PacketType(i)).String(); got != w {
			t.Errorf("type %d is %q, want %q", i, got, w)
		}
	}
}

// WIRE-16: no text panics, and what was read is written the same.
func FuzzParseText(f *testing.F) {
	for _, s := range []string{"", "0{}", "1", "2probe", "3", "4hello", "4\x1e", "5", "6", "7", "b", "bAQID", "bAQ==", "bAR==", "b!!!", "bAQ\nID", "4€"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := eio.ParseText(b)
		if err != nil {
			if p.Data != nil {
				t.Fatalf("%q: data beside %v", b, err)
			}
			return
		}
		if p.Binary {
			// The standard decoder agrees on what was said.
			want, err := base64.StdEncoding.DecodeString(string(b[1:]))
			if err != nil || !bytes.Equal(want, p.Data) || p.Type != eio.Message {
				t.Fatalf("%q is %+v, want %q, %v", b, p, want, err)
			}
		}
		// One packet has one text.
		if back := eio.AppendText(nil, p); !bytes.Equal(back, b) {
			t.Fatalf("%q is written as %q", b, back)
		}
	})
}

func BenchmarkParseText(b *testing.B) {
	for _, src := range [][]byte{[]byte("42[\"echo\",{\"a\":1}]"), eio.AppendText(nil, eio.Packet{Binary: true, Data: make([]byte, 1024)})} {
		b.Run(string(src[:1]), func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := eio.ParseText(src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
