package scenarios

import (
	"context"
	"io"
	"log/slog"
	"os"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/go-socketio/socketio/client"
)

// patience bounds every wait of a scenario.
const patience = 30 * time.Second

// stage is what a scenario runs on: a server, and a way to connect.
type stage struct {
	*testing.T
	peer   peer
	server *program
	mode   string
}

// modes are the three ways a client can talk, and the transport each ends on.
var modes = map[string]struct {
	transports []string
	settled    string
}{
	"polling":   {[]string{"polling"}, "polling"},
	"websocket": {[]string{"websocket"}, "websocket"},
	"upgrade":   {[]string{"polling", "websocket"}, "websocket"},
}

// TestScenarios runs the list against each server, in each mode. CLI-19 CLI-22
func TestScenarios(t *testing.T) {
	for _, p := range peers {
		t.Run(p.name, func(t *testing.T) {
			server := p.start(t, "0")
			for _, s := range list {
				t.Run(s.name, func(t *testing.T) {
					if s.once {
						s.run(&stage{t, p, server, "upgrade"})
						return
					}
					for mode := range modes {
						t.Run(mode, func(t *testing.T) { s.run(&stage{t, p, server, mode}) })
					}
				})
			}
		})
	}
}

// manager makes a Manager of the stage's mode, closed with the test.
func (s *stage) manager(url string, cfg client.Config) *client.Manager {
	s.Helper()
	if cfg.Transports == nil {
		cfg.Transports = modes[s.mode].transports
	}
	cfg.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	m := client.NewManager(url, cfg)
	s.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := m.Close(ctx); err != nil {
			s.Errorf("Close: %v", err)
		}
	})
	return m
}

// connected returns a socket of the main namespace that is connected and, if
// its mode upgrades, upgraded.
func (s *stage) connected(url string, cfg client.Config, opts ...client.Option) *client.Socket {
	s.Helper()
	m := s.manager(url, cfg)
	moved := make(chan string, 10)
	m.OnUpgrade(func(to string) { moved <- to })
	sock := m.Socket("/", opts...)
	s.connect(sock)
	if cfg.Transports == nil && s.mode == "upgrade" && m.Transport() == "polling" {
		get(s, moved)
	}
	return sock
}

func (s *stage) connect(sock *client.Socket) {
	s.Helper()
	if err := sock.Connect(s.soon()); err != nil {
		s.Fatalf("%s: %v", sock.Namespace(), err)
	}
}

// soon is a context that bounds a wait.
func (s *stage) soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	s.Cleanup(cancel)
	return ctx
}

// ask emits an event and returns the server's answer.
func ask[Out any](s *stage, sock *client.Socket, event string, args ...any) Out {
	s.Helper()
	out, err := client.EmitWithAck[Out](s.soon(), sock, event, args...)
	if err != nil {
		s.Fatalf("%s: %v", event, err)
	}
	return out
}

// whoami is what the server knows of a socket.
type whoami struct {
	ID        string
	Nsp       string
	Rooms     []string
	Data      map[string]any
	Recovered bool
	Transport string
	Protocol  int
}

// seen counts the events of a name that the server has got from a socket.
func seen(s *stage, sock *client.Socket, event string) (n int) {
	s.Helper()
	for _, name := range ask[struct{ In []string }](s, sock, "seen").In {
		if name == event {
			n++
		}
	}
	return n
}

// get receives from a channel, or fails the test when nothing comes.
func get[T any](s *stage, ch <-chan T) T {
	s.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		s.Fatal("what was waited for has not come")
		panic("unreachable")
	}
}

// collect returns a channel with the first argument of every event of a name.
func collect[T any](sock *client.Socket, event string) <-chan T {
	ch := make(chan T, 10_000)
	client.On(sock, event, func(_ context.Context, v T) error { ch <- v; return nil })
	return ch
}

// some receives n values.
func some[T any](s *stage, ch <-chan T, n int) []T {
	s.Helper()
	var list []T
	for range n {
		list = append(list, get(s, ch))
	}
	return list
}

func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func (s *stage) same(what string, got, want any) {
	s.Helper()
	if !reflect.DeepEqual(got, want) {
		s.Errorf("%s: %.300v, want %.300v", what, got, want)
	}
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

// The list for browsers is the same.
func TestSameList(t *testing.T) {
	text, err := os.ReadFile(node + "/scenarios/list.js")
	if err != nil {
		t.Fatal(err)
	}
	var theirs, ours []string
	for _, m := range regexp.MustCompile(`(?m)^  "([^"]+)": `).FindAllStringSubmatch(string(text), -1) {
		theirs = append(theirs, m[1])
	}
	for _, s := range list {
		ours = append(ours, s.name)
	}
	if !reflect.DeepEqual(ours, theirs) {
		t.Errorf("scenarios here:\n\t%q\nin node:\n\t%q", ours, theirs)
	}
}
