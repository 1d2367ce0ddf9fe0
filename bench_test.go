package socketio_test

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/internal/wsock"
	"github.com/go-socketio/socketio/siotest"
)

// BenchmarkEcho is an event and its ack between a client in memory and the
// server, the client's own work included.
func BenchmarkEcho(b *testing.B) {
	srv := plain(false)
	socketio.OnAck(srv.Of("/"), "typed", func(_ context.Context, _ *socketio.Socket, s string) (string, error) {
		return s, nil
	})
	c := siotest.NewServer(b, srv).Dial(b, "/", nil)
	for _, event := range []string{"echo", "typed"} {
		b.Run(event, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.EmitWithAck(event, "hello there, this is a line")
			}
		})
	}
}

const line = `42["echo","hello there, this is a line"]`

// BenchmarkLoopback is an event and its echo over a TCP connection of this
// machine, from the client's write to its read: window of them at a time.
func BenchmarkLoopback(b *testing.B) {
	for _, window := range []int{1, 16} {
		b.Run(fmt.Sprintf("window=%d", window), func(b *testing.B) {
			w := dialWire(b, listenWire(b, plain(false), false), "")
			defer w.nc.Close()
			out := bytes.Repeat(masked(line), window)
			want := bytes.Repeat(wsock.AppendFrame(nil, wsock.Text, []byte(line)), window)
			b.ReportAllocs()
			for b.Loop() {
				w.exchange(b, out, want)
			}
			perUnit(b, window, "ns/event")
		})
	}
}

// BenchmarkDispatch is an event from its bytes in the socket to its handler, 64
// to a read, with arguments that are not asked for and with such that are.
func BenchmarkDispatch(b *testing.B) {
	const batch = 64
	for _, event := range []string{"raw", "typed"} {
		b.Run(event, func(b *testing.B) {
			srv := newServer(socketio.Config{}, nil)
			var handled atomic.Int64
			done := make(chan struct{}, 1)
			handle := func() {
				if handled.Add(1)%batch == 0 {
					done <- struct{}{}
				}
			}
			srv.Of("/").Handle("raw", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) {
				handle()
				return nil, nil
			})
			socketio.On(srv.Of("/"), "typed", func(context.Context, *socketio.Socket, struct{ Text string }) error {
				handle()
				return nil
			})
			w := dialWire(b, listenWire(b, srv, false), "")
			defer w.nc.Close()
			out := bytes.Repeat(masked(`42["`+event+`",{"text":"hello there, this is a line"}]`), batch)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.rw.Write(out); err != nil {
					b.Fatal(err)
				}
				<-done
			}
			perUnit(b, batch, "ns/event")
		})
	}
}

// perUnit adds what each of the units of an iteration took.
func perUnit(b *testing.B, units int, name string) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(units), name)
}
