package socketio_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// person is what identifies a client in these tests.
type person struct{ Name string }

func (p person) of(s *socketio.Socket) string {
	_ = s.Handshake().DecodeAuth(&p)
	return p.Name
}

// OnReconnect tells who comes back, once for each return, with what is
// remembered of the last stay.
func TestOnReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type visit struct {
			name string
			last socketio.Departure
		}
		var visits []visit
		var order []string
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			ns := srv.Of("/")
			ns.OnConnect(onConnect(func(*socketio.Socket) { order = append(order, "connect") }))
			ns.OnReconnect(person{}.of, func(_ context.Context, s *socketio.Socket, last socketio.Departure) error {
				order = append(order, "reconnect")
				visits = append(visits, visit{person{}.of(s), last})
				return s.Join(last.Rooms...) // its old id's room among them
			})
		})
		ts.Patience = time.Hour
		arrive := func(name string) (*siotest.Client, *socketio.Socket) {
			c := ts.Dial(t, "/", person{name})
			return c, srv.Of("/").Socket(c.ID())
		}
		a, sa := arrive("a")
		_, sb := arrive("b")
		join(t, sa, "room")
		sa.SetData(42)
		if len(visits) != 0 {
			t.Errorf("first visits are returns: %v", visits)
		}
		left := time.Now()
		a.Close()
		pass(time.Minute)
		order = nil
		a2, sa2 := arrive("a")
		if len(visits) != 1 || fmt.Sprint(order) != "[connect reconnect]" {
			t.Fatalf("visits %v, order %v", visits, order)
		}
		d := visits[0].last
		want := []string{"room", sa.ID()}
		slices.Sort(want)
		if d.ID != sa.ID() || d.Reason != socketio.TransportClose || d.Data != 42 || !slices.Equal(d.Rooms, want) || !d.At.Equal(left) {
			t.Errorf("remembered %+v", d)
		}
		if !sa2.In("room") {
			t.Error("not back in the room")
		}
		// Back is back: a second client of the same name is none that returns.
		_, again := arrive("a")
		if len(visits) != 1 {
			t.Error("one departure, two returns")
		}
		_ = again.Disconnect(false)
		synctest.Wait()
		a2.Disconnect()
		synctest.Wait()
		// The last departure counts.
		arrive("a")
		if len(visits) != 2 || visits[1].last.Reason != socketio.ClientNamespaceDisconnect {
			t.Errorf("visits %+v", visits)
		}
		// Nobody, and one who comes too late.
		nobody, _ := arrive("")
		nobody.Close()
		_ = sb.Disconnect(true)
		pass(2*time.Minute + time.Second)
		arrive("")
		arrive("b")
		if len(visits) != 2 {
			t.Errorf("returns of nobody or too late: %+v", visits[2:])
		}
	})
}

// A refused return, and a window of one's own.
func TestOnReconnectRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, ts := start(t, socketio.Config{ReturnWindow: time.Hour}, func(srv *socketio.Server) {
			srv.Of("/").OnReconnect(person{}.of, func(_ context.Context, _ *socketio.Socket, last socketio.Departure) error {
				return &socketio.Error{Message: "gone since " + time.Since(last.At).String()}
			})
		})
		ts.Patience = 2 * time.Hour
		ts.Dial(t, "/", person{"a"}).Close()
		pass(59 * time.Minute)
		_, err := ts.Open(t, siotest.Options{}).TryConnect("/", person{"a"})
		if err == nil || err.Error() != "refused: gone since 59m0s" {
			t.Errorf("refused with %v", err)
		}
		if srv.Of("/").Len() != 0 {
			t.Error("in nevertheless")
		}
	})
}

// What is remembered is bounded.
func TestOnReconnectForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			srv.Of("/").OnReconnect(person{}.of, func(context.Context, *socketio.Socket, socketio.Departure) error { return nil })
		})
		for i := range 50 {
			ts.Dial(t, "/", person{fmt.Sprint(i)}).Close()
			synctest.Wait()
			pass(10 * time.Second)
		}
		if n := socketio.Departures(srv.Of("/")); n != 13 { // two minutes, both ends included
			t.Errorf("%d departures are remembered", n)
		}
	})
}

// The server's events of one client, from first to last.
func TestLifeOfAClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		tell := func(format string, args ...any) { told = append(told, fmt.Sprintf(format, args...)) }
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			ns := srv.Of("/")
			ns.Use(onConnect(func(*socketio.Socket) { tell("use") }))
			ns.OnConnect(onConnect(func(*socketio.Socket) { tell("connect") }))
			ns.OnReconnect(func(*socketio.Socket) string { return "same" }, func(context.Context, *socketio.Socket, socketio.Departure) error {
				tell("reconnect")
				return nil
			})
			ns.OnAny(func(_ context.Context, _ *socketio.Socket, e *socketio.Event) { tell("any %s", e.Name()) })
			socketio.On(ns, "message", func(_ context.Context, s *socketio.Socket, room string) error {
				tell("message %s", room)
				return s.Join(room)
			})
			ns.OnPing(func(_ *socketio.Socket, rtt time.Duration) { tell("ping %v", rtt) })
			ns.OnJoin(func(_ *socketio.Socket, room socketio.Room) { tell("join %s", room) })
			ns.OnLeave(func(_ *socketio.Socket, room socketio.Room) { tell("leave %s", room) })
			ns.OnDisconnecting(func(s *socketio.Socket, why socketio.DisconnectReason) { tell("disconnecting %s %v", why, s.In("den")) })
			ns.OnDisconnect(func(s *socketio.Socket, why socketio.DisconnectReason) { tell("disconnect %s %v", why, s.In("den")) })
		})
		ts.Patience = time.Hour
		c := ts.Dial(t, "/", nil)
		c.Emit("message", "den")
		pass(26 * time.Second)
		_ = srv.Of("/").Socket(c.ID()).Send("x")
		c.Expect("message", "x")
		c.Close()
		synctest.Wait()
		ts.Dial(t, "/", nil)
		synctest.Wait()
		want := []string{
			"use", "connect", "any message", "message den", "join den", "ping 0s",
			"disconnecting transport close true", "leave den", "disconnect transport close false",
			"use", "connect", "reconnect",
		}
		if !slices.Equal(told, want) {
			t.Errorf("told\n%q, want\n%q", told, want)
		}
	})
}
