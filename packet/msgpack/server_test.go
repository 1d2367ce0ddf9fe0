package msgpack_test

import (
	"log/slog"
	"reflect"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
	"github.com/go-socketio/socketio/siotest"
)

// A client that was away gets what it missed, each event with its offset.
func TestRecovery(t *testing.T) {
	type note struct {
		Body []byte `json:"body"`
		ID   uint64 `json:"id"`
	}
	srv := socketio.NewServer(socketio.Config{Parser: msgpack.New(), Recovery: &socketio.Recovery{}, Logger: slog.New(slog.DiscardHandler)})
	ts := siotest.NewServer(t, srv)
	open := func(auth map[string]any) *siotest.Conn {
		c := ts.Open(t, siotest.Options{})
		if err := c.SendBinary(encode(t, &packet.Packet{Type: packet.Connect, Namespace: "/", Data: auth})); err != nil {
			t.Fatal(err)
		}
		return c
	}
	receive := func(c *siotest.Conn) *packet.Packet { return add(t, c.Receive().Data) }
	hello := func(p *packet.Packet) (h struct{ SID, PID string }) {
		if p.Type != packet.Connect {
			t.Fatalf("got %+v", p)
		}
		if err := p.Data.(packet.Argument).Decode(&h); err != nil {
			t.Fatal(err)
		}
		return h
	}
	emit := func(args ...any) {
		if err := srv.Of("/").Emit("note", args...); err != nil {
			t.Fatal(err)
		}
	}

	c := open(map[string]any{})
	first := hello(receive(c))
	many := make([]any, 15) // with the name and the offset more than a short array holds
	for i := range many {
		many[i] = int64(i)
	}
	emit(many...)
	if got := anys(t, receive(c)); !reflect.DeepEqual(got, append(many, "1")) {
		t.Errorf("got %v", got)
	}
	c.Cut()
	emit(note{[]byte{1, 2}, 1<<64 - 1})
	back := open(map[string]any{"pid": first.PID, "offset": "1"})
	if second := hello(receive(back)); second != first {
		t.Errorf("comes back as %+v, was %+v", second, first)
	}
	p := receive(back)
	var n note
	var offset string
	if err := p.Decode(&n, &offset); err != nil || n.ID != 1<<64-1 || string(n.Body) != "\x01\x02" || offset != "2" {
		t.Errorf("got %+v, %q, %v", n, offset, err)
	}
}
