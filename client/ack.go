package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-socketio/socketio/packet"
)

// Reply is the server's answer to an event.
type Reply struct {
	codec *packet.Codec
	args  arguments
}

// Len returns the number of values in the answer.
func (r Reply) Len() int { return r.args.len() }

// Decode decodes the values from the first on into dst, pointers; see [Event.Decode].
func (r Reply) Decode(dst ...any) error { return r.args.decode(r.codec, "", dst) }

// Args returns the values undecoded, ready to be emitted again.
func (r Reply) Args() []any { return r.args.values() }

// Err returns the error that the answer stands for, an [*Error], or nil: a
// single object {"error": {"message": …, "data": …}} with nothing else in it,
// which is what a Go server makes of a handler's error.
func (r Reply) Err() error {
	if r.Len() != 1 {
		return nil
	}
	var text json.RawMessage
	if r.Decode(&text) != nil || len(text) == 0 || text[0] != '{' {
		return nil
	}
	var outer map[string]json.RawMessage
	if json.Unmarshal(text, &outer) != nil || len(outer) != 1 {
		return nil
	}
	var inner map[string]json.RawMessage
	if json.Unmarshal(outer["error"], &inner) != nil {
		return nil
	}
	known := 1
	if _, ok := inner["data"]; ok {
		known++
	}
	var answer struct{ Error *Error }
	if len(inner) != known || len(inner["message"]) == 0 || inner["message"][0] != '"' || r.Decode(&answer) != nil || answer.Error == nil {
		return nil
	}
	answer.Error.text = inner["data"]
	return answer.Error
}

// waiter is told, once and with no lock held, how the wait for an answer ended.
type waiter func(Reply, error)

// answered completes the wait for an ack. It runs on the reader, so a handler
// can wait for an answer. Answers that nobody waits for are ignored: the wait
// may have timed out, and servers may send anything.
func (s *Socket) answered(c *conn, id uint64, args arguments) {
	s.mu.Lock()
	if s.conn != c || s.state != connected || s.buffer.holds(id) { // the last was not even sent
		s.mu.Unlock()
		return
	}
	w := s.acks[id]
	delete(s.acks, id)
	s.mu.Unlock()
	if w != nil {
		w(Reply{codec: &s.m.codec, args: args}, nil)
	}
}

// awaitLocked registers a waiter under the id of an event.
func (s *Socket) awaitLocked(id uint64, w waiter) {
	if s.acks == nil {
		s.acks = map[uint64]waiter{}
	}
	s.acks[id] = w
}

// forgo gives up a wait, and the event too if it is not sent yet. It reports
// whether it was still waited for.
func (s *Socket) forgo(id uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buffer.remove(id)
	_, ok := s.acks[id]
	delete(s.acks, id)
	return ok
}

// lostLocked takes the waits that end with the connection: those whose event
// was sent. The others stay.
func (s *Socket) lostLocked() []waiter {
	var lost []waiter
	for id, w := range s.acks {
		if !s.buffer.holds(id) {
			lost = append(lost, w)
			delete(s.acks, id)
		}
	}
	return lost
}

func lostError(why DisconnectReason) error {
	return fmt.Errorf("%w (%w)", ErrDisconnected, why)
}

// outcome is how a wait ended.
type outcome struct {
	reply Reply
	err   error
}

// EmitWithAck emits an event and waits for the server's answer. The wait ends
// with an error when ctx ends ([ErrAckTimeout] if by its deadline, which is
// Config.AckTimeout from now if it has none), when the connection that the event was sent
// by is lost ([ErrDisconnected]), or when the Manager is closed ([ErrClosed]).
//
// While the socket is not connected the event waits in the send buffer; a wait
// that ends takes it out again, so it is not sent later. It may be called from
// a handler of the same socket. With [Retries] the event is tried again, each
// time with the socket's [AckTimeout], and ctx has no deadline of its own.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) (Reply, error) {
	if ctx.Err() != nil {
		return Reply{}, gaveUp(ctx) // nobody waits for an answer: nothing is sent
	}
	s.tellOutgoing(event, args)
	done := make(chan outcome, 1)
	w := func(r Reply, err error) { done <- outcome{r, err} }
	ctx, cancel := s.ackContext(ctx)
	defer cancel()
	giveUp, err := s.emitAck(ctx, w, event, args)
	if err != nil {
		return Reply{}, err
	}
	select {
	case o := <-done:
		return o.reply, o.err
	case <-ctx.Done():
	}
	giveUp()
	o := <-done // it may have come at the last moment
	return o.reply, o.err
}

// ackContext gives a wait its bound. With [Retries] each try has one instead.
func (s *Socket) ackContext(ctx context.Context) (context.Context, context.CancelFunc) {
	s.mu.Lock()
	retries, d := s.opt.retries, s.opt.ackTimeout
	s.mu.Unlock()
	if _, ok := ctx.Deadline(); !ok && retries == 0 && d > 0 {
		return context.WithTimeout(ctx, d)
	}
	return context.WithCancel(ctx)
}

// gaveUp is the error of a wait that ended without an answer.
func gaveUp(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrAckTimeout, ctx.Err())
	}
	return ctx.Err()
}

// EmitWithAck emits an event and decodes the server's answer into an Out; see
// [Socket.EmitWithAck] for the wait and [On] for what Out may be. An answer
// that stands for an error, as [Reply.Err] has it, is returned as that error.
func EmitWithAck[Out any](ctx context.Context, s *Socket, event string, args ...any) (Out, error) {
	var out Out
	err := s.Call(ctx, &out, event, args...)
	return out, err
}
