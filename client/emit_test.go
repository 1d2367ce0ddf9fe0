package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// CLI-13: what is emitted while the socket is not connected is sent when it is,
// in order; how much, is bounded.
func TestSendBuffer(t *testing.T) {
	play(t, Config{MaxQueuedBytes: 2000}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		b := []byte("before")
		for i := range 3 {
			if err := s.Emit("n", i, b); err != nil {
				t.Error(err)
			}
		}
		copy(b, "XXXXXX") // the bytes were copied
		if err := s.Emit("big", strings.Repeat("x", 3000)); !errors.Is(err, ErrBufferFull) {
			t.Errorf("over the bound: %v", err)
		}
		if err := s.Emit("connect"); !errors.Is(err, ErrReservedEvent) {
			t.Errorf("a reserved name: %v", err)
		}
		if err := s.Emit("x", make(chan int)); err == nil {
			t.Error("a channel was encoded")
		}
		if err := s.Volatile().Emit("gone"); err != nil {
			t.Error(err)
		}
		s.Start()
		l := p.line()
		l.say(`0{"sid":"x"}`)
		want := []string{"0"}
		for i := range 3 {
			want = append(want, fmt.Sprintf(`51-["n",%d,{"_placeholder":true,"num":0}]`, i), "bbefore")
		}
		l.expect(t, want...)

		// Lost, and not known yet: nothing is dropped.
		l.over = true
		if err := s.Emit("late"); err != nil {
			t.Error(err)
		}
		l.finish(TransportError, nil)
		after(5 * time.Second)
		l = p.line()
		l.say(`0{"sid":"y"}`)
		l.expect(t, "0", `2["late"]`)

		// Connected, and the server does not read.
		l.fill(1990)
		if err := s.Emit("x", "123456789012345"); !errors.Is(err, ErrBufferFull) {
			t.Errorf("over the bound: %v", err)
		}
		l.fill(0)
		if err := s.Emit("x", strings.Repeat("x", 3000)); err != nil { // one alone may have any size
			t.Error(err)
		}
		if got := l.take(); len(got) != 1 || len(got[0]) < 3000 {
			t.Errorf("sent %d", len(got))
		}
		s.Disconnect()
		if err := s.Emit("big", strings.Repeat("x", 3000)); err != nil {
			t.Errorf("one alone, buffered: %v", err)
		}
	})
}

// CLI-15: volatile events go now or never.
func TestVolatile(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/", Retries(3))
		l := p.join(s)
		_ = s.Volatile().Emit("one")
		l.busy = true
		_ = s.Volatile().Compress(false).Emit("two")
		l.busy = false
		_ = s.Compress(false).Volatile().Emit("three")
		l.expect(t, `2["one"]`, `2["three"]`)
		if err := s.Volatile().Emit("connect"); !errors.Is(err, ErrReservedEvent) {
			t.Errorf("a reserved name: %v", err)
		}
	})
}

// CLI-16 C1: answers find who asked, in any order; late, repeated and unknown ones nobody.
func TestAcks(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		l := p.join(s)
		type answer struct {
			sum int
			err error
		}
		ask := func(ctx context.Context, args ...any) chan answer {
			done := make(chan answer, 1)
			go func() {
				n, err := EmitWithAck[int](ctx, s, "sum", args...)
				done <- answer{n, err}
			}()
			synctest.Wait()
			return done
		}
		ctx := t.Context()
		one, two := ask(ctx, 1), ask(ctx, 2)
		l.expect(t, `20["sum",1]`, `21["sum",2]`)
		l.say(`31[20]`, `31[21]`, `399[1]`, `3[1]`, `30[10]`) // B-73
		if a := <-one; a.sum != 10 || a.err != nil {
			t.Errorf("one: %+v", a)
		}
		if a := <-two; a.sum != 20 || a.err != nil {
			t.Errorf("two: %+v", a)
		}
		began := time.Now()
		short, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		if a := <-ask(short, 3); !errors.Is(a.err, ErrAckTimeout) || time.Since(began) != 3*time.Second {
			t.Errorf("timeout: %+v after %v", a, time.Since(began))
		}
		began = time.Now()
		if a := <-ask(ctx, 4); !errors.Is(a.err, ErrAckTimeout) || time.Since(began) != 20*time.Second {
			t.Errorf("the default: %+v after %v", a, time.Since(began))
		}
		ended, stop := context.WithCancel(ctx)
		given := ask(ended, 5)
		synctest.Wait()
		stop()
		if a := <-given; !errors.Is(a.err, context.Canceled) {
			t.Errorf("cancelled: %+v", a)
		}
		l.say(`32[1]`, `33[1]`, `34[1]`)
		l.take()
		bad := ask(ctx, 6)
		l.say(`35["no number"]`)
		if a := <-bad; a.err == nil {
			t.Errorf("a string was decoded as a number: %+v", a)
		}
		failed := ask(ctx, 7)
		l.say(`36[{"error":{"message":"no","data":{"code":7}}}]`)
		a := <-failed
		refusal, ok := errors.AsType[*Error](a.err)
		var data struct{ Code int }
		if !ok || refusal.Message != "no" || refusal.DecodeData(&data) != nil || data.Code != 7 {
			t.Errorf("an error: %+v", a)
		}
		for i, other := range []string{`{"error":"text"}`, `{"error":{"message":"a"},"more":1}`, `{"error":{"text":"a"}}`, `{"error":{"message":"a","x":1}}`, `{"error":null}`} {
			r := make(chan Reply, 1)
			go func() {
				reply, err := s.EmitWithAck(ctx, "x")
				if err != nil {
					t.Error(err)
				}
				r <- reply
			}()
			synctest.Wait()
			l.say(fmt.Sprintf(`3%d[%s]`, 7+i, other))
			if reply := <-r; reply.Err() != nil || reply.Len() != 1 || len(reply.Args()) != 1 {
				t.Errorf("%s is taken for an error", other)
			}
		}
		if n := len(s.acks); n != 0 {
			t.Errorf("%d waits are left", n)
		}
	})
}

// B-108 D12: a lost connection ends the waits of what was sent, not of what waits to be.
func TestAcksAtDisconnect(t *testing.T) {
	for name, end := range map[string]func(*Socket, *line){
		"transport": func(_ *Socket, l *line) { l.end(TransportClose, nil) },
		"server":    func(_ *Socket, l *line) { l.say("1") },
		"client":    func(s *Socket, _ *line) { s.Disconnect() },
	} {
		t.Run(name, func(t *testing.T) {
			play(t, Config{AckTimeout: -1}, func(t *testing.T, p *script) {
				s := p.m.Socket("/")
				l := p.join(s)
				sent, kept := make(chan error, 1), make(chan error, 1)
				go func() { _, err := s.EmitWithAck(t.Context(), "sent"); sent <- err }()
				synctest.Wait()
				end(s, l)
				if err := <-sent; !errors.Is(err, ErrDisconnected) {
					t.Errorf("sent: %v", err)
				}
				go func() { _, err := s.EmitWithAck(t.Context(), "kept"); kept <- err }()
				synctest.Wait()
				s.Start()
				after(5 * time.Second)
				l = p.line()
				l.say(`31[]`) // for what was not even sent
				l.say(`0{"sid":"x"}`, `31[]`)
				if err := <-kept; err != nil {
					t.Errorf("kept: %v", err)
				}
				go func() { _, err := s.EmitWithAck(context.Background(), "closed"); kept <- err }()
				synctest.Wait()
				if err := p.m.Close(context.Background()); err != nil {
					t.Error(err)
				}
				if err := <-kept; !errors.Is(err, ErrDisconnected) && !errors.Is(err, ErrClosed) {
					t.Errorf("closed: %v", err)
				}
			})
		})
	}
}

// B-109 L9: what was given up is not sent later.
func TestTimeoutLeavesBuffer(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		for i := range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if i == 50 {
				if err := s.Emit("stays"); err != nil {
					t.Error(err)
				}
			}
			if _, err := s.EmitWithAck(ctx, "x", i); !errors.Is(err, ErrAckTimeout) {
				t.Error(err)
			}
			cancel()
		}
		if n := len(s.buffer.list); n > 2 || len(s.buffer.byID) > 0 {
			t.Errorf("%d are kept", n)
		}
		s.Start()
		l := p.line()
		l.say(`0{"sid":"x"}`)
		l.expect(t, "0", `2["stays"]`)
		if s.buffer.bytes != 0 {
			t.Errorf("%d bytes are left", s.buffer.bytes)
		}
	})
}

// B-110 CLI-17: n retries are n+1 tries, one under way at a time, in order; volatile events go beside.
func TestRetries(t *testing.T) {
	play(t, Config{RandomizationFactor: -1}, func(t *testing.T, p *script) {
		s := p.m.Socket("/", Retries(2), AckTimeout(time.Second))
		p.watch(s)
		if err := s.Emit("a", []byte("bytes")); err != nil {
			t.Error(err)
		}
		answer := make(chan error, 3)
		go func() { _, err := EmitWithAck[int](t.Context(), s, "b"); answer <- err }()
		l := p.join2(s)
		l.expect(t, `51-0["a",{"_placeholder":true,"num":0}]`, "bbytes")
		_ = s.Volatile().Emit("v")
		l.expect(t, `2["v"]`)
		after(time.Second + 1)
		l.expect(t, `51-1["a",{"_placeholder":true,"num":0}]`, "bbytes")
		l.say(`30[]`) // too late
		l.expect(t)
		l.say(`31[]`)
		l.expect(t, `22["b"]`)
		l.end(TransportClose, nil) // a try that is lost is one
		after(time.Second + 1)
		l = p.join2(s)
		l.expect(t, `23["b"]`)
		after(time.Second + 1)
		l.expect(t, `24["b"]`)
		after(time.Second + 1)
		l.expect(t)
		if err := <-answer; !errors.Is(err, ErrAckTimeout) {
			t.Errorf("b: %v", err)
		}
		p.expect("connect id", "disconnect transport close", "connect id")

		_ = s.Emit("c")
		after(3*time.Second + 3)
		l.take()
		p.expect(`error client: event "c" was given up after 3 tries: client: operation has timed out`)

		// A wait that ends makes way for the next one.
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, err := s.EmitWithAck(ctx, "d"); answer <- err }()
		l.expect(t, `28["d"]`)
		go func() { _, err := s.EmitWithAck(t.Context(), "e"); answer <- err }()
		l.expect(t)
		cancel()
		if err := <-answer; !errors.Is(err, context.Canceled) {
			t.Errorf("d: %v", err)
		}
		l.expect(t, `29["e"]`)
		l.say(`38[]`, `39[]`)
		if err := <-answer; err != nil {
			t.Errorf("e: %v", err)
		}
		go func() { _, err := s.EmitWithAck(context.Background(), "f"); answer <- err }()
		_ = s.Emit("g")
		synctest.Wait()
		if err := p.m.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-answer; !errors.Is(err, ErrClosed) && !errors.Is(err, ErrDisconnected) {
			t.Errorf("f: %v", err)
		}
		if n := len(s.acks) + len(s.queue.list) + s.queue.bytes; n != 0 {
			t.Errorf("%d are left", n)
		}
	})
}

// join2 starts the socket and lets it in, and leaves what it then sends.
func (p *script) join2(s *Socket) *line {
	p.t.Helper()
	s.Start()
	l := p.line()
	l.take()
	l.say(`0{"sid":"id"}`)
	return l
}

// What waits to be retried is bounded.
func TestRetriesBound(t *testing.T) {
	play(t, Config{MaxQueuedBytes: 1000}, func(t *testing.T, p *script) {
		s := p.m.Socket("/", Retries(1))
		n := 0
		for s.Emit("x") == nil {
			n++
		}
		if err := s.Emit("x"); n > 10 || !errors.Is(err, ErrBufferFull) {
			t.Errorf("after %d: %v", n, err)
		}
	})
}
