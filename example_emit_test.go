package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-socketio/socketio"
)

// The argument is decoded into the type that the handler wants.
func ExampleOn() {
	type message struct {
		To   string `json:"to"`
		Text string `json:"text"`
	}
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")
	socketio.On(ns, "message", func(ctx context.Context, s *socketio.Socket, m message) error {
		return ns.To(m.To).Emit("message", s.ID() != m.To, m.Text)
	})

	test := clients(srv)
	defer test.Close()
	alice, bob := test.Dial("/"), test.Dial("/")
	alice.Emit("message", map[string]string{"to": bob.ID(), "text": "hi"})
	fmt.Println(bob.Next())
	// Output: ["message",true,"hi"]
}

// What the handler returns is the answer; an error is one too.
func ExampleOnAck() {
	srv := socketio.NewServer(socketio.Config{})
	socketio.OnAck(srv.Of("/"), "root", func(ctx context.Context, s *socketio.Socket, n int) (int, error) {
		for r := 0; r*r <= n; r++ {
			if r*r == n {
				return r, nil
			}
		}
		return 0, &socketio.Error{Message: "no square", Data: n}
	})

	test := clients(srv)
	defer test.Close()
	c := test.Dial("/")
	fmt.Println(c.EmitWithAck("root", 49))
	fmt.Println(c.EmitWithAck("root", 50))
	fmt.Println(c.EmitWithAck("root", "x"))
	// Output:
	// [7]
	// [{"error":{"message":"no square","data":50}}]
	// [{"error":{"message":"bad arguments: argument 1 of \"root\": cannot decode string into int"}}]
}

// Args2 is for events, and answers, with two arguments.
func ExampleArgs2() {
	srv := socketio.NewServer(socketio.Config{})
	socketio.OnAck(srv.Of("/"), "divide", func(_ context.Context, _ *socketio.Socket, in socketio.Args2[int, int]) (socketio.Args2[int, int], error) {
		if in.B == 0 {
			return socketio.Args2[int, int]{}, &socketio.Error{Message: "division by zero"}
		}
		return socketio.Args2[int, int]{A: in.A / in.B, B: in.A % in.B}, nil
	})

	test := clients(srv)
	defer test.Close()
	fmt.Println(test.Dial("/").EmitWithAck("divide", 17, 5))
	// Output: [3,2]
}

// Binary is for bytes inside a struct. As an argument of its own, []byte does.
func ExampleBinary() {
	type file struct {
		Name string          `json:"name"`
		Body socketio.Binary `json:"body"`
	}
	srv := socketio.NewServer(socketio.Config{})
	socketio.OnAck(srv.Of("/"), "upload", func(_ context.Context, _ *socketio.Socket, f file) (int, error) {
		return len(f.Body), nil
	})

	test := clients(srv)
	defer test.Close()
	fmt.Println(test.Dial("/").EmitWithAck("upload", file{"a.bin", []byte{1, 2, 3}}))
	// Output: [3]
}

// Handle is the raw form: the arguments can be looked at one by one, and passed
// on as they came.
func ExampleNamespace_Handle() {
	srv := socketio.NewServer(socketio.Config{})
	srv.Of("/").Handle("relay", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		var room string
		if err := e.Arg(0, &room); err != nil {
			return nil, &socketio.Error{Message: err.Error()}
		}
		err := s.Namespace().To(room).Emit("relayed", e.Args()[1:]...)
		return []any{e.Len() - 1}, err
	})

	test := clients(srv)
	defer test.Close()
	c := test.Dial("/")
	fmt.Println(c.EmitWithAck("relay", c.ID(), map[string]int{"x": 1}, []byte("bytes")))
	fmt.Println(c.Next())
	// Output:
	// [2]
	// ["relayed",{"x":1},{"_placeholder":true,"num":0}] 6279746573
}

// OnAny sees all events, before their handlers.
func ExampleNamespace_OnAny() {
	srv := socketio.NewServer(socketio.Config{})
	srv.Of("/").OnAny(func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		fmt.Println(e.Name(), e.Len(), e.WantsAck())
	})
	srv.Of("/").Handle("b", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { return []any{}, nil })

	test := clients(srv)
	defer test.Close()
	c := test.Dial("/")
	c.Emit("a", 1, 2)
	c.EmitWithAck("b")
	// Output:
	// a 2 false
	// b 0 true
}

// An event may be answered later, by whoever holds it.
func ExampleEvent_Ack() {
	srv := socketio.NewServer(socketio.Config{})
	jobs := make(chan *socketio.Event, 1)
	srv.Of("/").Handle("job", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		jobs <- e
		return nil, nil // no answer yet
	})

	test := clients(srv)
	defer test.Close()
	answer := test.Dial("/").Ask("job")
	job := <-jobs
	fmt.Println(job.Ack("done"))
	fmt.Println(job.Ack("done again"))
	fmt.Println(answer())
	// Output:
	// <nil>
	// socketio: the event was acknowledged already
	// ["done"]
}

// Emit only queues, so it may be called anywhere, also for a client that is
// still being let in.
func ExampleSocket_Emit() {
	srv := socketio.NewServer(socketio.Config{})
	srv.Of("/").OnConnect(func(_ context.Context, s *socketio.Socket) error {
		_ = s.Emit("none")
		_ = s.Emit("some", 1, "two", []any{3}, nil)
		_ = s.Emit("bytes", []byte{0xca, 0xfe})
		fmt.Println(s.Emit("disconnect"))
		return s.Send("hello") // the event "message"
	})

	test := clients(srv)
	defer test.Close()
	c := test.Dial("/")
	for range 4 {
		fmt.Println(c.Next())
	}
	// Output:
	// packet: event "disconnect": the event name is reserved by the protocol
	// ["none"]
	// ["some",1,"two",[3],null]
	// ["bytes",{"_placeholder":true,"num":0}] cafe
	// ["message","hello"]
}

// The server asks and the client answers; here from a handler of that very client.
func ExampleEmitWithAck() {
	srv := socketio.NewServer(socketio.Config{})
	socketio.OnAck(srv.Of("/"), "delete", func(ctx context.Context, s *socketio.Socket, name string) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		sure, err := socketio.EmitWithAck[bool](ctx, s, "are you sure?", name)
		switch {
		case errors.Is(err, socketio.ErrAckTimeout):
			return "", &socketio.Error{Message: "make up your mind"}
		case err != nil:
			return "", err
		case !sure:
			return "kept", nil
		}
		return "deleted", nil
	})

	test := clients(srv)
	defer test.Close()
	c := test.Dial("/")
	answer := c.Ask("delete", "a.txt")
	c.Next().Ack(true)
	fmt.Println(answer())
	// Output: ["deleted"]
}

// Rooms need no creating.
func ExampleSocket_Join() {
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")

	test := clients(srv)
	defer test.Close()
	c := test.Dial("/")
	s := ns.Socket(c.ID())
	_ = s.Join("blue", "green")
	_ = s.Leave("green")
	fmt.Println(s.In("blue"), s.In("green"), slices.Contains(s.Rooms(), s.ID()))

	_ = ns.To("blue", "green").Emit("color") // each member once
	fmt.Println(c.Next())
	// Output:
	// true false true
	// ["color"]
}

// Disconnect says goodbye after what was emitted.
func ExampleSocket_Disconnect() {
	srv := socketio.NewServer(socketio.Config{})
	socketio.On(srv.Of("/"), "swear", func(_ context.Context, s *socketio.Socket, word string) error {
		_ = s.Emit("banned", word)
		return s.Disconnect(true)
	})

	test := clients(srv)
	defer test.Close()
	c := test.Dial("/")
	c.Emit("swear", "heck")
	fmt.Println(c.Next())
	fmt.Println(c.WaitDisconnect())
	// Output:
	// ["banned","heck"]
	// io server disconnect
}

// The context of a socket ends with it, and its cause is the reason.
func ExampleSocket_Context() {
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")

	test := clients(srv)
	defer test.Close()
	c := test.Dial("/")
	ctx := ns.Socket(c.ID()).Context()
	c.Close()
	<-ctx.Done()
	fmt.Println(context.Cause(ctx), context.Cause(ctx) == socketio.TransportClose)
	// Output: transport close true
}
