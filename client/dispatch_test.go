package client

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/packet"
)

// CLI-33: handlers, catch-alls and listeners, and how they are taken off.
func TestHandlers(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		removeAny := s.OnAny(func(_ context.Context, e *Event) { p.note("any %s", e.Name()) })
		removeOut := s.OnAnyOutgoing(func(event string, args []any) { p.note("out %s %v", event, args) })
		remove := On(s, "one", func(_ context.Context, n int) error { p.note("one %d", n); return nil })
		On(s, "two", func(_ context.Context, a Args2[string, []byte]) error { p.note("two %s %s", a.A, a.B); return nil })
		On(s, "none", func(_ context.Context, _ None) error { p.note("none"); return nil })
		var self func()
		self = s.Handle("self", func(context.Context, *Event) ([]any, error) { p.note("self"); self(); return nil, nil })
		s.Once("once", func(context.Context, *Event) ([]any, error) { p.note("once"); return nil, nil })
		OnAck(s, "sum", func(_ context.Context, a Args2[int, int]) (int, error) { return a.A + a.B, nil })
		removeConnect := s.OnConnect(func() { p.note("connect") })
		l := p.join(s)
		l.say(`2["one",1,"too many"]`, `51-["two","t",{"_placeholder":true,"num":0}]`, "bbytes", `2["none"]`, `2["self"]`, `2["self"]`,
			`2["once"]`, `2["once"]`, `27["sum",2,3]`, `2["nobody"]`, `2[42,1]`)
		p.expect("connect", "any one", "one 1", "any two", "two t bytes", "any none", "none", "any self", "self", "any self",
			"any once", "once", "any once", "any sum", "any nobody", "any 42")
		l.expect(t, "37[5]")
		_ = s.Send("hi", 1)
		_ = s.Volatile().Emit("v")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.EmitWithAck(ctx, "q", 2); !errors.Is(err, ErrAckTimeout) {
			t.Error(err)
		}
		l.expect(t, `2["message","hi",1]`, `2["v"]`, `20["q",2]`)
		p.expect("out message [hi 1]", "out v []", "out q [2]")
		removeAny()
		removeOut()
		removeOut()
		remove()
		remove()
		removeConnect()
		_ = s.Emit("x")
		l.say(`2["one",1]`)
		s.Disconnect()
		p.join(s)
		p.expect()
		if len(s.events.get("one")) != 0 {
			t.Error("a handler is left")
		}
		defer func() {
			if recover() == nil {
				t.Error("a reserved name can be handled")
			}
		}()
		s.Handle("disconnect", nil)
	})
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// C18: panics and errors of handlers are told, logged and answered; the socket stays.
func TestFailingHandlers(t *testing.T) {
	var log journal
	play(t, Config{Logger: log.logger()}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		s.OnError(func(e *Event, err error) { p.note("%s: %v", e.Name(), err) })
		s.OnError(func(*Event, error) { panic("in OnError") })
		s.OnConnect(func() { panic("in OnConnect") })
		s.OnAny(func(context.Context, *Event) { panic("in OnAny") })
		s.OnAnyOutgoing(func(string, []any) { panic("in OnAnyOutgoing") })
		p.m.OnOpen(func() { panic("in OnOpen") })
		s.Handle("panic", func(context.Context, *Event) ([]any, error) { panic("in a handler") })
		s.Handle("panic", func(context.Context, *Event) ([]any, error) { p.note("the next one"); return nil, nil })
		s.Handle("secret", func(context.Context, *Event) ([]any, error) { return nil, errors.New("the password is 1234") })
		s.Handle("told", func(context.Context, *Event) ([]any, error) { return nil, &Error{Message: "no", Data: 7} })
		s.Handle("goexit", func(context.Context, *Event) ([]any, error) { runtime.Goexit(); return nil, nil })
		s.Handle("unsendable", func(context.Context, *Event) ([]any, error) { return []any{func() {}}, nil })
		s.Handle("two", func(context.Context, *Event) ([]any, error) { return []any{1}, nil })
		s.Handle("two", func(context.Context, *Event) ([]any, error) { return nil, errors.New("second") })
		On(s, "typed", func(context.Context, int) error { t.Error("called"); return nil })
		l := p.join(s)
		l.say(`21["panic"]`, `22["secret"]`, `23["told"]`, `24["typed","text"]`, `2["goexit"]`, `25["unsendable"]`, `26["two"]`, `2["typed"]`)
		p.expect("the next one", "panic: panic: in a handler", "secret: the password is 1234", "told: no",
			`typed: bad arguments: argument 1 of "typed": cannot decode string into int`, "two: second",
			`typed: bad arguments: argument 1 of "typed": missing, want int`)
		l.expect(t, `31[{"error":{"message":"internal error"}}]`, `32[{"error":{"message":"internal error"}}]`,
			`33[{"error":{"message":"no","data":7}}]`, `34[{"error":{"message":"bad arguments: argument 1 of \"typed\": cannot decode string into int"}}]`,
			`35[{"error":{"message":"internal error"}}]`, `36[1]`)
		_ = s.Emit("x")
		l.expect(t, `2["x"]`)
		if !s.Connected() {
			t.Error("a panic ends the socket")
		}
		for _, want := range []string{"in a handler", "in OnError", "in OnConnect", "in OnAny", "in OnAnyOutgoing", "in OnOpen", "stack="} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log says nothing of %q", want)
			}
		}
	})
}

// Answers: once, from anywhere, to the connection that asked. B-76
func TestEventAck(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		var kept []*Event
		s.Handle("q", func(_ context.Context, e *Event) ([]any, error) { kept = append(kept, e); return nil, nil })
		l := p.join(s)
		l.say(`20["q"]`, `2["q"]`, `21["q"]`, `22["q"]`)
		synctest.Wait()
		if kept[0].Socket() != s || !kept[0].WantsAck() || kept[1].WantsAck() {
			t.Error("events do not know what they are")
		}
		if err := kept[0].Ack(make(chan int)); err == nil {
			t.Error("a channel was sent")
		}
		if err := kept[0].Ack("a", 1); err != nil {
			t.Error(err)
		}
		if err := kept[0].Ack(); err != ErrAckSent {
			t.Errorf("twice: %v", err)
		}
		if err := kept[1].Ack(); err != ErrNoAck {
			t.Errorf("not asked: %v", err)
		}
		l.expect(t, `30["a",1]`)
		l.end(TransportClose, nil)
		synctest.Wait()
		if err := kept[2].Ack(); err != ErrDisconnected {
			t.Errorf("lost: %v", err)
		}
		after(5 * time.Second)
		l = p.line()
		l.say(`0{"sid":"x"}`)
		if err := kept[3].Ack(); err != ErrDisconnected { // to another connection it would answer another question
			t.Errorf("of the connection before: %v", err)
		}
		l.expect(t, "0")
	})
}

// A handler may wait for an answer, and for a connection; its events stay in order.
func TestHandlersWait(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		s.Handle("ask", func(ctx context.Context, e *Event) ([]any, error) {
			var n int
			_ = e.Decode(&n)
			r, err := EmitWithAck[int](ctx, s, "back", n)
			p.note("%d: %d, %v", n, r, err)
			return nil, err
		})
		l := p.join(s)
		l.say(`2["ask",1]`, `2["ask",2]`)
		l.expect(t, `20["back",1]`)
		l.say("30[10]")
		l.expect(t, `21["back",2]`)
		l.say("31[20]")
		p.expect("1: 10, <nil>", "2: 20, <nil>")
	})
}

// Close waits for a handler, and gives up waiting with its context, which the handler's follows.
func TestCloseWaitsForHandlers(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		release := make(chan struct{})
		s.Handle("work", func(ctx context.Context, _ *Event) ([]any, error) {
			<-ctx.Done()
			p.note("told to end")
			<-release
			p.note("ended")
			return nil, nil
		})
		s.OnDisconnect(func(why DisconnectReason, _ error) { p.note("disconnect %s", why) })
		l := p.join(s)
		l.say(`2["work"]`, `2["work"]`)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.m.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close: %v", err)
		}
		p.expect("told to end")
		close(release)
		if err := p.m.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
		p.expect("ended", "disconnect io client disconnect") // what nobody has seen yet is dropped
	})
}

// OnPing, OnError, Disconnect of the Manager.
func TestManagerListeners(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		remove := p.m.OnPing(func() { p.note("ping") })
		p.m.OnUpgrade(func(to string) { p.note("upgrade %s", to) })
		a, b := p.m.Socket("/a"), p.m.Socket("/b")
		l := p.join(a)
		p.join(b)
		p.m.pinged()
		p.expect("ping")
		remove()
		p.m.pinged()
		p.expect()
		p.m.Disconnect()
		if a.Active() || b.Active() || !l.closed() {
			t.Error("not disconnected")
		}
	})
}

// EVT-08: definitions that both sides share.
func TestDefinitions(t *testing.T) {
	sum := DefineCall[Args2[int, int], int]("sum")
	moved := DefineEvent[packet.Args2[int, int]]("moved")
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		OnCall(s, sum, func(_ context.Context, a Args2[int, int]) (int, error) { return a.A + a.B, nil })
		OnEvent(s, moved, func(_ context.Context, a Args2[int, int]) error { return moved.Emit(s.Volatile(), a) })
		l := p.join(s)
		l.say(`21["sum",1,2]`, `2["moved",3,4]`)
		l.expect(t, "31[3]", `2["moved",3,4]`)
		done := make(chan error, 1)
		go func() {
			n, err := sum.Call(t.Context(), s, Args2[int, int]{A: 5, B: 6})
			if n != 11 {
				t.Errorf("answered %d", n)
			}
			done <- err
		}()
		l.expect(t, `20["sum",5,6]`)
		l.say("30[11]")
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// CLI-01 B-116: what URLs mean, and what is wrong with those that mean nothing.
func TestURLs(t *testing.T) {
	for url, want := range map[string]string{
		"http://h": "/", "https://h/": "/", "ws://h:80/admin": "/admin", "wss://h/a/b?x=1": "/a/b", "http://h/ä b": "/ä b",
	} {
		if s := New(url, Config{}); s.nsp != want || s.m.broken != nil {
			t.Errorf("%s: namespace %s, %v", url, s.nsp, s.m.broken)
		}
	}
	for _, url := range []string{"", "h", "ftp://h", "http://", "http://user:secret@h:x/", "http://h/a,b", "http://h/\x7f", ":"} {
		err := New(url, Config{}).Connect(canceled())
		if err == nil || errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
	s := NewManager("http://h/admin", Config{}).Socket("/")
	var told error
	done := make(chan struct{})
	s.OnConnectError(func(err error) { told = err; close(done) })
	s.Start()
	<-done
	if told == nil || !strings.Contains(told.Error(), "Config.Path") {
		t.Errorf("a path: %v", told)
	}
}

// journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
