package socketio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// told answers with what a handler got, so that a test sees it.
func told[In any](ns *socketio.Namespace, event string) {
	socketio.OnAck(ns, event, func(_ context.Context, _ *socketio.Socket, in In) (string, error) {
		return fmt.Sprintf("%+v", in), nil
	})
}

// P1, P2, P3, WIRE-15, EVT-08: arguments too few, too many, null and of the
// wrong type, for handlers of every arity: an error in the ack or a sensible
// value, never a panic.
func TestArguments(t *testing.T) {
	type message struct {
		Text string
		N    *int
	}
	_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		ns := srv.Of("/")
		ns.Handle("echo", echo)
		told[socketio.None](ns, "none")
		told[int](ns, "int")
		told[string](ns, "string")
		told[bool](ns, "bool")
		told[[]int](ns, "slice")
		told[map[string]int](ns, "map")
		told[message](ns, "struct")
		told[*message](ns, "pointer")
		told[any](ns, "any")
		told[[]byte](ns, "bytes")
		told[json.RawMessage](ns, "raw")
		told[socketio.Args2[string, int]](ns, "two")
		told[socketio.Args3[string, int, any]](ns, "three")
	})
	c := ts.Open(t, siotest.Options{})
	_ = c.Send("40")
	c.Receive()
	bad := `{"error":{"message":"bad arguments: `
	for _, test := range []struct{ event, args, want string }{
		{"none", ``, `"{}"`}, {"none", `,1,2`, `"{}"`},
		{"int", `,5`, `"5"`}, {"int", `,5,6,{}`, `"5"`},
		{"int", ``, bad}, {"int", `,"5"`, bad}, {"int", `,5.5`, bad}, {"int", `,{}`, bad}, {"int", `,99999999999999999999`, bad},
		{"int", `,null`, `"0"`}, // as encoding/json has it
		{"string", `,"ä"`, `"ä"`}, {"string", `,5`, bad}, {"string", ``, bad}, {"string", `,null`, `""`},
		{"bool", `,true`, `"true"`}, {"bool", `,1`, bad},
		{"slice", `,[1,2]`, `"[1 2]"`}, {"slice", ``, `"[]"`}, {"slice", `,null`, `"[]"`}, {"slice", `,{}`, bad}, {"slice", `,["x"]`, bad},
		{"map", `,{"a":1}`, `"map[a:1]"`}, {"map", ``, `"map[]"`}, {"map", `,[]`, bad},
		{"struct", `,{"text":"x","unknown":[1]}`, `"{Text:x N:\u003cnil\u003e}"`}, {"struct", ``, bad}, {"struct", `,"x"`, bad},
		{"struct", `,{"text":5}`, bad}, {"struct", `,null`, `"{Text: N:\u003cnil\u003e}"`},
		{"pointer", ``, `"\u003cnil\u003e"`}, {"pointer", `,null`, `"\u003cnil\u003e"`}, {"pointer", `,{"text":"x"}`, `"\u0026{Text:x N:\u003cnil\u003e}"`},
		{"any", ``, `"\u003cnil\u003e"`}, {"any", `,[1,{"a":null}]`, `"[1 map[a:\u003cnil\u003e]]"`},
		{"bytes", ``, `"[]"`}, {"bytes", `,"!"`, bad}, {"bytes", `,5`, bad}, {"bytes", `,{"_placeholder":true,"num":0}`, bad},
		{"raw", `,{"a": 1}`, `"[123 34 97 34 58 32 49 125]"`},
		{"two", `,"a",1`, `"{A:a B:1}"`}, {"two", `,"a",1,2,3`, `"{A:a B:1}"`}, {"two", ``, bad}, {"two", `,"a"`, bad}, {"two", `,1,"a"`, bad}, {"two", `,"a",null`, `"{A:a B:0}"`},
		{"three", `,"a",1,[]`, `"{A:a B:1 C:[]}"`}, {"three", `,"a",1`, `"{A:a B:1 C:\u003cnil\u003e}"`}, {"three", `,"a"`, bad},
	} {
		_ = c.Send(`421["` + test.event + `"` + test.args + `]`)
		got := c.Receive().String()
		want := `431[` + test.want
		if test.want != bad {
			var plain string // the server writes no HTML escapes
			_ = json.Unmarshal([]byte(test.want), &plain)
			var b strings.Builder
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			_ = e.Encode(plain)
			want = `431[` + strings.TrimSpace(b.String()) + `]`
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s%s is answered %s, want %s", test.event, test.args, got, want)
		}
	}
	// Without an ack a bad event is logged, and nothing else happens.
	_ = c.Send(`42["int","x"]`, `42["two"]`, `421["echo"]`)
	c.Expect("431[]")
	c.Quiet()
}

// The raw form of the same: Event.
func TestEventDecode(t *testing.T) {
	_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		srv.Of("/").Handle("x", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
			var s string
			var n int
			if err := e.Decode(&s); err != nil || s != "a" {
				t.Errorf("one of three: %q, %v", s, err)
			}
			if err := e.Decode(&s, &n); err != nil || n != 2 {
				t.Errorf("two of three: %d, %v", n, err)
			}
			if err := e.Decode(); err != nil {
				t.Errorf("none: %v", err)
			}
			if err := e.Decode(&n); err == nil || !strings.Contains(err.Error(), `argument 1 of "x"`) {
				t.Errorf("the wrong type: %v", err)
			}
			if err := e.Arg(1, &n); err != nil || n != 2 {
				t.Errorf("Arg(1): %d, %v", n, err)
			}
			for _, i := range []int{-1, 3, math.MaxInt} {
				if err := e.Arg(i, &n); err == nil {
					t.Errorf("Arg(%d): %d", i, n)
				}
			}
			var b []byte
			if err := e.Arg(2, &b); err != nil || string(b) != "bin" {
				t.Errorf("Arg(2): %q, %v", b, err)
			}
			if e.Name() != "x" || e.Len() != 3 || !e.WantsAck() {
				t.Errorf("%s, %d arguments", e.Name(), e.Len())
			}
			return e.Args(), nil
		})
	})
	c := ts.Dial(t, "/", nil)
	if got := c.EmitWithAck("x", "a", 2, []byte("bin")).String(); got != `["a",2,{"_placeholder":true,"num":0}] 62696e` {
		t.Errorf("sent back: %s", got)
	}
}

// WIRE-14: integers of 64 bits survive both ways, typed and untouched.
func TestIntegers(t *testing.T) {
	type record struct {
		ID  int64  `json:"id"`
		Big uint64 `json:"big"`
	}
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		srv.Of("/").Handle("echo", echo)
		socketio.OnAck(srv.Of("/"), "typed", func(_ context.Context, _ *socketio.Socket, in socketio.Args2[int64, record]) (socketio.Args2[record, int64], error) {
			return socketio.Args2[record, int64]{A: in.B, B: in.A}, nil
		})
	})
	c := ts.Dial(t, "/", nil)
	const id, big = int64(-9007199254740993), uint64(18446744073709551615) // beyond what a float64 holds
	want := fmt.Sprintf(`[{"id":%d,"big":%d},%d]`, id, big, id)
	if got := c.EmitWithAck("typed", id, record{id, big}).String(); got != want {
		t.Errorf("typed: %s, want %s", got, want)
	}
	if got := c.EmitWithAck("echo", record{id, big}, id).String(); got != want {
		t.Errorf("untouched: %s, want %s", got, want)
	}
	if err := srv.Of("/").Emit("n", id, big); err != nil {
		t.Error(err)
	}
	c.Expect("n", id, big)
}

// Values nested 5000 deep come back whole, decoded or not; deeper than the
// protocol's bound they end the client, not the process.
func TestDeepNesting(t *testing.T) {
	_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		srv.Of("/").Handle("echo", echo)
		socketio.OnAck(srv.Of("/"), "decoded", func(_ context.Context, _ *socketio.Socket, v any) (any, error) { return v, nil })
	})
	const depth = 5000
	deep := strings.Repeat(`[{"a":`, depth/2) + "1" + strings.Repeat(`}]`, depth/2)
	for _, event := range []string{"echo", "decoded"} {
		c := ts.Open(t, siotest.Options{})
		_ = c.Send("40")
		c.Receive()
		_ = c.Send(`421["` + event + `",` + deep + `]`)
		if got := c.Receive().String(); got != "431["+deep+"]" {
			t.Errorf("%s: %d bytes came back as %d", event, len(deep), len(got))
		}
	}
}

// EVT-06: reserved names can be neither sent nor listened to.
func TestReservedNames(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	c := ts.Dial(t, "/", nil)
	s := srv.Of("/").Socket(c.ID())
	for _, name := range []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"} {
		for what, err := range map[string]error{
			"Socket.Emit":    s.Emit(name),
			"Volatile.Emit":  s.Volatile().Emit(name),
			"Namespace.Emit": srv.Of("/").Emit(name),
			"Broadcast.Emit": srv.Of("/").To("a").Emit(name),
		} {
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s(%q): %v", what, name, err)
			}
		}
		for what, h := range map[string]socketio.Handlers{"Namespace": srv.Of("/"), "Socket": s} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s.Handle(%q) does not panic", what, name)
					}
				}()
				h.Handle(name, echo)
			}()
		}
	}
	for _, name := range []string{"error", "connection", "", "message", "ping", "reconnect"} {
		if err := s.Emit(name); err != nil {
			t.Errorf("Emit(%q): %v", name, err)
		}
		c.Expect(name)
	}
	c.Quiet()
}
