package client

import "github.com/go-socketio/socketio/client/engine"

// Watch waits for the silent WebSockets of all Managers whose Config.Watch it is,
// with one goroutine instead of one for each: for load tests and gateways, on
// Linux and without TLS. Elsewhere it changes nothing. The zero value is ready.
// See [engine.Watch], also for its Wait, which is called after the Managers were
// closed.
type Watch = engine.Watch
