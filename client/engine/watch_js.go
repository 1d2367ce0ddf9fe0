package engine

import "context"

// Watch changes nothing in a browser, which has the WebSockets itself.
type Watch struct{}

// Wait returns nil at once.
func (*Watch) Wait(context.Context) error { return nil }
