package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// Hooks see each thing once, with its figures. OPS-07, OPS-08
func TestHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []string
		tell := func(format string, args ...any) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, fmt.Sprintf(format, args...))
		}
		srv, ts := start(t, socketio.Config{
			MaxQueuedBytes: 1000,
			Hooks: socketio.Hooks{
				SessionOpened: func(s *engine.Session) { tell("opened %v", s.ID() != "") },
				SessionClosed: func(_ *engine.Session, why socketio.DisconnectReason) { tell("closed %s", why) },
				SlowConsumer:  func(_ *engine.Session, queued int) { tell("slow %v", queued > 500) },
				Refused:       func(r engine.Refusal) { tell("refused %d %s", r.Code, r.Message) },
				EventHandled: func(s *socketio.Socket, e *socketio.Event, took time.Duration, err error) {
					tell("handled %s %v %v %v", e.Name(), took, err, s.Namespace().Name())
				},
				Broadcast: func(ns *socketio.Namespace, event string, receivers, bytes int) {
					tell("broadcast %s %s %d %v", ns.Name(), event, receivers, bytes > len(event))
				},
				BadPacket: func(_ *engine.Session, err error) { tell("bad %v", err) },
			},
		}, func(srv *socketio.Server) {
			srv.Of("/").Handle("ok", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) {
				pass(time.Second)
				return nil, nil
			})
			srv.Of("/").Handle("fail", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) {
				return nil, errors.New("oh")
			})
			srv.Of("/").Handle("panic", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { panic("oh") })
		})
		expect := func(want ...string) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if len(told) != len(want) || slices.ContainsFunc(want, func(w string) bool {
				return !slices.ContainsFunc(told, func(s string) bool { return strings.HasPrefix(s, w) })
			}) {
				t.Errorf("told %q, want %q", told, want)
			}
			told = nil
		}
		c := ts.Dial(t, "/", nil)
		expect("opened true")
		c.Emit("ok")
		c.Emit("fail")
		c.Emit("nobody listens")
		pass(2 * time.Second)
		expect("handled ok 1s <nil> /", "handled fail 0s oh /", "handled nobody listens 0s <nil> /")
		_ = srv.Of("/").Emit("x")
		_ = srv.Of("/").To("nobody").Emit("y")
		_ = srv.Of("/").Emit("disconnect") // refused: not a broadcast
		expect("broadcast / x 1 true", "broadcast / y 0 true")
		c.Emit("panic")
		expect("handled panic 0s panic: oh")
		_ = c.Conn().Send("4?")
		expect("bad ", "closed forced close")

		slow := ts.Dial(t, "/", nil)
		slow.Conn().Pause()
		s := srv.Of("/").Socket(slow.ID())
		for s.Emit("x", strings.Repeat("x", 100)) == nil {
		}
		expect("opened true", "slow true", "closed slow consumer")
		_, _ = ts.TryOpen(t, siotest.Options{Transport: engine.Polling, Query: map[string][]string{"EIO": {"3"}}})
		expect("refused 5 Unsupported protocol version")
	})
}

// AllowRequest speaks to the client through an Error, and through nothing else.
func TestAllowRequest(t *testing.T) {
	_, ts := start(t, socketio.Config{AllowRequest: func(r *http.Request) error {
		switch r.URL.Query().Get("deny") {
		case "told":
			return fmt.Errorf("secret: %w", &socketio.Error{Message: "come back later"})
		case "masked":
			return errors.New("secret")
		}
		return nil
	}}, nil)
	for deny, want := range map[string]string{"told": `{"code":4,"message":"come back later"}`, "masked": `{"code":4,"message":"Forbidden"}`} {
		_, err := ts.TryOpen(t, siotest.Options{Transport: engine.Polling, Query: map[string][]string{"deny": {deny}}})
		refused, ok := errors.AsType[*siotest.RefusedError](err)
		if !ok || refused.Status != 403 || refused.Body != want {
			t.Errorf("%s: %v", deny, err)
		}
	}
	ts.Dial(t, "/", nil)
}
