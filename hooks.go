package socketio

import (
	"time"

	"github.com/go-socketio/socketio/engine"
)

// Hooks observe a Server, for metrics and traces; fields left nil cost a
// branch. They are called on the goroutine that did the work, concurrently
// with each other, and must not block. A panic in one is logged and has no
// other consequence.
type Hooks struct {
	// SessionOpened: a client's handshake was accepted.
	SessionOpened func(*engine.Session)
	// SessionClosed: the connection of a client ended; once for each that opened.
	SessionClosed func(*engine.Session, DisconnectReason)
	// SlowConsumer: a client was closed because it did not read. queued is how
	// many bytes waited for it, 0 if it was one write that took too long.
	SlowConsumer func(s *engine.Session, queued int)
	// Refused: an HTTP request got no session.
	Refused func(engine.Refusal)
	// EventHandled: the handlers of one event returned. err is what they
	// returned, nil if all is well, or says that they panicked.
	EventHandled func(s *Socket, e *Event, took time.Duration, err error)
	// Broadcast: an event was queued for receivers sockets; bytes is its encoded size.
	Broadcast func(ns *Namespace, event string, receivers, bytes int)
	// BadPacket: a client broke the Socket.IO protocol and is closed.
	BadPacket func(*engine.Session, error)
}
