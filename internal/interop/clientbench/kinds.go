package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/client/engine"
)

// crowd is the clients of one run.
type crowd struct {
	url     string
	payload string
	packet  []byte // the whole event, for those that are not to encode it
	window  int
	echoes  atomic.Int64 // that came back
	watch   client.Watch // of the kind that has one
	once    bool         // an echo is not followed by the next event; set before any client is there
}

func newCrowd(url string, window, size int) *crowd {
	payload := strings.Repeat("x", size)
	return &crowd{url: url, window: window, payload: payload, packet: []byte(`42["echo",` + strconv.Quote(payload) + `]`)}
}

// member is one client. begin sends its first events; from then on it answers
// each echo with the next event.
type member interface {
	begin() error
	close()
}

// kind is a way to be a client.
type kind func(ctx context.Context, c *crowd) (member, error)

// order is that of the table; the floor comes first, since ratios are to it.
var order = []string{"floor", "engine", "client", "watched", "decoded"}

var kinds = map[string]kind{ // only read
	"floor":  dialFloor,
	"engine": dialEngine,
	"client": func(ctx context.Context, c *crowd) (member, error) { return dialSocket(ctx, c, overTCP, false) },
	"watched": func(ctx context.Context, c *crowd) (member, error) {
		cfg := overTCP
		cfg.Watch = &c.watch
		return dialSocket(ctx, c, cfg, false)
	},
	"decoded": func(ctx context.Context, c *crowd) (member, error) { return dialSocket(ctx, c, overTCP, true) },
}

var about = map[string]string{ // only read
	"floor":   "frames of gobwas/ws and one packet that is always the same; parses nothing",
	"engine":  "package client/engine, the same packet",
	"client":  "package client: Handle and Emit",
	"watched": "the same with one Config.Watch for all of them",
	"decoded": "package client: On[string], and Emit of what came",
}

var overTCP = client.Config{Transports: []string{engine.WebSocket}} // only read

// socket is a client of package client.
type socket struct {
	crowd *crowd
	s     *client.Socket
}

func dialSocket(ctx context.Context, c *crowd, cfg client.Config, decoded bool) (member, error) {
	s := client.New(c.url, cfg)
	if decoded {
		client.On(s, "echo", func(_ context.Context, text string) error {
			c.echoes.Add(1)
			if c.once {
				return nil
			}
			return s.Emit("echo", text)
		})
	} else {
		s.Handle("echo", func(context.Context, *client.Event) ([]any, error) {
			c.echoes.Add(1)
			if c.once {
				return nil, nil
			}
			return nil, s.Emit("echo", c.payload)
		})
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.Connect(ctx); err != nil {
		return nil, err
	}
	return &socket{c, s}, nil
}

// patience bounds the opening of one client.
const patience = 20 * time.Second

func (m *socket) begin() error {
	for range m.crowd.window {
		if err := m.s.Emit("echo", m.crowd.payload); err != nil {
			return err
		}
	}
	return nil
}

func (m *socket) close() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = m.s.Manager().Close(ctx)
}

// bare is a client of package client/engine.
type bare struct {
	crowd *crowd
	e     *engine.Conn
	in    chan struct{} // closed when the namespace is joined
	began bool
}

func dialEngine(ctx context.Context, c *crowd) (member, error) {
	b := &bare{crowd: c, in: make(chan struct{})}
	e, err := engine.Dial(ctx, c.url, engine.Config{Path: "/socket.io/", Transports: []string{engine.WebSocket}}, b)
	if err != nil {
		return nil, err
	}
	if err := e.Send(engine.Text, []byte("0")); err != nil {
		return nil, err
	}
	select {
	case <-b.in:
		return b, nil
	case <-e.Context().Done():
		return nil, fmt.Errorf("it ended: %w", context.Cause(e.Context()))
	}
}

func (b *bare) Opened(e *engine.Conn) { b.e = e }

func (b *bare) Message(engine.Kind, []byte) {
	if !b.began {
		b.began = true
		close(b.in)
		return
	}
	b.crowd.echoes.Add(1)
	if b.crowd.once {
		return
	}
	_ = b.e.Send(engine.Text, b.crowd.packet[1:])
}

func (b *bare) Closed(engine.Reason, error) {}

func (b *bare) begin() error {
	for range b.crowd.window {
		if err := b.e.Send(engine.Text, b.crowd.packet[1:]); err != nil {
			return err
		}
	}
	return nil
}

func (b *bare) close() {
	b.e.CloseNow()
	<-b.e.Done()
}
