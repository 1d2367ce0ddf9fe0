package load

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
)

// server answers the scenarios. faulty, if set, may do otherwise with an echo:
// it is called with the number of the message, from 0.
func server(t *testing.T, faulty func(s *socketio.Socket, n int, e *socketio.Event) bool) (*httptest.Server, *socketio.Server) {
	t.Helper()
	io := socketio.NewServer(socketio.Config{Logger: slog.New(slog.DiscardHandler), KeepHeaders: []string{"X-N"}})
	for _, name := range []string{"/", "/a", "/b"} {
		ns := io.Of(name)
		var mu sync.Mutex
		count := 0
		echo := func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
			mu.Lock()
			defer mu.Unlock()
			count++
			if faulty != nil && faulty(s, count-1, e) {
				return nil, nil
			}
			return nil, s.Emit(e.Name(), e.Args()...)
		}
		ns.Handle("echo", echo)
		ns.Handle("bin", echo)
		ns.Handle("ack", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) { return e.Args(), nil })
		ns.Handle("broadcast", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
			return nil, ns.Emit("broadcast", e.Args()...)
		})
		socketio.On(ns, "join", func(_ context.Context, s *socketio.Socket, room string) error { return s.Join(room) })
		ns.Handle("toroom", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
			var room, data string
			if err := e.Decode(&room, &data); err != nil {
				return nil, err
			}
			return nil, ns.To(room).Emit("toroom", data)
		})
	}
	web := httptest.NewServer(io)
	t.Cleanup(func() { stop(io, web) })
	return web, io
}

func stop(io *socketio.Server, web *httptest.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = io.Shutdown(ctx)
	web.CloseClientConnections()
	web.Close()
}

// quick are the numbers of a test's run.
func quick(scenario, url string) Config {
	return Config{Scenario: scenario, URL: url, Clients: 8, Duration: 200 * time.Millisecond, Timeout: 5 * time.Second}
}

// good runs cfg and fails unless everything was right.
func good(t *testing.T, cfg Config) *Result {
	t.Helper()
	res, err := Run(t.Context(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !res.OK || res.Interrupted || len(res.Errors) > 0 || res.Failure != "" {
		t.Fatalf("not all was right: %s", asJSON(t, res))
	}
	return res
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sameGoroutines waits until there are no more than before: net/http ends some
// of its own after the fact.
func sameGoroutines(t *testing.T, before int) {
	t.Helper()
	if !soon(func() bool { return runtime.NumGoroutine() <= before }) {
		buf := make([]byte, 1<<20)
		t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
	}
}

// nobodyLeft waits until the server has heard all goodbyes, which is well before
// it would miss their heartbeats.
func nobodyLeft(t *testing.T, io *socketio.Server) {
	t.Helper()
	if !soon(func() bool { return io.Of("/").Len() == 0 }) {
		t.Errorf("%d sockets are left", io.Of("/").Len())
	}
}

func soon(ok func() bool) bool {
	end := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(end) {
			return false
		}
		runtime.Gosched()
	}
	return true
}

func has(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q does not say %q", text, w)
		}
	}
}
