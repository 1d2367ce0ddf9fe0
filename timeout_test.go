package socketio_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// NSP-03, B-56, B-62, L5: a connection without a namespace ends after
// ConnectTimeout, whatever else it does.
func TestConnectTimeout(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		synctest.Test(t, func(t *testing.T) {
			srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
				srv.Of("/closed").Use(func(context.Context, *socketio.Socket) error { return &socketio.Error{Message: "no"} })
			})
			ts.Patience = time.Hour
			silent := ts.Open(t, opt)
			refused := ts.Open(t, opt)
			in := ts.Open(t, opt).Connect("/", nil)
			pass(44 * time.Second)
			_, _ = refused.TryConnect("/closed", nil) // a try is not a success
			_, _ = refused.TryConnect("/nope", nil)
			if synctest.Wait(); !silent.Open() || !refused.Open() {
				t.Fatal("closed before ConnectTimeout")
			}
			pass(time.Second + time.Millisecond)
			synctest.Wait()
			if silent.Open() || refused.Open() {
				t.Error("a connection in no namespace outlives ConnectTimeout")
			}
			silent.WaitClosed()
			pass(10 * time.Minute)
			if in.Quiet(); srv.Engine().Len() != 1 {
				t.Errorf("%d sessions, want the one that joined", srv.Engine().Len())
			}
		})
	})
}

// B-89: a connection whose last namespace is left waits for ConnectTimeout once more.
func TestConnectTimeoutAgain(t *testing.T) {
	for name, leave := range map[string]func(t *testing.T, srv *socketio.Server, c *siotest.Client){
		"by the client": func(_ *testing.T, _ *socketio.Server, c *siotest.Client) { c.Disconnect() },
		"by the server": func(t *testing.T, srv *socketio.Server, c *siotest.Client) {
			if err := srv.Of("/").Socket(c.ID()).Disconnect(false); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv, ts := start(t, socketio.Config{ConnectTimeout: time.Minute}, func(srv *socketio.Server) { srv.Of("/b") })
				ts.Patience = time.Hour
				conn := ts.Open(t, siotest.Options{})
				main, other := conn.Connect("/", nil), conn.Connect("/b", nil)
				pass(time.Hour)
				leave(t, srv, main)
				pass(time.Hour)
				if synctest.Wait(); !conn.Open() {
					t.Fatal("closed although it is in /b")
				}
				other.Disconnect()
				pass(50 * time.Second)
				back := conn.Connect("/", nil) // in time
				pass(time.Hour)
				if synctest.Wait(); !conn.Open() {
					t.Fatal("closed although it has come back")
				}
				leave(t, srv, back)
				pass(59 * time.Second)
				if synctest.Wait(); !conn.Open() {
					t.Fatal("closed too early")
				}
				pass(2 * time.Second)
				if synctest.Wait(); conn.Open() || srv.Engine().Len() != 0 {
					t.Error("a connection that has left everything stays for ever")
				}
			})
		})
	}
}

// L12: a client that leaves at the very moment it is let in is still waited
// for no longer than any other.
func TestLeaveWhileEntering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			srv.Of("/").OnConnect(func(ctx context.Context, _ *socketio.Socket) error {
				<-ctx.Done()
				return nil
			})
		})
		ts.Patience = time.Hour
		c := ts.Open(t, siotest.Options{})
		for range 10 {
			_ = c.Send("40")
			synctest.Wait()
			_ = c.Send("41")
			synctest.Wait()
		}
		c.Quiet()
		pass(time.Minute)
		if synctest.Wait(); c.Open() || srv.Engine().Len() != 0 {
			t.Error("the connection stays for ever")
		}
	})
}

// A negative ConnectTimeout waits for ever.
func TestNoConnectTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, ts := start(t, socketio.Config{ConnectTimeout: -1}, nil)
		ts.Patience = 100 * time.Hour
		c := ts.Open(t, siotest.Options{})
		pass(50 * time.Hour)
		c.Connect("/", nil)
	})
}

// L8: a client that falls silent is gone after PingInterval and PingTimeout,
// and its socket with it.
func TestPingTimeout(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		synctest.Test(t, func(t *testing.T) {
			var why socketio.DisconnectReason
			srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
				srv.Of("/").OnDisconnect(func(_ *socketio.Socket, r socketio.DisconnectReason) { why = r })
			})
			ts.Patience = time.Hour
			opt.Mute = true
			c := ts.Open(t, opt).Connect("/", nil)
			s := srv.Of("/").Socket(c.ID())
			pass(44 * time.Second)
			if synctest.Wait(); !s.Connected() {
				t.Fatalf("gone too early: %q", why)
			}
			pass(2 * time.Second)
			if synctest.Wait(); why != socketio.PingTimeout || s.Connected() || context.Cause(s.Context()) != socketio.PingTimeout {
				t.Errorf("after 46 s of silence: %q", why)
			}
		})
	})
}
