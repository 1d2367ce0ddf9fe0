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
	"unicode/utf8"
	"weak"

	"github.com/go-socketio/socketio/internal/wsock"
)

// hoard is a journal that keeps all messages and writes into them, up to the
// end of what memory they came with. Where they share any, it shows.
type hoard struct {
	journal
	kept [][]byte
}

func (k *hoard) Message(op wsock.Opcode, data []byte) error {
	err := k.journal.Message(op, data)
	if data == nil {
		k.events = append(k.events, recorded{op, "nil, which is no message"})
	}
	data = data[:cap(data)]
	for i := range data {
		data[i] = 0xA5
	}
	k.kept = append(k.kept, data)
	return err
}

func (k *hoard) Control(op wsock.Opcode, data []byte) error { return k.journal.Message(op, data) }

// whole tells whether nobody else has written into what was kept.
func (k *hoard) whole() bool {
	for _, data := range k.kept {
		if bytes.Count(data, []byte{0xA5}) != len(data) {
			return false
		}
	}
	return true
}

// TestKeptOverSockets: reads of several connections share their buffers, and
// nothing of that is seen in messages that are kept.
func TestKeptOverSockets(t *testing.T) {
	type end struct {
		k     *hoard
		ended <-chan error
		want  []recorded
	}
	var ends []end
	for seed := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		server, peer := socketPair(t)
		e := end{k: new(hoard)}
		c := wsock.NewServerConn(server, wsock.Options{Keep: true})
		e.ended = startGo(c, e.k)
		for range 300 {
			var burst []byte
			for range 1 + rnd.IntN(20) {
				n := rnd.IntN(1 + rnd.IntN(1+rnd.IntN(5000)))
				text := million[10*rnd.IntN(100):][:n]
				e.want = append(e.want, recorded{wsock.Binary, text})
				burst = append(burst, client(0x82, text)...)
			}
			if _, err := peer.Write(burst); err != nil {
				t.Fatal(err)
			}
		}
		_ = peer.Close()
		ends = append(ends, e)
	}
	for i, e := range ends {
		if err := <-e.ended; err != io.EOF {
			t.Errorf("connection %d ended with %v", i, err)
		}
		if len(e.k.events) != len(e.want) || !e.k.whole() {
			t.Fatalf("connection %d: %d messages, whole %v; want %d", i, len(e.k.events), e.k.whole(), len(e.want))
		}
		for n, got := range e.k.events {
			if got != e.want[n] {
				t.Fatalf("connection %d: message %d has %d bytes, or others, want %d", i, n, len(got.data), len(e.want[n].data))
			}
		}
	}
}

// TestUnmask: messages of every length and kind are what was sent, whatever the key.
func TestUnmask(t *testing.T) {
	var src []byte
	var want []recorded
	for n := range 70 {
		for _, text := range []string{million[:n], strings.Repeat("x", n), strings.Repeat("\xff", n)} {
			op := wsock.Text
			if !utf8.ValidString(text) {
				op = wsock.Binary
			}
			src = wsock.AppendMaskedFrame(src, op, []byte(text)) // with another key each time
			want = append(want, recorded{op, text})
		}
	}
	for _, keep := range []bool{false, true} {
		log, err := play(src, nil, wsock.Options{Keep: keep})
		if err != io.EOF || !slices.Equal(log.events, want) {
			t.Errorf("keep %v: %d messages, want %d, %v", keep, len(log.events), len(want), err)
		}
	}
	for _, bad := range []string{"\xff", "1234567\x80", "12345678\xe2\x82", "12345678123456\xc0\x80", "\xed\xa0\x80 and more text"} {
		_, err := play(client(0x81, bad), nil, wsock.Options{Keep: true})
		if refused, ok := errors.AsType[*wsock.ProtocolError](err); !ok || refused.Code != wsock.CodeInvalidData {
			t.Errorf("%q ends with %v", bad, err)
		}
	}
}

// TestKeepAllocates: small messages of one read share an allocation, an
// assembled one is not copied, and an empty one costs nothing.
func TestKeepAllocates(t *testing.T) {
	whole := bytes.Repeat(client(0x81, strings.Repeat("x", 80)), 16)
	long := client(0x82, strings.Repeat("x", 2000))
	for _, tc := range []struct {
		name  string
		src   []byte
		sizes []int
		most  float64
	}{
		{"16 small ones", whole, nil, 2},
		{"one, assembled", long, []int{1500}, 2}, // the assembly and the message, which are there without keeping
		{"one large", long, nil, 1},
		{"empty", client(0x82, ""), nil, 0},
	} {
		allocs := func(keep bool) float64 {
			h, c := new(count), (*wsock.Conn)(nil)
			const runs = 20
			scripts := make([]*script, 0, runs+1)
			for range cap(scripts) {
				scripts = append(scripts, newScript(tc.src, tc.sizes))
			}
			n := testing.AllocsPerRun(runs, func() {
				c = wsock.NewServerConn(scripts[0], wsock.Options{Keep: keep})
				scripts = scripts[1:]
				if err := c.Serve(h); err != io.EOF {
					t.Fatal(err)
				}
			})
			return n
		}
		if raceEnabled {
			continue // its pools forget
		}
		with, without := allocs(true), allocs(false)
		if tc.name == "one, assembled" {
			tc.most = 0
		}
		if with-without > tc.most {
			t.Errorf("%s: keeping takes %v allocations, want %v", tc.name, with-without, tc.most)
		}
	}
}

// TestSilentKeepsNothing: what came last is free when the handler lets go of it,
// though nothing comes after it.
func TestSilentKeepsNothing(t *testing.T) {
	server, peer := socketPair(t)
	defer func() { _ = peer.Close() }()
	c := wsock.NewServerConn(server, wsock.Options{Keep: true})
	h := &weakling{seen: make(chan weak.Pointer[byte], 1)}
	ended := startGo(c, h)
	if _, err := peer.Write(client(0x81, strings.Repeat("x", 100))); err != nil {
		t.Fatal(err)
	}
	last := <-h.seen
	for range 1000 {
		if runtime.GC(); last.Value() == nil {
			break
		}
	}
	if last.Value() != nil {
		t.Error("a connection that waits keeps the memory of the last message")
	}
	_ = peer.Close()
	<-ended
}

type weakling struct {
	journal
	last weak.Pointer[byte]
	seen chan weak.Pointer[byte]
}

func (w *weakling) Message(_ wsock.Opcode, data []byte) error {
	w.last = weak.Make(&data[0])
	return nil
}

func (w *weakling) Drained() { w.seen <- w.last }
