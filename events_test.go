package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// EVT-03, EVT-05: everything that listens to an event hears it, in the order of
// registration: OnAny, the namespace's handlers, the socket's own.
func TestHandlers(t *testing.T) {
	var heard []string
	hear := func(who string, out []any, err error) socketio.HandlerFunc {
		return func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
			heard = append(heard, who)
			return out, err
		}
	}
	_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		ns := srv.Of("/")
		ns.Handle("x", hear("1", nil, nil))
		ns.OnConnect(onConnect(func(s *socketio.Socket) {
			s.Handle("x", hear("own", []any{"own"}, nil))
			s.Handle("y", hear("own y", []any{"y"}, nil))
		}))
		ns.Handle("x", hear("2", []any{"two"}, nil))
		ns.Handle("x", hear("3", []any{"three"}, nil))
		ns.Handle("x", hear("4", nil, errors.New("too late")))
		for _, who := range []string{"any 1", "any 2"} {
			ns.OnAny(func(_ context.Context, s *socketio.Socket, e *socketio.Event) {
				heard = append(heard, fmt.Sprintf("%s %s%d%v", who, e.Name(), e.Len(), e.WantsAck()))
			})
		}
		srv.Of("/other").Handle("x", hear("another namespace's", nil, nil))
	})
	c := ts.Dial(t, "/", nil)
	if got := c.EmitWithAck("x", 1).String(); got != `["two"]` {
		t.Errorf("answered %s", got) // the first answer counts
	}
	want := []string{"any 1 x1true", "any 2 x1true", "1", "2", "3", "4", "own"}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
	heard = nil
	if got := c.EmitWithAck("y").String(); got != `["y"]` {
		t.Errorf("answered %s", got)
	}
	if want := []string{"any 1 y0true", "any 2 y0true", "own y"}; !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
}

// A handler that is registered late holds for what comes later.
func TestLateHandler(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) { srv.Of("/").Handle("echo", echo) })
	c := ts.Dial(t, "/", nil)
	c.Ask("late") // nobody is there to answer
	alive(t, c)
	srv.Of("/").Handle("late", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { return []any{"now"}, nil })
	if got := c.EmitWithAck("late").String(); got != `["now"]` {
		t.Errorf("answered %s", got)
	}
	late := srv.Of("/made while running")
	late.Handle("echo", echo)
	alive(t, c.Conn().Connect("/made while running", nil))
}

// C13: a server on which nothing is registered serves, whatever clients do.
func TestNothingRegistered(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		srv, ts := start(t, socketio.Config{}, nil)
		c := ts.Open(t, opt).Connect("/", map[string]int{"a": 1})
		c.Emit("x", 1, []byte{2}, nil)
		c.Ask("x")
		_ = c.Conn().Send("431[]")
		c.Quiet()
		c.Disconnect()
		c.Conn().Fence()
		ts.Open(t, opt).Connect("/", nil).Conn().Cut()
		ts.Open(t, opt).Connect("/", nil).Close()
		bad := ts.Open(t, opt)
		_ = bad.Send("4?")
		bad.WaitClosed()
		until(t, func() bool { return srv.Of("/").Len() <= 1 }) // a polling client that is cut is noticed later
	})
}

// EMIT-01, EMIT-02: what can be emitted, and what cannot.
func TestEmitValues(t *testing.T) {
	type point struct {
		X, Y int
		Tag  string `json:"tag,omitempty"`
	}
	srv, ts := start(t, socketio.Config{}, nil)
	c := ts.Dial(t, "/", nil)
	id := c.ID()
	s := srv.Of("/").Socket(id)
	raw := ts.Open(t, siotest.Options{})
	_ = raw.Send("40")
	raw.Receive()
	for _, test := range []struct {
		args []any
		wire string
	}{
		{nil, `42["x"]`},
		{[]any{nil, true, 1, -1.5, "ä<&>\u2028"}, `42["x",null,true,1,-1.5,"ä<&>` + "\u2028" + `"]`},
		{[]any{point{1, 2, ""}, &point{Tag: "t"}, (*point)(nil)}, `42["x",{"X":1,"Y":2},{"X":0,"Y":0,"tag":"t"},null]`},
		{[]any{[]int{}, map[string]any{}, []any{[]any{}}}, `42["x",[],{},[[]]]`},
		{[]any{socketio.Args2[int, string]{A: 1, B: "b"}}, `42["x",1,"b"]`},
		{[]any{socketio.None{}}, `42["x"]`},
		{[]any{map[string]any{"_placeholder": true, "num": 0}}, `42["x",{"_placeholder":true,"num":0}]`},
		{[]any{"\x1e\x00\n\""}, `42["x","\u001e\u0000\n\""]`},
	} {
		if err := srv.Of("/").Except(id).Emit("x", test.args...); err != nil {
			t.Errorf("%v: %v", test.args, err)
		}
		if got := raw.Receive().String(); got != test.wire {
			t.Errorf("%v: %s, want %s", test.args, got, test.wire)
		}
	}
	cycle := map[string]any{}
	cycle["self"] = cycle
	for _, bad := range []any{make(chan int), func() {}, cycle, complex(1, 2)} {
		if err := s.Emit("x", 1, bad); err == nil {
			t.Errorf("%T was sent", bad)
		}
		if err := srv.Of("/").Emit("x", bad); err == nil {
			t.Errorf("%T was broadcast", bad)
		}
	}
	if err := s.Send("m", 1); err != nil {
		t.Error(err)
	}
	c.Expect("message", "m", 1)
	c.Quiet()
	raw.Quiet()
}
