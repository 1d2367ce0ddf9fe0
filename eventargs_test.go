package socketio_test

import (
	"context"
	"sync"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// Each caller of Event.Args gets a slice of its own, from however many
// goroutines, and may keep it after the handler has returned.
func TestArgsAreTheCallers(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		kept := make(chan []any, 1)
		_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			srv.Of("/").Handle("args", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
				whole := e.Args()
				var group sync.WaitGroup
				for i := range 8 {
					group.Go(func() {
						args := e.Args()
						args[0] = i
						_ = append(args, i)
						if name := e.Name(); name != "args" {
							t.Errorf("the name is %q", name)
						}
					})
				}
				group.Wait()
				mine := e.Args()
				_ = append(whole, "more")
				_ = append(mine, "else")
				mine[0] = "changed"
				kept <- whole
				return append(e.Args(), len(whole), cap(whole) == len(whole)), nil
			})
			srv.Of("/").Handle("echo", echo)
			srv.Of("/").Handle("kept", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) {
				return <-kept, nil
			})
		})
		c := ts.Open(t, opt).Connect("/", nil)
		for _, args := range [][]any{{"one"}, {[]byte{1, 2, 3}}, {map[string]any{"deep": []byte{4}}}, {"one", "two"}, {[]byte{1}, "two", []byte{3}}} {
			want := c.EmitWithAck("echo", args...).String()
			got := c.EmitWithAck("args", args...)
			if got.Len() != len(args)+2 {
				t.Errorf("%s: %s", want, got)
			}
			for range 40 { // what was kept is not used again for what comes after
				c.EmitWithAck("echo", args...)
			}
			if got := c.EmitWithAck("kept").String(); got != want {
				t.Errorf("kept %s, want %s", got, want)
			}
		}
	})
}

// Event.Name is the same for all who listen, whoever of them there is.
func TestEventName(t *testing.T) {
	names := make(chan string, 10)

	_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		ns := srv.Of("/")
		ns.OnAny(func(_ context.Context, _ *socketio.Socket, e *socketio.Event) { names <- "any " + e.Name() })
		for _, name := range []string{"known", "12.5", "", "täst"} {
			ns.Handle(name, func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
				names <- "handler " + e.Name()
				return []any{}, nil
			})
		}
		ns.OnConnect(onConnect(func(s *socketio.Socket) {
			s.Handle("own", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
				names <- "handler " + e.Name()
				return []any{}, nil
			})
		}))
	})
	c := ts.Open(t, siotest.Options{})
	c.Connect("/", nil)
	for _, test := range []struct{ wire, name string }{
		{`"known"`, "known"}, {`"kno\u0077n"`, "known"}, {`12.5`, "12.5"}, {`""`, ""}, {`"täst"`, "täst"}, {`"own"`, "own"},
	} {
		_ = c.Send("42[" + test.wire + ",1]")
		if got := get(t, names); got != "any "+test.name {
			t.Errorf("%s: %q", test.wire, got)
		}
		if got := get(t, names); got != "handler "+test.name {
			t.Errorf("%s: %q", test.wire, got)
		}
	}
	_ = c.Send(`42["stranger"]`)
	if got := get(t, names); got != "any stranger" {
		t.Errorf("an event without a handler is %q", got)
	}
}
