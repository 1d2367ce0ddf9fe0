// Package churn checks that a client that vanishes leaves nothing behind, at
// whatever step of its connection it does so.
package churn

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http/httptest"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
)

const (
	cycles  = 10_000
	crowd   = 32               // clients at a time
	settle  = 60 * time.Second // how long the server may take to notice that all are gone
	heapGap = 4 << 20          // bytes; 10,000 leaks of 420 bytes would be found
)

// TestAbortedClientsLeaveNothing connects and aborts clients at every step,
// and compares what the process holds with what it held after a warm-up.
func TestAbortedClientsLeaveNothing(t *testing.T) {
	quiet := &silence{}
	srv, addr := start(t, quiet)
	if err := run(addr, 4*len(steps)); err != nil {
		t.Fatal(err)
	}
	before, err := rest(srv, holdings{goroutines: runtime.NumGoroutine()})
	if err != nil {
		t.Fatal(err)
	}
	if err := run(addr, cycles); err != nil {
		t.Fatal(err)
	}
	after, err := rest(srv, before)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("before: %v", before)
	t.Logf("after:  %v", after)
	quiet.check(t)
}

// start serves a Socket.IO server on 127.0.0.1. Its times are short, so that
// it soon gives up clients, and long enough for a client on a busy machine.
func start(t *testing.T, quiet *silence) (*socketio.Server, string) {
	srv := socketio.NewServer(socketio.Config{
		PingInterval:   3 * time.Second,
		PingTimeout:    5 * time.Second,
		UpgradeTimeout: 5 * time.Second,
		ConnectTimeout: 6 * time.Second,
		WriteTimeout:   5 * time.Second,
		CloseTimeout:   5 * time.Second,
		Logger:         slog.New(quiet),
	})
	ns := srv.Of("/")
	ns.Use(func(ctx context.Context, s *socketio.Socket) error {
		var auth struct{ Slow bool }
		if s.Handshake().DecodeAuth(&auth) == nil && auth.Slow {
			<-ctx.Done() // the client is to go away during the middleware
			return context.Cause(ctx)
		}
		return nil
	})
	ns.OnConnect(func(_ context.Context, s *socketio.Socket) error { return s.Join("all", "room of "+s.ID()) })
	ns.Handle("echo", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		return nil, s.Emit("echo", e.Args()...)
	})
	ns.Handle("ask", func(ctx context.Context, s *socketio.Socket, _ *socketio.Event) ([]any, error) {
		_, err := s.EmitWithAck(ctx, "question")
		return []any{}, err
	})
	srv.Of("/other")

	web := httptest.NewUnstartedServer(srv)
	web.Config.ReadHeaderTimeout = 5 * time.Second // half a request is http's to end, not ours
	web.Config.IdleTimeout = 5 * time.Second
	web.Config.ErrorLog = log.New(quiet, "", 0)
	web.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		web.Close()
	})
	return srv, web.Listener.Addr().String()
}

// run makes so many clients, each aborting at the next step of the list.
func run(addr string, count int) error {
	work := make(chan int)
	failed := make(chan error, crowd)
	var wg sync.WaitGroup
	for range crowd {
		wg.Go(func() {
			for i := range work {
				st := steps[i%len(steps)]
				if err := abortAt(addr, st, i); err != nil {
					select {
					case failed <- fmt.Errorf("client %d, %s: %w", i, st.name, err):
					default:
					}
				}
			}
		})
	}
	for i := range count {
		work <- i
	}
	close(work)
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// holdings is what a server must give back.
type holdings struct {
	goroutines, files int
	heap              uint64
}

func (h holdings) String() string {
	return fmt.Sprintf("%d goroutines, %d files, %d KiB of heap", h.goroutines, h.files, h.heap>>10)
}

// rest waits until the server has no clients left and the process holds no
// more than given, and returns what it holds.
func rest(srv *socketio.Server, most holdings) (holdings, error) {
	deadline := time.NewTimer(settle)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		now := holdings{goroutines: runtime.NumGoroutine(), files: openFiles()}
		sessions, sockets, rooms := srv.Engine().Len(), srv.Of("/").Len(), len(srv.Of("/").Rooms())
		if sessions+sockets+rooms == 0 && now.goroutines <= most.goroutines && (most.files == 0 || now.files <= most.files) {
			now.heap = heap()
			if most.heap == 0 || now.heap <= most.heap+heapGap {
				return now, nil
			}
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			now.heap = heap()
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			return now, fmt.Errorf("after %v: %d sessions, %d sockets, %d rooms; %v, expected at most %v\n%s",
				settle, sessions, sockets, rooms, now, most, stacks)
		}
	}
}

// heap returns what is live after a collection; the second one empties the
// pools, whose content survives the first.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// openFiles counts this process's descriptors, 0 where the system does not tell.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
