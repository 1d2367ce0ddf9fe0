package main

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"github.com/go-socketio/socketio"
)

// kept is how many departures are remembered.
const kept = 10000

// departure is what is known of a socket that is gone.
type departure struct {
	id            string
	Disconnecting socketio.DisconnectReason `json:"disconnecting"`
	Rooms         []socketio.Room           `json:"rooms"`
	Disconnect    socketio.DisconnectReason `json:"disconnect"`
	RoomsAfter    []socketio.Room           `json:"roomsAfter"`
}

// departures remembers the sockets of all mounts.
type departures struct {
	mu      sync.Mutex
	leaving map[string]*departure // between the two events
	gone    map[string]*list.Element
	order   *list.List // of *departure, the last to leave at the back
}

func newDepartures() *departures {
	return &departures{leaving: map[string]*departure{}, gone: map[string]*list.Element{}, order: list.New()}
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
	entry.id, entry.Disconnect, entry.RoomsAfter = id, why, after
	if old, ok := d.gone[id]; ok { // it came back, as sockets with recovery do
		d.order.Remove(old)
	}
	d.gone[id] = d.order.PushBack(entry)
	if d.order.Len() > kept {
		oldest := d.order.Remove(d.order.Front()).(*departure)
		delete(d.gone, oldest.id)
	}
}

// find returns what is known of a socket, nil if nothing.
func (d *departures) find(id string) any {
	d.mu.Lock()
	defer d.mu.Unlock()
	if element, ok := d.gone[id]; ok {
		return *element.Value.(*departure)
	}
	return nil
}

// addDepartures registers the event that asks for it.
func addDepartures(ns *socketio.Namespace, d *departures) {
	call(ns, "departure", 1, func(_ context.Context, _ *socketio.Socket, e *socketio.Event) []any {
		id, ok := arg[string](e, 0)
		if !ok {
			return nil
		}
		return []any{d.find(id)}
	})
}
