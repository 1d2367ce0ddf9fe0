package socketio_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/go-socketio/socketio"
)

// EMIT-19, EMIT-20, B-91: one server alone has nobody to tell, least of all itself; what could never be sent is refused.
func TestServerSideEmitAlone(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	ns := srv.Of("/")
	ns.OnServerSide("reload", func(context.Context, *socketio.ServerEvent) ([]any, error) {
		t.Error("the server itself got the event")
		return nil, nil
	})
	c := ts.Dial(t, "/", nil)
	if err := ns.ServerSideEmit("reload", 1, []byte{2}); err != nil {
		t.Error(err)
	}
	for r, err := range ns.ServerSideEmitWithAck(t.Context(), "reload", 1) {
		t.Errorf("an answer: %v, %v", r, err)
	}
	c.Quiet()
	for _, name := range []string{"connect", "connection", "new_namespace"} {
		if err := ns.ServerSideEmit(name); !errors.Is(err, socketio.ErrReservedEvent) {
			t.Errorf("%s: %v", name, err)
		}
		n := 0
		for _, err := range ns.ServerSideEmitWithAck(t.Context(), name) {
			if n++; !errors.Is(err, socketio.ErrReservedEvent) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d outcomes, want the refusal alone", name, n)
		}
		if !panics(func() { ns.OnServerSide(name, nil) }) {
			t.Errorf("%s can be listened to", name)
		}
	}
	if err := ns.ServerSideEmit("reload", math.NaN()); err == nil {
		t.Error("NaN can be sent")
	}
	if err := ns.ServerSideEmit("disconnect"); err != nil {
		t.Errorf("a name that is reserved for clients alone: %v", err)
	}
}

// EMIT-19, EMIT-20: what an adapter will deliver, the listeners get; one that panics harms nobody.
func TestOnServerSide(t *testing.T) {
	srv, _ := start(t, socketio.Config{}, nil)
	ns := srv.Of("/")
	ns.OnServerSide("sum", func(context.Context, *socketio.ServerEvent) ([]any, error) { panic("oops") })
	remove := ns.OnServerSide("sum", func(_ context.Context, e *socketio.ServerEvent) ([]any, error) {
		var a, b int
		if err := e.Decode(&a, &b); err != nil || e.Name != "sum" || e.Len() != 2 || len(e.Args()) != 2 {
			t.Errorf("%s with %d arguments: %v", e.Name, e.Len(), err)
		}
		return []any{a + b}, nil
	})
	ns.OnServerSide("sum", func(context.Context, *socketio.ServerEvent) ([]any, error) { return []any{"late"}, nil })
	out, err := socketio.ServerSide(ns, "sum", 1, 2)
	if err != nil || len(out) != 1 || out[0] != 3 {
		t.Errorf("the answer is %v, %v", out, err)
	}
	remove()
	if out, _ := socketio.ServerSide(ns, "sum", 1, 2); len(out) != 1 || out[0] != "late" {
		t.Errorf("without the second listener the answer is %v", out)
	}
	if out, err := socketio.ServerSide(ns, "else"); out != nil || err != nil {
		t.Errorf("nobody listens, and yet %v, %v", out, err)
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}
