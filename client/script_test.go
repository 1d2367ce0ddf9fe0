package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// script plays the server for a Manager, packet by packet, in a bubble of synctest.
type script struct {
	t *testing.T
	m *Manager

	mu     sync.Mutex
	refuse bool // the next attempts
	hang   bool // attempts are neither taken nor refused
	dials  int
	lines  []*line
	log    []string
}

// line is one connection to a script.
type line struct {
	c *conn

	mu   sync.Mutex
	sent []string // by the client, not looked at yet
	busy bool     // not writable
	load int      // bytes that wait
	over bool

	done chan struct{} // closed when the client knows that it is over
	slow time.Duration // that it takes until none of its goroutines is left
}

var errRefused = errors.New("refused by the script")

// play runs a test with a script in a bubble.
func play(t *testing.T, cfg Config, f func(t *testing.T, p *script)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if cfg.Logger == nil {
			cfg.Logger = slog.New(slog.DiscardHandler)
		}
		p := &script{t: t, m: NewManager("http://script", cfg)}
		p.m.dial = p.dial
		t.Cleanup(func() {
			if err := p.m.Close(context.Background()); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
		f(t, p)
	})
}

func (p *script) dial(ctx context.Context, c *conn) (link, error) {
	p.mu.Lock()
	p.dials++
	refuse, hang := p.refuse, p.hang
	p.mu.Unlock()
	if hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if refuse {
		return nil, errRefused
	}
	l := &line{c: c, done: make(chan struct{})}
	c.start(l)
	p.mu.Lock()
	p.lines = append(p.lines, l)
	p.mu.Unlock()
	return l, nil
}

func (p *script) refusing(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = on
}

// line waits for everything to come to rest, and returns the last connection.
func (p *script) line() *line {
	p.t.Helper()
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.lines) == 0 {
		p.t.Fatal("nobody has connected")
	}
	return p.lines[len(p.lines)-1]
}

// join starts the socket and lets it in.
func (p *script) join(s *Socket) *line {
	p.t.Helper()
	s.Start()
	l := p.line()
	l.take()
	nsp := s.nsp + ","
	if s.nsp == "/" {
		nsp = ""
	}
	l.say("0" + nsp + `{"sid":"id` + s.nsp + `"}`)
	synctest.Wait()
	if !s.Connected() {
		p.t.Fatalf("%s is not connected", s.nsp)
	}
	l.take()
	return l
}

// note adds to the log of what happened.
func (p *script) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = append(p.log, fmt.Sprintf(format, args...))
}

// expect compares the log with what should have happened since the last call.
func (p *script) expect(want ...string) {
	p.t.Helper()
	synctest.Wait()
	p.mu.Lock()
	got := p.log
	p.log = nil
	p.mu.Unlock()
	compare(p.t, "happened", got, want)
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\n\t%s\nwant:\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// watch logs the life of a socket.
func (p *script) watch(s *Socket) {
	s.OnConnect(func() { p.note("connect %s", s.ID()) })
	s.OnConnectError(func(err error) { p.note("connect_error %v", err) })
	s.OnConnectTimeout(func() { p.note("connect_timeout") })
	s.OnDisconnect(func(why DisconnectReason, err error) { p.note("disconnect %s", why) })
	s.OnError(func(_ *Event, err error) { p.note("error %v", err) })
	s.OnAny(func(_ context.Context, e *Event) { p.note("event %s", e.Name()) })
}

// say sends messages of the server: texts, and binary ones that begin with "b".
func (l *line) say(messages ...string) {
	for _, m := range messages {
		if m != "" && m[0] == 'b' {
			l.c.message(true, []byte(m[1:]))
		} else {
			l.c.message(false, []byte(m))
		}
	}
	l.c.paused()
}

// take returns what the client has sent since the last call.
func (l *line) take() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	sent := l.sent
	l.sent = nil
	return sent
}

func (l *line) expect(t *testing.T, want ...string) {
	t.Helper()
	compare(t, "sent", l.take(), want)
}

// end ends the connection from the server's side.
func (l *line) end(why DisconnectReason, err error) {
	l.mu.Lock()
	over := l.over
	l.over = true
	l.mu.Unlock()
	if !over {
		l.finish(why, err)
	}
}

func (l *line) finish(why DisconnectReason, err error) {
	l.c.closed(why, err)
	close(l.done)
}

func (l *line) send(f frames) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return errLinkClosed
	}
	if f.text != nil {
		l.sent = append(l.sent, string(f.text))
	}
	for _, b := range f.binary {
		l.sent = append(l.sent, "b"+string(b))
	}
	return nil
}

func (l *line) writable() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.busy && !l.over
}

func (l *line) buffered() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.load
}

// fill lets bytes wait in the queue, as if the client had sent them.
func (l *line) fill(bytes int) {
	l.mu.Lock()
	l.load = bytes
	l.mu.Unlock()
	l.c.room.Store(0)
}

func (l *line) close()            { go l.end(ForcedClose, nil) }
func (l *line) cut()              { go l.end(ForcedClose, nil) }
func (l *line) transport() string { return "script" }

func (l *line) wait() {
	<-l.done
	after(l.slow)
}

func (l *line) closed() bool {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

func after(d time.Duration) { <-time.After(d) }
