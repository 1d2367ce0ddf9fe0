package wsock_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-socketio/socketio/internal/wsock"
)

// TestMalformed is every way a frame can be wrong, each delivered whole and byte
// by byte. P12
func TestMalformed(t *testing.T) {
	opt := wsock.Options{MaxMessage: 1000}
	const (
		fin  = 0x80
		text = 0x1
		bin  = 0x2
	)
	type test struct {
		name string
		src  []byte
		code int
		word string // of the reason
	}
	tests := []test{
		{"RSV1", client(fin|0x40|text, "x"), 1002, "reserved bit"},
		{"RSV2", client(fin|0x20|text, "x"), 1002, "reserved bit"},
		{"RSV3", client(fin|0x10|text, "x"), 1002, "reserved bit"},
		{"all RSV", client(fin|0x70|bin, "x"), 1002, "reserved bit"},
		{"RSV1 on a ping", client(fin|0x40|0x9, ""), 1002, "reserved bit"},
		{"RSV1 on a continuation", join(client(text, "a"), client(fin|0x40, "b")), 1002, "reserved bit"},
		{"unmasked text", wsock.AppendFrame(nil, wsock.Text, []byte("x")), 1002, "not masked"},
		{"unmasked empty", wsock.AppendFrame(nil, wsock.Binary), 1002, "not masked"},
		{"unmasked ping", wsock.AppendFrame(nil, wsock.Ping), 1002, "not masked"},
		{"unmasked close", wsock.AppendClose(nil, 1000, ""), 1002, "not masked"},
		{"ping in two fragments", join(client(0x9, "a"), client(fin, "b")), 1002, "control frame is fragmented"},
		{"close not final", client(0x8, ""), 1002, "control frame is fragmented"},
		{"ping of 126", client(fin|0x9, strings.Repeat("p", 126)), 1002, "125 bytes"},
		{"pong of 126", client(fin|0xA, strings.Repeat("p", 126)), 1002, "125 bytes"},
		{"close of 126", client(fin|0x8, "\x03\xe8"+strings.Repeat("p", 124)), 1002, "125 bytes"},
		{"ping with a 64-bit length", []byte{0x89, 0xff}, 1002, "125 bytes"},
		{"continuation of nothing", client(fin, "x"), 1002, "continues nothing"},
		{"continuation after the end", join(client(text, "a"), client(fin, "b"), client(fin, "c")), 1002, "continues nothing"},
		{"text within text", join(client(text, "a"), client(fin|text, "b")), 1002, "before the last fragment"},
		{"binary within text", join(client(text, "a"), client(bin, "b")), 1002, "before the last fragment"},
		{"text within empty text", join(client(text, ""), client(fin|text, "b")), 1002, "before the last fragment"},
		{"length with the top bit", []byte{0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4}, 1002, "highest bit"},
		{"too long", client(fin|bin, strings.Repeat("x", 1001)), 1009, "1000 bytes"},
		{"announces 2^62", []byte{0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}, 1009, "1000 bytes"},
		{"announces 2^63-1", []byte{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4}, 1009, "1000 bytes"},
		{"too long in sum", join(client(bin, strings.Repeat("x", 999)), client(0, "x"), client(fin, "x")), 1009, "1000 bytes"},
		{"sum overflows", join(client(bin, "x"), []byte{0x80, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4}), 1009, "1000 bytes"},
		{"text is no UTF-8", client(fin|text, "a\xffb"), 1007, "UTF-8"},
		{"text is cut in a character", client(fin|text, "\xc3"), 1007, "UTF-8"},
		{"text has a surrogate", client(fin|text, "\xed\xa0\x80"), 1007, "UTF-8"},
		{"text is above U+10FFFF", client(fin|text, "\xf4\x90\x80\x80"), 1007, "UTF-8"},
		{"text is overlong", client(fin|text, "\xc0\xaf"), 1007, "UTF-8"},
		{"first fragment is bad, more follows", join(client(text, "\xff"), client(0, "ok"), client(fin|0x9, "")), 1007, "UTF-8"},
		{"character broken between fragments", join(client(text, "\xe2\x82"), client(fin, "x")), 1007, "UTF-8"},
		{"character missing its end", join(client(text, "a"), client(0, "\xe2\x82"), client(fin, "")), 1007, "UTF-8"},
		{"bad byte in a frame that never ends", client(fin|text, "\xff"+strings.Repeat("x", 900))[:30], 1007, "UTF-8"},
		{"close of one byte", client(fin|0x8, "\x03"), 1002, "one byte"},
		{"close reason is no UTF-8", client(fin|0x8, "\x03\xe8\xff"), 1007, "UTF-8"},
	}
	for _, op := range []byte{3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf} {
		tests = append(tests, test{fmt.Sprintf("opcode %x", op), client(fin|op, ""), 1002, "reserved"})
	}
	for _, code := range []int{0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		tests = append(tests, test{fmt.Sprintf("close code %d", code),
			client(fin|0x8, string([]byte{byte(code >> 8), byte(code)})), 1002, "must not be sent"})
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			before := client(fin|text, "before") // is handed up in any case
			src := join(before, tc.src)
			for name, sizes := range map[string][]int{
				"whole": nil, "bytes": ones(len(src)), "apart": {len(before)},
			} {
				log, err := play(src, sizes, opt)
				var bad *wsock.ProtocolError
				if !errors.As(err, &bad) || bad.Code != tc.code || !strings.Contains(bad.Reason, tc.word) {
					t.Errorf("%s: got %v, want code %d and %q", name, err, tc.code, tc.word)
				}
				if len(log.events) == 0 || log.events[0].data != "before" {
					t.Errorf("%s: the message before it was lost: %q", name, log.events)
				}
			}
		})
	}
}

// TestWellFormed holds what looks odd and is right.
func TestWellFormed(t *testing.T) {
	const fin = 0x80
	for _, tc := range []struct {
		name string
		src  []byte
		want []recorded
	}{
		{"empty text", client(fin|1, ""), []recorded{{wsock.Text, ""}}},
		{"empty binary", client(fin|2, ""), []recorded{{wsock.Binary, ""}}},
		{"exactly the bound", client(fin|2, strings.Repeat("x", 1000)), []recorded{{wsock.Binary, strings.Repeat("x", 1000)}}},
		{"the bound in two", join(client(2, strings.Repeat("x", 999)), client(fin, "x")), []recorded{{wsock.Binary, strings.Repeat("x", 1000)}}},
		{"binary is not checked", client(fin|2, "\xff\xfe"), []recorded{{wsock.Binary, "\xff\xfe"}}},
		{"empty fragments", join(client(1, ""), client(0, ""), client(fin, "")), []recorded{{wsock.Text, ""}}},
		{"character over fragments", join(client(1, "a\xf0"), client(0, "\x9f"), client(0, "\x98"), client(fin, "\x80b")),
			[]recorded{{wsock.Text, "a😀b"}}},
		{"ping of 125", client(fin|9, strings.Repeat("p", 125)), []recorded{{wsock.Ping, strings.Repeat("p", 125)}}},
		{"unasked pong", client(fin|0xA, "p"), []recorded{{wsock.Pong, "p"}}},
		{"controls between fragments", join(client(1, "a"), client(fin|9, "1"), client(0, "b"), client(fin|0xA, "2"), client(fin|9, ""), client(fin, "c")),
			[]recorded{{wsock.Ping, "1"}, {wsock.Pong, "2"}, {wsock.Ping, ""}, {wsock.Text, "abc"}}},
		{"message after fragments", join(client(2, "a"), client(fin, "b"), client(fin|1, "c"), client(1, "d"), client(fin, "e")),
			[]recorded{{wsock.Binary, "ab"}, {wsock.Text, "c"}, {wsock.Text, "de"}}},
		{"length longer than need be", join([]byte{0x82, 0xfe, 0, 1, 0, 0, 0, 0, 'x'}, []byte{0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 'y'}),
			[]recorded{{wsock.Binary, "x"}, {wsock.Binary, "y"}}},
		{"key of zeros", []byte{0x81, 0x82, 0, 0, 0, 0, 'o', 'k'}, []recorded{{wsock.Text, "ok"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for name, sizes := range map[string][]int{"whole": nil, "bytes": ones(len(tc.src)), "halves": {len(tc.src) / 2}} {
				log, err := play(tc.src, sizes, wsock.Options{MaxMessage: 1000})
				if err != io.EOF {
					t.Errorf("%s: ended with %v", name, err)
				}
				if !slices.Equal(log.events, tc.want) {
					t.Errorf("%s: got %q, want %q", name, log.events, tc.want)
				}
			}
		})
	}
}

// TestCloseFrame: every code the protocol allows is an orderly end, 1001 (a page
// was left) among them. X11
func TestCloseFrame(t *testing.T) {
	for _, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999} {
		src := join(client(0x81, "x"), wsock.AppendMaskedClose(nil, code, "wäg"), client(0x81, "after"))
		for _, sizes := range [][]int{nil, ones(len(src))} {
			log, err := play(src, sizes, wsock.Options{})
			var closed *wsock.CloseError
			if !errors.As(err, &closed) || closed.Code != code || closed.Reason != "wäg" {
				t.Errorf("code %d: got %v", code, err)
			}
			if len(log.events) != 1 {
				t.Errorf("code %d: events %q, want only the one before it", code, log.events)
			}
		}
	}
	_, err := play(client(0x88, ""), nil, wsock.Options{})
	var closed *wsock.CloseError
	if !errors.As(err, &closed) || closed.Code != wsock.CodeNoStatus {
		t.Errorf("empty close: got %v", err)
	}
	_, err = play(join(client(0x01, "half a message"), wsock.AppendMaskedClose(nil, 1001, "")), nil, wsock.Options{})
	if !errors.As(err, &closed) || closed.Code != 1001 {
		t.Errorf("close between fragments: got %v", err)
	}
}

func TestClientRefusesMaskedFrames(t *testing.T) {
	j := new(journal)
	src := join(wsock.AppendFrame(nil, wsock.Text, []byte("plain")), client(0x81, "masked"))
	err := wsock.Client(newScript(src, nil), wsock.Options{}).Serve(j)
	var bad *wsock.ProtocolError
	if !errors.As(err, &bad) || bad.Code != 1002 || !strings.Contains(bad.Reason, "is masked") {
		t.Errorf("got %v", err)
	}
	if len(j.events) != 1 || j.events[0].data != "plain" {
		t.Errorf("events %q", j.events)
	}
}

func TestStreamEndsAnywhere(t *testing.T) {
	src := join(client(0x81, "one"), client(0x01, "two"), client(0x89, "ping"), client(0x80, strings.Repeat("2", 300)))
	for n := range src {
		log, err := play(src[:n], nil, wsock.Options{})
		if err != io.EOF {
			t.Fatalf("after %d bytes: %v", n, err)
		}
		if len(log.events) > 2 {
			t.Fatalf("after %d bytes: %q", n, log.events)
		}
	}
}

func TestHandlerErrorEndsServe(t *testing.T) {
	want := errors.New("enough")
	for _, src := range [][]byte{client(0x81, "x"), client(0x89, "x"), join(client(1, "x"), client(0x80, "y"))} {
		j := &journal{fail: want}
		err := wsock.NewServerConn(newScript(join(src, src), nil), wsock.Options{}).Serve(j)
		if err != want || len(j.events) != 1 || len(j.drained) != 0 {
			t.Errorf("got %v after %d events, %d times drained", err, len(j.events), len(j.drained))
		}
	}
}

// TestDrained: once after each read that completed something, after all of it,
// and also before the peer's close or mistake ends the reader.
func TestDrained(t *testing.T) {
	two := join(client(0x81, "1"), client(0x89, "2"))
	cut := client(0x82, strings.Repeat("x", 2000))
	j := new(journal)
	c := wsock.NewServerConn(newScript(join(two, cut, two), []int{len(two), 900, 900, len(cut) - 1800}), wsock.Options{})
	c.Feed(join(two, client(0x01, "begun"), client(0x80, "!"))) // three at once
	if err := c.Serve(j); err != io.EOF {
		t.Fatal(err)
	}
	// The script's first read is cut at 14 bytes, which is exactly both frames.
	if want := []int{3, 5, 6, 8}; !slices.Equal(j.drained, want) {
		t.Errorf("drained after %v events, want %v", j.drained, want)
	}
	j = new(journal)
	together := struct {
		io.Reader
		io.WriteCloser
	}{iotest.DataErrReader(bytes.NewReader(two)), newScript(nil, nil)}
	if err := wsock.NewServerConn(together, wsock.Options{}).Serve(j); err != io.EOF || !slices.Equal(j.drained, []int{2}) {
		t.Errorf("bytes and end in one read: drained after %v events, then %v", j.drained, err)
	}
	for _, end := range [][]byte{client(0x88, ""), client(0xf1, "")} {
		j := new(journal)
		c := wsock.NewServerConn(newScript(nil, nil), wsock.Options{})
		c.Feed(join(two, end))
		if err := c.Serve(j); err == io.EOF || !slices.Equal(j.drained, []int{2}) {
			t.Errorf("drained after %v events, then %v", j.drained, err)
		}
	}
}
