package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/go-socketio/socketio"
)

// addNamespaces makes the namespaces of one mount, all with the same events.
func addNamespaces(srv *socketio.Server, departed *departures) {
	for name, middlewares := range map[string][]middleware{
		"/":            {identify},
		"/custom":      nil,
		"/chain":       {step("a"), step("b"), step("c")},
		"/restricted":  {requireSecret},
		"/dynamic-101": {markStatic},
	} {
		ns := srv.Of(name)
		ns.Use(keepRecord)
		for _, m := range middlewares {
			ns.Use(m)
		}
		departed.watch(ns)
		addIdentity(ns)
		addCalls(ns)
		addRooms(ns)
		addBroadcasts(ns)
		addFlow(ns)
		addMirror(ns)
		addDepartures(ns, departed)
	}
}

type middleware = func(ctx context.Context, s *socketio.Socket) error

// auth is what the clients of this application say about themselves.
type auth struct {
	User   json.RawMessage
	Token  string
	FailAt string
}

// authOf reads the auth payload; a client that sent something else sent nothing.
func authOf(s *socketio.Socket) auth {
	var a auth
	if err := s.Handshake().DecodeAuth(&a); err != nil {
		return auth{}
	}
	return a
}

func identify(ctx context.Context, s *socketio.Socket) error {
	r, a := recordOf(s), authOf(s)
	r.set("runs", 1) // once for each socket: the record is new
	if a.User != nil {
		r.set("user", a.User)
	}
	switch a.Token {
	case "bad":
		return &socketio.Error{Message: "not authorized", Data: map[string]any{
			"code": 401,
			"hint": []any{"try", map[string]bool{"again": true}},
		}}
	case "bare":
		return &socketio.Error{Message: "no data here"}
	case "slow":
		return wait(ctx, 300*time.Millisecond)
	}
	return nil
}

func step(letter string) middleware {
	return func(ctx context.Context, s *socketio.Socket) error {
		steps := recordOf(s).step(letter)
		if authOf(s).FailAt == letter {
			return &socketio.Error{Message: "failed at " + letter, Data: map[string]any{"steps": steps}}
		}
		return wait(ctx, 10*time.Millisecond)
	}
}

func requireSecret(_ context.Context, s *socketio.Socket) error {
	if authOf(s).Token != "secret" {
		return &socketio.Error{Message: "forbidden", Data: map[string]string{"required": "token"}}
	}
	return nil
}

func markStatic(_ context.Context, s *socketio.Socket) error {
	recordOf(s).set("static", true)
	return nil
}

// wait returns after d, or with an error when the client has gone before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
