package socketio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/siotest"
)

// WIRE-13: a format of the application, in both directions.
func TestCustomParser(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		type point struct{ X, Y int }
		reasons := make(chan socketio.DisconnectReason, 1)
		srv, ts := start(t, socketio.Config{Parser: toy{}}, func(srv *socketio.Server) {
			ns := srv.Of("/")
			ns.Use(func(_ context.Context, s *socketio.Socket) error {
				var auth struct{ Token string }
				if err := s.Handshake().DecodeAuth(&auth); err != nil || auth.Token != "t" {
					return &socketio.Error{Message: "no", Data: []int{1}}
				}
				return s.Join("r")
			})
			ns.OnDisconnect(func(_ *socketio.Socket, why socketio.DisconnectReason) { reasons <- why })
			ns.Handle("echo", echo)
			socketio.OnAck(ns, "swap", func(_ context.Context, _ *socketio.Socket, p socketio.Args2[point, string]) (socketio.Args2[string, point], error) {
				return socketio.Args2[string, point]{A: p.B, B: point{p.A.Y, p.A.X}}, nil
			})
			ns.Handle("ask", func(ctx context.Context, s *socketio.Socket, _ *socketio.Event) ([]any, error) {
				r, err := s.EmitWithAck(ctx, "question", 1)
				if err != nil {
					return nil, err
				}
				return append(r.Args(), r.Len()), nil
			})
			ns.Handle("kick", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) ([]any, error) {
				return nil, s.Disconnect(false)
			})
			srv.Of("/other").Handle("echo", echo)
		})

		c := ts.Open(t, opt)
		say(t, c, `{"type":0,"nsp":"/","data":{"token":"x"}}`)
		expect(t, c, `{"type":4,"nsp":"/","data":{"data":[1],"message":"no"},"parts":0}`)
		say(t, c, `{"type":0,"nsp":"/nowhere"}`)
		expect(t, c, `{"type":4,"nsp":"/nowhere","data":{"message":"Invalid namespace"},"parts":0}`)
		enterToy(t, c, "/", `{"token":"t"}`)
		enterToy(t, c, "/other", `null`)

		say(t, c, `{"type":2,"nsp":"/","name":"echo","parts":3}`, `1`, `{"b":[ 1e2 ]}`, `"é"`)
		expect(t, c, `{"type":2,"nsp":"/","name":"echo","parts":3} 1 {"b":[1e2]} "é"`)
		say(t, c, `{"type":2,"nsp":"/other","name":"echo","id":0,"parts":1}`, `null`)
		expect(t, c, `{"type":3,"nsp":"/other","id":0,"parts":1} null`)
		say(t, c, `{"type":2,"nsp":"/","name":"swap","id":5,"parts":2}`, `{"X":1,"Y":2}`, `"s"`)
		expect(t, c, `{"type":3,"nsp":"/","id":5,"parts":2} "s" {"X":2,"Y":1}`)
		say(t, c, `{"type":2,"nsp":"/","name":"swap","id":6,"parts":1}`, `{"X":1,"Y":2}`)
		if got := hear(t, c); !strings.Contains(got, `argument 2 of \"swap\": missing, want string`) {
			t.Errorf("got %s", got)
		}
		say(t, c, `{"type":2,"nsp":"/","name":"ask","id":7}`)
		expect(t, c, `{"type":2,"nsp":"/","id":0,"name":"question","parts":1} 1`)
		say(t, c, `{"type":3,"nsp":"/","id":0,"parts":2}`, `"a"`, `2`)
		expect(t, c, `{"type":3,"nsp":"/","id":7,"parts":3} "a" 2 2`)

		if err := srv.Of("/").To("r").Emit("news", []string{"x"}, socketio.Args2[int, bool]{A: 1, B: true}); err != nil {
			t.Fatal(err)
		}
		expect(t, c, `{"type":2,"nsp":"/","name":"news","parts":3} ["x"] 1 true`)
		if err := srv.Of("/").Emit("connect"); !errors.Is(err, socketio.ErrReservedEvent) {
			t.Errorf("a reserved name: %v", err)
		}
		for _, bad := range []any{"text with an end of record", "text that is not UTF-8", "nothing", make(chan int)} {
			if err := srv.Of("/").Emit("x", bad); err == nil {
				t.Errorf("%v is sent", bad)
			}
		}

		say(t, c, `{"type":2,"nsp":"/","name":"kick"}`)
		expect(t, c, `{"type":1,"nsp":"/","parts":0}`)
		if why := get(t, reasons); why != socketio.ServerNamespaceDisconnect {
			t.Errorf("the reason is %q", why)
		}
		say(t, c, `{"type":2,"nsp":"/other","name":"echo","parts":1}`, `true`)
		expect(t, c, `{"type":2,"nsp":"/other","name":"echo","parts":1} true`)
	})
}

// Whatever a decoder makes of what a client sends, only that client suffers.
func TestCustomParserViolations(t *testing.T) {
	_, ts := start(t, socketio.Config{Parser: toy{}, MaxPacket: 1000}, func(srv *socketio.Server) {
		srv.Of("/").Handle("echo", echo)
	})
	bystander := ts.Open(t, siotest.Options{})
	enterToy(t, bystander, "/", "null")
	big := `"` + strings.Repeat("x", 500) + `"`
	cases := map[string]func(c *siotest.Conn){
		"no packet":           func(c *siotest.Conn) { say(t, c, `{`) },
		"stray part":          func(c *siotest.Conn) { _ = c.SendBinary([]byte("1")) },
		"panic":               func(c *siotest.Conn) { say(t, c, `panic`) },
		"no argument":         func(c *siotest.Conn) { say(t, c, `stranger`) },
		"type 5":              func(c *siotest.Conn) { say(t, c, `{"type":5,"nsp":"/","name":"x"}`) },
		"no namespace":        func(c *siotest.Conn) { say(t, c, `{"type":2,"name":"x"}`) },
		"bad namespace":       func(c *siotest.Conn) { say(t, c, `{"type":0,"nsp":"/a\u0001"}`) },
		"long namespace":      func(c *siotest.Conn) { say(t, c, `{"type":0,"nsp":"/`+strings.Repeat("x", 600)+`"}`) },
		"reserved name":       func(c *siotest.Conn) { say(t, c, `{"type":2,"nsp":"/","name":"disconnect"}`) },
		"id of CONNECT":       func(c *siotest.Conn) { say(t, c, `{"type":0,"nsp":"/x","id":1}`) },
		"data of an event":    func(c *siotest.Conn) { say(t, c, `{"type":2,"nsp":"/","name":"x","data":1}`) },
		"CONNECT_ERROR":       func(c *siotest.Conn) { say(t, c, `{"type":4,"nsp":"/"}`) },
		"second CONNECT":      func(c *siotest.Conn) { say(t, c, `{"type":0,"nsp":"/"}`) },
		"other namespace":     func(c *siotest.Conn) { say(t, c, `{"type":2,"nsp":"/x","name":"x"}`) },
		"more than MaxPacket": func(c *siotest.Conn) { say(t, c, `{"type":2,"nsp":"/","name":"echo","parts":2}`, big, big) },
	}
	for name, f := range cases {
		t.Run(name, func(t *testing.T) {
			c := ts.Open(t, siotest.Options{})
			enterToy(t, c, "/", "null")
			f(c)
			_ = c.WaitClosed()
		})
	}
	// What comes after a packet that was within its bounds has bounds of its own.
	for range 5 {
		say(t, bystander, `{"type":2,"nsp":"/","name":"echo","parts":1}`, big)
		expect(t, bystander, `{"type":2,"nsp":"/","name":"echo","parts":1} `+big)
	}
}

// CSR-05 B-78: offsets go through another format, too.
func TestCustomParserRecovery(t *testing.T) { synctest.Test(t, customParserRecovery) }

func customParserRecovery(t *testing.T) {
	srv, ts := start(t, socketio.Config{Parser: toy{}, Recovery: &socketio.Recovery{}}, func(srv *socketio.Server) {
		srv.Of("/").Handle("echo", echo)
	})
	c := ts.Open(t, siotest.Options{})
	hello := enterToy(t, c, "/", "null")
	emit := func(args ...any) {
		if err := srv.Of("/").Emit("news", args...); err != nil {
			t.Fatal(err)
		}
	}
	emit(1)
	expect(t, c, `{"type":2,"nsp":"/","name":"news","parts":2} 1 "1"`)
	synctest.Wait() // a busy connection takes no volatile events
	if err := srv.Of("/").Broadcast().Volatile().Emit("news", "text"); err != nil {
		t.Fatal(err)
	}
	expect(t, c, `{"type":2,"nsp":"/","name":"news","parts":2} "text" "1"`)
	synctest.Wait() // a busy connection takes no volatile events
	if err := srv.Of("/").Broadcast().Volatile().Emit("news", 5); err != nil {
		t.Fatal(err)
	}
	expect(t, c, `{"type":2,"nsp":"/","name":"news","parts":1} 5`)
	c.Cut()
	emit("missed")
	emit()
	back := ts.Open(t, siotest.Options{})
	say(t, back, fmt.Sprintf(`{"type":0,"nsp":"/","data":{"pid":%q,"offset":"1"}}`, hello["pid"]))
	expect(t, back, fmt.Sprintf(`{"type":0,"nsp":"/","data":{"pid":%q,"sid":%q},"parts":0}`, hello["pid"], hello["sid"]))
	expect(t, back, `{"type":2,"nsp":"/","name":"news","parts":2} "missed" "2"`)
	expect(t, back, `{"type":2,"nsp":"/","name":"news","parts":1} "3"`)
}

// The default parser behind the seam is the default parser.
func TestStandardParser(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		srv, ts := start(t, socketio.Config{Parser: &packet.Standard{}, Recovery: &socketio.Recovery{}}, func(srv *socketio.Server) {
			srv.Of("/").Handle("echo", echo)
			socketio.OnAck(srv.Of("/"), "sum", func(_ context.Context, _ *socketio.Socket, in struct {
				Body socketio.Binary
				List []int
			}) (map[string]any, error) {
				return map[string]any{"body": in.Body, "n": len(in.List)}, nil
			})
			srv.Of("/closed").Use(func(context.Context, *socketio.Socket) error {
				return &socketio.Error{Message: "no", Data: "why"}
			})
		})
		conn := ts.Open(t, opt)
		c := conn.Connect("/", map[string]any{"a": 1})
		r := c.EmitWithAck("sum", map[string]any{"body": []byte{1, 2}, "list": []int{1, 2, 3}})
		if r.String() != `[{"body":{"_placeholder":true,"num":0},"n":3}] 0102` {
			t.Errorf("got %s", r)
		}
		c.Emit("echo", []byte{1}, "x", map[string]any{"b": []byte{2}})
		want := `["echo",{"_placeholder":true,"num":0},"x",{"b":{"_placeholder":true,"num":1}},"1"] 01 02`
		if e := c.Next(); e.String() != want {
			t.Errorf("got %s", e)
		}
		if _, err := conn.TryConnect("/closed", nil); err == nil || err.Error() != `refused: no "why"` {
			t.Errorf("got %v", err)
		}
		if err := srv.Of("/").Emit("big", make([]any, 3), []byte{7}); err != nil {
			t.Fatal(err)
		}
		if e := c.Next(); e.String() != `["big",[null,null,null],{"_placeholder":true,"num":0},"2"] 07` {
			t.Errorf("got %s", e)
		}
		if err := conn.Send(`451-["echo",{"_placeholder":true,"num":0}]`, `42["echo"]`); err != nil {
			t.Fatal(err)
		}
		_ = conn.WaitClosed()
	})
}

// WIRE-10 WIRE-11: Config.JSON reaches what is emitted and what is handled.
func TestJSONConfig(t *testing.T) {
	var marshaled, unmarshaled int
	cfg := socketio.Config{}
	cfg.JSON.Marshal = func(v any) ([]byte, error) {
		marshaled++
		return json.Marshal(v)
	}
	cfg.JSON.Unmarshal = func(text []byte, dst any) error {
		unmarshaled++
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		return d.Decode(dst)
	}
	cfg.JSON.Replace = func(_ string, v any) (any, error) {
		if at, ok := v.(time.Time); ok {
			return at.UnixMilli(), nil
		}
		return v, nil
	}
	cfg.JSON.Revive = func(key string, v any) (any, error) {
		if n, ok := v.(json.Number); ok && key == "at" {
			ms, err := n.Int64()
			return time.UnixMilli(ms).UTC(), err
		}
		return v, nil
	}
	got := make(chan any, 1)
	_, ts := start(t, cfg, func(srv *socketio.Server) {
		socketio.OnAck(srv.Of("/"), "x", func(_ context.Context, _ *socketio.Socket, in any) ([]any, error) {
			got <- in
			return []any{time.UnixMilli(5), struct{ A int }{1}}, nil
		})
	})
	c := ts.Dial(t, "/", nil)
	r := c.EmitWithAck("x", map[string]any{"at": int64(1700000000123), "id": uint64(1<<64 - 1)})
	if r.String() != `[[5,{"A":1}]]` {
		t.Errorf("got %s", r)
	}
	want := map[string]any{"at": time.UnixMilli(1700000000123).UTC(), "id": json.Number("18446744073709551615")}
	if in := get(t, got); !reflect.DeepEqual(in, want) {
		t.Errorf("got %#v", in)
	}
	if marshaled != 1 || unmarshaled != 1 {
		t.Errorf("%d and %d calls of the engine", marshaled, unmarshaled)
	}
}
