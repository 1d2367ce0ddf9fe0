package socketio_test

import (
	"context"
	"errors"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/siotest"
)

type draft struct {
	Text string `json:"text"`
	Body []byte `json:"-"`
}

var (
	defSend   = socketio.DefineCall[draft, int]("send")
	defMoved  = socketio.DefineEvent[socketio.Args2[int, int]]("moved")
	defClear  = packet.DefineCall[packet.None, packet.None]("clear") // as a package of definitions would
	defDecide = socketio.DefineCall[string, bool]("decide")
)

// EVT-08: one value says what an event is called and carries, to who handles it and to who sends it.
func TestDefinitions(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		srv, ts := start(t, socketio.Config{}, nil)
		ns := srv.Of("/")
		socketio.OnCall(ns, defSend, func(_ context.Context, _ *socketio.Socket, d draft) (int, error) {
			if d.Text == "" {
				return 0, &socketio.Error{Message: "empty"}
			}
			return len(d.Text), nil
		})
		socketio.OnCall(ns, defClear, func(context.Context, *socketio.Socket, packet.None) (packet.None, error) {
			return packet.None{}, nil
		})
		remove := socketio.OnEvent(ns, defMoved, func(_ context.Context, s *socketio.Socket, at socketio.Args2[int, int]) error {
			return defMoved.Emit(s, at)
		})
		c := ts.Open(t, opt).Connect("/", nil)
		if got := c.EmitWithAck("send", draft{Text: "four"}).String(); got != "[4]" {
			t.Errorf("send is answered %s", got)
		}
		if got := c.EmitWithAck("clear").String(); got != "[]" {
			t.Errorf("clear is answered %s", got)
		}
		c.Emit("moved", 3, 4)
		c.Expect("moved", 3, 4)
		remove()
		c.Emit("moved", 5, 6)
		c.Quiet()
		s := ns.Socket(c.ID())
		for _, to := range []packet.Emitter{s, ns, ns.To(s.ID()), s.Compress(false)} {
			if err := defMoved.Emit(to, socketio.Args2[int, int]{A: 1, B: 2}); err != nil {
				t.Error(err)
			}
			c.Expect("moved", 1, 2)
		}
	})
}

// The answer to a call, and the error that the other side answers with.
func TestCall(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	c := ts.Dial(t, "/", nil)
	s := srv.Of("/").Socket(c.ID())
	answers := map[string][]any{
		"yes":   {true},
		"error": {map[string]any{"error": map[string]any{"message": "no", "data": []byte{1}}}},
		"odd":   {map[string]any{"error": "not in that shape"}},
	}
	c.Answer("decide", func(e *siotest.Event) []any {
		var how string
		if err := e.Decode(&how); err != nil {
			t.Error(err)
		}
		return answers[how]
	})
	c.Answer("clear", func(*siotest.Event) []any { return []any{} })
	ctx := t.Context()
	if yes, err := defDecide.Call(ctx, s, "yes"); !yes || err != nil {
		t.Errorf("yes: %v, %v", yes, err)
	}
	_, err := defDecide.Call(ctx, s, "error")
	if e, ok := errors.AsType[*socketio.Error](err); !ok || e.Message != "no" || string(e.Data.([]byte)) != "\x01" {
		t.Errorf("error: %v", err)
	}
	if _, err := defDecide.Call(ctx, s, "odd"); err == nil {
		t.Error("an object was decoded as a bool")
	}
	if _, err := defClear.Call(ctx, s, packet.None{}); err != nil {
		t.Errorf("clear: %v", err)
	}
	c.Close()
	<-s.Context().Done()
	if _, err := defDecide.Call(ctx, s, "yes"); !errors.Is(err, socketio.ErrClosed) {
		t.Errorf("gone: %v", err)
	}
}

// What the protocol keeps for itself cannot be defined.
func TestDefineReserved(t *testing.T) {
	if !panics(func() { socketio.DefineEvent[int]("connect") }) || !panics(func() { socketio.DefineCall[int, int]("disconnect") }) {
		t.Error("a reserved name was defined")
	}
	if defSend.Name() != "send" || defMoved.Name() != "moved" {
		t.Errorf("the names are %s, %s", defSend.Name(), defMoved.Name())
	}
}
