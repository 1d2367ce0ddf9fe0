package socketio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/go-socketio/socketio/packet"
)

// Reply is one client's answer.
type Reply struct {
	SocketID string
	codec    *packet.Codec
	args     arguments
}

// Len returns the number of values in the answer.
func (r Reply) Len() int { return r.args.len() }

// Decode decodes the values from the first on into dst, pointers; see [Event.Decode].
func (r Reply) Decode(dst ...any) error {
	return r.args.decode(r.codec, "", dst)
}

// Args returns the values undecoded, ready to be emitted again.
func (r Reply) Args() []any { return r.args.values() }

// waiter waits for the answers to one ack id. Its methods are called with no
// lock held, at most one of them for each socket.
type waiter interface {
	answer(s *Socket, r Reply)
	lost(s *Socket, why DisconnectReason)
}

// answered completes the waiter of an ack. It runs on the reader, so a handler
// can wait for its own client. Answers that nobody waits for are ignored: the
// wait may have timed out.
func (s *Socket) answered(id uint64, hasID bool, args arguments) {
	if !hasID {
		return
	}
	s.mu.Lock()
	var w waiter
	if x := s.extra; x != nil {
		w = x.acks[id]
		delete(x.acks, id)
	}
	s.mu.Unlock()
	if w != nil {
		w.answer(s, Reply{SocketID: s.id, codec: &s.ns.srv.codec, args: args})
	}
}

// await registers a waiter. It reports false if the socket is gone.
func (s *Socket) await(id uint64, w waiter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Load() == gone {
		return false
	}
	x := s.extraLocked()
	if x.acks == nil {
		x.acks = map[uint64]waiter{}
	}
	x.acks[id] = w
	return true
}

// forgo gives up a waiter. It reports whether it was still waiting.
func (s *Socket) forgo(id uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.extra == nil {
		return false
	}
	_, ok := s.extra.acks[id]
	delete(s.extra.acks, id)
	return ok
}

// single waits for one socket.
type single chan outcome

type outcome struct {
	reply Reply
	err   error
}

func (w single) answer(_ *Socket, r Reply)            { w <- outcome{reply: r} }
func (w single) lost(_ *Socket, why DisconnectReason) { w <- outcome{err: lostError(why)} }

func lostError(why DisconnectReason) error {
	return fmt.Errorf("%w (%w)", ErrClosed, why)
}

// bounded gives a context without a deadline the server's AckTimeout.
func (srv *Server) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok || srv.cfg.AckTimeout < 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, srv.cfg.AckTimeout)
}

// gaveUp is the error of a wait that ended without an answer.
func gaveUp(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrAckTimeout, ctx.Err())
	}
	return ctx.Err()
}

// EmitWithAck emits an event and waits for the client's answer. The wait ends
// with an error when ctx ends ([ErrAckTimeout] if by its deadline, which is
// Config.AckTimeout from now if it has none), or when the socket is gone
// ([ErrClosed]); neither harms the socket. It may be called from a handler of the same socket.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) (Reply, error) {
	switch s.state.Load() {
	case entering:
		return Reply{}, ErrNotConnected
	case arriving:
		s.admit() // a client that knows of nothing would never answer
	}
	ctx, cancel := s.ns.srv.bounded(ctx)
	defer cancel()
	s.tellOutgoing(event, args)
	id := s.ns.ackID.Add(1) - 1
	w := make(single, 1)
	if !s.await(id, w) {
		return Reply{}, ErrClosed
	}
	err := s.transmitEncoded(false, false, func(dst []byte) ([]byte, [][]byte, error) {
		return s.ns.srv.appendEvent(dst, s.ns.name, id, true, event, args)
	})
	if err != nil {
		s.forgo(id)
		return Reply{}, err
	}
	select {
	case o := <-w:
		return o.reply, o.err
	case <-ctx.Done():
	}
	if s.forgo(id) {
		return Reply{}, gaveUp(ctx)
	}
	o := <-w // it came at the last moment
	return o.reply, o.err
}

// EmitWithAck emits an event and decodes the client's answer into an Out; see
// [Socket.EmitWithAck] for the wait and [On] for what Out may be.
func EmitWithAck[Out any](ctx context.Context, s *Socket, event string, args ...any) (Out, error) {
	var out Out
	r, err := s.EmitWithAck(ctx, event, args...)
	if err == nil {
		err = r.Decode(&out)
	}
	return out, err
}

// EmitWithAck emits an event to all receivers at once, and yields their
// answers as they come. A receiver that is gone, or has not answered when ctx ends (by
// default after Config.AckTimeout), yields an error and a Reply that has only its
// SocketID. The event is sent by the call itself; leaving the loop early gives up the rest.
func (b Broadcast) EmitWithAck(ctx context.Context, event string, args ...any) iter.Seq2[Reply, error] {
	srv := b.ns.srv
	if b.ns.parent != nil {
		return func(yield func(Reply, error) bool) { yield(Reply{}, errParentAck) }
	}
	ctx, cancel := srv.bounded(ctx)
	id := b.ns.ackID.Add(1) - 1
	f, err := encode(func(dst []byte) ([]byte, [][]byte, error) {
		return srv.appendEvent(dst, b.ns.name, id, true, event, args)
	})
	if err != nil {
		cancel()
		return func(yield func(Reply, error) bool) { yield(Reply{}, err) }
	}
	if b.noCompress {
		f.uncompress()
	}
	receivers := b.receivers()
	if hook := srv.cfg.Hooks.Broadcast; hook != nil {
		srv.attempt("Hooks.Broadcast", func() { hook(b.ns, event, len(receivers), f.size) })
	}
	c := &collector{news: make(chan struct{}, 1), waiting: map[*Socket]bool{}}
	for _, s := range receivers {
		s.tellOutgoing(event, args)
		c.expect(s)
		if !s.await(id, c) {
			c.lost(s, s.reason())
			continue
		}
		if err := s.transmit(f.messages, b.volatile); err != nil && s.forgo(id) {
			c.fail(s, err)
		}
	}
	// Also when nobody ranges over the result, nothing stays behind.
	release := context.AfterFunc(ctx, func() { c.giveUp(id, gaveUp(ctx)) })
	return func(yield func(Reply, error) bool) {
		defer cancel()
		defer release()
		for {
			list, open := c.take()
			for i, o := range list {
				if !yield(o.reply, o.err) {
					c.giveUp(id, nil)
					return
				}
				list[i] = outcome{}
			}
			if open == 0 && len(list) == 0 {
				return
			}
			if len(list) == 0 {
				<-c.news
			}
		}
	}
}

var errParentAck = errors.New("socketio: a parent namespace cannot wait for acks, ask its Children one by one")

// collector gathers the answers to a broadcast.
type collector struct {
	mu      sync.Mutex
	news    chan struct{} // holds one signal
	done    []outcome
	waiting map[*Socket]bool
}

func (c *collector) expect(s *Socket) {
	c.mu.Lock()
	c.waiting[s] = true
	c.mu.Unlock()
}

func (c *collector) settle(s *Socket, o outcome) {
	c.mu.Lock()
	if c.waiting[s] {
		delete(c.waiting, s)
		c.done = append(c.done, o)
	}
	c.mu.Unlock()
	c.signal()
}

func (c *collector) signal() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

func (c *collector) answer(s *Socket, r Reply) { c.settle(s, outcome{reply: r}) }

func (c *collector) lost(s *Socket, why DisconnectReason) { c.fail(s, lostError(why)) }

func (c *collector) fail(s *Socket, err error) {
	c.settle(s, outcome{reply: Reply{SocketID: s.id}, err: err})
}

// take returns the outcomes since the last call and the number still open.
func (c *collector) take() ([]outcome, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.done
	c.done = nil
	return list, len(c.waiting)
}

// giveUp settles all that is open with err.
func (c *collector) giveUp(id uint64, err error) {
	c.mu.Lock()
	rest := make([]*Socket, 0, len(c.waiting))
	for s := range c.waiting {
		rest = append(rest, s)
	}
	c.mu.Unlock()
	for _, s := range rest {
		if s.forgo(id) {
			c.fail(s, err)
		}
	}
	c.signal()
}

// reason returns why the socket is gone.
func (s *Socket) reason() DisconnectReason {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.extraLocked().why
}
