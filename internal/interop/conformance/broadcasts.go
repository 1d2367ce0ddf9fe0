package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/go-socketio/socketio"
)

// spec is how a client says whom it means.
type spec struct {
	Scope  string
	To     []socketio.Room
	In     []socketio.Room
	Except []socketio.Room
	Flags  []string
}

// readSpec reads the first argument as the broadcast it describes.
func readSpec(s *socketio.Socket, e *socketio.Event) (socketio.Broadcast, bool) {
	sp, ok := arg[spec](e, 0)
	if !ok {
		return socketio.Broadcast{}, false
	}
	var b socketio.Broadcast
	switch sp.Scope {
	case "socket":
		b = s.Broadcast()
	case "nsp":
		b = s.Namespace().Broadcast()
	default:
		return socketio.Broadcast{}, false
	}
	// A spec without rooms means everybody; To without rooms means nobody.
	if rooms := append(sp.To, sp.In...); len(rooms) > 0 {
		b = b.To(rooms...)
	}
	b = b.Except(sp.Except...)
	for _, flag := range sp.Flags {
		switch flag {
		case "volatile":
			b = b.Volatile()
		case "local":
			b = b.Local()
		case "nocompress":
			b = b.Compress(false)
		}
	}
	return b, true
}

// addBroadcasts registers the events that concern other sockets.
func addBroadcasts(ns *socketio.Namespace) {
	call(ns, "broadcast", 3, func(_ context.Context, s *socketio.Socket, e *socketio.Event) []any {
		b, ok := readSpec(s, e)
		event, args, named := emission(e, 1)
		if !ok || !named || b.Emit(event, args...) != nil {
			return nil
		}
		return done()
	})
	call(ns, "broadcast-ack", 4, func(_ context.Context, s *socketio.Socket, e *socketio.Event) []any {
		b, ok := readSpec(s, e)
		timeout, timed := countArg(e, 1)
		event, args, named := emission(e, 2)
		if !ok || !timed || !named {
			return nil
		}
		ns.Server().Engine().Go(func() { // ends with its timeout or the socket; see addCalls
			_ = e.Ack(collect(s.Context(), b, timeout, event, args))
		})
		return nil
	})
	call(ns, "fetch-sockets", 1, func(ctx context.Context, s *socketio.Socket, e *socketio.Event) []any {
		b, ok := readSpec(s, e)
		if !ok {
			return nil
		}
		list := []any{}
		for remote, err := range b.Sockets(ctx) {
			if err != nil {
				return nil
			}
			list = append(list, describeSocket(remote))
		}
		return []any{list}
	})
	call(ns, "sockets-join", 2, func(ctx context.Context, s *socketio.Socket, e *socketio.Event) []any {
		b, ok := readSpec(s, e)
		names, named := roomsArg(e, 1)
		if !ok || !named || b.Join(ctx, names...) != nil {
			return nil
		}
		return done()
	})
	call(ns, "sockets-leave", 2, func(ctx context.Context, s *socketio.Socket, e *socketio.Event) []any {
		b, ok := readSpec(s, e)
		names, named := roomsArg(e, 1)
		if !ok || !named || b.Leave(ctx, names...) != nil {
			return nil
		}
		return done()
	})
	call(ns, "disconnect-sockets", 2, func(ctx context.Context, s *socketio.Socket, e *socketio.Event) []any {
		b, ok := readSpec(s, e)
		close, said := arg[bool](e, 1)
		if !ok || !said || e.Ack() != nil {
			return nil
		}
		_ = b.Disconnect(ctx, close) // whoever is gone already is no matter
		return nil
	})
}

// collect broadcasts and gathers the answers that come in time.
func collect(ctx context.Context, b socketio.Broadcast, timeout int, event string, args []any) any {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(timeout)*time.Millisecond)
	defer cancel()
	timedOut, responses := false, []any{}
	for reply, err := range b.EmitWithAck(ctx, event, args...) {
		if err != nil {
			timedOut = true
			continue
		}
		responses = append(responses, first(reply))
	}
	return map[string]any{"timedOut": timedOut, "responses": responses}
}

func describeSocket(remote socketio.RemoteSocket) any {
	data := map[string]any{}
	if r, ok := remote.Data.(*record); ok {
		data = r.snapshot()
	}
	var payload any = map[string]any{}
	if auth := remote.Handshake.Auth; auth != nil {
		payload = json.RawMessage(auth)
	}
	return map[string]any{"id": remote.ID, "rooms": remote.Rooms, "data": data, "auth": payload}
}
