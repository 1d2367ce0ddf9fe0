package sessions

import "context"

type userKey struct{}

// WithUser returns a context that knows a user.
func WithUser(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, userKey{}, name)
}

// User returns the user that a context knows, "" if none.
func User(ctx context.Context) string {
	name, _ := ctx.Value(userKey{}).(string)
	return name
}
