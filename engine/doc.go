// Package engine is an Engine.IO 4 server: a message channel between a server
// and its clients that works wherever HTTP does. A session starts over HTTP
// long-polling or WebSocket, moves from the first to the second by itself when
// the path allows it, and is watched by heartbeats. Clients of Engine.IO 3 are
// served too if Config.AllowEIO3 is set.
//
// The package can be used alone, as a WebSocket with a fallback: a [Handler]
// sees each [Session] open, its [Receiver] sees the messages and the end.
// Package socketio is built on it.
//
//	http ──► Server ──► Session ──► Receiver (yours)
//	                      │  ▲
//	            outbox ───┘  └─── polling requests, or one WebSocket
//
// # Invariants
//
// A session is closed once, with the first reason. Messages leave in the order
// of Send, through an upgrade too, and the messages of one Send call stay
// adjacent. Send never blocks: what a client does not take is queued up to
// Config.MaxQueuedBytes, and a client that falls further behind is closed.
// No lock is held while a Receiver runs. An idle WebSocket session is one
// parked goroutine without a buffer.
//
// The protocol is described at https://socket.io/docs/v4/engine-io-protocol/.
package engine
