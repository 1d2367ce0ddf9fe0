package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/go-socketio/socketio"
)

// kept is how many departures are remembered.
const kept = 10000

// departure is what is known of a socket that is gone.
type departure struct {
	Disconnecting socketio.DisconnectReason `json:"disconnecting"`
	Rooms         []socketio.Room           `json:"rooms"`
	Disconnect    socketio.DisconnectReason `json:"disconnect"`
	RoomsAfter    []socketio.Room           `json:"roomsAfter"`
}

// departures remembers the sockets of all mounts.
type departures struct {
	mu      sync.Mutex
	leaving map[string]*departure // between the two events
	gone    map[string]*departure
	order   []string // ids in gone, a ring once it is full
	oldest  int
}

func newDepartures() *departures {
	return &departures{leaving: map[string]*departure{}, gone: map[string]*departure{}}
}

// watch prints and remembers each disconnection of a namespace.
func (d *departures) watch(ns *socketio.Namespace) {
	ns.OnDisconnecting(func(s *socketio.Socket, why socketio.DisconnectReason) {
		entry := &departure{Disconnecting: why, Rooms: s.Rooms()}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.leaving[s.ID()] = entry
	})
	ns.OnDisconnect(func(s *socketio.Socket, why socketio.DisconnectReason) {
		after := append([]socketio.Room{}, s.Rooms()...)
		d.add(s.ID(), why, after)
		fmt.Printf("disconnect %s %s\n", s.ID(), why)
	})
}

func (d *departures) add(id string, why socketio.DisconnectReason, after []socketio.Room) {
	d.mu.Lock()
	defer d.mu.Unlock()
	entry := d.leaving[id]
	delete(d.leaving, id)
	if entry == nil {
		entry = &departure{}
	}
	entry.Disconnect, entry.RoomsAfter = why, after
	d.gone[id] = entry
	if len(d.order) < kept {
		d.order = append(d.order, id)
		return
	}
	delete(d.gone, d.order[d.oldest])
	d.order[d.oldest] = id
	d.oldest = (d.oldest + 1) % kept
}

// find returns what is known of a socket, nil if nothing.
func (d *departures) find(id string) any {
	d.mu.Lock()
	defer d.mu.Unlock()
	if entry, ok := d.gone[id]; ok {
		return *entry
	}
	return nil
}

// addDepartures registers the event that asks for it.
func addDepartures(ns *socketio.Namespace, d *departures) {
	call(ns, "departure", 1, func(_ context.Context, _ *socketio.Socket, e *socketio.Event) []any {
		var id string
		if e.Arg(0, &id) != nil {
			return nil
		}
		return []any{d.find(id)}
	})
}
