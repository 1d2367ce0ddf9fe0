package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// EMIT-11, EMIT-13, B-72: the server asks, the client answers; the first id is 0.
func TestEmitWithAck(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		srv, ts := start(t, socketio.Config{}, nil)
		conn := ts.Open(t, opt)
		c := conn.Connect("/", nil)
		s := srv.Of("/").Socket(c.ID())
		c.Answer("sum", func(e *siotest.Event) []any {
			var a, b int
			if err := e.Decode(&a, &b); err != nil {
				t.Error(err)
			}
			return []any{a + b}
		})
		c.Answer("nothing", func(*siotest.Event) []any { return []any{} })
		c.Answer("two", func(*siotest.Event) []any { return []any{"x", []byte{1, 2}} })
		ctx := context.Background()
		for i := range 3 {
			if sum, err := socketio.EmitWithAck[int](ctx, s, "sum", i, 1); err != nil || sum != i+1 {
				t.Errorf("sum %d, %v", sum, err)
			}
		}
		if _, err := socketio.EmitWithAck[socketio.None](ctx, s, "nothing"); err != nil {
			t.Error(err)
		}
		two, err := socketio.EmitWithAck[socketio.Args2[string, []byte]](ctx, s, "two")
		if err != nil || two.A != "x" || string(two.B) != "\x01\x02" {
			t.Errorf("two %+v, %v", two, err)
		}
		if _, err := socketio.EmitWithAck[int](ctx, s, "two"); err == nil || errors.Is(err, socketio.ErrClosed) {
			t.Errorf("a string decoded as int: %v", err)
		}
		r, err := s.EmitWithAck(ctx, "two")
		if err != nil || r.SocketID != s.ID() || r.Len() != 2 || len(r.Args()) != 2 {
			t.Errorf("reply %+v, %v", r, err)
		}
		if err := s.Emit("pass on", r.Args()...); err != nil { // undecoded
			t.Error(err)
		}
		c.Expect("pass on", "x", []byte{1, 2})
	})
}

// B-72 to B-76: ids on the wire.
func TestAckIDs(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) { srv.Of("/").Handle("echo", echo) })
	conn := ts.Open(t, siotest.Options{})
	_ = conn.Send("40")
	conn.Receive()
	for _, id := range []string{"0", "7", "7", "007", "18446744073709551615"} {
		_ = conn.Send("42" + id + `["echo",1]`)
	}
	conn.Expect("430[1]", "437[1]", "437[1]", "437[1]", "4318446744073709551615[1]")
	var s *socketio.Socket
	for r := range srv.Of("/").Broadcast().Sockets(context.Background()) {
		s = srv.Of("/").Socket(r.ID)
	}
	got := make(chan string, 10)
	ask := func() {
		v, err := socketio.EmitWithAck[int](context.Background(), s, "q")
		got <- fmt.Sprint(v, err)
	}
	go ask()
	conn.Expect(`420["q"]`)
	_ = conn.Send("43[5]", "439[5]", `43/,8[5]`) // no id, an unknown one: ignored
	_ = conn.Send("430[1]", "430[2]")            // and a second answer
	if v := get(t, got); v != "1 <nil>" {
		t.Errorf("answered %s", v)
	}
	go ask()
	conn.Expect(`421["q"]`)
	_ = conn.Send(`431["x"]`)
	if v := get(t, got); !strings.Contains(v, "cannot decode") {
		t.Errorf("answered %s", v)
	}
	conn.Quiet()
}

// EMIT-12, D12, L9: a wait ends by the answer, by its context, by the default
// bound or with the socket, and nothing of it stays.
func TestAckEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, ts := start(t, socketio.Config{}, nil)
		ts.Patience = time.Hour
		c := ts.Dial(t, "/", nil)
		s := srv.Of("/").Socket(c.ID())
		wait := func(ctx context.Context) error {
			_, err := s.EmitWithAck(ctx, "q")
			return err
		}
		began := time.Now()
		if err := wait(context.Background()); !errors.Is(err, socketio.ErrAckTimeout) || time.Since(began) != 20*time.Second {
			t.Errorf("without a deadline: %v after %v", err, time.Since(began))
		}
		began = time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if err := wait(ctx); !errors.Is(err, socketio.ErrAckTimeout) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Minute {
			t.Errorf("with a deadline: %v after %v", err, time.Since(began))
		}
		cancel()
		if err := wait(ctx); err == nil {
			t.Error("with a context that has ended: no error")
		}
		ctx, cancel = context.WithCancel(context.Background())
		go cancel()
		if err := wait(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, socketio.ErrAckTimeout) {
			t.Errorf("cancelled: %v", err)
		}
		if n := socketio.PendingAcks(s); n != 0 {
			t.Errorf("%d waits are left", n)
		}
		// A wait that was given up harms nothing: the late answer is ignored.
		for range 4 {
			c.Next().Ack(1)
		}
		go func() { c.Next().Ack(2) }()
		if n, err := socketio.EmitWithAck[int](context.Background(), s, "q"); n != 2 || err != nil {
			t.Errorf("the next one: %d, %v", n, err)
		}

		for name, end := range map[string]func(){
			"client leaves":    func() { c.Disconnect() },
			"client is killed": func() { c.Conn().Cut() },
			"server kicks":     func() { _ = s.Disconnect(false) },
			"server closes":    func() { _ = s.Disconnect(true) },
		} {
			c = ts.Dial(t, "/", nil)
			s = srv.Of("/").Socket(c.ID())
			errs := make(chan error)
			for range 10 {
				go func() { errs <- wait(s.Context()) }() // even when its own context ends with the socket
			}
			synctest.Wait()
			end()
			for range 10 {
				if err := <-errs; !errors.Is(err, socketio.ErrClosed) || !errors.Is(err, context.Cause(s.Context())) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if err := wait(context.Background()); !errors.Is(err, socketio.ErrClosed) {
				t.Errorf("%s, afterwards: %v", name, err)
			}
			if n := socketio.PendingAcks(s); n != 0 {
				t.Errorf("%s: %d waits are left", name, n)
			}
		}
	})
}

// A negative AckTimeout is no bound.
func TestNoAckTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, ts := start(t, socketio.Config{AckTimeout: -1}, nil)
		ts.Patience = 100 * time.Hour
		c := ts.Dial(t, "/", nil)
		go func() {
			pass(50 * time.Hour)
			c.Next().Ack("patience")
		}()
		v, err := socketio.EmitWithAck[string](context.Background(), srv.Of("/").Socket(c.ID()), "q")
		if v != "patience" || err != nil {
			t.Errorf("%q, %v", v, err)
		}
	})
}

// What cannot be asked is an error at once, and leaves no wait behind.
func TestAckRefused(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, nil)
	s := srv.Of("/").Socket(ts.Dial(t, "/", nil).ID())
	if _, err := s.EmitWithAck(context.Background(), "connect"); !errors.Is(err, socketio.ErrReservedEvent) {
		t.Errorf("a reserved name: %v", err)
	}
	if _, err := s.EmitWithAck(context.Background(), "x", make(chan int)); err == nil {
		t.Error("a channel was sent")
	}
	for _, err := range srv.Of("/").Broadcast().EmitWithAck(context.Background(), "disconnect") {
		if !errors.Is(err, socketio.ErrReservedEvent) {
			t.Errorf("a reserved name, broadcast: %v", err)
		}
	}
	if n := socketio.PendingAcks(s); n != 0 {
		t.Errorf("%d waits are left", n)
	}
}

// EMIT-15, B-76, P7: a handler answers at most once, only if it was asked, and
// also after it has returned.
func TestEventAck(t *testing.T) {
	type result struct{ first, second error }
	results := make(chan result, 10)
	later := make(chan *socketio.Event, 1)
	_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		ns := srv.Of("/")
		ns.Handle("echo", echo)
		ns.Handle("twice", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
			results <- result{e.Ack("first"), e.Ack("second")}
			return []any{"third"}, nil
		})
		ns.Handle("error after", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
			_ = e.Ack("first")
			return nil, &socketio.Error{Message: "too late"}
		})
		ns.Handle("another try", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
			results <- result{e.Ack(make(chan int)), e.Ack("second")}
			return nil, nil
		})
		ns.Handle("later", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
			later <- e
			return nil, nil
		})
		ns.Handle("empty", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { return []any{}, nil })
		ns.Handle("nothing", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { return nil, nil })
		ns.Handle("unencodable", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { return []any{func() {}}, nil })
	})
	c := ts.Dial(t, "/", nil)
	answer := func(event, want string) {
		t.Helper()
		if got := c.EmitWithAck(event).String(); got != want {
			t.Errorf("%s is answered %s, want %s", event, got, want)
		}
	}
	answer("twice", `["first"]`)
	if r := get(t, results); r.first != nil || r.second != socketio.ErrAckSent {
		t.Errorf("twice: %v", r)
	}
	answer("error after", `["first"]`)
	answer("another try", `["second"]`)
	if r := get(t, results); r.first == nil || r.second != nil {
		t.Errorf("another try: %v", r)
	}
	answer("empty", `[]`)
	answer("unencodable", `[{"error":{"message":"internal error"}}]`)

	c.Emit("twice") // asked for nothing
	if r := get(t, results); r.first != socketio.ErrNoAck || r.second != socketio.ErrNoAck {
		t.Errorf("not asked: %v", r)
	}
	c.Ask("nothing")
	c.Ask("no such event")
	alive(t, c)
	wait := c.Ask("later")
	e := get(t, later)
	alive(t, c)
	if err := e.Ack(1, "late"); err != nil {
		t.Error(err)
	}
	if got := wait().String(); got != `[1,"late"]` {
		t.Errorf("later is answered %s", got)
	}
	c.Ask("later")
	e = get(t, later)
	c.Disconnect()
	c.Conn().Fence()
	if err := e.Ack("nobody"); err != socketio.ErrClosed {
		t.Errorf("an ack to nobody: %v", err)
	}
	if !e.WantsAck() || e.Name() != "later" || e.Len() != 0 {
		t.Error("an event is not what it was")
	}
}

// Errors on their way into an ack: an Error is told, others are masked.
func TestAckErrors(t *testing.T) {
	_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		for name, err := range map[string]error{
			"plain":   errors.New("secret"),
			"error":   &socketio.Error{Message: "no"},
			"data":    &socketio.Error{Message: "no", Data: []int{1}},
			"wrapped": fmt.Errorf("secret: %w", &socketio.Error{Message: "told"}),
		} {
			socketio.OnAck(srv.Of("/"), name, func(context.Context, *socketio.Socket, socketio.None) (int, error) { return 1, err })
		}
	})
	c := ts.Dial(t, "/", nil)
	for event, want := range map[string]string{
		"plain":   `[{"error":{"message":"internal error"}}]`,
		"error":   `[{"error":{"message":"no"}}]`,
		"data":    `[{"error":{"message":"no","data":[1]}}]`,
		"wrapped": `[{"error":{"message":"told"}}]`,
	} {
		if got := c.EmitWithAck(event).String(); got != want {
			t.Errorf("%s is answered %s, want %s", event, got, want)
		}
	}
	_, ts = start(t, socketio.Config{AckError: func(e *socketio.Error) any { return "!" + e.Message }}, func(srv *socketio.Server) {
		socketio.On(srv.Of("/"), "x", func(context.Context, *socketio.Socket, socketio.None) error { return &socketio.Error{Message: "no"} })
	})
	if got := ts.Dial(t, "/", nil).EmitWithAck("x").String(); got != `["!no"]` {
		t.Errorf("AckError makes %s", got)
	}
}
