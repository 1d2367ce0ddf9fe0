//go:build !js

package engine

import (
	"context"
	"sync"

	"github.com/go-socketio/socketio/internal/crew"
	"github.com/go-socketio/socketio/internal/wsock"
)

// Watch waits for many WebSockets while they are silent, with one goroutine for
// all of them instead of one for each, which is the larger half of what a silent
// connection costs. It is for processes that hold thousands of connections: load
// tests, gateways. Whoever needs it makes one and gives it to all of them in
// Config.Watch; a few connections gain nothing by it.
//
// It works on Linux, for WebSockets over plain TCP or Unix sockets. Elsewhere, and
// for every other connection (TLS, polling, a Stream, an HTTP transport that wraps
// what it dials), it changes nothing: those keep a goroutine each.
//
// A connection behaves the same with it. Receivers of different connections are
// called beside each other, and one that blocks holds up no other connection.
//
// The zero value is ready, and may serve any number of connections, of any number
// of servers, one after the other or at the same time. It has no goroutine and no
// open file unless one of them is open. It must not be copied.
type Watch struct {
	once  sync.Once
	watch *wsock.Watch

	running crew.Count
}

// Wait waits until the Watch has no goroutine left, which is soon after the last
// connection that uses it has ended, or returns the error of ctx if that ends
// first. It ends nothing: close the connections, or the Managers, before. It is
// for tests that count goroutines and for a life of the process after the load; a
// program that ends with its connections need not call it. It must not be called
// by a Receiver. The Watch can be used again afterwards.
func (w *Watch) Wait(ctx context.Context) error { return w.running.Wait(ctx) }

// sockets returns what a WebSocket takes; nil for a nil Watch.
func (w *Watch) sockets() *wsock.Watch {
	if w == nil {
		return nil
	}
	w.once.Do(func() { w.watch = wsock.NewWatch(w.run) })
	return w.watch
}

// run counts a goroutine, for Wait.
func (w *Watch) run(f func()) {
	w.running.Add()
	go func() {
		defer w.running.Done()
		f()
	}()
}
