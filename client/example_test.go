package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
)

// A server for the examples: it greets, adds and echoes, and wants a token in "/private".
func exampleServer() (url string, stop func()) {
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")
	ns.OnConnect(func(_ context.Context, s *socketio.Socket) error { return s.Emit("welcome", "to the show", 2) })
	socketio.OnAck(ns, "add", func(_ context.Context, _ *socketio.Socket, in socketio.Args2[int, int]) (int, error) {
		return in.A + in.B, nil
	})
	socketio.OnAck(ns, "divide", func(_ context.Context, _ *socketio.Socket, in socketio.Args2[int, int]) (int, error) {
		if in.B == 0 {
			return 0, &socketio.Error{Message: "division by zero"}
		}
		return in.A / in.B, nil
	})
	socketio.OnAck(ns, "ask me", func(ctx context.Context, s *socketio.Socket, _ socketio.None) (string, error) {
		name, err := socketio.EmitWithAck[string](ctx, s, "your name?")
		return "hello " + name, err
	})
	srv.Of("/private").Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct{ Token string }
		if err := s.Handshake().DecodeAuth(&auth); err != nil || auth.Token != "secret" {
			return &socketio.Error{Message: "no entry", Data: map[string]int{"code": 401}}
		}
		return nil
	})
	ts := httptest.NewServer(srv)
	return ts.URL, func() {
		_ = srv.Shutdown(context.Background())
		ts.Close()
	}
}

// Events, a question with an answer, and the end.
func Example() {
	url, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	s := client.New(url, client.Config{})
	defer func() { _ = s.Manager().Close(ctx) }()
	welcomed := make(chan string)
	client.On(s, "welcome", func(_ context.Context, in client.Args2[string, int]) error {
		welcomed <- fmt.Sprint("welcome ", in.A, ", ", in.B)
		return nil
	})
	if err := s.Connect(ctx); err != nil {
		log.Print(err)
		return
	}
	fmt.Println(<-welcomed)
	sum, err := client.EmitWithAck[int](ctx, s, "add", 3, 4)
	fmt.Println(sum, err)
	_, err = client.EmitWithAck[int](ctx, s, "divide", 1, 0)
	fmt.Println(err)
	// Output:
	// welcome to the show, 2
	// 7 <nil>
	// division by zero
}

// An event of the server that wants an answer.
func ExampleOnAck() {
	url, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	s := client.New(url, client.Config{})
	defer func() { _ = s.Manager().Close(ctx) }()
	client.OnAck(s, "your name?", func(context.Context, client.None) (string, error) { return "Ada", nil })
	s.Start()
	fmt.Println(client.EmitWithAck[string](ctx, s, "ask me"))
	// Output: hello Ada <nil>
}

// Two namespaces on one connection; one of them asks who is there.
func ExampleManager() {
	url, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	m := client.NewManager(url, client.Config{})
	defer func() { _ = m.Close(ctx) }()
	private := m.Socket("/private")
	err := private.Connect(ctx)
	if refusal, ok := errors.AsType[*client.ConnectError](err); ok {
		var data struct{ Code int }
		_ = refusal.DecodeData(&data)
		fmt.Println(refusal.Message, data.Code, private.Active())
	}
	private.SetAuth(map[string]string{"token": "secret"})
	fmt.Println(private.Connect(ctx), m.Socket("/").Connect(ctx))
	// Output:
	// no entry 401 false
	// <nil> <nil>
}

// Tokens that expire are made anew for each connection.
func ExampleAuthFunc() {
	url, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	token := func(context.Context) (any, error) {
		return map[string]string{"token": "secret"}, nil // from wherever it comes
	}
	s := client.New(url+"/private", client.Config{}, client.AuthFunc(token))
	defer func() { _ = s.Manager().Close(ctx) }()
	fmt.Println(s.Connect(ctx), s.Namespace())
	// Output: <nil> /private
}

// What is emitted before the socket is connected is sent when it is.
func ExampleSocket_Emit() {
	url, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	s := client.New(url, client.Config{})
	s.OnAnyOutgoing(func(event string, args []any) { fmt.Println(event, args) })
	_ = s.Emit("position", 1, 2)
	_ = s.Volatile().Emit("position", 3, 4) // dropped: nobody is there
	if err := s.Connect(ctx); err != nil {
		log.Print(err)
	}
	fmt.Println(s.Manager().Close(ctx))
	// Output:
	// position [1 2]
	// position [3 4]
	// <nil>
}
