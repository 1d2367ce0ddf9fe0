package socketio_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// crowd is n clients of "/" with their sockets.
func crowd(t *testing.T, srv *socketio.Server, ts *siotest.Server, n int) ([]*siotest.Client, []*socketio.Socket) {
	t.Helper()
	var clients []*siotest.Client
	var sockets []*socketio.Socket
	for range n {
		c := ts.Dial(t, "/", nil)
		clients = append(clients, c)
		sockets = append(sockets, srv.Of("/").Socket(c.ID()))
	}
	return clients, sockets
}

func join(t *testing.T, s *socketio.Socket, rooms ...socketio.Room) {
	t.Helper()
	if err := s.Join(rooms...); err != nil {
		t.Fatal(err)
	}
}

// EMIT-03: a socket is in the room of its id and in those it joined.
func TestRooms(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	_, sockets := crowd(t, srv, ts, 2)
	s, ns := sockets[0], srv.Of("/")
	if got := s.Rooms(); !slices.Equal(got, []string{s.ID()}) || !s.In(s.ID()) || len(ns.Rooms()) != 0 {
		t.Errorf("rooms at first: %v, of the namespace %v", got, ns.Rooms())
	}
	join(t, s, "b", "a", "a", "", s.ID())
	join(t, s, "a")
	want := []string{"", "a", "b", s.ID()}
	slices.Sort(want)
	if got := s.Rooms(); !slices.Equal(got, want) {
		t.Errorf("rooms %q, want %q", got, want)
	}
	if !s.In("a") || s.In("c") {
		t.Error("In is wrong")
	}
	if err := s.Leave("a", "c", s.ID(), ""); err != nil {
		t.Error(err)
	}
	if got := s.Rooms(); len(got) != 2 || !s.In("b") || !s.In(s.ID()) {
		t.Errorf("rooms after leaving: %q", got)
	}
	join(t, sockets[1], "b", s.ID()) // a room that is somebody's id
	if got := ns.Rooms(); len(got) != 2 || !slices.Contains(got, "b") || !slices.Contains(got, s.ID()) {
		t.Errorf("rooms of the namespace: %q", got)
	}
	if srv.Of("/other").To("b"); len(srv.Of("/other").Rooms()) != 0 {
		t.Error("rooms are shared by namespaces")
	}
}

// EMIT-07, EMIT-04, EMIT-05, EMIT-06, B-81, B-82: who receives what.
func TestReceivers(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	ns := srv.Of("/")
	clients, s := crowd(t, srv, ts, 5)
	join(t, s[0], "a", "b")
	join(t, s[1], "a", "b", "c")
	join(t, s[2], "b")
	join(t, s[3], "c", s[0].ID())
	for name, test := range map[string]struct {
		b    socketio.Broadcast
		want string
	}{
		"everyone":                   {ns.Broadcast(), "01234"},
		"a room":                     {ns.To("a"), "01"},
		"two rooms, each once":       {ns.To("a", "b"), "012"},
		"chained":                    {ns.To("a").To("b"), "012"},
		"the same room twice":        {ns.To("a", "a").To("a"), "01"},
		"an empty room":              {ns.To("nowhere"), ""},
		"an empty room and another":  {ns.To("nowhere", "c"), "13"},
		"no room at all":             {ns.To(), ""},
		"an empty list":              {ns.To([]string{}...), ""},
		"no room, then one":          {ns.To().To("a"), "01"},
		"somebody's own room":        {ns.To(s[4].ID()), "4"},
		"an own room with a guest":   {ns.To(s[0].ID()), "03"},
		"own rooms":                  {ns.To(s[4].ID(), s[2].ID()), "24"},
		"own room and a room of his": {ns.To(s[2].ID(), "b"), "012"},
		"except a room":              {ns.Except("a"), "234"},
		"except wins over to":        {ns.To("b").Except("a"), "2"},
		"except before to":           {ns.Except("a").To("b"), "2"},
		"except two":                 {ns.Except("a").Except("c"), "24"},
		"except an own room":         {ns.Except(s[4].ID()), "0123"},
		"except nobody":              {ns.Except("nowhere"), "01234"},
		"except all":                 {ns.To("a").Except("a"), ""},
		"a socket's broadcast":       {s[0].Broadcast(), "1234"},
		"a socket's room":            {s[0].To("a"), "1"},
		"a room it is not in":        {s[4].To("a"), "01"},
		"a socket to itself":         {s[4].To(s[4].ID()), ""},
		"a socket's except":          {s[0].Except("c"), "24"},
		"a socket's to and except":   {s[0].To("b", "c").Except(s[2].ID()), "13"},
		"all modifiers":              {ns.To("b").Local().Compress(false).Compress(true).Except("c"), "02"},
	} {
		if err := test.b.Emit("to", name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var sockets []string
		for r, err := range test.b.Sockets(context.Background()) {
			i := slices.IndexFunc(s, func(s *socketio.Socket) bool { return s.ID() == r.ID })
			if err != nil || i < 0 || !slices.Equal(r.Rooms, s[i].Rooms()) || r.Handshake.URL == "" {
				t.Errorf("%s: Sockets yields %+v, %v", name, r, err)
				continue
			}
			sockets = append(sockets, fmt.Sprint(i))
		}
		slices.Sort(sockets)
		var got string
		for i, c := range clients {
			c.Conn().Fence()
			if strings.Contains(test.want, fmt.Sprint(i)) {
				c.Expect("to", name)
				got += fmt.Sprint(i)
			}
			c.Quiet()
		}
		if t.Failed() || strings.Join(sockets, "") != test.want || got != test.want {
			t.Fatalf("%s: sockets %v, want %s", name, sockets, test.want)
		}
	}
}

// EMIT-10: a Broadcast is a value: what is made of it does not change it, nor
// what else is made of it.
func TestBroadcastIsAValue(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	clients, s := crowd(t, srv, ts, 5)
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		join(t, s[i], name)
	}
	all := srv.Of("/").Broadcast()
	three := all.To("a").To("b").To("c") // made bit by bit, so that there is room to spare behind it
	without := all.Except("a").Except("b").Except("c")
	for i, test := range []struct {
		b    socketio.Broadcast
		want string
	}{
		// The first of each pair was made before the second, and is used after it.
		{three, "abc"}, {three.To("d"), "abcd"}, {three.To("e"), "abce"},
		{without, "de"}, {without.Except("d"), "e"}, {without.Except("e"), "d"},
		{three.Local(), "abc"}, {three.Except("a"), "bc"}, {three, "abc"}, {all, "abcde"},
	} {
		_, _ = test.b.To("d", "e").Emit, test.b.Except("e").Emit
		if err := test.b.Emit("n", i); err != nil {
			t.Error(err)
		}
		for j, c := range clients {
			c.Conn().Fence()
			if strings.Contains(test.want, string(rune('a'+j))) {
				c.Expect("n", i)
			}
			c.Quiet()
		}
	}
}

// EMIT-18: Join, Leave and Disconnect of all receivers.
func TestBroadcastVerbs(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	ns, ctx := srv.Of("/"), context.Background()
	clients, s := crowd(t, srv, ts, 3)
	join(t, s[0], "a")
	join(t, s[1], "a")
	if err := ns.To("a").Join(ctx, "b", "c"); err != nil {
		t.Error(err)
	}
	if !s[0].In("b") || !s[1].In("c") || s[2].In("b") {
		t.Error("Join reached the wrong sockets")
	}
	if err := ns.To("b").Except(s[0].ID()).Leave(ctx, "b"); err != nil {
		t.Error(err)
	}
	if !s[0].In("b") || s[1].In("b") || !s[1].In("c") {
		t.Error("Leave reached the wrong sockets")
	}
	if err := s[0].To("c").Disconnect(ctx, true); err != nil {
		t.Error(err)
	}
	if why := clients[1].WaitDisconnect(); why != "io server disconnect" {
		t.Errorf("the client sees %q", why)
	}
	clients[1].Conn().WaitClosed()
	if ns.Len() != 2 {
		t.Errorf("%d sockets", ns.Len())
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	n := 0
	for _, err := range ns.Broadcast().Sockets(cancelled) {
		n++
		if err != context.Canceled {
			t.Errorf("Sockets yields %v", err)
		}
	}
	if n != 1 {
		t.Errorf("Sockets yields %d times", n)
	}
	for range ns.Broadcast().Sockets(ctx) {
		break // and a loop may be left early
	}
}

// EMIT-23: the life of a room, in order.
func TestRoomEvents(t *testing.T) {
	var told []string
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		ns := srv.Of("/")
		ns.OnRoomCreate(func(r socketio.Room) { told = append(told, "create "+r) })
		ns.OnRoomDelete(func(r socketio.Room) { told = append(told, "delete "+r) })
		ns.OnJoin(func(s *socketio.Socket, r socketio.Room) {
			if !s.In(r) {
				t.Errorf("OnJoin, but not in %s", r)
			}
			told = append(told, "join "+r)
		})
		ns.OnLeave(func(s *socketio.Socket, r socketio.Room) {
			if s.In(r) {
				t.Errorf("OnLeave, but in %s", r)
			}
			told = append(told, "leave "+r)
		})
	})
	_, s := crowd(t, srv, ts, 2)
	expect := func(want ...string) {
		t.Helper()
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		told = nil
	}
	expect() // the room of a socket's own id counts for nothing
	join(t, s[0], "a")
	expect("create a", "join a")
	join(t, s[1], "a")
	expect("join a")
	join(t, s[1], "a")
	_ = s[1].Leave("b")
	expect()
	_ = s[0].Leave("a")
	expect("leave a")
	_ = s[1].Leave("a")
	expect("leave a", "delete a")
}
