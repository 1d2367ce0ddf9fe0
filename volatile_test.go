package socketio_test

import (
	"testing"
	"testing/synctest"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// EMIT-08, EMIT-09: a volatile event is for whoever can take it at once, and
// that some cannot is no error.
func TestVolatile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken := 0 // by how many sockets the last broadcast was
		srv, ts := start(t, socketio.Config{Hooks: socketio.Hooks{
			Broadcast: func(_ *socketio.Namespace, _ string, receivers, _ int) { taken = receivers },
		}}, nil)
		ns := srv.Of("/")
		clients, s := crowd(t, srv, ts, 2)
		ready, busy := clients[0], clients[1]
		busy.Conn().Pause()
		for range 2 { // the client has the first in its hands, the second is being written
			_ = s[1].Emit("fill")
			synctest.Wait()
		}
		if err := ns.Broadcast().Volatile().Emit("v", 1); err != nil || taken != 1 {
			t.Errorf("%d sockets took the volatile event, %v", taken, err)
		}
		if err := s[1].Volatile().Compress(true).Emit("v", 2); err != nil {
			t.Errorf("a dropped event is an error: %v", err)
		}
		_ = s[1].Compress(false).Emit("last")
		busy.Conn().Resume()
		ready.Expect("v", 1)
		busy.Expect("fill")
		busy.Expect("fill")
		busy.Expect("last")
		synctest.Wait()
		_ = ns.Broadcast().Volatile().Emit("again")
		ready.Expect("again")
		busy.Expect("again")
	})
}

// A polling client can take nothing between two of its requests.
func TestVolatilePolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, ts := start(t, socketio.Config{}, nil)
		conn := ts.Open(t, siotest.Options{Transport: engine.Polling})
		c := conn.Connect("/", nil)
		s := srv.Of("/").Socket(c.ID())
		synctest.Wait()
		_ = s.Volatile().Emit("taken by the open GET")
		c.Expect("taken by the open GET")
		conn.Pause()
		_ = s.Emit("ends the open GET")
		c.Expect("ends the open GET")
		synctest.Wait()
		_ = s.Volatile().Emit("dropped")
		_ = s.Emit("kept")
		conn.Resume()
		c.Expect("kept")
		c.Quiet()
	})
}

// What is volatile is not held for a client that is still being let in.
func TestVolatileBeforeConnect(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	srv.Of("/").OnConnect(onConnect(func(s *socketio.Socket) {
		if err := s.Volatile().Emit("dropped"); err != nil {
			t.Error(err)
		}
		_ = s.Emit("held")
	}))
	c := ts.Dial(t, "/", nil)
	c.Expect("held")
	c.Quiet()
}
