package engine_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/engine"
)

// What SendPacket and Send queue in turn arrives in that order, whatever its
// size, and whether or not anything waits.
func TestSendPacketOrder(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	w, k := g.connect()
	want := []string{}
	send := func(size int) {
		body := fmt.Sprint(len(want)) + strings.Repeat("x", size)
		if len(want)%3 == 0 {
			_ = k.Send(text(body))
		} else if err := k.SendPacket([]byte(body), nil, false); err != nil {
			t.Fatal(err)
		}
		want = append(want, "4"+body)
	}
	for _, size := range []int{1, 120, 125, 126, 3000, 4096, 5000, 20000, 70000, 2, 3, 1000, 1000, 1000, 1000, 1000} {
		send(size)
		send(1)
	}
	w.want(want...)
}

// A text and its attachments stay together, on every transport.
func TestSendPacketParts(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	w, k := g.connect()
	parts := [][]byte{[]byte("one"), nil, []byte("three")}
	for range 3 {
		if err := k.SendPacket([]byte("head"), parts, false); err != nil {
			t.Fatal(err)
		}
		w.want("4head", "binary:one", "binary:", "binary:three")
	}
	if err := k.SendPacket(nil, parts[:1], false); err != nil {
		t.Fatal(err)
	}
	w.want("binary:one")

	p, k := g.session()
	if err := k.SendPacket([]byte("head"), parts[2:], false); err != nil {
		t.Fatal(err)
	}
	p.wantGet("4head", "bdGhyZWU=")
	if err := k.SendPacket([]byte("now or never"), nil, true); !errors.Is(err, engine.ErrNotWritable) {
		t.Errorf("volatile without a GET: %v", err)
	}
	k.Close(engine.ForcedClose)
	if err := k.SendPacket([]byte("late"), nil, false); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// SendPacket keeps nothing of what it is given.
func TestSendPacketCopies(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	w, k := g.connect()
	buf := make([]byte, 8)
	for i := range 1000 {
		copy(buf, fmt.Sprintf("%08d", i))
		_ = k.SendPacket(buf, [][]byte{buf}, false)
	}
	for i := range 1000 {
		w.want(fmt.Sprintf("4%08d", i), fmt.Sprintf("binary:%08d", i))
	}
}

// LIFE-10: the bound counts what SendPacket queues as it counts messages.
func TestSendPacketBound(t *testing.T) {
	g := start(t, engine.Config{MaxQueuedBytes: 100 << 10}, newApp(t))
	g.silentPeer()
	k := g.app.next()
	body := []byte(strings.Repeat("x", 500))
	var err error
	for n := 0; err == nil; n++ {
		if n > 1000000 {
			t.Fatal("a client that does not read takes everything")
		}
		err = k.SendPacket(body, nil, false)
	}
	if !errors.Is(err, engine.ErrSlowConsumer) {
		t.Errorf("got %v, want ErrSlowConsumer", err)
	}
	cause := k.wantEnd(engine.SlowConsumer)
	if full, ok := errors.AsType[*engine.QueueFull](cause); !ok || full.Bytes > 100<<10 || full.Bytes < 90<<10 {
		t.Errorf("cause is %v", cause)
	}
	if n := k.BufferedAmount(); n != 0 {
		t.Errorf("%d bytes are buffered after the end", n)
	}
}
