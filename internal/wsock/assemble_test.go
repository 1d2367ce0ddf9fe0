package wsock_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/internal/wsock"
)

// million is a text with characters of every length, so that reads of one byte
// end inside most of them.
var million = strings.Repeat("aé€😀", 100_000)

// TestTrickle: a message of 1 MB in reads, and in fragments, of one byte takes
// linear time and memory. Quadratic copying would take minutes here. P10
func TestTrickle(t *testing.T) {
	size := 1_000_000
	if raceEnabled {
		size = 200_000
	}
	text := million[:size]
	opt := wsock.Options{MaxMessage: size}
	whole := wsock.AppendMaskedFrame(nil, wsock.Text, []byte(text))
	var shredded []byte
	for i := range size {
		op, fin := byte(0), byte(0)
		if i == 0 {
			op = 1
		}
		if i == size-1 {
			fin = 0x80
		}
		shredded = append(shredded, client(fin|op, text[i:i+1])...)
	}
	for _, tc := range []struct {
		name string
		src  []byte
		size int
		n    int // messages
	}{
		{"one frame, reads of one byte", whole, 1, 1},
		{"one frame, reads of 1000", whole, 1000, 1},
		{"fragments of one byte, large reads", shredded, 0, 1},
		{"fragments of one byte, reads of 13", shredded, 13, 1},
		// What was noted of a final frame must not bound the growth of the next message.
		{"fragments behind a cut final frame", join(client(0x82, strings.Repeat("x", 29)), shredded), 14, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := new(last)
			c := wsock.NewServerConn(&repeat{src: bytes.Clone(tc.src), n: 1, size: tc.size}, opt)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := c.Serve(got)
			runtime.ReadMemStats(&after)
			if err != io.EOF || got.data != text || got.n != tc.n {
				t.Fatalf("%d messages, the last of %d bytes, %v", got.n, len(got.data), err)
			}
			// Doubling allocates at most twice the message, its copy here is one more.
			// The race detector makes pools forget, which would count their buffers.
			if used := after.TotalAlloc - before.TotalAlloc; used > uint64(4*size) && !raceEnabled {
				t.Errorf("allocated %d bytes for a message of %d", used, size)
			}
		})
	}
}

type last struct {
	n    int
	data string
}

func (l *last) Message(_ wsock.Opcode, data []byte) error {
	l.n, l.data = l.n+1, string(data)
	return nil
}
func (l *last) Control(wsock.Opcode, []byte) error { return nil }
func (l *last) Drained()                           {}

// TestMemoryFollowsArrival: what a peer announces costs nothing.
func TestMemoryFollowsArrival(t *testing.T) {
	const limit = 100 << 20
	announced := []byte{0x82, 0xff, 0, 0, 0, 0, 0x06, 0, 0, 0, 1, 2, 3, 4} // 96 MiB
	src := append(announced, make([]byte, 100_000)...)
	for _, size := range []int{0, 1, 999} {
		s := &script{}
		for rest := bytes.Clone(src); len(rest) > 0; {
			n := len(rest)
			if size > 0 {
				n = min(size, n)
			}
			s.pieces, rest = append(s.pieces, rest[:n]), rest[n:]
		}
		c := wsock.NewServerConn(s, wsock.Options{MaxMessage: limit})
		s.onRead = func(sofar int) {
			if got := c.AssemblyCap(); got > 2*sofar+512 {
				t.Fatalf("after %d bytes the message has room for %d", sofar, got)
			}
		}
		if err := c.Serve(new(journal)); err != io.EOF {
			t.Fatal(err)
		}
		if c.HoldsBuffer() || c.HoldsPart() {
			t.Error("memory is kept after the end")
		}
	}
}

// TestNothingIsKeptBetweenMessages: after a message that had to be assembled the
// connection is as small as before.
func TestNothingIsKeptBetweenMessages(t *testing.T) {
	frame := client(0x82, strings.Repeat("x", 5000))
	s := newScript(join(frame, client(1, "a"), client(0x80, "b")), []int{1, 1, 3000, 1000})
	c := wsock.NewServerConn(s, wsock.Options{})
	boundary := len(frame)
	seen := 0
	s.onRead = func(sofar int) {
		if got := c.AssemblyCap(); got > 5000 {
			t.Errorf("room for %d bytes where the last frame ends at 5000", got)
		}
		switch {
		case sofar == 0, sofar == len(frame)+7+7:
			if seen++; c.HoldsPart() {
				t.Errorf("something half received is kept after %d bytes", sofar)
			}
		case sofar > 1 && sofar < boundary && !c.HoldsPart():
			t.Errorf("nothing is kept after %d bytes, inside a frame", sofar)
		}
	}
	if err := c.Serve(new(journal)); err != io.EOF {
		t.Fatal(err)
	}
	if seen != 2 {
		t.Errorf("looked %d times, want 2", seen)
	}
}

// TestHandedUpInPlace: a message that came whole costs no allocation.
func TestHandedUpInPlace(t *testing.T) {
	src := join(client(0x81, "some text"), client(0x82, "binary"), client(0x89, "ping"))
	c := wsock.NewServerConn(&repeat{n: 0}, wsock.Options{})
	h := new(count)
	buf := make([]byte, len(src))
	allocs := testing.AllocsPerRun(100, func() {
		copy(buf, src)
		c.Feed(buf)
		if err := c.Serve(h); err != io.EOF {
			t.Fatal(err)
		}
	})
	// Serve itself: the header-first path of a stream without a descriptor asks
	// for its few bytes of waiting space once per Serve.
	if allocs > 1 {
		t.Errorf("%v allocations for three whole frames", allocs)
	}
	if h.messages == 0 {
		t.Error("no message was handed up")
	}
}

// TestBuffersAreReused reads 100 MB in large buffers and makes but a few of them.
func TestBuffersAreReused(t *testing.T) {
	if raceEnabled {
		return // its pools forget on purpose
	}
	const rounds = 1000
	burst := bytes.Repeat(client(0x82, strings.Repeat("x", 94)), 1000) // 100 bytes each
	stream := &repeat{src: burst, n: rounds}
	c := wsock.NewServerConn(stream, wsock.Options{})
	h := new(count)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := c.Serve(h)
	runtime.ReadMemStats(&after)
	if err != io.EOF || h.messages != rounds*1000 {
		t.Fatalf("%d messages, %v", h.messages, err)
	}
	// Two assemblies per 100 KB, of a few hundred bytes, for frames the reads cut.
	if used := after.TotalAlloc - before.TotalAlloc; used > rounds*4000 {
		t.Errorf("allocated %d bytes", used)
	}
}

// TestRandomFrames cuts random, mostly proper frames at random places and
// compares with the undivided delivery.
func TestRandomFrames(t *testing.T) {
	rounds := 3000
	if raceEnabled {
		rounds = 300
	}
	for seed := range uint64(rounds) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		src := randomFrames(rnd)
		compareDeliveries(t, src, randomSizes(rnd, len(src)), false)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func randomFrames(rnd *rand.Rand) []byte {
	var b []byte
	open := false
	for range rnd.IntN(12) {
		first := byte(0)
		switch rnd.IntN(20) {
		case 0:
			first = byte(rnd.IntN(256)) // anything
		case 1, 2, 3:
			first = 0x89 + byte(rnd.IntN(2))
		default:
			if !open {
				first = 1 + byte(rnd.IntN(2))
			}
			open = rnd.IntN(3) == 0
			if !open {
				first |= 0x80
			}
		}
		n := rnd.IntN(20)
		switch rnd.IntN(8) {
		case 0:
			n = rnd.IntN(6000)
		case 1:
			n = 120 + rnd.IntN(10)
		}
		if first&0x0f >= 8 {
			n = min(n, 125)
		}
		at := rnd.IntN(1000)
		payload := million[at*10:][:n] // starts between characters, may end inside one
		b = append(b, client(first, payload)...)
	}
	for range rnd.IntN(3) {
		if len(b) > 0 && rnd.IntN(4) == 0 {
			b[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8)
		}
	}
	return b
}

func randomSizes(rnd *rand.Rand, n int) []int {
	var s []int
	for n > 0 {
		k := 1 + rnd.IntN(1+rnd.IntN(1+rnd.IntN(n)))
		s, n = append(s, k), n-k
	}
	return s
}

// compareDeliveries hands src to a connection undivided, byte by byte and cut
// into sizes, and wants the same events and the same end from each.
func compareDeliveries(t *testing.T, src []byte, sizes []int, deflate bool) {
	t.Helper()
	opt := wsock.Options{MaxMessage: 8000, Deflate: deflate}
	want := new(journal)
	c := wsock.NewServerConn(newScript(nil, nil), opt)
	c.Feed(bytes.Clone(src))
	wantErr := c.Serve(want)
	for name, sizes := range map[string][]int{"reads": nil, "bytes": ones(len(src)), "cut": sizes} {
		s := newScript(src, sizes)
		c := wsock.NewServerConn(s, opt)
		s.onRead = func(sofar int) {
			if got := c.AssemblyCap(); got > 2*sofar+512 {
				t.Errorf("%s: after %d bytes the message has room for %d", name, sofar, got)
			}
		}
		got := new(journal)
		err := c.Serve(got)
		if !slices.Equal(got.events, want.events) {
			t.Errorf("%s: %d events, undivided %d\n%q\n%q", name, len(got.events), len(want.events), got.events, want.events)
		}
		if !sameEnd(err, wantErr) {
			t.Errorf("%s: ended with %v, undivided with %v", name, err, wantErr)
		}
		keeping := opt
		keeping.Keep = true
		kept := new(hoard)
		err = wsock.NewServerConn(newScript(src, sizes), keeping).Serve(kept)
		if !slices.Equal(kept.events, want.events) || !sameEnd(err, wantErr) || !kept.whole() {
			t.Errorf("%s: kept %d events, whole %v, %v; undivided %d, %v", name, len(kept.events), kept.whole(), err, len(want.events), wantErr)
		}
	}
	var total int
	for _, e := range want.events {
		total += len(e.data)
		if (e.op == wsock.Text || e.op == wsock.Binary) && len(e.data) > opt.MaxMessage {
			t.Errorf("a message of %d bytes came through", len(e.data))
		}
	}
	if total > len(src) && !deflate {
		t.Errorf("%d bytes of payload from %d of input", total, len(src))
	}
}

func sameEnd(a, b error) bool {
	if a == nil || b == nil {
		return false // Serve never returns nil
	}
	var pa, pb *wsock.ProtocolError
	if errors.As(a, &pa) && errors.As(b, &pb) {
		return *pa == *pb
	}
	var ca, cb *wsock.CloseError
	if errors.As(a, &ca) && errors.As(b, &cb) {
		return *ca == *cb
	}
	return a == b
}

// FuzzServe gives raw bytes to the server's side. It must not panic, its memory
// must follow what arrived, and how the bytes are divided must not matter. P12 WIRE-16
func FuzzServe(f *testing.F) {
	add := func(src []byte, cuts ...byte) { f.Add(src, cuts) }
	add(client(0x81, "hello"), 3)
	add(join(client(0x01, "a\xe2\x82"), client(0x89, "p"), client(0x80, "\xacb")), 1, 5, 2)
	add(client(0x82, strings.Repeat("x", 300)), 7, 200)
	add(client(0x88, "\x03\xe9away"), 1)
	add([]byte{0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5}, 9)
	add([]byte{0xf1, 0xff}, 1)
	add([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 4)
	f.Fuzz(func(t *testing.T, src, cuts []byte) {
		if len(src) > 1<<16 {
			return
		}
		var sizes []int
		for _, n := range cuts {
			sizes = append(sizes, int(n))
		}
		compareDeliveries(t, src, sizes, false)
	})
}
