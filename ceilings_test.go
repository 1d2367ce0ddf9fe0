package socketio_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/internal/wsock"
)

// What one event from a client may allocate in the server, all goroutines
// together: the event with its bytes and arguments, and nothing for buffers,
// queues, goroutines or writes.
func TestEventAllocations(t *testing.T) {
	if raceEnabled {
		return // the race detector makes pools forget
	}
	srv := plain(false)
	socketio.OnAck(srv.Of("/"), "typed", func(_ context.Context, _ *socketio.Socket, text string) (string, error) {
		return text, nil
	})
	w := dialWire(t, listenWire(t, srv, false), "")
	defer w.nc.Close()
	bin := `451-["echo",{"_placeholder":true,"num":0}]`
	for _, c := range []struct {
		name, out, want string
		alone, among    float64 // ceilings
	}{
		{"echo", `42["echo","hello there, this is a line"]`, `42["echo","hello there, this is a line"]`, 3, 2},
		{"ack", `421["echo","hello there, this is a line"]`, `431["hello there, this is a line"]`, 3, 2},
		{"typed ack", `421["typed","hello there, this is a line"]`, `431["hello there, this is a line"]`, 7, 6},
		{"binary echo", bin, bin, 3, 2},
	} {
		out, want := masked(c.out), wsock.AppendFrame(nil, wsock.Text, []byte(c.want))
		if c.out == bin {
			out = wsock.AppendMaskedFrame(out, wsock.Binary, []byte("some bytes"))
			want = wsock.AppendFrame(want, wsock.Binary, []byte("some bytes"))
		}
		const batch = 16 // as many as a worker takes at a time
		one := testing.AllocsPerRun(300, func() { w.exchange(t, out, want) })
		outs, wants := bytes.Repeat(out, batch), bytes.Repeat(want, batch)
		many := testing.AllocsPerRun(100, func() { w.exchange(t, outs, wants) }) / batch
		t.Logf("%s: %.2f allocations for an event alone, %.2f among %d", c.name, one, many, batch)
		if one > c.alone || many > c.among {
			t.Errorf("%s: %.2f allocations for an event alone, %.2f among %d; ceilings %v and %v", c.name, one, many, batch, c.alone, c.among)
		}
	}
}
