package siotest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/siotest"
)

// The client of programs, on connections in memory: it upgrades, and it comes
// back when the connection is lost, in no time.
func TestManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Config{Path: "/sio/"})
		chat := srv.Of("/chat")
		socketio.OnAck(chat, "sum", func(_ context.Context, _ *socketio.Socket, in socketio.Args2[int, int]) (int, error) {
			return in.A + in.B, nil
		})
		ts := siotest.NewServer(t, srv)
		ts.Path = "/sio/"
		s := ts.Manager(t, client.Config{}).Socket("/chat")
		if err := s.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		// A GET that comes behind the probe is held for a tenth of a second.
		<-time.After(time.Second)
		if got := s.Manager().Transport(); got != "websocket" {
			t.Errorf("the transport is %q", got)
		}
		began, id := time.Now(), s.ID()
		chat.Socket(id).Session().Abort("transport error")
		synctest.Wait()
		sum, err := client.EmitWithAck[int](t.Context(), s, "sum", 2, 3)
		if err != nil || sum != 5 || s.ID() == id || time.Since(began) > 2*time.Second {
			t.Errorf("%d, %v, from %s to %s after %v", sum, err, id, s.ID(), time.Since(began))
		}
	})
}

// CLI-27: an http.Client with a timeout, as many programs have it, ends neither
// the requests that wait for messages nor a WebSocket.
func TestManagerOfPatientClient(t *testing.T) {
	for _, transports := range [][]string{{"polling"}, {"websocket"}, nil} {
		synctest.Test(t, func(t *testing.T) {
			ts := siotest.NewServer(t, socketio.NewServer(socketio.Config{}))
			ts.Patience = time.Hour
			ts.HTTPClient.Timeout = 2 * time.Second
			s := ts.Manager(t, client.Config{Transports: transports}).Socket("/")
			if err := s.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			id := s.ID()
			<-time.After(time.Hour)
			if s.ID() != id {
				t.Errorf("%v: the connection was lost", transports)
			}
		})
	}
}
