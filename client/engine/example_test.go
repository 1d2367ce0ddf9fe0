package engine_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/go-socketio/socketio/client/engine"
)

// greeter is what an application does with its connection.
type greeter struct {
	conn *engine.Conn
	done chan struct{}
}

func (g *greeter) Opened(c *engine.Conn) { g.conn = c }

func (g *greeter) Message(kind engine.Kind, data []byte) {
	fmt.Printf("%s\n", data)
	g.conn.Close()
}

func (g *greeter) Closed(reason engine.Reason, err error) {
	fmt.Println(reason)
	close(g.done)
}

func ExampleDial() {
	server := httptest.NewServer(echoServer())
	defer server.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	g := &greeter{done: make(chan struct{})}
	conn, err := engine.Dial(ctx, server.URL, engine.Config{}, g)
	if err != nil {
		log.Fatal(err)
	}
	if err := conn.Send(engine.Text, []byte("hello")); err != nil {
		log.Print(err)
	}
	<-g.done
	// Output:
	// hello
	// forced close
}

// What a page does with its WebSocket: an update each 50 ms, but only while
// nothing waits.
func ExampleNew() {
	server := httptest.NewServer(echoServer())
	defer server.Close()

	opened := make(chan struct{})
	updates := 0
	var socket *engine.Conn
	ready := make(chan struct{}) // the functions may run before New returns
	socket = engine.New(server.URL, engine.Config{}, engine.Events{
		Open: func() { close(opened) },
		Message: func(kind engine.Kind, data []byte) {
			<-ready
			if updates++; updates == 3 {
				socket.Close()
			}
		},
		Error: func(err error) { log.Print(err) },
		Close: func(reason engine.Reason) { fmt.Println(updates, "updates,", reason) },
	})
	close(ready)
	<-opened

	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if socket.BufferedAmount() == 0 {
				_ = socket.Send(engine.Text, []byte("update"))
			}
		case <-socket.Done():
			return
		}
	}
	// Output: 3 updates, forced close
}
