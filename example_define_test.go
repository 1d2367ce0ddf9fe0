package socketio_test

import (
	"context"
	"fmt"

	"github.com/go-socketio/socketio"
)

// Note and Receipt are what goes over the wire.
type (
	Note    struct{ Text string }
	Receipt struct{ Number int }
)

// The events of an application, in one place: a misspelt name, or another type
// than the other side wants, does not compile.
var (
	Post   = socketio.DefineCall[Note, Receipt]("post")
	Posted = socketio.DefineEvent[socketio.Args2[string, Note]]("posted")
)

// board is a group of handlers: methods of a type that has what they need.
type board struct{ notes []Note }

func (b *board) register(ns *socketio.Namespace) {
	socketio.OnCall(ns, Post, b.post)
}

func (b *board) post(ctx context.Context, s *socketio.Socket, n Note) (Receipt, error) {
	b.notes = append(b.notes, n)
	err := Posted.Emit(s.Broadcast(), socketio.Args2[string, Note]{A: s.ID(), B: n})
	return Receipt{len(b.notes)}, err
}

// Definitions are values that say what an event is called and carries.
func ExampleDefineCall() {
	srv := socketio.NewServer(socketio.Config{})
	new(board).register(srv.Of("/"))

	test := clients(srv)
	defer test.Close()
	alice, bob := test.Dial("/"), test.Dial("/")
	fmt.Println(alice.EmitWithAck("post", Note{"hi"}))
	var from string
	var n Note
	fmt.Println(bob.Next().Decode(&from, &n), from == alice.ID(), n.Text)
	// Output:
	// [{"Number":1}]
	// <nil> true hi
}

// The server asks a client in the same way.
func ExampleDefineEvent() {
	var (
		confirm = socketio.DefineCall[string, bool]("confirm")
		deleted = socketio.DefineEvent[string]("deleted")
	)
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")
	socketio.On(ns, "delete", func(ctx context.Context, s *socketio.Socket, name string) error {
		if sure, err := confirm.Call(ctx, s, name); err != nil || !sure {
			return err
		}
		return deleted.Emit(ns, name)
	})

	test := clients(srv)
	defer test.Close()
	c := test.Dial("/")
	c.Emit("delete", "a.txt")
	question := c.Next()
	fmt.Println(question)
	question.Ack(true)
	fmt.Println(c.Next())
	// Output:
	// ["confirm","a.txt"]
	// ["deleted","a.txt"]
}
