package load

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client/engine"
)

// Each scenario does what it says, with a window and by the clock, and leaves
// nothing behind.
func TestScenarios(t *testing.T) {
	for _, s := range Describe() {
		for _, byClock := range []bool{false, true} {
			name := s.Name + "/window"
			if byClock {
				name = s.Name + "/rate"
			}
			t.Run(name, func(t *testing.T) {
				web, io := server(t, nil)
				before := runtime.NumGoroutine()
				cfg := quick(s.Name, web.URL)
				cfg.Rooms = 3
				if byClock {
					cfg.Rate = 200
				} else {
					cfg.Window = 3
				}
				if s.needsEmit {
					cfg.Emit, cfg.Ack = `ack,{"n":{{n}}}`, true
				}
				cfg.Warmup = 50 * time.Millisecond
				start := time.Now()
				res := good(t, cfg)
				took := time.Since(start).Seconds()
				sameGoroutines(t, before)
				nobodyLeft(t, io)
				m, c := res.Measured, res.Clients
				if !s.churns && (c.Connected != 8 || c.Most != 8 || c.Latency.Count != 8) {
					t.Errorf("clients %+v", c)
				}
				if s.Name == "idle" {
					return
				}
				if m.Units == 0 || m.PerSecond <= 0 || m.Latency.Count == 0 || m.Latency.P50 <= 0 || m.Latency.Max < m.Latency.P99 {
					t.Errorf("measured %s", asJSON(t, m))
				}
				if n := res.Checks.Sent; byClock && (n < 10 || float64(n) > 200*took+1) {
					t.Errorf("%d were sent at 200 per second in %v s", n, took)
				}
				fans := s.Name == "broadcast" || s.Name == "rooms"
				if fans != (m.Fanout.Count > 0) {
					t.Errorf("fan-out %+v", m.Fanout)
				}
				k := res.Checks
				want := k.Sent
				switch s.Name {
				case "broadcast":
					want *= 8
				case "rooms":
					want = 0 // of 2 or 3 members
				}
				if !s.churns && want > 0 && k.Right != want {
					t.Errorf("%d of %d came", k.Right, want)
				}
				if k.Reordered != 0 {
					t.Errorf("%d out of order", k.Reordered)
				}
				if len(res.Samples) == 0 || res.Generator.Cores == 0 || runtime.GOOS == "linux" && res.Generator.CPU <= 0 {
					t.Errorf("samples and generator: %s", asJSON(t, res))
				}
			})
		}
	}
}

// What comes is counted where nothing has to come.
func TestListen(t *testing.T) {
	web, io := server(t, nil)
	ns := io.Of("/")
	ns.OnConnect(func(_ context.Context, s *socketio.Socket) error { return s.Emit("hello", "you") })
	socketio.On(ns, "ring", func(_ context.Context, s *socketio.Socket, _ int) error { return s.Emit("rang") })
	cfg := quick("hold", web.URL)
	if res := good(t, cfg); res.Scenario != "idle" || res.Clients.Connected != 8 {
		t.Errorf("%s", asJSON(t, res))
	}
	cfg = quick("emit", web.URL)
	cfg.Emit, cfg.Rate = "ring,5", 100
	res := good(t, cfg)
	if m := res.Measured; m.Units < 5 || m.Other == 0 || m.Units != m.Sent {
		t.Errorf("%s", asJSON(t, m))
	}
}

// Each client is somebody, in its own namespace, and over the transport that
// was asked for.
func TestClientsDiffer(t *testing.T) {
	web, io := server(t, nil)
	var mu sync.Mutex
	seen := map[string]int{}
	for _, name := range []string{"/a", "/b"} {
		io.Of(name).Use(func(_ context.Context, s *socketio.Socket) error {
			var auth struct{ User, Key string }
			if err := s.Handshake().DecodeAuth(&auth); err != nil {
				return err
			}
			h := s.Handshake()
			mu.Lock()
			defer mu.Unlock()
			seen[name+" "+auth.User+" "+h.Headers.Get("X-N")+" "+h.Query.Get("q")+" "+s.Session().Transport()]++
			seen[auth.Key]++
			return nil
		})
	}
	cfg := quick("echo", web.URL+"/?q=v{{n}}")
	cfg.Clients, cfg.Namespaces = 4, []string{"/a", "/b"}
	cfg.Auth = `{"user":"u-{{n}}","key":"{{random}}"}`
	cfg.Header = http.Header{"X-N": {"h{{n}}"}}
	cfg.Transports = []string{engine.Polling}
	good(t, cfg)
	for _, want := range []string{"/a u-0 h0 v0 polling", "/b u-1 h1 v1 polling", "/a u-2 h2 v2 polling", "/b u-3 h3 v3 polling"} {
		if seen[want] != 1 {
			t.Errorf("no %q in %v", want, seen)
		}
	}
	if len(seen) != 8 {
		t.Errorf("not every client has its own key: %v", seen)
	}
}

// A server that loses, doubles, spoils, mixes up or delays is found out.
func TestFaultsAreCounted(t *testing.T) {
	var held *socketio.Event
	for _, c := range []struct {
		name   string
		faulty func(s *socketio.Socket, n int, e *socketio.Event) bool
		count  func(Checks) int64
		ok     bool // it is no error
	}{
		{"lost", func(_ *socketio.Socket, n int, _ *socketio.Event) bool { return n == 5 },
			func(k Checks) int64 { return k.Lost }, false},
		{"duplicated", func(s *socketio.Socket, n int, e *socketio.Event) bool {
			return n == 5 && s.Emit(e.Name(), e.Args()...) != nil // and once more
		}, func(k Checks) int64 { return k.Duplicated }, false},
		{"wrong", func(s *socketio.Socket, n int, e *socketio.Event) bool {
			return n == 5 && s.Emit(e.Name(), strings.Repeat("x", 64)) == nil
		}, func(k Checks) int64 { return k.Wrong }, false},
		{"reordered", func(s *socketio.Socket, n int, e *socketio.Event) bool {
			if n == 5 {
				held = e
				return true
			}
			if n == 6 {
				_ = s.Emit(e.Name(), e.Args()...)
				_ = s.Emit(e.Name(), held.Args()...)
				return true
			}
			return false
		}, func(k Checks) int64 { return k.Reordered }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			web, _ := server(t, c.faulty)
			cfg := quick("echo", web.URL)
			cfg.Clients, cfg.Window, cfg.Timeout = 1, 4, 100*time.Millisecond
			res, err := Run(t.Context(), cfg, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.count(res.Checks) != 1 || res.OK != c.ok {
				t.Errorf("%s", asJSON(t, res.Checks))
			}
			if res.Checks.Right < 10 {
				t.Errorf("only %d were right: one fault must not stop the rest", res.Checks.Right)
			}
		})
	}
}

// A reply that comes after it was given up is late, not lost.
func TestLate(t *testing.T) {
	release := make(chan struct{})
	var once sync.Once
	web, _ := server(t, func(s *socketio.Socket, n int, e *socketio.Event) bool {
		if n == 5 {
			go func() { <-release; _ = s.Emit(e.Name(), e.Args()...) }()
			return true
		}
		if n == 6 { // is sent when the fifth was given up
			once.Do(func() { close(release) })
		}
		return false
	})
	cfg := quick("echo", web.URL)
	cfg.Clients, cfg.Window, cfg.Timeout, cfg.Duration = 1, 1, 100*time.Millisecond, 400*time.Millisecond
	res, err := Run(t.Context(), cfg, nil)
	if err != nil || res.Checks.Late != 1 || res.Checks.Lost != 0 || !strings.Contains(strings.Join(res.Notes, " "), "-timeout") {
		t.Errorf("%v %s", err, asJSON(t, res))
	}
}

func TestNoHandlers(t *testing.T) {
	web, _ := server(t, nil)
	for _, scenario := range []string{"echo", "ack", "binary", "polling", "broadcast", "rooms"} {
		cfg := quick(scenario, web.URL)
		cfg.Event, cfg.Timeout = "strange", 300*time.Millisecond
		_, err := Run(t.Context(), cfg, nil)
		var none *NoHandler
		if !errors.As(err, &none) {
			t.Errorf("%s: %v", scenario, err)
			continue
		}
		has(t, err.Error(), `socket.on("strange"`, `ns.Handle("strange"`, "-event")
	}
}

func TestUnreachable(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	web, io := server(t, nil)
	io.Of("/b").Use(func(context.Context, *socketio.Socket) error { return &socketio.Error{Message: "who are you"} })
	for _, c := range []struct {
		url, ns string
		words   []string
	}{
		{gone.URL, "/", []string{gone.URL, "connection refused", "nothing listens there"}},
		{other.URL, "/", []string{"status 404", "-path"}},
		{web.URL, "/c", []string{"namespace /c", "Invalid namespace"}},
		{web.URL, "/b", []string{"namespace /b", "who are you"}},
		{"http://name.invalid", "/", []string{"name.invalid cannot be resolved"}},
	} {
		cfg := quick("echo", c.url)
		cfg.Namespaces = []string{c.ns}
		res, err := Run(t.Context(), cfg, nil)
		var un *Unreachable
		if !errors.As(err, &un) || res == nil || res.OK || res.Failure != err.Error() {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		has(t, err.Error(), c.words...)
	}
}

// Some who cannot connect do not end a run.
func TestSomeAreRefused(t *testing.T) {
	web, io := server(t, nil)
	io.Of("/").Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct{ N int }
		if err := s.Handshake().DecodeAuth(&auth); err != nil || auth.N%2 == 1 {
			return &socketio.Error{Message: "odd"}
		}
		return nil
	})
	for _, scenario := range []string{"echo", "broadcast"} {
		cfg := quick(scenario, web.URL)
		cfg.Auth = `{"n":{{n}}}`
		res, err := Run(t.Context(), cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res.OK || res.Clients.Connected != 4 || res.Clients.Failed != 4 || res.Measured.Units == 0 || len(res.Errors) != 1 || res.Errors[0].Count != 4 {
			t.Errorf("%s", asJSON(t, res))
		}
		has(t, res.Errors[0].Error, "not connected", "odd")
	}
}

// A server that dies ends the run, with the figures so far.
func TestServerDies(t *testing.T) {
	for _, scenario := range []string{"echo", "broadcast", "idle"} {
		web, io := server(t, nil)
		before := runtime.NumGoroutine()
		cfg := quick(scenario, web.URL)
		cfg.Duration = time.Minute
		var once sync.Once
		res, err := Run(t.Context(), cfg, func(p Progress) {
			if p.Phase == "measuring" {
				once.Do(func() { stop(io, web) })
			}
		})
		if !errors.Is(err, errAllGone) || res.Clients.Lost != 8 || res.OK || len(res.Errors) == 0 {
			t.Errorf("%s: %v %s", scenario, err, asJSON(t, res))
			continue
		}
		has(t, res.Errors[0].Error, "connection lost")
		if scenario == "echo" && res.Measured.Units == 0 {
			t.Errorf("no figures: %s", asJSON(t, res.Measured))
		}
		sameGoroutines(t, before)
	}
}

// Whoever interrupts gets the figures so far, in each phase.
func TestInterrupted(t *testing.T) {
	for _, phase := range []string{"connecting", "warm-up", "measuring"} {
		web, io := server(t, nil)
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithCancel(t.Context())
		cfg := quick("echo", web.URL)
		cfg.Duration, cfg.Warmup = time.Minute, 300*time.Millisecond
		if phase == "connecting" {
			cfg.Ramp = time.Minute
		}
		res, err := Run(ctx, cfg, func(p Progress) {
			if p.Phase == phase {
				cancel()
			}
		})
		cancel()
		if err != nil || !res.Interrupted || !res.OK {
			t.Errorf("%s: %v %s", phase, err, asJSON(t, res))
		}
		if phase == "measuring" && (res.Measured.Units == 0 || res.Measured.Seconds > 30) {
			t.Errorf("%s", asJSON(t, res.Measured))
		}
		sameGoroutines(t, before)
		nobodyLeft(t, io)
	}
}

// Without a reply the clock goes on: the wait of those that follow is counted.
func TestNoCoordinatedOmission(t *testing.T) {
	const pause = 300 * time.Millisecond
	web, _ := server(t, func(_ *socketio.Socket, n int, _ *socketio.Event) bool {
		if n == 20 {
			<-time.After(pause) // the server of this test hangs
		}
		return false
	})
	cfg := quick("echo", web.URL)
	cfg.Clients, cfg.Rate, cfg.Duration = 2, 100, 800*time.Millisecond
	res := good(t, cfg)
	// A third of a second of 100 messages per second waits, for half of it on average.
	if l := res.Measured.Latency; l.P90 < 100 || l.Max < 250 {
		t.Errorf("the pause does not show: %+v", l)
	}
}

// A run spreads its clients over the ramp.
func TestRamp(t *testing.T) {
	web, _ := server(t, nil)
	cfg := quick("idle", web.URL)
	cfg.Ramp = 400 * time.Millisecond
	if res := good(t, cfg); res.Clients.Seconds < .3 {
		t.Errorf("8 clients came within %v s", res.Clients.Seconds)
	}
}

// A sender that goes is followed by another member of its group.
func TestSenderLost(t *testing.T) {
	web, io := server(t, nil)
	cfg := quick("broadcast", web.URL)
	cfg.Window, cfg.Timeout, cfg.Duration = 2, 200*time.Millisecond, time.Second
	var once sync.Once
	at := int64(0)
	ns := io.Of("/")
	ns.Handle("broadcast", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		if atomic.AddInt64(&at, 1) > 20 {
			once.Do(func() { s.Disconnect(true) })
		}
		return nil, ns.Emit("broadcast", e.Args()...)
	})
	res, err := Run(t.Context(), cfg, nil)
	if err != nil || res.Clients.Lost != 1 || res.OK || res.Checks.Sent < 40 {
		t.Errorf("%v %s", err, asJSON(t, res))
	}
}
