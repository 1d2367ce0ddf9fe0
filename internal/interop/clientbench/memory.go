package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/client/engine"
)

// inMemory runs server and clients in this process, over connections that are
// no sockets: as many as there is memory for, whatever the limit of open files.
func (o *options) inMemory(ctx context.Context, w io.Writer) error {
	hall := &hall{door: make(chan net.Conn), closed: make(chan struct{})}
	srv := socketio.NewServer(socketio.Config{})
	ns := srv.Of("/")
	ns.Handle("echo", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		return nil, s.Emit(e.Name(), e.Args()...)
	})
	hs := &http.Server{Handler: srv}
	var serving sync.WaitGroup
	serving.Go(func() { _ = hs.Serve(hall) })
	hc := &http.Client{Transport: &http.Transport{DialContext: hall.dial}}
	c := newCrowd("http://memory", 1, o.size)
	c.once = true
	began := time.Now()
	s, err := o.silence(ctx, c, func(ctx context.Context, c *crowd) (member, error) {
		return dialSocket(ctx, c, client.Config{HTTPClient: hc, Transports: []string{engine.WebSocket}}, false)
	}, o.memory)
	if err == nil {
		fmt.Fprintf(w, "\nMemory of a silent client and of the server's end of it, %d in one process without sockets, after %v.\n\n",
			o.memory, time.Since(began).Round(time.Second))
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		silentHead(t)
		s.row(t, "both")
		err = t.Flush()
	}
	return errors.Join(err, srv.Shutdown(ctx), hs.Close())
}

// hall is a listener for connections within the process.
type hall struct {
	door   chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (h *hall) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	a, b := newPair()
	select {
	case h.door <- b:
		return a, nil
	case <-h.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (h *hall) Accept() (net.Conn, error) {
	select {
	case nc := <-h.door:
		return nc, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

func (h *hall) Close() error { h.once.Do(func() { close(h.closed) }); return nil }

func (h *hall) Addr() net.Addr { return nowhere{} }

type nowhere struct{}

func (nowhere) Network() string { return "memory" }
func (nowhere) String() string  { return "memory" }
