package socketio_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// farewell is what a socket's last functions saw.
type farewell struct {
	why             socketio.DisconnectReason
	disconnecting   socketio.DisconnectReason
	before, after   []socketio.Room // its rooms in OnDisconnecting and OnDisconnect
	cause           error           // of its context
	joined, emitted error           // of trying to go on
}

// watch reports how each socket of a namespace ends.
func watch(ns *socketio.Namespace) <-chan farewell {
	ch := make(chan farewell, 100)
	open := make(chan farewell, 100)
	ns.OnDisconnecting(func(s *socketio.Socket, why socketio.DisconnectReason) {
		open <- farewell{disconnecting: why, before: s.Rooms()}
	})
	ns.OnDisconnect(func(s *socketio.Socket, why socketio.DisconnectReason) {
		f := <-open
		f.why, f.after, f.cause = why, s.Rooms(), context.Cause(s.Context())
		f.joined, f.emitted = s.Join("late"), s.Emit("late")
		ch <- f
	})
	return ch
}

// NSP-15, NSP-16, NSP-17, B-87, and every pair of reasons that a server can see:
// who ends what, and what either side is told.
func TestReasons(t *testing.T) {
	const none = ""
	for _, test := range []struct {
		name     string
		end      func(srv *socketio.Server, s *socketio.Socket, c *siotest.Client)
		why      socketio.DisconnectReason // seen by the server
		told     string                    // seen by the client; none: it did it itself
		pollWhy  socketio.DisconnectReason // where polling differs
		survives bool                      // the connection, and its other namespace
	}{
		{
			name:     "Disconnect(false)",
			end:      func(_ *socketio.Server, s *socketio.Socket, _ *siotest.Client) { _ = s.Disconnect(false) },
			why:      socketio.ServerNamespaceDisconnect,
			told:     "io server disconnect",
			survives: true,
		}, {
			name: "Disconnect(true)",
			end:  func(_ *socketio.Server, s *socketio.Socket, _ *siotest.Client) { _ = s.Disconnect(true) },
			why:  socketio.ServerNamespaceDisconnect,
			told: "io server disconnect",
		}, {
			name: "Broadcast.Disconnect",
			end: func(srv *socketio.Server, s *socketio.Socket, _ *siotest.Client) {
				_ = srv.Of("/").To(s.ID()).Disconnect(context.Background(), false)
			},
			why:      socketio.ServerNamespaceDisconnect,
			told:     "io server disconnect",
			survives: true,
		}, {
			name:     "the client leaves",
			end:      func(_ *socketio.Server, _ *socketio.Socket, c *siotest.Client) { c.Disconnect() },
			why:      socketio.ClientNamespaceDisconnect,
			told:     none,
			survives: true,
		}, {
			name: "the client closes",
			end:  func(_ *socketio.Server, _ *socketio.Socket, c *siotest.Client) { c.Close() },
			why:  socketio.TransportClose,
			told: none,
		}, {
			name:    "the client is killed",
			end:     func(_ *socketio.Server, _ *socketio.Socket, c *siotest.Client) { c.Conn().Cut() },
			why:     socketio.TransportClose,
			pollWhy: socketio.TransportError,
			told:    none,
		}, {
			name: "Session.Close",
			end: func(_ *socketio.Server, s *socketio.Socket, _ *siotest.Client) {
				s.Session().Close(engine.ForcedClose)
			},
			why:  socketio.ForcedClose,
			told: "transport close",
		}, {
			name: "a bad Socket.IO packet",
			end:  func(_ *socketio.Server, _ *socketio.Socket, c *siotest.Client) { _ = c.Conn().Send("4x") },
			why:  socketio.ForcedClose,
			told: "transport close",
		}, {
			name: "a second CONNECT",
			end:  func(_ *socketio.Server, _ *socketio.Socket, c *siotest.Client) { _ = c.Conn().Send("40") },
			why:  socketio.ForcedClose,
			told: "transport close",
		}, {
			name: "a bad Engine.IO packet",
			end:  func(_ *socketio.Server, _ *socketio.Socket, c *siotest.Client) { _ = c.Conn().Send("x") },
			why:  socketio.ParseError,
			told: "transport close",
		}, {
			name: "a ping of the client",
			end:  func(_ *socketio.Server, _ *socketio.Socket, c *siotest.Client) { _ = c.Conn().Send("2") },
			why:  socketio.TransportError,
			told: "transport close",
		}, {
			name: "Shutdown",
			end: func(srv *socketio.Server, _ *socketio.Socket, _ *siotest.Client) {
				go func() { _ = srv.Shutdown(context.Background()) }() // the test's own Shutdown waits for it
			},
			why:  socketio.ServerShuttingDown,
			told: "transport close",
		},
	} {
		onEach(t, func(t *testing.T, opt siotest.Options) {
			t.Run(strings.ReplaceAll(test.name, " ", "_"), inBubble(func(t *testing.T) {
				var farewells <-chan farewell
				srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
					farewells = watch(srv.Of("/"))
					srv.Of("/b").Handle("echo", echo)
				})
				conn := ts.Open(t, opt)
				c, other := conn.Connect("/", nil), conn.Connect("/b", nil)
				s := srv.Of("/").Socket(c.ID())
				_ = s.Join("room")
				synctest.Wait() // a killed client that polls is noticed by the GET that breaks

				test.end(srv, s, c)

				why := test.why
				if opt.Transport == engine.Polling && test.pollWhy != "" {
					why = test.pollWhy
				}
				f := get(t, farewells)
				if f.why != why || f.disconnecting != why || f.cause != why {
					t.Errorf("the server sees %q, %q and %q, want %q", f.disconnecting, f.why, f.cause, why)
				}
				if len(f.before) != 2 || len(f.after) != 0 {
					t.Errorf("rooms %v in OnDisconnecting and %v in OnDisconnect", f.before, f.after)
				}
				if f.joined != socketio.ErrClosed || f.emitted != socketio.ErrClosed {
					t.Errorf("afterwards Join says %v and Emit %v", f.joined, f.emitted)
				}
				if test.told != none {
					if told := c.WaitDisconnect(); told != test.told {
						t.Errorf("the client sees %q, want %q", told, test.told)
					}
				}
				if test.survives {
					alive(t, other)
				} else {
					conn.WaitClosed()
				}
				if ns := srv.Of("/"); ns.Socket(c.ID()) != nil || len(ns.Rooms()) != 0 || s.Connected() {
					t.Error("the socket is still known")
				}
				select {
				case f := <-farewells:
					t.Errorf("a second farewell: %q", f.why)
				default:
				}
			}))
		})
	}
}

func inBubble(f func(t *testing.T)) func(t *testing.T) {
	return func(t *testing.T) { synctest.Test(t, f) }
}

// A reason is an error, and a socket's end can be waited for.
func TestReasonIsCause(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	c := ts.Dial(t, "/", nil)
	s := srv.Of("/").Socket(c.ID())
	child, cancel := context.WithCancel(s.Context())
	defer cancel()
	if s.Context() != s.Context() {
		t.Error("a socket has two contexts")
	}
	c.Close()
	<-child.Done()
	var err error = socketio.TransportClose
	if context.Cause(child) != err || err.Error() != "transport close" {
		t.Errorf("the cause is %v", context.Cause(child))
	}
	late := srv.Of("/").Socket(ts.Dial(t, "/", nil).ID())
	_ = late.Disconnect(true)
	if context.Cause(late.Context()) != socketio.ServerNamespaceDisconnect { // asked for the first time
		t.Errorf("the cause is %v", context.Cause(late.Context()))
	}
}

// B-60: an event that was under way when the server ended the client's stay
// closes the connection, as in the reference.
func TestEventAfterDisconnect(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) { srv.Of("/b") })
	conn := ts.Open(t, siotest.Options{})
	c, other := conn.Connect("/", nil), conn.Connect("/b", nil)
	_ = srv.Of("/").Socket(c.ID()).Disconnect(false)
	c.WaitDisconnect()
	_ = conn.Send(`42["late"]`)
	other.WaitDisconnect()
}
