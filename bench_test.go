package socketio_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// BenchmarkEcho is an event and its ack between a client in memory and the
// server, the client's own work included.
func BenchmarkEcho(b *testing.B) {
	srv := socketio.NewServer(socketio.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	srv.Of("/").Handle("echo", echo)
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

// BenchmarkBroadcast encodes an event for a room that nobody is in: what a
// broadcast costs beside its receivers.
func BenchmarkBroadcast(b *testing.B) {
	srv := socketio.NewServer(socketio.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	ns := srv.Of("/")
	b.ReportAllocs()
	for b.Loop() {
		if err := ns.To("empty").Emit("news", "hello there, this is a line", 12); err != nil {
			b.Fatal(err)
		}
	}
}
