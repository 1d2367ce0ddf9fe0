package client

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// B-109: an event with an ack that nobody waits for leaves in its turn, and the
// answer is told in its turn.
func TestEmitAckFunc(t *testing.T) {
	for _, opts := range [][]Option{nil, {Retries(1)}} {
		play(t, Config{AckTimeout: 3 * time.Second}, func(t *testing.T, p *script) {
			s := p.m.Socket("/", opts...)
			p.watch(s)
			ask := func(ctx context.Context, name string) {
				err := s.EmitAckFunc(ctx, func(r Reply, err error) {
					var n int
					if err == nil {
						err = r.Decode(&n)
					}
					p.note("%s: %d %v", name, n, err)
				}, name)
				if err != nil {
					t.Error(err)
				}
			}
			l := p.join(s)
			p.expect("connect id/")
			ask(t.Context(), "a")
			l.expect(t, `20["a"]`)
			l.say(`2["before"]`, `30[1]`, `2["behind"]`, `30[2]`)
			p.expect("event before", "a: 1 <nil>", "event behind")

			// None of these is answered. With retries each is tried twice, one at a time.
			ctx, cancel := context.WithCancel(t.Context())
			ask(ctx, "cancelled")
			cancel()
			p.expect("cancelled: 0 context canceled")
			ask(t.Context(), "late")
			after(20 * time.Second)
			p.expect("late: 0 client: operation has timed out" + map[bool]string{true: ": context deadline exceeded"}[opts == nil])
			ctx, cancel = context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			ask(ctx, "deadline")
			after(20 * time.Second)
			p.expect("deadline: 0 client: operation has timed out: context deadline exceeded")

			// Lost, and sent again only with retries.
			l.take()
			ask(t.Context(), "lost")
			l.take()
			l.finish(TransportClose, nil)
			if opts == nil {
				p.expect("disconnect transport close", "lost: 0 client: socket has been disconnected (transport close)")
			} else {
				p.expect("disconnect transport close")
				ask(t.Context(), "waits")
			}
			ask(canceled(), "never sent")
			p.expect("never sent: 0 context canceled")
			if err := p.m.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if opts != nil {
				p.expect("lost: 0 client: the manager is closed", "waits: 0 client: the manager is closed")
			}
			if err := s.EmitAckFunc(t.Context(), func(Reply, error) { p.note("called") }, "x"); !errors.Is(err, ErrClosed) {
				t.Errorf("closed: %v", err)
			}
			if err := s.EmitAckFunc(t.Context(), func(Reply, error) { p.note("called") }, "connect"); !errors.Is(err, ErrReservedEvent) {
				t.Errorf("reserved: %v", err)
			}
			p.expect()
		})
	}
}

// What one goroutine emits arrives in its order, with acks and without.
func TestEmitAckFuncOrder(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		var want []string
		for i := range 4 { // before there is a connection, and with one
			if i == 2 {
				l := p.join(s)
				_ = l
			}
			if err := s.EmitAckFunc(t.Context(), func(Reply, error) {}, "ask"); err != nil {
				t.Error(err)
			}
			if err := s.Emit("tell"); err != nil {
				t.Error(err)
			}
			if i >= 2 {
				want = append(want, fmt.Sprintf(`2%d["ask"]`, i), `2["tell"]`)
			}
		}
		p.line().expect(t, want...)
	})
}
