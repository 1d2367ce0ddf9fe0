//go:build linux

package load

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
)

const serverVariable = "SIO_LOAD_TEST_SERVER"

// TestMain is the server of the tests that measure this process, in one of its own.
func TestMain(m *testing.M) {
	if os.Getenv(serverVariable) == "" {
		os.Exit(m.Run())
	}
	srv := socketio.NewServer(socketio.Config{Logger: slog.New(slog.DiscardHandler)})
	srv.Of("/").Handle("echo", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		return nil, s.Emit("echo", e.Args()...)
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", ln.Addr())
	go func() { _ = http.Serve(ln, srv) }() // until the process ends
	_, _ = io.Copy(io.Discard, os.Stdin)    // until the test does
}

// apart starts a server in a process of its own.
func apart(t testing.TB) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), serverVariable+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// A client that waits costs less than 10 KB.
func TestMemoryOfClients(t *testing.T) {
	url := apart(t)
	used := func() uint64 {
		runtime.GC()
		runtime.GC() // what pools hold goes with the second one
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	const clients = 1000
	before, during := used(), uint64(0)
	cfg := quick("idle", url)
	cfg.Clients, cfg.Timeout = clients, 30*time.Second
	res, err := Run(t.Context(), cfg, func(p Progress) {
		if p.Phase == "measuring" && during == 0 {
			during = used()
		}
	})
	if err != nil || res.Clients.Connected != clients || during < before {
		t.Fatalf("%v, %d connected", err, res.Clients.Connected)
	}
	if each := (during - before) / clients; each > 10_000 {
		t.Errorf("%d bytes for each client", each)
	} else {
		t.Logf("%d bytes for each client", each)
	}
}

// BenchmarkEcho tells what the generator takes for a message and its reply.
func BenchmarkEcho(b *testing.B) {
	url := apart(b)
	for b.Loop() {
		cfg := quick("echo", url)
		cfg.Clients, cfg.Window, cfg.Duration, cfg.Warmup = 100, 16, time.Second, 500*time.Millisecond
		res, err := Run(b.Context(), cfg, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(res.Generator.CPU/100*res.Measured.Seconds/float64(res.Measured.Units)*1e9, "cpu-ns/echo")
		b.ReportMetric(res.Measured.PerSecond, "echoes/s")
	}
}
