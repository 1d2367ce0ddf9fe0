// Package engineclient runs one list of scenarios with the Engine.IO client of
// this module against the official server and against this module's.
package engineclient

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/internal/interop/npm"
)

// patience bounds every wait of a test that is about to fail.
const patience = 30 * time.Second

// program is a server that echoes.
type program struct {
	cmd *exec.Cmd
	url string
}

// start runs a program of the node folder, or the one given, until the test ends.
func start(t *testing.T, name string, args ...string) *program {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = "../node"
	cmd.Env = append(os.Environ(), "PORT=0", "HOST=127.0.0.1", "PER_MESSAGE_DEFLATE=1", "PING_TIMEOUT=10000")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &program{cmd: cmd}
	t.Cleanup(p.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !ok {
		t.Fatalf("%s says %q (%v)", name, line, err)
	}
	p.url = address
	return p
}

// kill is kill -9.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// servers starts each of the two.
func servers(t *testing.T, f func(t *testing.T, start func(t *testing.T) *program)) {
	if err := npm.Install("../node"); err != nil {
		t.Fatal(err)
	}
	t.Run("official", func(t *testing.T) {
		f(t, func(t *testing.T) *program { return start(t, "node", "reference/engineecho.js") })
	})
	t.Run("ours", func(t *testing.T) {
		f(t, func(t *testing.T) *program { return start(t, ours) })
	})
}

// ours is the program with this module's server.
var ours string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "engineclient")
	if err == nil {
		ours = filepath.Join(dir, "engineecho")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", ours, "../engineecho").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w\n%s", err, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir) // a leftover in the temporary folder harms nobody
	os.Exit(code)
}

// modes are the ways to have a connection.
var modes = map[string]engine.Config{
	"polling":        {Transports: []string{engine.Polling}},
	"websocket":      {Transports: []string{engine.WebSocket}},
	"upgrade":        {},
	"base64":         {Transports: []string{engine.WebSocket}, ForceBase64: true},
	"base64 polling": {Transports: []string{engine.Polling}, ForceBase64: true},
	"deflate":        {Transports: []string{engine.WebSocket}, PerMessageDeflate: true},
	"slow network":   {HTTPClient: &http.Client{Transport: &http.Transport{DialContext: slowly}}},
}

// slowly dials a connection of 1 MB/s with 10 ms more of a delay for each piece.
func slowly(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := new(net.Dialer).DialContext(ctx, network, address)
	return slow{nc}, err
}

type slow struct{ net.Conn }

func (s slow) Write(b []byte) (n int, err error) {
	for len(b) > 0 && err == nil {
		<-time.After(10 * time.Millisecond)
		m := 0
		m, err = s.Conn.Write(b[:min(len(b), 10_000)])
		b, n = b[m:], n+m
	}
	return n, err
}

// talk records what a connection brings.
type talk struct {
	t        *testing.T
	c        *engine.Conn
	got      chan string
	ended    chan engine.Reason
	err      error // once it has ended
	upgraded chan string
	pings    chan struct{}
}

func dial(t *testing.T, url string, cfg engine.Config) *talk {
	t.Helper()
	k := &talk{t: t, got: make(chan string, 1<<14), ended: make(chan engine.Reason, 1), upgraded: make(chan string, 1), pings: make(chan struct{}, 100)}
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.Hooks = engine.Hooks{
		Upgrade:       func(name string) { k.upgraded <- name },
		UpgradeFailed: func(err error) { k.upgraded <- err.Error() },
		Ping:          func() { k.pings <- struct{}{} },
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := engine.Dial(ctx, url, cfg, k)
	if err != nil {
		t.Fatal(err)
	}
	k.c = c
	t.Cleanup(func() {
		c.CloseNow()
		<-c.Done()
	})
	return k
}

func (k *talk) Message(kind engine.Kind, data []byte) { k.got <- fmt.Sprint(kind) + ":" + string(data) }

func (k *talk) Closed(reason engine.Reason, err error) {
	k.err = err
	k.ended <- reason
}

func receive[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
	}
	return v
}

func (k *talk) send(kind engine.Kind, text string) {
	k.t.Helper()
	if err := k.c.Send(kind, []byte(text)); err != nil {
		k.t.Fatal(err)
	}
}

func (k *talk) want(kind engine.Kind, text string) {
	k.t.Helper()
	select {
	case got := <-k.got:
		if got != fmt.Sprint(kind)+":"+text {
			k.t.Fatalf("got %.60q, want %.60q", got, text)
		}
	case reason := <-k.ended:
		k.t.Fatalf("ended with %q (%v), want %.60q", reason, k.err, text)
	case <-time.After(patience):
		k.t.Fatalf("waited in vain for %.60q; %s, %v, %d bytes wait", text, k.c.Transport(), k.c.ReadyState(), k.c.BufferedAmount())
	}
}

// CLI-19 CLI-20 CLI-30 CLI-31 CLI-32: what a connection is for, on every transport.
func TestScenarios(t *testing.T) {
	servers(t, func(t *testing.T, start func(t *testing.T) *program) {
		p := start(t)
		for name, cfg := range modes {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				k := dial(t, p.url, cfg)
				// Some are sent before, during and behind an upgrade.
				for i := range 200 {
					k.send(engine.Text, fmt.Sprint("m", i))
				}
				if cfg.Transports == nil {
					if got := receive(t, "the upgrade", k.upgraded); got != engine.WebSocket || k.c.Transport() != got {
						t.Fatalf("transport %q", got)
					}
				}
				for i := range 200 {
					k.want(engine.Text, fmt.Sprint("m", i))
				}
				for _, text := range []string{"", "héllo € 😀 \u2028 \x00", strings.Repeat("large €", 50_000)} {
					k.send(engine.Text, text)
					k.send(engine.Binary, text)
					k.want(engine.Text, text)
					k.want(engine.Binary, text)
				}
				k.send(engine.Text, "burst 2000")
				for i := range 2000 {
					k.want(engine.Text, fmt.Sprint(i))
				}
				for range 6 { // pings come every 300 ms
					receive(t, "a ping", k.pings)
				}
				for range 10 { // together more than one request takes, and less than our server's queue
					k.send(engine.Text, strings.Repeat("x", 104_000))
				}
				for range 10 {
					k.want(engine.Text, strings.Repeat("x", 104_000))
				}
				k.c.Close()
				if got := receive(t, "the end", k.ended); got != engine.ForcedClose {
					t.Errorf("ended with %q", got)
				}
			})
		}
	})
}

// X8 X11: the ends, as the server and the network bring them about.
func TestEnds(t *testing.T) {
	servers(t, func(t *testing.T, start func(t *testing.T) *program) {
		p := start(t)
		var left []*talk
		for name, cfg := range modes {
			k := dial(t, p.url, cfg)
			if cfg.Transports == nil {
				receive(t, "the upgrade", k.upgraded)
			}
			k.send(engine.Text, "close")
			if got := receive(t, "the end", k.ended); got != engine.TransportClose {
				t.Errorf("%s: the server closed, and it is called %q", name, got)
			}
			left = append(left, dial(t, p.url, cfg))
			// Larger than the server takes: it hangs up, or refuses the request.
			k = dial(t, p.url, cfg)
			k.send(engine.Binary, strings.Repeat("x", 2_000_000))
			if got := receive(t, "the end", k.ended); got != engine.TransportClose && got != engine.TransportError {
				t.Errorf("%s: a message too large is called %q", name, got)
			}
		}
		p.kill()
		for _, k := range left {
			if got := receive(t, "the end", k.ended); got != engine.TransportClose && got != engine.TransportError {
				t.Errorf("the server was killed, and it is called %q", got)
			}
		}
		if _, err := engine.Dial(t.Context(), p.url, engine.Config{TryAllTransports: true}, left[0]); err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("Dial to nobody: %v", err)
		}
	})
}

// CLI-22: refusals are told as what they are.
func TestRefusals(t *testing.T) {
	servers(t, func(t *testing.T, start func(t *testing.T) *program) {
		p := start(t)
		for _, cfg := range []engine.Config{{Path: "/elsewhere"}, {Path: "/elsewhere", Transports: []string{engine.WebSocket}}} {
			_, err := engine.Dial(t.Context(), p.url, cfg, &talk{})
			if h, ok := errors.AsType[*engine.HandshakeError](err); ok && h.Status != http.StatusNotFound {
				t.Errorf("%v", err)
			} else if !ok && (cfg.Transports == nil || !strings.Contains(fmt.Sprint(err), "EOF")) { // Node.js hangs up on what it does not know
				t.Errorf("%v", err)
			}
		}
	})
}

// Two hundred connections at the same time.
func TestCrowd(t *testing.T) {
	servers(t, func(t *testing.T, start func(t *testing.T) *program) {
		p := start(t)
		transport := &http.Transport{MaxIdleConnsPerHost: 400}
		defer transport.CloseIdleConnections()
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() {
				c, err := engine.Dial(t.Context(), p.url, engine.Config{HTTPClient: &http.Client{Transport: transport}}, &counter{left: 20})
				if err != nil {
					t.Error(err)
					return
				}
				for n := range 20 {
					if err := c.Send(engine.Text, fmt.Appendf(nil, "%d %d", i, n)); err != nil {
						t.Error(err)
					}
				}
				select {
				case <-c.Done():
				case <-time.After(patience):
					t.Errorf("connection %d did not get everything", i)
					c.CloseNow()
				}
			})
		}
		all.Wait()
	})
}

// counter closes its connection when all answers have come.
type counter struct {
	c    *engine.Conn
	left int
}

func (k *counter) Opened(c *engine.Conn) { k.c = c }

func (k *counter) Message(engine.Kind, []byte) {
	if k.left--; k.left == 0 {
		k.c.Close()
	}
}

func (*counter) Closed(engine.Reason, error) {}
