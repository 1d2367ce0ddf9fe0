package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/go-socketio/socketio"
)

// A chat in one room, and everything a main function needs around it.
func Example() {
	srv := socketio.NewServer(socketio.Config{Origins: []string{"https://chat.example"}})
	chat := srv.Of("/")
	chat.OnConnect(func(ctx context.Context, s *socketio.Socket) error { return s.Join("lobby") })
	socketio.On(chat, "say", func(ctx context.Context, s *socketio.Socket, text string) error {
		return s.To("lobby").Emit("said", s.ID(), text)
	})

	http.Handle("/socket.io/", srv)
	web := &http.Server{Addr: ":8080"}
	go func() {
		if err := web.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()

	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	<-stop.Done()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = srv.Shutdown(ctx) // the clients go to another server
	_ = web.Shutdown(ctx)
}

// A Server is an http.Handler, for a mux of any kind.
func ExampleNewServer() {
	srv := socketio.NewServer(socketio.Config{
		Path:         "/live/",
		PingInterval: 10 * time.Second,
		MaxPayload:   64 << 10,
	})
	mux := http.NewServeMux()
	mux.Handle("/live/", srv)
}

// Each namespace has handlers, rooms and sockets of its own.
func ExampleServer_Of() {
	srv := socketio.NewServer(socketio.Config{})
	for _, ns := range []*socketio.Namespace{srv.Of("/"), srv.Of("/admin")} {
		socketio.OnAck(ns, "where", func(context.Context, *socketio.Socket, socketio.None) (string, error) {
			return ns.Name(), nil
		})
	}

	test := clients(srv)
	defer test.Close()
	fmt.Println(test.Dial("/").EmitWithAck("where"))
	fmt.Println(test.Dial("/admin").EmitWithAck("where"))
	// Output:
	// ["/"]
	// ["/admin"]
}

// Shutdown tells handlers, through their context, and waits for them.
func ExampleServer_Shutdown() {
	srv := socketio.NewServer(socketio.Config{})
	started := make(chan bool)
	socketio.On(srv.Of("/"), "export", func(ctx context.Context, s *socketio.Socket, _ socketio.None) error {
		close(started)
		<-ctx.Done()
		fmt.Println("stopped:", context.Cause(ctx))
		return nil
	})

	test := clients(srv)
	defer test.Close()
	test.Dial("/").Emit("export")
	<-started
	fmt.Println("down:", srv.Shutdown(context.Background()))
	// Output:
	// stopped: server shutting down
	// down: <nil>
}

// A middleware decides who comes in. An Error is shown to the client, any other
// error is logged and shown as "internal error".
func ExampleNamespace_Use() {
	type user struct{ Name string }
	srv := socketio.NewServer(socketio.Config{})
	srv.Of("/").Use(func(ctx context.Context, s *socketio.Socket) error {
		var auth struct{ Token string }
		if err := s.Handshake().DecodeAuth(&auth); err != nil || auth.Token != "secret" {
			return &socketio.Error{Message: "not authorized", Data: map[string]int{"code": 401}}
		}
		s.SetData(user{"ada"})
		return nil
	})
	socketio.OnAck(srv.Of("/"), "who am i", func(_ context.Context, s *socketio.Socket, _ socketio.None) (string, error) {
		u, _ := socketio.DataOf[user](s)
		return u.Name, nil
	})

	test := clients(srv)
	defer test.Close()
	fmt.Println(test.Try("/", map[string]string{"token": "guess"}))
	fmt.Println(test.Dial("/", map[string]string{"token": "secret"}).EmitWithAck("who am i"))
	// Output:
	// refused: not authorized {"code":401}
	// ["ada"]
}

// What is joined and emitted in OnConnect is in order before the client can
// miss anything.
func ExampleNamespace_OnConnect() {
	srv := socketio.NewServer(socketio.Config{})
	srv.Of("/").OnConnect(func(ctx context.Context, s *socketio.Socket) error {
		if err := s.Join("news"); err != nil {
			return err
		}
		return s.Emit("welcome", s.Namespace().Len())
	})

	test := clients(srv)
	defer test.Close()
	fmt.Println(test.Dial("/").Next())
	// Output: ["welcome",1]
}

// OnDisconnecting still knows the rooms of who goes; OnDisconnect runs when all
// traces are gone.
func ExampleNamespace_OnDisconnecting() {
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")
	var done sync.WaitGroup
	done.Add(1)
	ns.OnConnect(func(_ context.Context, s *socketio.Socket) error { return s.Join("lobby") })
	ns.OnDisconnecting(func(s *socketio.Socket, why socketio.DisconnectReason) {
		fmt.Println("leaving the lobby:", s.In("lobby"))
	})
	ns.OnDisconnect(func(s *socketio.Socket, why socketio.DisconnectReason) {
		fmt.Println("gone:", why)
		done.Done()
	})

	test := clients(srv)
	defer test.Close()
	test.Dial("/").Disconnect()
	done.Wait()
	// Output:
	// leaving the lobby: true
	// gone: client namespace disconnect
}

// The application says what makes a client the same as before; the server says
// when one is back.
func ExampleNamespace_OnReconnect() {
	srv := socketio.NewServer(socketio.Config{ReturnWindow: time.Minute})
	ns := srv.Of("/")
	device := func(s *socketio.Socket) string {
		var auth struct{ Device string }
		_ = s.Handshake().DecodeAuth(&auth)
		return auth.Device // "" would be nobody
	}
	gone := make(chan bool, 2)
	ns.OnDisconnect(func(*socketio.Socket, socketio.DisconnectReason) { gone <- true })
	socketio.OnAck(ns, "join", func(_ context.Context, s *socketio.Socket, room string) (bool, error) { return true, s.Join(room) })
	ns.OnReconnect(device, func(ctx context.Context, s *socketio.Socket, last socketio.Departure) error {
		for _, room := range last.Rooms {
			if room != last.ID { // the room of its former id is nobody's now
				if err := s.Join(room); err != nil {
					return err
				}
			}
		}
		return s.Emit("welcome back", last.Reason)
	})

	test := clients(srv)
	defer test.Close()
	auth := map[string]string{"device": "d-17"}
	c := test.Dial("/", auth)
	c.EmitWithAck("join", "lobby")
	c.Close() // a tunnel, say
	<-gone
	c = test.Dial("/", auth)
	fmt.Println(c.Next())
	_ = ns.To("lobby").Emit("news")
	fmt.Println(c.Next())
	// Output:
	// ["welcome back","transport close"]
	// ["news"]
}

// OnPing runs for each heartbeat that a client answers.
func ExampleNamespace_OnPing() {
	srv := socketio.NewServer(socketio.Config{PingInterval: 10 * time.Millisecond})
	ponged := make(chan bool, 100)
	srv.Of("/").OnPing(func(s *socketio.Socket, rtt time.Duration) { ponged <- rtt < time.Minute })

	test := clients(srv)
	defer test.Close()
	test.Dial("/")
	fmt.Println(<-ponged)
	// Output: true
}

// Rooms come and go with their members.
func ExampleNamespace_OnJoin() {
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")
	ns.OnRoomCreate(func(room socketio.Room) { fmt.Println("created", room) })
	ns.OnJoin(func(s *socketio.Socket, room socketio.Room) { fmt.Println("joined", room) })
	ns.OnLeave(func(s *socketio.Socket, room socketio.Room) { fmt.Println("left", room) })
	ns.OnRoomDelete(func(room socketio.Room) { fmt.Println("deleted", room) })

	test := clients(srv)
	defer test.Close()
	s := ns.Socket(test.Dial("/").ID())
	_ = s.Join("a")
	_ = s.Leave("a")
	// Output:
	// created a
	// joined a
	// left a
	// deleted a
}

// Hooks feed metrics; those left nil cost nothing.
func ExampleHooks() {
	handled := make(chan string, 1)
	srv := socketio.NewServer(socketio.Config{Hooks: socketio.Hooks{
		EventHandled: func(s *socketio.Socket, e *socketio.Event, took time.Duration, err error) {
			handled <- fmt.Sprintf("%s in %s: %v", e.Name(), s.Namespace().Name(), err)
		},
	}})
	socketio.On(srv.Of("/"), "order", func(context.Context, *socketio.Socket, int) error {
		return &socketio.Error{Message: "sold out"}
	})

	test := clients(srv)
	defer test.Close()
	test.Dial("/").Emit("order", 7)
	fmt.Println(<-handled)
	// Output: order in /: sold out
}
