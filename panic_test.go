package socketio_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// explosive has a MarshalJSON that panics.
type explosive struct{}

func (explosive) MarshalJSON() ([]byte, error) { panic("boom in MarshalJSON") }

// fragile has an UnmarshalJSON that panics.
type fragile struct{}

func (*fragile) UnmarshalJSON([]byte) error { panic("boom in UnmarshalJSON") }

// EVT-07, C13, C18: wherever code of the application panics while an event is
// handled, the ack is answered, that socket ends, its stack is in the log, and
// nobody else notices.
func TestPanicInHandler(t *testing.T) {
	boom := func() { panic("boom") }
	for name, setup := range map[string]func(ns *socketio.Namespace){
		"Handle": func(ns *socketio.Namespace) {
			ns.Handle("x", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { boom(); return nil, nil })
		},
		"On": func(ns *socketio.Namespace) {
			socketio.On(ns, "x", func(context.Context, *socketio.Socket, socketio.None) error { boom(); return nil })
		},
		"OnAck": func(ns *socketio.Namespace) {
			socketio.OnAck(ns, "x", func(context.Context, *socketio.Socket, socketio.None) (int, error) { boom(); return 0, nil })
		},
		"nil map": func(ns *socketio.Namespace) {
			var m map[string]int
			socketio.On(ns, "x", func(context.Context, *socketio.Socket, socketio.None) error { m["a"] = 1; return nil })
		},
		"Socket.Handle": func(ns *socketio.Namespace) {
			ns.OnConnect(func(_ context.Context, s *socketio.Socket) error {
				s.Handle("x", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { boom(); return nil, nil })
				return nil
			})
		},
		"OnAny": func(ns *socketio.Namespace) {
			ns.OnAny(func(_ context.Context, _ *socketio.Socket, e *socketio.Event) {
				if e.Name() == "x" {
					boom()
				}
			})
		},
		"argument's UnmarshalJSON": func(ns *socketio.Namespace) {
			socketio.On(ns, "x", func(context.Context, *socketio.Socket, fragile) error { return nil })
		},
		"answer's MarshalJSON": func(ns *socketio.Namespace) {
			socketio.OnAck(ns, "x", func(context.Context, *socketio.Socket, socketio.None) (explosive, error) { return explosive{}, nil })
		},
		"error data's MarshalJSON": func(ns *socketio.Namespace) {
			socketio.OnAck(ns, "x", func(context.Context, *socketio.Socket, socketio.None) (int, error) {
				return 0, &socketio.Error{Message: "no", Data: explosive{}}
			})
		},
		"emit's MarshalJSON": func(ns *socketio.Namespace) {
			socketio.On(ns, "x", func(_ context.Context, s *socketio.Socket, _ socketio.None) error {
				return ns.Broadcast().Emit("y", explosive{})
			})
		},
		"Ack's MarshalJSON": func(ns *socketio.Namespace) {
			ns.Handle("x", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
				return nil, e.Ack(explosive{})
			})
		},
		"panic(nil)": func(ns *socketio.Namespace) {
			socketio.On(ns, "x", func(context.Context, *socketio.Socket, socketio.None) error { panic(nil) })
		},
		"panic with an Error": func(ns *socketio.Namespace) {
			socketio.On(ns, "x", func(context.Context, *socketio.Socket, socketio.None) error {
				panic(&socketio.Error{Message: "secret"})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log journal
			reasons := make(chan socketio.DisconnectReason, 10)
			srv, ts := start(t, socketio.Config{Logger: log.logger()}, func(srv *socketio.Server) {
				srv.Of("/").Handle("echo", echo)
				srv.Of("/").OnDisconnect(func(_ *socketio.Socket, why socketio.DisconnectReason) { reasons <- why })
				srv.Of("/x")
				setup(srv.Of("/"))
			})
			bystander, victim := ts.Dial(t, "/", nil), ts.Dial(t, "/", nil)
			other := victim.Conn().Connect("/x", nil)
			answer := victim.EmitWithAck("x", 1)
			if got := answer.String(); got != `[{"error":{"message":"internal error"}}]` {
				t.Errorf("the ack is %s", got)
			}
			if why := victim.WaitDisconnect(); why != "io server disconnect" {
				t.Errorf("the client is told %q", why)
			}
			if why := get(t, reasons); why != socketio.ServerNamespaceDisconnect {
				t.Errorf("the reason is %q", why)
			}
			if text := log.String(); !strings.Contains(text, "panic") || !strings.Contains(text, "_test.go") {
				t.Errorf("no stack in the log:\n%s", text)
			}
			other.Quiet()
			alive(t, bystander)
			alive(t, victim.Conn().Connect("/", nil)) // it may come back
			_ = srv
		})
	}
}

// A panic while a client is let in refuses it.
func TestPanicWhileEntering(t *testing.T) {
	for name, setup := range map[string]func(ns *socketio.Namespace){
		"middleware": func(ns *socketio.Namespace) {
			ns.Use(func(context.Context, *socketio.Socket) error { panic("boom") })
		},
		"OnConnect": func(ns *socketio.Namespace) {
			ns.OnConnect(func(context.Context, *socketio.Socket) error { panic("boom") })
		},
		"identity": func(ns *socketio.Namespace) {
			ns.OnReconnect(func(*socketio.Socket) string { panic("boom") },
				func(context.Context, *socketio.Socket, socketio.Departure) error { return nil })
		},
		"refusal's data": func(ns *socketio.Namespace) {
			ns.Use(func(context.Context, *socketio.Socket) error {
				return &socketio.Error{Message: "internal error", Data: explosive{}}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
				srv.Of("/").Handle("echo", echo)
				setup(srv.Of("/x"))
			})
			conn := ts.Open(t, siotest.Options{})
			main := conn.Connect("/", nil)
			_, err := conn.TryConnect("/x", nil)
			if ce, ok := errors.AsType[*siotest.ConnectError](err); !ok || ce.Message != "internal error" || ce.Data != nil {
				t.Errorf("refused with %v", err)
			}
			if alive(t, main); srv.Of("/x").Len() != 0 {
				t.Error("the client is in nevertheless")
			}
		})
	}
}

// A panic in what is told of events stops neither the event nor the others that are told.
func TestPanicInListeners(t *testing.T) {
	told := make(chan string, 20)
	srv, ts := start(t, socketio.Config{PingInterval: time.Millisecond}, func(srv *socketio.Server) {
		ns := srv.Of("/")
		ns.Handle("echo", echo)
		// Each listener panics once it has told, and a second one tells too.
		for range 2 {
			tell := func(what string) {
				told <- what
				panic("boom")
			}
			ns.OnJoin(func(*socketio.Socket, socketio.Room) { tell("join") })
			ns.OnLeave(func(*socketio.Socket, socketio.Room) { tell("leave") })
			ns.OnRoomCreate(func(socketio.Room) { tell("create") })
			ns.OnRoomDelete(func(socketio.Room) { tell("delete") })
			ns.OnDisconnecting(func(*socketio.Socket, socketio.DisconnectReason) { tell("disconnecting") })
			ns.OnDisconnect(func(*socketio.Socket, socketio.DisconnectReason) { tell("disconnect") })
		}
		ns.OnReconnect(func(s *socketio.Socket) string {
			if !s.Connected() && s.Context().Err() != nil {
				panic("boom") // only when it leaves
			}
			return "x"
		}, func(context.Context, *socketio.Socket, socketio.Departure) error { return nil })
		ping := make(chan struct{}, 1)
		ns.OnPing(func(*socketio.Socket, time.Duration) {
			select {
			case ping <- struct{}{}:
				told <- "ping"
			default:
			}
			panic("boom")
		})
	})
	c := ts.Dial(t, "/", nil)
	s := srv.Of("/").Socket(c.ID())
	if get(t, told) != "ping" {
		t.Fatal("no ping first")
	}
	if err := s.Join("room"); err != nil {
		t.Fatal(err)
	}
	alive(t, c)
	c.Disconnect()
	want := "create create join join disconnecting disconnecting leave leave delete delete disconnect disconnect"
	var got []string
	for range strings.Fields(want) {
		got = append(got, get(t, told))
	}
	if strings.Join(got, " ") != want {
		t.Errorf("told %s", got)
	}
	if ns := srv.Of("/"); ns.Len() != 0 || len(ns.Rooms()) != 0 {
		t.Errorf("left behind: %d sockets, rooms %v", ns.Len(), ns.Rooms())
	}
}

// A panic in a hook or in a function of the Config is nobody's end.
func TestPanicInHooks(t *testing.T) {
	boom := func() { panic("boom") }
	var log journal
	srv, ts := start(t, socketio.Config{
		Logger:         log.logger(),
		MaxQueuedBytes: 1000,
		AckError:       func(*socketio.Error) any { panic("boom") },
		Hooks: socketio.Hooks{
			SessionOpened: func(*engine.Session) { boom() },
			SessionClosed: func(*engine.Session, socketio.DisconnectReason) { boom() },
			SlowConsumer:  func(*engine.Session, int) { boom() },
			Refused:       func(engine.Refusal) { boom() },
			EventHandled:  func(*socketio.Socket, *socketio.Event, time.Duration, error) { boom() },
			Broadcast:     func(*socketio.Namespace, string, int, int) { boom() },
			BadPacket:     func(*engine.Session, error) { boom() },
		},
	}, func(srv *socketio.Server) {
		srv.Of("/").Handle("echo", echo)
		socketio.On(srv.Of("/"), "fail", func(context.Context, *socketio.Socket, socketio.None) error { return errors.New("no") })
	})
	bystander := ts.Dial(t, "/", nil)
	alive(t, bystander)
	if err := srv.Of("/").Emit("all"); err != nil {
		t.Error(err)
	}
	bystander.Expect("all")

	bad := ts.Dial(t, "/", nil)
	_ = bad.Conn().Send("4?")
	bad.WaitDisconnect()

	slow := ts.Dial(t, "/", nil)
	slow.Conn().Pause()
	s := srv.Of("/").Socket(slow.ID())
	for s.Emit("flood", strings.Repeat("x", 100)) == nil {
	}
	until(t, func() bool { return !s.Connected() })

	if _, err := ts.TryOpen(t, siotest.Options{Transport: engine.Polling, Query: map[string][]string{"EIO": {"3"}}}); err == nil || !strings.Contains(err.Error(), `"code":5`) {
		t.Errorf("an old client is told %v", err)
	}
	failing := ts.Dial(t, "/", nil)
	failing.Ask("fail") // cannot be answered: the answer's own maker panics
	failing.WaitDisconnect()

	alive(t, bystander)
	until(t, func() bool { return srv.Of("/").Len() == 1 }) // the bystander
	for _, hook := range []string{"SessionOpened", "SessionClosed", "SlowConsumer", "Refused", "EventHandled", "Broadcast", "BadPacket"} {
		if !strings.Contains(log.String(), "Hooks."+hook) {
			t.Errorf("the panic of %s is not in the log", hook)
		}
	}
}

// A handler that ends its goroutine, as testing.T.Fatal does, ends its socket
// and no more.
func TestGoexitInHandler(t *testing.T) {
	reasons := make(chan socketio.DisconnectReason, 10)
	_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		srv.Of("/").Handle("echo", echo)
		srv.Of("/").OnDisconnect(func(_ *socketio.Socket, why socketio.DisconnectReason) { reasons <- why })
		socketio.On(srv.Of("/"), "exit", func(context.Context, *socketio.Socket, socketio.None) error {
			runtime.Goexit()
			return nil
		})
		srv.Of("/x").Use(func(context.Context, *socketio.Socket) error {
			runtime.Goexit()
			return nil
		})
	})
	bystander, c := ts.Dial(t, "/", nil), ts.Dial(t, "/", nil)
	c.Emit("exit")
	c.Emit("echo")
	if why := get(t, reasons); why != socketio.ServerNamespaceDisconnect {
		t.Errorf("the reason is %q", why)
	}
	c.WaitDisconnect()
	if _, err := bystander.Conn().TryConnect("/x", nil); err == nil {
		t.Error("let in by a middleware that never returned")
	}
	alive(t, bystander)
}
