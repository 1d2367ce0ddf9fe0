package socketio_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// WIRE-06, EMIT-01: bytes travel both ways, wherever they stand.
func TestBinaryBothWays(t *testing.T) {
	type file struct {
		Name string          `json:"name"`
		Body socketio.Binary `json:"body"`
		Tags []any           `json:"tags"`
	}
	onEach(t, func(t *testing.T, opt siotest.Options) {
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			srv.Of("/").Handle("echo", echo)
			socketio.OnAck(srv.Of("/"), "file", func(_ context.Context, _ *socketio.Socket, f file) (file, error) {
				f.Tags = append(f.Tags, []byte(f.Name))
				return f, nil
			})
			socketio.OnAck(srv.Of("/"), "swap", func(_ context.Context, _ *socketio.Socket, in socketio.Args2[[]byte, []byte]) (socketio.Args2[[]byte, []byte], error) {
				return socketio.Args2[[]byte, []byte]{A: in.B, B: in.A}, nil
			})
		})
		c := ts.Open(t, opt).Connect("/", nil)
		c.Emit("echo", []byte{}, map[string]any{"a": []any{[]byte{1}, nil, []byte{2, 3}}}, "x")
		c.Expect("echo", []byte{}, map[string]any{"a": []any{[]byte{1}, nil, []byte{2, 3}}}, "x")

		var f file
		r := c.EmitWithAck("file", file{Name: "n", Body: []byte{0, 0xff, 0x1e}, Tags: []any{[]byte("t")}})
		if err := r.Decode(&f); err != nil || f.Name != "n" || !bytes.Equal(f.Body, []byte{0, 0xff, 0x1e}) || fmt.Sprint(f.Tags) != "[[116] [110]]" {
			t.Errorf("file %+v, %v", f, err)
		}
		if r := c.EmitWithAck("swap", []byte("a"), []byte("b")); r.String() != `[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}] 62 61` {
			t.Errorf("swap answers %s", r)
		}
		big := bytes.Repeat([]byte{7}, 200_000)
		if err := srv.Of("/").Emit("big", big, big); err != nil {
			t.Fatal(err)
		}
		c.Expect("big", big, big)
	})
}

// B-66: an attachment named twice is one piece of memory, and what one handler
// does to its own decoded values is not seen by the next.
func TestAttachmentTwice(t *testing.T) {
	seen := make(chan string, 2)
	_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		for range 2 {
			socketio.On(srv.Of("/"), "twice", func(_ context.Context, _ *socketio.Socket, in socketio.Args2[[]byte, map[string]any]) error {
				seen <- fmt.Sprintf("%s %s", in.A, in.B["again"])
				in.B["again"] = nil
				return nil
			})
		}
	})
	c := ts.Open(t, siotest.Options{})
	c.Connect("/", nil)
	_ = c.Send(`451-["twice",{"_placeholder":true,"num":0},{"again":{"_placeholder":true,"num":0}}]`)
	_ = c.SendBinary([]byte("bytes"))
	for range 2 {
		if got := get(t, seen); got != "bytes bytes" {
			t.Errorf("a handler sees %q", got)
		}
	}
}

// WIRE-07: the bound on attachments counts both ways and can be set.
func TestMaxAttachments(t *testing.T) {
	srv, ts := start(t, socketio.Config{MaxAttachments: 2}, func(srv *socketio.Server) { srv.Of("/").Handle("echo", echo) })
	c := ts.Dial(t, "/", nil)
	b := []byte("b")
	c.Emit("echo", b, b)
	c.Expect("echo", b, b)
	if err := srv.Of("/").Emit("three", b, b, b); err == nil {
		t.Error("the server sends more attachments than it takes")
	}
	c.Quiet()
	c.Emit("echo", b, b, b)
	c.WaitDisconnect()

	srv, ts = start(t, socketio.Config{MaxAttachments: 20}, func(srv *socketio.Server) { srv.Of("/").Handle("echo", echo) })
	c = ts.Dial(t, "/", nil)
	many := make([]any, 20)
	for i := range many {
		many[i] = []byte{byte(i)}
	}
	c.Emit("echo", many...)
	c.Expect("echo", many...)
	_ = srv
}

// B-68: the attachments of one packet are bounded in bytes and in time.
func TestAttachmentBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var violation error
		srv, ts := start(t, socketio.Config{
			MaxPacket:      1000,
			ConnectTimeout: 45 * time.Second,
			PingInterval:   1000 * time.Hour,
			Hooks:          socketio.Hooks{BadPacket: func(_ *engine.Session, err error) { violation = err }},
		}, nil)
		ts.Patience = time.Hour
		big := ts.Open(t, siotest.Options{})
		big.Connect("/", nil)
		_ = big.Send(`453-["a",{"_placeholder":true,"num":0}]`)
		_ = big.SendBinary(make([]byte, 500))
		if synctest.Wait(); srv.Of("/").Len() != 1 {
			t.Fatalf("closed too early: %v", violation)
		}
		_ = big.SendBinary(make([]byte, 500))
		big.WaitClosed()
		if synctest.Wait(); violation == nil || !strings.Contains(violation.Error(), "MaxPacket") {
			t.Errorf("MaxPacket was not the reason: %v", violation)
		}

		violation = nil
		slow := ts.Open(t, siotest.Options{})
		slow.Connect("/", nil)
		_ = slow.Send(`452-["a",{"_placeholder":true,"num":0}]`)
		pass(44 * time.Second)
		_ = slow.SendBinary([]byte("one"))
		if synctest.Wait(); srv.Of("/").Len() != 1 {
			t.Fatal("closed too early")
		}
		pass(2 * time.Second) // one attachment is no reason to start the clock again
		slow.WaitClosed()
		if synctest.Wait(); violation == nil || !strings.Contains(violation.Error(), "ConnectTimeout") {
			t.Errorf("the timeout was not the reason: %v", violation)
		}

		patient := ts.Open(t, siotest.Options{})
		cl := patient.Connect("/", nil)
		for range 3 {
			_ = patient.Send(`451-["a",{"_placeholder":true,"num":0}]`)
			pass(30 * time.Second)
			_ = patient.SendBinary([]byte("one"))
		}
		pass(time.Hour)
		if cl.Quiet(); srv.Of("/").Len() != 1 {
			t.Error("packets that came in time end the connection later")
		}
	})
}

// P10: one large event in very small pieces costs no more than its bytes.
func TestLargeEvent(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) { srv.Of("/").Handle("echo", echo) })
		c := ts.Open(t, opt).Connect("/", nil)
		big := string(bytes.Repeat([]byte("ä"), 490_000))
		c.Emit("echo", big)
		if got := siotest.Next[string](t, c, "echo"); got != big {
			t.Errorf("%d bytes came back as %d", len(big), len(got))
		}
	})
}
