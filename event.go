package socketio

import (
	"sync/atomic"
)

// Event is one event as it came from a client. It stays valid after the
// handler has returned. Its attachments are shared by all who decode them:
// treat them as read-only.
type Event struct {
	socket   *Socket
	name     []byte
	args     arguments
	id       uint64
	size     int
	wantsAck bool
	acked    atomic.Bool
}

// Name returns the event's name. A name that was a number on the wire is its digits.
func (e *Event) Name() string { return string(e.name) }

// Len returns the number of arguments.
func (e *Event) Len() int { return e.args.len() }

// Decode decodes the arguments from the first on into dst, which are pointers;
// a pointer to an [Args2] or [Args3] takes two or three. Arguments too many are ignored,
// one that is missing or does not fit is an error that names it.
func (e *Event) Decode(dst ...any) error {
	return e.args.decode(&e.socket.ns.srv.codec, e.Name(), dst)
}

// Arg decodes one argument, counted from 0, into dst, a pointer.
func (e *Event) Arg(i int, dst any) error {
	return e.args.decodeOne(&e.socket.ns.srv.codec, e.Name(), i, dst)
}

// Args returns the arguments undecoded, ready to be emitted again as they came.
// It is never nil, so that a handler may return it as its answer.
func (e *Event) Args() []any {
	if v := e.args.values(); v != nil {
		return v
	}
	return []any{}
}

// WantsAck tells whether the client asked for an answer.
func (e *Event) WantsAck() bool { return e.wantsAck }

// Ack answers the event, once: [ErrAckSent] says that it was answered before,
// [ErrNoAck] that nobody asked, [ErrClosed] that the client is gone. Values that
// cannot be encoded are no answer. It may be called after the handler has returned.
func (e *Event) Ack(args ...any) error {
	if !e.wantsAck {
		return ErrNoAck
	}
	if e.acked.Load() {
		return ErrAckSent
	}
	s := e.socket
	return encoded(func(dst []byte) ([]byte, [][]byte, error) {
		return s.ns.srv.appendAck(dst, s.ns.name, e.id, args) // after an error another answer may be tried
	}, func(text []byte, attachments [][]byte) error {
		if e.acked.Swap(true) {
			return ErrAckSent
		}
		return s.transmitPacket(text, attachments, false, false)
	})
}

// answer sends what a handler returned.
func (e *Event) answer(out []any, err error) error {
	if !e.wantsAck || out == nil && err == nil {
		return nil
	}
	if e.acked.Load() {
		return nil
	}
	if err != nil {
		return e.Ack(e.socket.ns.srv.cfg.AckError(public(err)))
	}
	return e.Ack(out...)
}
