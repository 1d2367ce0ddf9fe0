package client

import "sync/atomic"

// Event is one event as it came from the server. It stays valid after the
// handler has returned. Its attachments are shared by all who decode them:
// treat them as read-only.
type Event struct {
	socket   *Socket
	conn     *conn // the connection that it came by, and its answer leaves by
	name     string
	args     arguments
	id       uint64
	size     int
	wantsAck bool
	acked    atomic.Bool
}

// Socket returns the socket that the event came to.
func (e *Event) Socket() *Socket { return e.socket }

// Name returns the event's name. A name that was a number on the wire is its digits.
func (e *Event) Name() string { return e.name }

// Len returns the number of arguments. With connection state recovery the
// server adds one, a string, at the end; see docs/go-client.md.
func (e *Event) Len() int { return e.args.len() }

// Decode decodes the arguments from the first on into dst, which are pointers;
// a pointer to an [Args2] or [Args3] takes two or three. Arguments too many are
// ignored, one that is missing or does not fit is an error that names it.
func (e *Event) Decode(dst ...any) error {
	return e.args.decode(&e.socket.m.codec, e.name, dst)
}

// Arg decodes one argument, counted from 0, into dst, a pointer.
func (e *Event) Arg(i int, dst any) error {
	return e.args.decodeOne(&e.socket.m.codec, e.name, i, dst)
}

// Args returns the arguments undecoded, ready to be emitted again as they came.
// It is never nil, so that a handler may return it as its answer.
func (e *Event) Args() []any {
	if v := e.args.values(); v != nil {
		return v
	}
	return []any{}
}

// WantsAck tells whether the server asked for an answer.
func (e *Event) WantsAck() bool { return e.wantsAck }

// Ack answers the event, once: [ErrAckSent] says that it was answered before,
// [ErrNoAck] that nobody asked, [ErrDisconnected] that the connection which the
// event came by is lost, [ErrBufferFull] that the server does not read. Values
// that cannot be encoded are no answer. It may be called after the handler has returned.
func (e *Event) Ack(args ...any) error {
	if !e.wantsAck {
		return ErrNoAck
	}
	if e.acked.Load() {
		return ErrAckSent
	}
	s := e.socket
	t := scratches.Get().(*scratch)
	f, err := s.m.encodeAck(t.b, s.nsp, e.id, args)
	if err != nil {
		return err // and another answer may be tried
	}
	defer t.giveBack(f)
	if e.acked.Swap(true) {
		return ErrAckSent
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != e.conn || s.state != connected {
		return ErrDisconnected
	}
	return e.conn.send(f, false)
}
