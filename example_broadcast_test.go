package socketio_test

import (
	"context"
	"fmt"

	"github.com/go-socketio/socketio"
)

// A Broadcast is a value that says who receives and how.
func ExampleBroadcast() {
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")

	test := clients(srv)
	defer test.Close()
	alice, bob, carol := test.Dial("/"), test.Dial("/"), test.Dial("/")
	_ = ns.Socket(alice.ID()).Join("staff", "day shift")
	_ = ns.Socket(bob.ID()).Join("staff")

	staff := ns.To("staff") // may be kept and shared
	_ = staff.Except("day shift").Emit("all", "the night shift")
	_ = staff.Emit("all", "staff")
	_ = ns.Emit("all", "everybody")

	fmt.Println("alice", alice.Next(), alice.Next())
	fmt.Println("bob", bob.Next(), bob.Next(), bob.Next())
	fmt.Println("carol", carol.Next())
	// Output:
	// alice ["all","staff"] ["all","everybody"]
	// bob ["all","the night shift"] ["all","staff"] ["all","everybody"]
	// carol ["all","everybody"]
}

// A socket's own broadcasts leave it out.
func ExampleSocket_Broadcast() {
	srv := socketio.NewServer(socketio.Config{})
	socketio.On(srv.Of("/"), "typing", func(_ context.Context, s *socketio.Socket, on bool) error {
		return s.Broadcast().Emit("typing", on)
	})

	test := clients(srv)
	defer test.Close()
	alice, bob := test.Dial("/"), test.Dial("/")
	alice.Emit("typing", true)
	fmt.Println(bob.Next())
	alice.Quiet() // nothing came
	// Output: ["typing",true]
}

// To and Except may be combined in any order; Except always wins.
func ExampleSocket_To() {
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")

	test := clients(srv)
	defer test.Close()
	alice, bob, carol := test.Dial("/"), test.Dial("/"), test.Dial("/")
	for _, c := range []string{alice.ID(), bob.ID(), carol.ID()} {
		_ = ns.Socket(c).Join("game")
	}
	_ = ns.Socket(alice.ID()).To("game").Except(carol.ID()).Emit("your turn")
	fmt.Println(bob.Next())
	alice.Quiet()
	carol.Quiet()
	// Output: ["your turn"]
}

// Volatile is for what is worth nothing later: it is dropped for a client that
// cannot take it at once.
func ExampleBroadcast_Volatile() {
	srv := socketio.NewServer(socketio.Config{})
	position := srv.Of("/").To("map").Volatile().Compress(false)
	for x := range 3 {
		_ = position.Emit("position", x, 0)
	}
}

// Local keeps an event on this server where there are several.
func ExampleBroadcast_Local() {
	srv := socketio.NewServer(socketio.Config{})
	_ = srv.Of("/").Broadcast().Local().Emit("this server restarts in a minute")
}

// All receivers are asked at once, and their answers come one by one.
func ExampleBroadcast_EmitWithAck() {
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")

	test := clients(srv)
	defer test.Close()
	voters := []bool{true, true, false}
	for _, vote := range voters {
		c := test.Dial("/")
		go func() { c.Next().Ack(vote) }()
	}
	yes := 0
	for reply, err := range ns.Broadcast().EmitWithAck(context.Background(), "vote") {
		var vote bool
		if err == nil {
			err = reply.Decode(&vote)
		}
		if err != nil { // this one is gone, or has not answered in time
			fmt.Println(reply.SocketID, err)
			continue
		}
		if vote {
			yes++
		}
	}
	fmt.Println(yes, "of", len(voters))
	// Output: 2 of 3
}

// Sockets looks at receivers, wherever they are connected.
func ExampleBroadcast_Sockets() {
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")

	test := clients(srv)
	defer test.Close()
	for _, name := range []string{"ada", "bob"} {
		s := ns.Socket(test.Dial("/").ID())
		s.SetData(name)
		_ = s.Join("lobby")
	}
	for r, err := range ns.To("lobby").Sockets(context.Background()) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(r.Data, len(r.Rooms))
	}
	// Unordered output:
	// ada 2
	// bob 2
}

// Receivers can be moved between rooms and disconnected.
func ExampleBroadcast_Join() {
	srv := socketio.NewServer(socketio.Config{})
	ns, ctx := srv.Of("/"), context.Background()

	test := clients(srv)
	defer test.Close()
	c := test.Dial("/")
	s := ns.Socket(c.ID())

	_ = s.Join("level 1")
	_ = ns.To("level 1").Join(ctx, "level 2")
	_ = ns.To("level 2").Leave(ctx, "level 1")
	fmt.Println(s.In("level 1"), s.In("level 2"))
	_ = ns.To("level 2").Disconnect(ctx, false)
	fmt.Println(c.WaitDisconnect())
	// Output:
	// false true
	// io server disconnect
}
