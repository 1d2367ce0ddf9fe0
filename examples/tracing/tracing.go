// Package tracing makes OpenTelemetry spans of a Socket.IO server's events.
package tracing

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
)

// Handle registers a handler whose ctx carries a span, so that what it calls
// (a database, another service) shows below the event.
func Handle(tracer trace.Tracer, ns *socketio.Namespace, event string, h socketio.HandlerFunc) (remove func()) {
	return ns.Handle(event, func(ctx context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		ctx, span := tracer.Start(ctx, "socket.io "+event, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
			attribute.String("socketio.namespace", ns.Name()),
			attribute.String("socketio.socket", s.ID()),
		))
		defer span.End()
		out, err := h(ctx, s, e)
		if err != nil {
			span.RecordError(err)
			span.SetStatus(codes.Error, err.Error())
		}
		return out, err
	})
}

// Hooks makes a span of each connection that ends, of each refusal and of each
// broadcast, without a change to any handler.
func Hooks(tracer trace.Tracer) socketio.Hooks {
	ctx := context.Background()
	return socketio.Hooks{
		SessionClosed: func(s *engine.Session, why socketio.DisconnectReason) {
			_, span := tracer.Start(ctx, "socket.io connection", trace.WithTimestamp(s.Request().Time()), trace.WithAttributes(
				attribute.String("client.address", s.Request().RemoteAddr()),
				attribute.String("socketio.transport", s.Transport()),
				attribute.String("socketio.reason", string(why)),
			))
			span.End()
		},
		Refused: func(r engine.Refusal) {
			_, span := tracer.Start(ctx, "socket.io refused")
			span.SetStatus(codes.Error, r.Context)
			span.End()
		},
		Broadcast: func(ns *socketio.Namespace, event string, receivers, bytes int) {
			_, span := tracer.Start(ctx, "socket.io broadcast "+event, trace.WithTimestamp(time.Now()), trace.WithAttributes(
				attribute.String("socketio.namespace", ns.Name()),
				attribute.Int("socketio.receivers", receivers),
				attribute.Int("socketio.bytes", bytes),
			))
			span.End()
		},
	}
}
