package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/go-socketio/socketio"
)

type middleware = func(ctx context.Context, s *socketio.Socket) error

// fields are what the clients of this application say about themselves.
type fields map[string]json.RawMessage

// fieldsOf reads an auth payload; a client that sent no object sent nothing.
func fieldsOf(auth json.RawMessage) fields {
	var f fields
	if json.Unmarshal(auth, &f) != nil {
		return nil
	}
	return f
}

func authOf(s *socketio.Socket) fields { return fieldsOf(s.Handshake().Auth) }

// text returns a field if it is a text.
func (f fields) text(name string) (string, bool) {
	var text *string
	if json.Unmarshal(f[name], &text) != nil || text == nil {
		return "", false
	}
	return *text, true
}

func identify(ctx context.Context, s *socketio.Socket) error {
	r, auth := recordOf(s), authOf(s)
	r.set("runs", 1) // once for each socket: the record is new
	if user, ok := auth["user"]; ok {
		r.set("user", user)
	}
	switch token, _ := auth.text("token"); token {
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
		if failAt, _ := authOf(s).text("failAt"); failAt == letter {
			return &socketio.Error{Message: "failed at " + letter, Data: map[string]any{"steps": steps}}
		}
		return wait(ctx, 10*time.Millisecond)
	}
}

func requireSecret(_ context.Context, s *socketio.Socket) error {
	if token, _ := authOf(s).text("token"); token != "secret" {
		return &socketio.Error{Message: "forbidden", Data: map[string]string{"required": "token"}}
	}
	return nil
}

func refuseByParent(_ context.Context, s *socketio.Socket) error {
	recordOf(s).set("dynamic", true)
	if token, _ := authOf(s).text("token"); token == "bad" {
		return &socketio.Error{Message: "refused by parent"}
	}
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
