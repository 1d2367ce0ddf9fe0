package socketio_test

import (
	"context"
	"slices"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// EMIT-16 EMIT-17 EMIT-21 EMIT-22: the sockets of a room are listed with what is
// known of them, and each can be dealt with from the list alone.
func TestRemoteSocket(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	ns, ctx := srv.Of("/"), context.Background()
	clients, sockets := crowd(t, srv, ts, 3)
	join(t, sockets[0], "a")
	join(t, sockets[1], "a", "b")
	sockets[1].SetData("second")
	if got := slices.Sorted(slices.Values(ns.Rooms())); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("rooms %q", got)
	}

	found := map[string]socketio.RemoteSocket{}
	for r, err := range ns.To("a").Sockets(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		found[r.ID] = r
	}
	r, ok := found[sockets[1].ID()]
	if len(found) != 2 || !ok {
		t.Fatalf("found %v", found)
	}
	if r.Data != "second" || !slices.Equal(r.Rooms, sockets[1].Rooms()) || r.Handshake.URL == "" {
		t.Errorf("listed as %+v", r)
	}

	if err := r.Broadcast().Emit("hello", 1); err != nil {
		t.Error(err)
	}
	clients[1].Expect("hello", 1)
	clients[1].Answer("ask", func(*siotest.Event) []any { return []any{"second"} })
	n := 0
	for reply, err := range r.Broadcast().EmitWithAck(ctx, "ask") {
		var answer string
		if err != nil || reply.Decode(&answer) != nil || answer != "second" || reply.SocketID != r.ID {
			t.Errorf("%s answers %q, %v", reply.SocketID, answer, err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d answers", n)
	}
	if err := r.Broadcast().Join(ctx, "c"); err != nil || !sockets[1].In("c") {
		t.Errorf("Join: %v, in %v", err, sockets[1].Rooms())
	}
	if err := r.Broadcast().Leave(ctx, "a"); err != nil || sockets[1].In("a") || !sockets[0].In("a") {
		t.Errorf("Leave: %v, in %v", err, sockets[1].Rooms())
	}
	if err := r.Broadcast().Disconnect(ctx, false); err != nil {
		t.Error(err)
	}
	if why := clients[1].WaitDisconnect(); why != "io server disconnect" || ns.Len() != 2 {
		t.Errorf("Disconnect: the client sees %q, %d sockets are left", why, ns.Len())
	}
	clients[0].Quiet()
	clients[2].Quiet()
}
