package socketio_test

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
)

// What a silent WebSocket client costs the server, in bytes of heap and stack: the
// session, the socket in its namespace and a room, the goroutine that reads.
// The client's end of the connection in this process, half a KB, is counted too.
// Each is silent after a compressed message and, more than a second later, a
// short one, as a heartbeat is: the reader is then gone where a wsock.Watch does
// its waiting, and has the stack that it began with elsewhere (see wsock.Conn.Go).
// The ceilings stand above what was measured (plain and deflate 2.9 KB, without a
// Watch 4.9, TLS 15.7) by the noise of the runtime's spans.
func TestIdleMemory(t *testing.T) {
	if raceEnabled {
		return // the race detector adds memory of its own; the plain run guards it
	}
	silent := 5500
	if runtime.GOOS == "linux" {
		silent = 3500
	}
	for _, c := range []struct {
		name            string
		secure, deflate bool
		ceiling         int
	}{
		{name: "plain", ceiling: silent},
		{name: "deflate", deflate: true, ceiling: silent},
		{name: "TLS", secure: true, ceiling: 18000},
	} {
		t.Run(c.name, func(t *testing.T) {
			if os.Getenv(alone) == "" {
				runAlone(t)
				return
			}
			heap, stack := idleCost(t, c.secure, c.deflate)
			t.Logf("bytes for each idle client: heap %d + stack %d = %d", heap, stack, heap+stack)
			if heap+stack > c.ceiling {
				t.Errorf("an idle client costs %d bytes (heap %d, stack %d), ceiling %d", heap+stack, heap, stack, c.ceiling)
			}
		})
	}
}

// alone is the variable that tells a test that it has the process to itself.
const alone = "SOCKETIO_TEST_ALONE"

// runAlone runs the same test in a process of its own: stacks that earlier tests
// have left to the runtime would be taken for free.
func runAlone(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$")
	cmd.Env = append(os.Environ(), alone+"=1")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil || !strings.Contains(string(out), "bytes for each idle client") {
		t.Errorf("alone: %v", err)
	}
}

// idleCost opens connections that say something once and are silent then.
func idleCost(t *testing.T, secure, deflate bool) (heap, stack int) {
	clients := 1000
	if secure {
		clients = 300 // their handshakes take milliseconds each
	}
	srv := plain(deflate)
	hs := listenWire(t, srv, secure)
	srv.Of("/").OnConnect(onConnect(func(s *socketio.Socket) { _ = s.Join("room") }))
	long := `42["echo","` + strings.Repeat("hello there, ", 200) + `"]`
	extensions, reply := "", long
	if deflate {
		extensions, reply = "permessage-deflate; client_max_window_bits", "" // it comes compressed
	}
	var wires []*wire
	open := func(n int) {
		for range n {
			w := dialWire(t, hs, extensions)
			w.send(t, long)
			w.frame(t, reply)
			wires = append(wires, w)
		}
	}
	rest := func(from int) (heap, stack int) {
		<-time.After(1100 * time.Millisecond)
		for _, w := range wires[from:] {
			w.send(t, `42["echo","x"]`)
			w.frame(t, `42["echo","x"]`)
			w.rw = nil // the client's part of TLS
		}
		return inUse()
	}
	open(20) // fills pools and net/http's own caches
	heap0, stack0 := rest(0)
	open(clients)
	heap1, stack1 := rest(20)
	if n := srv.Of("/").Len(); n != len(wires) {
		t.Fatalf("%d of %d clients are left", n, len(wires))
	}
	for _, w := range wires {
		_ = w.nc.Close()
	}
	return (heap1 - heap0) / clients, (stack1 - stack0) / clients
}

// inUse returns live heap and stack bytes after the collector and the pools,
// which keep buffers for two cycles, came to rest.
func inUse() (heap, stack int) {
	for range 4 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc), int(m.StackInuse)
}
