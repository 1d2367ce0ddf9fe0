package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"

	"github.com/go-socketio/socketio"
)

// What one client of the relay may do; rooms cost memory as long as it stays.
const (
	relayMaxRooms    = 64
	relayMaxRoomName = 128 // bytes
)

type ok struct {
	OK bool `json:"ok"`
}

// newRelay registers what serveAbout promises.
func newRelay(ns *socketio.Namespace, log *slog.Logger) {
	ns.OnConnect(func(_ context.Context, s *socketio.Socket) error {
		log.Info("connected", "socket", s.ID(), "transport", s.Session().Transport(), "remote", s.Handshake().RemoteAddr)
		return nil
	})
	ns.OnDisconnect(func(s *socketio.Socket, why socketio.DisconnectReason) {
		log.Info("disconnected", "socket", s.ID(), "reason", string(why))
	})
	ns.OnAny(func(_ context.Context, s *socketio.Socket, e *socketio.Event) {
		log.Debug("event", "socket", s.ID(), "name", e.Name(), "args", e.Len(), "ack", e.WantsAck())
	})

	socketio.OnAck(ns, "join", relayJoin)
	socketio.OnAck(ns, "leave", relayLeave)
	socketio.OnAck(ns, "rooms", func(_ context.Context, s *socketio.Socket, _ socketio.None) ([]socketio.Room, error) {
		return ownRooms(s), nil
	})
	socketio.OnAck(ns, "whoami", func(_ context.Context, s *socketio.Socket, _ socketio.None) (map[string]any, error) {
		return map[string]any{
			"id":        s.ID(),
			"transport": s.Session().Transport(),
			"address":   s.Handshake().RemoteAddr,
			"rooms":     ownRooms(s),
		}, nil
	})
	ns.Handle("to", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		var room, event string
		if err := e.Decode(&room, &event); err != nil {
			return nil, refuse("to takes a room, an event and arguments: %v", err)
		}
		return passOn(s.To(room), event, e.Args()[2:])
	})
	ns.Handle("broadcast", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		var event string
		if err := e.Decode(&event); err != nil {
			return nil, refuse("broadcast takes an event and arguments: %v", err)
		}
		return passOn(s.Broadcast(), event, e.Args()[1:])
	})
	ns.Handle("message", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		if e.WantsAck() {
			return e.Args(), nil
		}
		return nil, s.Send(e.Args()...)
	})
}

func passOn(to socketio.Broadcast, event string, args []any) ([]any, error) {
	err := to.Emit(event, args...)
	if errors.Is(err, socketio.ErrReservedEvent) {
		return nil, refuse("%q is a name that the protocol keeps for itself", event)
	}
	if err != nil {
		return nil, err
	}
	return []any{ok{true}}, nil
}

// roomNames is one name or an array of names.
type roomNames []string

// UnmarshalJSON implements [json.Unmarshaler].
func (n *roomNames) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*n = roomNames{one}
		return nil
	}
	var list []string
	if json.Unmarshal(data, &list) != nil {
		return errors.New("a room is a string, several are an array of strings")
	}
	*n = list
	return nil
}

func relayJoin(_ context.Context, s *socketio.Socket, names roomNames) ([]socketio.Room, error) {
	if len(names) == 0 {
		return nil, refuse("join takes a room, or an array of them")
	}
	for _, name := range names {
		if name == "" || len(name) > relayMaxRoomName {
			return nil, refuse("a room name has 1 to %d bytes", relayMaxRoomName)
		}
	}
	after := slices.Concat(s.Rooms(), names)
	slices.Sort(after)
	if len(slices.Compact(after)) > relayMaxRooms+1 { // and the socket's own
		return nil, refuse("one client may be in %d rooms", relayMaxRooms)
	}
	if err := s.Join(names...); err != nil {
		return nil, err
	}
	return ownRooms(s), nil
}

func relayLeave(_ context.Context, s *socketio.Socket, names roomNames) ([]socketio.Room, error) {
	if err := s.Leave(names...); err != nil {
		return nil, err
	}
	return ownRooms(s), nil
}

// ownRooms lists the socket's rooms, the one of its id first.
func ownRooms(s *socketio.Socket) []socketio.Room {
	rooms := s.Rooms()
	if i := slices.Index(rooms, s.ID()); i > 0 {
		rooms = slices.Insert(slices.Delete(rooms, i, i+1), 0, s.ID())
	}
	return rooms
}
