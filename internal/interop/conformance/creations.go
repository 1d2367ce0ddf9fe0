package main

import (
	"context"
	"maps"
	"sync"

	"github.com/go-socketio/socketio"
)

// creations counts how often each dynamic namespace of a mount was made: more
// than once where empty ones are cleaned up.
type creations struct {
	mu   sync.Mutex
	made map[string]int
}

func newCreations() *creations { return &creations{made: map[string]int{}} }

func (c *creations) count(ns *socketio.Namespace) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[ns.Name()]++
}

func (c *creations) snapshot() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.made)
}

// addCreations registers the event that asks for them.
func addCreations(ns *socketio.Namespace, c *creations) {
	call(ns, "created-namespaces", 0, func(context.Context, *socketio.Socket, *socketio.Event) []any {
		return []any{c.snapshot()}
	})
}
