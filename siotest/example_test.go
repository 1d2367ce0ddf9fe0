package siotest_test

import (
	"context"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// A test of a chat room: what one says, the other hears.
func Example() {
	_ = func(t *testing.T) { // func TestChat(t *testing.T)
		srv := socketio.NewServer(socketio.Config{})
		chat := srv.Of("/chat")
		chat.OnConnect(func(_ context.Context, s *socketio.Socket) error { return s.Join("lobby") })
		socketio.On(chat, "say", func(_ context.Context, s *socketio.Socket, text string) error {
			return s.To("lobby").Emit("said", text)
		})

		ts := siotest.NewServer(t, srv)
		alice := ts.Dial(t, "/chat", nil)
		bob := ts.Dial(t, "/chat", nil)

		alice.Emit("say", "hi")
		if got := siotest.Next[string](t, bob, "said"); got != "hi" {
			t.Errorf("bob heard %q", got)
		}
		alice.Quiet() // nobody hears himself
	}
}
