// Package engine is an Engine.IO 4 client: a message channel to a server that
// works wherever HTTP does. A connection begins over HTTP long-polling, moves
// to WebSocket by itself when the path allows it, and is watched by the
// server's heartbeats. It is shaped like the WebSocket of browsers: open,
// message, error, close, a ready state and the bytes that still wait.
//
// [Dial] opens a connection and waits for it; [New] returns at once and
// reports to functions. Package client, the Socket.IO client, is built on Dial.
//
//	Receiver (yours) ◄── Conn ──► polling requests, a WebSocket, or a Stream
//	                      └─ outbox ─┘
//
// # Invariants
//
// Receiver calls come one at a time, in the order of the wire, and Closed comes
// once, as the last one. Messages leave in the order of Send, through an upgrade
// too, and those of one SendMessages stay adjacent. Send never blocks. No lock
// is held while the application's code runs. An idle WebSocket connection is one
// parked goroutine without a buffer, or not even that, see [Watch].
//
// What the server sends is bounded by Config.MaxPayload as it arrives, and every
// answer that it owes by a timeout: a server that is broken or hostile ends the
// connection with an error.
//
// The protocol is described at https://socket.io/docs/v4/engine-io-protocol/.
package engine
