package engine_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/go-socketio/socketio/engine"
)

type whoKey struct{}

// What KeepContext returns gives its values to the session's context, not its end.
func TestKeepContext(t *testing.T) {
	g := start(t, engine.Config{KeepContext: func(r *http.Request) context.Context {
		ctx, cancel := context.WithCancel(context.WithValue(r.Context(), whoKey{}, r.Header.Get("X-Who")))
		cancel()
		return ctx
	}}, newApp(t))
	g.do("GET", "?EIO=4&transport=polling", "", "X-Who", "ada")
	s := g.app.next()
	ctx := s.Context()
	if ctx.Value(whoKey{}) != "ada" || ctx.Err() != nil {
		t.Errorf("value %v, error %v", ctx.Value(whoKey{}), ctx.Err())
	}
	s.Abort(engine.ForcedClose)
	<-ctx.Done()
	if context.Cause(ctx) != engine.ForcedClose || s.Context() != ctx {
		t.Errorf("it ended with %v", context.Cause(ctx))
	}
}
