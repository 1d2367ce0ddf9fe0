package main

import (
	"context"
	"time"

	"github.com/go-socketio/socketio"
)

// addCalls registers the events that make the server ask its client back.
//
// The wait for the client happens beside the handler: the reference handles
// further events of a client meanwhile, and here they would queue behind it.
// The goroutine ends with the socket, if not before, and Shutdown waits for it.
func addCalls(ns *socketio.Namespace) {
	ask := func(s *socketio.Socket, e *socketio.Event, timeout time.Duration, args []any, answer func(socketio.Reply, error) any) {
		ns.Server().Engine().Go(func() {
			ctx := s.Context()
			if timeout > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, timeout)
				defer cancel()
			}
			if v := answer(s.EmitWithAck(ctx, "called", args...)); v != nil {
				_ = e.Ack(v) // a client that is gone needs no answer
			}
		})
	}

	call(ns, "call-me", 2, func(_ context.Context, s *socketio.Socket, e *socketio.Event) []any {
		timeout, timed := countArg(e, 0)
		args, listed := arg[[]any](e, 1)
		if !timed || !listed {
			return nil
		}
		// No time at all is still a time, not the absence of a bound.
		ask(s, e, max(time.Duration(timeout)*time.Millisecond, 1), args, func(r socketio.Reply, err error) any {
			return map[string]any{"timedOut": err != nil, "response": first(r)}
		})
		return nil
	})
	call(ns, "call-me-once", 1, func(_ context.Context, s *socketio.Socket, e *socketio.Event) []any {
		args, listed := arg[[]any](e, 0)
		if !listed {
			return nil
		}
		ask(s, e, 0, args, func(r socketio.Reply, err error) any {
			if err != nil {
				return nil
			}
			return values(r)
		})
		return nil
	})
}

// first returns the first value of an answer, nil if it has none.
func first(r socketio.Reply) any {
	if r.Len() == 0 {
		return nil
	}
	return r.Args()[0]
}

// values returns all values of an answer as a list, which may be empty.
func values(r socketio.Reply) []any {
	return append([]any{}, r.Args()...)
}
