package socketio

import (
	"sync/atomic"

	"github.com/go-socketio/socketio/packet"
)

// Event is one event as it came from a client. It stays valid after the
// handler has returned. Its attachments are shared by all who decode them:
// treat them as read-only.
type Event struct {
	socket   *Socket
	name     []byte
	known    string // the name, if there is a handler; set before anybody has the event
	args     arguments
	id       uint64
	size     int
	wantsAck bool
	acked    atomic.Bool

	// What Args returns for one argument, which most events have: memory of its
	// own would cost more than all else that an echo does with it.
	lent   atomic.Bool // to the first caller, who may change it
	raw    [1]packet.Raw
	values [1]any
}

// Name returns the event's name. A name that was a number on the wire is its digits.
func (e *Event) Name() string {
	if e.known != "" {
		return e.known
	}
	return string(e.name)
}

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
// It is never nil, so that a handler may return it as its answer. Keeping it keeps the Event.
func (e *Event) Args() []any {
	if e.args.json.Len() == 1 && e.lent.CompareAndSwap(false, true) {
		return e.args.json.AppendValues(e.values[:0], e.raw[:0], e.args.attachments())
	}
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
	bp := scratch.Get().(*[]byte)
	text, attachments, err := s.ns.srv.appendAck((*bp)[:0], s.ns.name, e.id, args)
	switch {
	case err != nil: // another answer may be tried
	case e.acked.Swap(true):
		err = ErrAckSent
	default:
		err = s.transmitPacket(text, attachments, false, false)
	}
	giveBack(bp, text)
	return err
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
