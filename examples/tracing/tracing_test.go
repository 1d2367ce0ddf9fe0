package tracing

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// OPS-08: events, broadcasts, connections and refusals are spans, and what a
// handler does in its context is a child of its event.
func TestTracing(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	tracer := trace.NewTracerProvider(trace.WithSpanProcessor(recorder)).Tracer("test")
	srv := socketio.NewServer(socketio.Config{
		Hooks:  Hooks(tracer),
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	ns := srv.Of("/")
	Handle(tracer, ns, "order", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		_, query := tracer.Start(ctx, "query")
		query.End()
		return []any{"done"}, ns.Emit("ordered", s.ID())
	})
	Handle(tracer, ns, "fail", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) {
		return nil, errors.New("out of stock")
	})
	ts := siotest.NewServer(t, srv)
	c := ts.Dial(t, "/", nil)
	c.EmitWithAck("order", 1)
	c.EmitWithAck("fail")
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}

	spans := map[string]trace.ReadOnlySpan{}
	var names []string
	for _, s := range recorder.Ended() {
		spans[s.Name()] = s
		names = append(names, s.Name())
	}
	slices.Sort(names)
	want := []string{"query", "socket.io broadcast ordered", "socket.io connection", "socket.io fail", "socket.io order"}
	if !slices.Equal(names, want) {
		t.Fatalf("spans are %q, want %q", names, want)
	}
	if spans["query"].Parent().SpanID() != spans["socket.io order"].SpanContext().SpanID() {
		t.Error("what the handler did is not below its event")
	}
	if st := spans["socket.io fail"].Status(); st.Code != codes.Error || st.Description != "out of stock" {
		t.Errorf("status of the failed event is %+v", st)
	}
	if s := spans["socket.io connection"]; !s.StartTime().Before(s.EndTime()) {
		t.Error("the connection took no time")
	}
}
