//go:build unix

package socketio_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-socketio/socketio"
)

// BenchmarkBroadcast is an event to a room, from the call to the last
// receiver's write: encoding, the walk over the room, queues and
// flushers. With no receivers it is what a broadcast costs beside them.
func BenchmarkBroadcast(b *testing.B) {
	for _, receivers := range []int{0, 1000, 10_000} {
		b.Run(fmt.Sprintf("receivers=%d", receivers), func(b *testing.B) {
			srv := newServer(socketio.Config{}, nil)
			rs := gather(b, srv, receivers)
			ns := srv.Of("/")
			if err := ns.Broadcast().Join(b.Context(), "room"); err != nil {
				b.Fatal(err)
			}
			emit := func() {
				rs.expect(receivers)
				if err := ns.To("room").Emit("news", "hello there, this is a line", 12); err != nil {
					b.Fatal(err)
				}
				if receivers > 0 {
					rs.wait()
				}
			}
			emit() // fills the pools
			b.ReportAllocs()
			for b.Loop() {
				emit()
			}
			if receivers > 0 {
				perUnit(b, receivers, "ns/receiver")
			}
		})
	}
}

// BenchmarkRoomWalk is the walk over a room alone.
func BenchmarkRoomWalk(b *testing.B) {
	for _, members := range []int{1000, 10_000} {
		b.Run(fmt.Sprintf("members=%d", members), func(b *testing.B) {
			srv := newServer(socketio.Config{}, nil)
			gather(b, srv, members)
			ns := srv.Of("/")
			if err := ns.Broadcast().Join(b.Context(), "room"); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if n := socketio.Visits(ns.To("room")); n != members {
					b.Fatalf("%d members, want %d", n, members)
				}
			}
			perUnit(b, members, "ns/member")
		})
	}
}

// A broadcast allocates as much for a thousand receivers as for ten: its one
// frame. What a receiver's queue needs is borrowed and given back.
func TestBroadcastAllocations(t *testing.T) {
	if raceEnabled {
		return
	}
	cost := func(receivers int) float64 {
		srv := newServer(socketio.Config{}, nil)
		rs := gather(t, srv, receivers)
		ns := srv.Of("/")
		ctx := context.Background()
		if err := ns.Broadcast().Join(ctx, "room"); err != nil {
			t.Fatal(err)
		}
		emit := func() {
			rs.expect(receivers)
			if err := ns.To("room").Emit("news", "hello there, this is a line", 12); err != nil {
				t.Fatal(err)
			}
			rs.wait()
		}
		for range 20 {
			emit() // fills the pools
		}
		return testing.AllocsPerRun(100, emit)
	}
	few, many := cost(10), cost(1000)
	t.Logf("a broadcast allocates %v times for 10 receivers, %v times for 1,000", few, many)
	if few > 4 {
		t.Errorf("a broadcast to 10 allocates %v times, ceiling 4", few)
	}
	// A collection in the midst empties the pools: some queues are made anew.
	if each := (many - few) / 990; each > 0.1 {
		t.Errorf("each receiver of a broadcast costs %.2f allocations (%v for 10, %v for 1,000)", each, few, many)
	}
}
