package wsock_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/internal/deflate"
	"github.com/go-socketio/socketio/internal/wsock"
)

// packed returns a text as the payload of a compressed message.
func packed(text string) string {
	return string(deflate.NewWriters(1).Append(nil, deflate.Raw, []byte(text)))
}

var packing = wsock.Options{MaxMessage: 1000, Deflate: true}

// TestInflates holds what is right where compression was agreed on. HTTP-09
func TestInflates(t *testing.T) {
	const fin, rsv1 = 0x80, 0x40
	long := strings.Repeat("€ and 😀, ", 60)
	small := packed(long)
	third := len(small) / 3
	for _, tc := range []struct {
		name string
		src  []byte
		want []recorded
	}{
		{"plain", client(fin|1, "plain"), []recorded{{wsock.Text, "plain"}}},
		{"text", client(fin|rsv1|1, small), []recorded{{wsock.Text, long}}},
		{"binary", client(fin|rsv1|2, packed("\xff\x00")), []recorded{{wsock.Binary, "\xff\x00"}}},
		{"empty", client(fin|rsv1|1, "\x00"), []recorded{{wsock.Text, ""}}},
		{"RFC 7692", client(fin|rsv1|1, "\xf2\x48\xcd\xc9\xc9\x07\x00"), []recorded{{wsock.Text, "Hello"}}},
		{"fragments", join(client(rsv1|1, small[:third]), client(0, small[third:2*third]), client(fin, small[2*third:])), []recorded{{wsock.Text, long}}},
		{"fragments, the first empty", join(client(rsv1|1, ""), client(fin, small)), []recorded{{wsock.Text, long}}},
		{"a ping between", join(client(rsv1|1, small[:third]), client(fin|9, "p"), client(fin, small[third:])), []recorded{{wsock.Ping, "p"}, {wsock.Text, long}}},
		{"by turns", join(client(fin|rsv1|1, small), client(fin|2, "\xff"), client(rsv1|2, small[:third]), client(fin, small[third:]), client(1, "a"), client(fin, "b"), client(fin|rsv1|1, small)),
			[]recorded{{wsock.Text, long}, {wsock.Binary, "\xff"}, {wsock.Binary, long}, {wsock.Text, "ab"}, {wsock.Text, long}}},
		{"exactly the bound", client(fin|rsv1|2, packed(strings.Repeat("x", 1000))), []recorded{{wsock.Binary, strings.Repeat("x", 1000)}}},
		{"the bound, and larger when compressed", client(fin|rsv1|2, packed(scramble(1000))), []recorded{{wsock.Binary, scramble(1000)}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for name, sizes := range map[string][]int{"whole": nil, "bytes": ones(len(tc.src)), "halves": {len(tc.src) / 2}} {
				log, err := play(tc.src, sizes, packing)
				if err != io.EOF {
					t.Errorf("%s: ended with %v", name, err)
				}
				if !slices.Equal(log.events, tc.want) {
					t.Errorf("%s: got %.80q, want %.80q", name, log.events, tc.want)
				}
			}
		})
	}
	if n := len(packed(scramble(1000))); n <= 1000 {
		t.Errorf("what cannot be compressed takes %d bytes compressed: the test is void", n)
	}
}

// scramble makes text that no compressor can make smaller.
func scramble(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}

// TestRefusesToInflate holds what is wrong even where compression was agreed on.
func TestRefusesToInflate(t *testing.T) {
	const fin, rsv1 = 0x80, 0x40
	for _, tc := range []struct {
		name string
		src  []byte
		code int
		word string
	}{
		{"RSV1 on a ping", client(fin|rsv1|9, ""), 1002, "reserved bit"},
		{"RSV1 on a pong", client(fin|rsv1|0xA, ""), 1002, "reserved bit"},
		{"RSV1 on a close", client(fin|rsv1|8, ""), 1002, "reserved bit"},
		{"RSV1 on a continuation", join(client(rsv1|1, "\xf2\x48"), client(fin|rsv1, "\xcd\xc9\xc9\x07\x00")), 1002, "reserved bit"},
		{"RSV1 on a plain message's continuation", join(client(1, "a"), client(fin|rsv1, "b")), 1002, "reserved bit"},
		{"RSV2", client(fin|rsv1|0x20|1, "\x00"), 1002, "reserved bit"},
		{"RSV3", client(fin|0x10|1, "x"), 1002, "reserved bit"},
		{"no payload", client(fin|rsv1|1, ""), 1007, "inflated"},
		{"not compressed", client(fin|rsv1|1, "hello"), 1007, "inflated"},
		{"cut", client(fin|rsv1|1, packed("hello, world")[:8]), 1007, "inflated"},
		{"cut in fragments", join(client(rsv1|1, packed("hello, world")[:4]), client(fin, "")), 1007, "inflated"},
		{"no UTF-8", client(fin|rsv1|1, packed("a\xffb")), 1007, "UTF-8"},
		{"no UTF-8 in fragments", join(client(rsv1|1, packed("a\xffb")[:3]), client(fin, packed("a\xffb")[3:])), 1007, "UTF-8"},
		{"one byte too many", client(fin|rsv1|2, packed(strings.Repeat("x", 1001))), 1009, "1000 bytes"},
		{"a bomb", client(fin|rsv1|2, packed(strings.Repeat("x", 400_000))), 1009, "1000 bytes"},
		{"a bomb in fragments", join(client(rsv1|2, packed(strings.Repeat("x", 400_000))[:9]), client(fin, packed(strings.Repeat("x", 400_000))[9:])), 1009, "1000 bytes"},
		{"more compressed bytes than any message has", client(fin|rsv1|2, strings.Repeat("x", 1200)), 1009, "1000 bytes"},
		{"and in sum", join(client(rsv1|2, strings.Repeat("x", 1000)), client(0, strings.Repeat("x", 100))), 1009, "1000 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := client(fin|rsv1|1, packed("before"))
			src := join(before, tc.src)
			for name, sizes := range map[string][]int{"whole": nil, "bytes": ones(len(src)), "apart": {len(before)}} {
				log, err := play(src, sizes, packing)
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

// TestAppendDeflated: the frame reads back, is no longer than the plain one, and
// what does not shrink is left to the caller.
func TestAppendDeflated(t *testing.T) {
	ws := deflate.NewWriters(1)
	for _, n := range []int{100, 5000, 70_000} {
		want := strings.Repeat("some text, ", n/11)
		frame, ok := wsock.AppendDeflated([]byte("before"), ws, wsock.Text, []byte(want))
		if !ok || string(frame[:6]) != "before" || frame[6] != 0xc1 || len(frame) > len(want) {
			t.Fatalf("%d bytes: %v, % x", n, ok, frame[:min(len(frame), 12)])
		}
		j := new(journal)
		c := wsock.Client(newScript(frame[6:], nil), wsock.Options{})
		if err := c.Serve(j); err == io.EOF {
			t.Error("a compressed frame is accepted that was not agreed on")
		}
		r := wsock.NewServerConn(newScript(client(0x82, "x"), nil), packing)
		if !r.Deflates() || c.Deflates() {
			t.Error("Deflates is wrong")
		}
	}
	if frame, ok := wsock.AppendDeflated([]byte("before"), ws, wsock.Binary, []byte(scramble(5000))); ok || string(frame) != "before" {
		t.Errorf("noise: %v, %d bytes", ok, len(frame))
	}
}

// TestInflatingKeepsNothing: once its messages are handed up, a connection that
// speaks compressed holds no more than any other.
func TestInflatingKeepsNothing(t *testing.T) {
	small := packed(strings.Repeat("x", 900))
	src := join(client(0xc1, small), client(0x41, small[:5]), client(0x80, small[5:]), client(0xc1, small))
	k := &keeper{t: t}
	k.c = wsock.NewServerConn(newScript(src, []int{20, 3, 9}), packing)
	if err := k.c.Serve(k); err != io.EOF || k.messages != 3 || k.idle == 0 {
		t.Errorf("%d messages, idle %d times, %v", k.messages, k.idle, err)
	}
}

// keeper looks at what its connection holds between two reads.
type keeper struct {
	t    *testing.T
	c    *wsock.Conn
	idle int
	count
}

func (k *keeper) Drained() {
	if k.messages == 3 {
		k.idle++
		if k.c.HoldsPart() {
			k.t.Error("something of an inflated message is kept")
		}
	}
}

// TestNegotiatesDeflate: every offer, over a real handshake. HTTP-09
func TestNegotiatesDeflate(t *testing.T) {
	const yes = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	for offer, want := range map[string]string{
		"":                   "",
		"permessage-deflate": yes,
		"Permessage-Deflate": yes,
		"permessage-deflate; client_max_window_bits":                                 yes,
		"permessage-deflate; client_max_window_bits=10":                              yes,
		`permessage-deflate; client_max_window_bits="10"`:                            yes,
		"permessage-deflate;server_no_context_takeover;client_no_context_takeover":   yes,
		"permessage-deflate ; server_no_context_takeover , x":                        yes,
		"permessage-deflate; server_max_window_bits=15":                              yes + "; server_max_window_bits=15",
		"permessage-deflate; server_max_window_bits=10":                              "",
		"permessage-deflate; server_max_window_bits=10, permessage-deflate":          yes,
		"permessage-deflate; server_max_window_bits":                                 "",
		"permessage-deflate; client_max_window_bits=7":                               "",
		"permessage-deflate; client_max_window_bits=16":                              "",
		"permessage-deflate; client_max_window_bits=08":                              "",
		"permessage-deflate; server_no_context_takeover=1":                           "",
		"permessage-deflate; server_no_context_takeover; server_no_context_takeover": "",
		"permessage-deflate; unknown":                                                "",
		"permessage-deflate; unknown, permessage-deflate; client_max_window_bits":    yes,
		"x-webkit-deflate-frame":                                                     "",
		"foo; bar=\"a,b\", permessage-deflate":                                       "", // what is quoted must be a token
		"foo; bar=baz, permessage-deflate":                                           yes,
		"permessage-deflate;":                                                        "",
		"permessage-deflate; client_max_window_bits=":                                "",
		"permessage-deflate; client_max_window_bits=\"10":                            "",
		", ,permessage-deflate,":                                                     yes,
		"permessage-deflate client_max_window_bits":                                  "",
		"permessage-deflate; =5":                                                     "",
		"permessage-deflate; client_max_window_bits; server_max_window_bits=9, permessage-deflate; client_max_window_bits": yes,
	} {
		for _, on := range []bool{true, false} {
			r := upgradable()
			if offer != "" {
				r.Header.Set("Sec-WebSocket-Extensions", offer)
			}
			got := extensionsOf(t, r, wsock.Options{Deflate: on})
			if on && got != want || !on && got != "" {
				t.Errorf("offer %q, Deflate %v: answered %q, want %q", offer, on, got, want)
			}
		}
	}
	r := upgradable()
	r.Header["Sec-Websocket-Extensions"] = []string{"foo", "permessage-deflate; client_max_window_bits"}
	if got := extensionsOf(t, r, packing); got != yes {
		t.Errorf("two lines: answered %q", got)
	}
}

// extensionsOf accepts r and returns what the 101 says of extensions.
func extensionsOf(t *testing.T, r *http.Request, opt wsock.Options) string {
	t.Helper()
	deflates := make(chan bool, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, inner *http.Request) {
		// What an application sets must not pass for the server's own promise.
		c, err := wsock.Accept(w, inner, http.Header{"Sec-Websocket-Extensions": {"made-up"}}, opt)
		if err != nil {
			t.Error(err)
			return
		}
		deflates <- c.Deflates()
		_ = c.CloseNow()
	}))
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = r.Header
	res, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("status %s", res.Status)
	}
	got := strings.Join(res.Header.Values("Sec-Websocket-Extensions"), " | ")
	if <-deflates != (got != "") {
		t.Errorf("Deflates differs from the answer %q", got)
	}
	return got
}

// TestDialDeflate: what a client makes of a server's answer.
func TestDialDeflate(t *testing.T) {
	for answer, want := range map[string]string{ // "": agreed, "no": refused politely, else a word of the error
		"permessage-deflate; server_no_context_takeover; client_no_context_takeover": "",
		"permessage-deflate; server_no_context_takeover":                             "",
		"permessage-deflate; server_no_context_takeover; server_max_window_bits=10":  "",
		"":                   "no",
		"permessage-deflate": "does not agree",
		"permessage-deflate; server_no_context_takeover; client_max_window_bits=10": "makes no sense",
		"permessage-deflate; server_no_context_takeover; unknown":                   "makes no sense",
		"permessage-deflate; server_no_context_takeover, other":                     "not offered",
		"other":                "not offered",
		"permessage-deflate;;": "cannot be read",
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			nc, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			head := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
				wsock.AcceptKey(r.Header.Get("Sec-WebSocket-Key")) + "\r\n"
			if answer != "" {
				head += "Sec-WebSocket-Extensions: " + answer + "\r\n"
			}
			_, _ = io.WriteString(nc, head+"\r\n")
			frame, _ := wsock.AppendDeflated(nil, deflate.NewWriters(1), wsock.Text, bytes.Repeat([]byte("x"), 500))
			_, _ = nc.Write(frame)
			_ = nc.Close()
		}))
		c, _, err := wsock.Dial(t.Context(), srv.URL, nil, srv.Client(), wsock.Options{Deflate: true})
		switch {
		case want == "" || want == "no":
			if err != nil || c.Deflates() != (want == "") {
				t.Errorf("answer %q: %v", answer, err)
				break
			}
			j := new(journal)
			err := c.Serve(j)
			if got := fmt.Sprint(len(j.events) == 1, err); want == "" && got != "true EOF" || want == "no" && len(j.events) != 0 {
				t.Errorf("answer %q: then %s", answer, got)
			}
			_ = c.CloseNow()
		case err == nil || !strings.Contains(err.Error(), want):
			t.Errorf("answer %q: %v, want %q", answer, err, want)
		}
		srv.Close()
	}
}

// FuzzInflating reads anything where compression was agreed on: no panic, no
// message above the bound, and the same however it is cut.
func FuzzInflating(f *testing.F) {
	f.Add(join(client(0xc1, packed("hello")), client(0x41, packed("hello")[:3]), client(0x80, packed("hello")[3:])), []byte{7})
	f.Add(client(0xc2, packed(strings.Repeat("x", 50_000))), []byte{3, 20})
	f.Add(join(client(0xc9, ""), client(0xc1, "\x00")), []byte{1})
	f.Add(client(0xc1, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), []byte{9})
	f.Fuzz(func(t *testing.T, src, cuts []byte) {
		if len(src) > 1<<16 {
			return
		}
		var sizes []int
		for _, n := range cuts {
			sizes = append(sizes, int(n))
		}
		compareDeliveries(t, src, sizes, true)
	})
}

// BenchmarkInflate is 16 compressed frames of 1 KiB of JSON.
func BenchmarkInflate(b *testing.B) {
	text := strings.Repeat(`{"id":17,"user":"somebody","text":"how are you?"},`, 21)
	var src []byte
	for range perRead {
		src = append(src, client(0xc1, packed(text))...)
	}
	c := wsock.NewServerConn(&repeat{src: src, n: b.N}, wsock.Options{Deflate: true})
	b.SetBytes(int64(perRead * len(text)))
	b.ReportAllocs()
	b.ResetTimer()
	if err := c.Serve(&count{}); err != io.EOF {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*perRead), "ns/frame")
}
