package wsock_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-socketio/socketio/internal/wsock"
)

// TestFrameBytes holds the examples of RFC 6455 section 5.7 and the borders of
// the three length forms.
func TestFrameBytes(t *testing.T) {
	text := func(n int) []byte { return bytes.Repeat([]byte("a"), n) }
	for _, tc := range []struct {
		name string
		got  []byte
		head string
		size int // of the payload
	}{
		{"hello", wsock.AppendFrame(nil, wsock.Text, []byte("Hel"), []byte("lo")), "\x81\x05Hello", 5},
		{"ping", wsock.AppendFrame(nil, wsock.Ping, []byte("Hello")), "\x89\x05Hello", 5},
		{"pong", wsock.AppendFrame(nil, wsock.Pong, []byte("Hello")), "\x8a\x05Hello", 5},
		{"empty", wsock.AppendFrame(nil, wsock.Binary), "\x82\x00", 0},
		{"125", wsock.AppendFrame(nil, wsock.Binary, text(125)), "\x82\x7da", 125},
		{"126", wsock.AppendFrame(nil, wsock.Binary, text(126)), "\x82\x7e\x00\x7ea", 126},
		{"256", wsock.AppendFrame(nil, wsock.Binary, text(256)), "\x82\x7e\x01\x00a", 256},
		{"65535", wsock.AppendFrame(nil, wsock.Binary, text(65535)), "\x82\x7e\xff\xffa", 65535},
		{"65536", wsock.AppendFrame(nil, wsock.Binary, text(65536)), "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00a", 65536},
		{"close", wsock.AppendClose(nil, 1000, "bye"), "\x88\x05\x03\xe8bye", 5},
		{"bare close", wsock.AppendClose(nil, 0, "dropped"), "\x88\x00", 0},
		{"control is cut", wsock.AppendFrame(nil, wsock.Pong, text(200)), "\x8a\x7da", 125},
	} {
		if !strings.HasPrefix(string(tc.got), tc.head) {
			t.Errorf("%s begins with % x, want % x", tc.name, tc.got[:min(12, len(tc.got))], tc.head)
		}
		if want := wsock.HeaderSize(tc.size) + tc.size; len(tc.got) != want {
			t.Errorf("%s takes %d bytes, want %d", tc.name, len(tc.got), want)
		}
	}
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	got := wsock.AppendFrame([]byte("before"), wsock.Text, []byte("x"))
	if string(got) != "before\x81\x01x" {
		t.Errorf("got %q", got)
	}
	if got := wsock.AppendMaskedFrame([]byte("before"), wsock.Text, []byte("x")); string(got[:8]) != "before\x81\x81" || len(got) != 13 {
		t.Errorf("got %q", got)
	}
}

func TestPutHeaderMatchesAppendFrame(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 127, 65535, 65536, 100_000} {
		want := wsock.AppendFrame(nil, wsock.Binary, make([]byte, n))
		got := make([]byte, wsock.HeaderSize(n)+n)
		if size := wsock.PutHeader(got, wsock.Binary, n); size != wsock.HeaderSize(n) || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: header of %d, % x", n, size, got[:size])
		}
	}
}

// TestMaskedRoundTrip reads what the client's side writes, at every length form
// and with pieces that do not end on the key's four bytes.
func TestMaskedRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 3, 125, 126, 1000, 65535, 65536, 70_001} {
		want := bytes.Repeat([]byte("0123456789a"), n/11+1)[:n]
		frame := wsock.AppendMaskedFrame(nil, wsock.Binary, want[:n/3], want[n/3:])
		if n >= 16 && bytes.Contains(frame, want[:16]) {
			t.Errorf("%d bytes: the payload is in the clear", n)
		}
		log, _ := play(frame, nil, wsock.Options{})
		if len(log.events) != 1 || log.events[0] != (recorded{wsock.Binary, string(want)}) {
			t.Errorf("%d bytes: %d events, first differs", n, len(log.events))
		}
	}
}

func TestCloseReasonIsCutBetweenCharacters(t *testing.T) {
	frame := wsock.AppendClose(nil, 1008, strings.Repeat("ü", 100))
	reason := string(frame[4:])
	if len(reason) > 123 || !utf8.ValidString(reason) || len(reason) < 120 {
		t.Errorf("the reason takes %d bytes, valid: %v", len(reason), utf8.ValidString(reason))
	}
	_, err := play(wsock.AppendMaskedClose(nil, 1008, strings.Repeat("ü", 100)), nil, wsock.Options{})
	var closed *wsock.CloseError
	if !errors.As(err, &closed) || closed.Code != 1008 || closed.Reason != reason {
		t.Errorf("got %v", err)
	}
}

// journal keeps what a Handler was told.
type journal struct {
	events  []recorded
	drained []int // how many events there were at each call
	fail    error // returned by the first Message or Control
}

func (j *journal) Message(op wsock.Opcode, data []byte) error {
	j.events = append(j.events, recorded{op, string(data)})
	return j.fail
}
func (j *journal) Control(op wsock.Opcode, data []byte) error { return j.Message(op, data) }
func (j *journal) Drained()                                   { j.drained = append(j.drained, len(j.events)) }

// play runs the server's side over src, cut into reads of the given sizes and
// then into one of all the rest, and returns what came out.
func play(src []byte, sizes []int, opt wsock.Options) (*journal, error) {
	j := new(journal)
	return j, wsock.NewServerConn(newScript(src, sizes), opt).Serve(j)
}

// script is a stream that hands out src in pieces and ends with io.EOF.
type script struct {
	pieces [][]byte
	onRead func(sofar int)
	sofar  int
}

func newScript(src []byte, sizes []int) *script {
	src = bytes.Clone(src) // it is unmasked in place
	s := new(script)
	for _, n := range sizes {
		n = min(n, len(src))
		if n > 0 {
			s.pieces, src = append(s.pieces, src[:n]), src[n:]
		}
	}
	if len(src) > 0 {
		s.pieces = append(s.pieces, src)
	}
	return s
}

func (s *script) Read(p []byte) (int, error) {
	if s.onRead != nil {
		s.onRead(s.sofar)
	}
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; len(s.pieces[0]) == 0 {
		s.pieces = s.pieces[1:]
	}
	s.sofar += n
	return n, nil
}

func (s *script) Write(p []byte) (int, error) { return len(p), nil }
func (s *script) Close() error                { return nil }

// ones cuts n bytes into reads of one.
func ones(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = 1
	}
	return s
}

// client builds a masked frame with any first byte; the key is not zero, so an
// unmasking that is left out shows.
func client(first byte, payload string) []byte {
	n := len(payload)
	b := []byte{first}
	switch {
	case n < 126:
		b = append(b, 0x80|byte(n))
	default:
		b = append(b, 0x80|126, byte(n>>8), byte(n))
	}
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	b = append(b, key[:]...)
	for i := range n {
		b = append(b, payload[i]^key[i%4])
	}
	return b
}

func join(frames ...[]byte) []byte { return bytes.Join(frames, nil) }
