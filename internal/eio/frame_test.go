package eio_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/go-socketio/socketio/internal/eio"
)

// deframed is what a Deframer made of pieces.
func deframed(limit int, pieces ...[]byte) (frames []string, err error) {
	d := eio.Deframer{Max: limit}
	for _, src := range pieces {
		for {
			data, isBinary, rest, err := d.Next(src)
			if err != nil {
				return frames, err
			}
			if data == nil {
				break
			}
			frames = append(frames, fmt.Sprintf("%t:%s", isBinary, data))
			src = rest
		}
	}
	if d.Partial() {
		frames = append(frames, "…")
	}
	return frames, nil
}

// WIRE-04: the three headers, in both directions.
func TestFrameHeader(t *testing.T) {
	for _, c := range []struct {
		n    int
		text string
	}{
		{1, "\x01"}, {125, "\x7d"},
		{126, "\x7e\x00\x7e"}, {127, "\x7e\x00\x7f"}, {255, "\x7e\x00\xff"}, {256, "\x7e\x01\x00"}, {65535, "\x7e\xff\xff"},
		{65536, "\x7f\x00\x00\x00\x00\x00\x01\x00\x00"}, {1 << 20, "\x7f\x00\x00\x00\x00\x00\x10\x00\x00"},
	} {
		for _, isBinary := range []bool{false, true} {
			want := []byte(c.text)
			if isBinary {
				want[0] |= 0x80
			}
			got := eio.AppendFrameHeader([]byte("x"), c.n, isBinary)
			if string(got) != "x"+string(want) {
				t.Errorf("header of %d bytes, binary %t, is %x, want %x", c.n, isBinary, got[1:], want)
			}
			d := eio.Deframer{Max: c.n}
			body := bytes.Repeat([]byte{'4'}, c.n)
			data, bin, rest, err := d.Next(append(append(got[1:], body...), "tail"...))
			if err != nil || bin != isBinary || !bytes.Equal(data, body) || string(rest) != "tail" {
				t.Errorf("%d bytes came back as %d, binary %t, rest %q, %v", c.n, len(data), bin, rest, err)
			}
		}
	}
}

// WIRE-04, B-54: what is refused, and that it is refused before its body.
func TestFrameErrors(t *testing.T) {
	for _, c := range []struct {
		src  string
		want error
	}{
		{"\x00", eio.ErrEmptyFrame},
		{"\x7e\x00\x00", eio.ErrEmptyFrame},
		{"\x7f\x00\x00\x00\x00\x00\x00\x00\x00", eio.ErrEmptyFrame},
		{"\x80\x00", eio.ErrEmptyFrame},
		{"\x0b", eio.ErrFrameTooLarge},
		{"\x8b", eio.ErrFrameTooLarge},
		{"\x7e\x00\x0b", eio.ErrFrameTooLarge},
		{"\x7f\x00\x00\x00\x00\x00\x00\x00\x0b", eio.ErrFrameTooLarge},
		{"\x7f\x00\x1f\xff\xff\xff\xff\xff\xff", eio.ErrFrameTooLarge},
		{"\x7f\x00\x20\x00\x00\x00\x00\x00\x00", eio.ErrFrameTooLarge}, // 2^53
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff", eio.ErrFrameTooLarge},
	} {
		src := "\x024a" + c.src
		frames, err := deframed(10, []byte(src))
		if !errors.Is(err, c.want) || len(frames) < 1 {
			t.Errorf("%x: %q and %v, want the frame before and %v", src, frames, err, c.want)
		}
		pieces := bytes.Split([]byte(src), nil)
		if frames, err = deframed(10, pieces...); !errors.Is(err, c.want) || len(frames) < 1 {
			t.Errorf("%x byte by byte: %q and %v, want the frame before and %v", src, frames, err, c.want)
		}
	}
	// Whatever is allowed, the protocol ends at 2^53-1.
	if _, err := deframed(int(^uint(0)>>1), []byte("\x7f\x00\x20\x00\x00\x00\x00\x00\x00")); !errors.Is(err, eio.ErrFrameTooLarge) {
		t.Errorf("a frame of 2^53 bytes gives %v", err)
	}
	// What the official client makes of an empty binary value.
	if frames, err := deframed(10, []byte("\x80\xfe\x00\x00\x015")); err != nil || fmt.Sprint(frames) != "[true: true: false:5]" {
		t.Errorf("empty binary frames give %q, %v", frames, err)
	}
	// Longer than need be is what the reference reads too.
	if frames, err := deframed(10, []byte("\x7e\x00\x014\x7f\x00\x00\x00\x00\x00\x00\x00\x015")); err != nil || len(frames) != 2 {
		t.Errorf("longer headers give %q, %v", frames, err)
	}
}

// WIRE-04: packets as frames, the empty binary message among them.
func TestAppendFrame(t *testing.T) {
	for _, c := range []struct {
		p    eio.Packet
		want string
	}{
		{eio.Packet{Type: eio.Open}, "\x010"},
		{eio.Packet{Type: eio.Message, Data: []byte("hi")}, "\x034hi"},
		{eio.Packet{Type: eio.Message, Binary: true, Data: []byte("\x01\x02")}, "\x82\x01\x02"},
		{eio.Packet{Type: eio.Message, Binary: true}, "\x01b"},
	} {
		if got := eio.AppendFrame(nil, c.p); string(got) != c.want {
			t.Errorf("%v gives %x, want %x", c.p, got, c.want)
		}
	}
}

// An announced length costs nothing, and a message grows with what arrives.
func TestFrameMemory(t *testing.T) {
	const announced = 1 << 30
	head := eio.AppendFrameHeader(nil, announced, true)
	allocated := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d := eio.Deframer{Max: announced}
			if data, _, _, err := d.Next(append(head, 1, 2, 3)); data != nil || err != nil || !d.Partial() {
				b.Fatal(data, err)
			}
		}
	}).AllocedBytesPerOp()
	if allocated > 8<<10 {
		t.Errorf("three bytes of a frame of 1 GiB cost %d bytes", allocated)
	}
}

// However a stream is cut, it holds the same frames.
func FuzzDeframer(f *testing.F) {
	var all []byte
	for _, p := range []eio.Packet{
		{Type: eio.Open}, {Type: eio.Message, Data: bytes.Repeat([]byte("x"), 200)},
		{Type: eio.Message, Binary: true, Data: bytes.Repeat([]byte{1}, 70000)}, {Type: eio.Message, Binary: true},
	} {
		all = eio.AppendFrame(all, p)
	}
	f.Add(all, uint(1), uint(1000), 1<<20)
	f.Add([]byte("\x010\x034hi\x82\x01\x02"), uint(2), uint(4), 100)
	f.Add([]byte("\x7e\x00\x054abcd\x7f\x00\x00\x00"), uint(3), uint(1), 5)
	f.Add([]byte("\x7f\x00\x20\x00\x00\x00\x00\x00\x00"), uint(3), uint(1), 5)
	f.Fuzz(func(t *testing.T, src []byte, first, step uint, limit int) {
		want, wantErr := deframed(limit, src)
		cut := min(first, uint(len(src)))
		pieces := [][]byte{src[:cut]}
		for rest := src[cut:]; len(rest) > 0; {
			n := min(step%4096+1, uint(len(rest)))
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		got, err := deframed(limit, pieces...)
		if fmt.Sprint(got, err) != fmt.Sprint(want, wantErr) {
			t.Fatalf("in pieces: %.200q, %v; at once: %.200q, %v", got, err, want, wantErr)
		}
	})
}
