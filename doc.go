// Package socketio is a Socket.IO server: events, acknowledgements, rooms and
// namespaces over Engine.IO, understood by the official clients of Socket.IO
// v3 and v4 in any language.
//
//	srv := socketio.NewServer(socketio.Config{})
//	chat := srv.Of("/chat")
//	socketio.On(chat, "say", func(ctx context.Context, s *socketio.Socket, text string) error {
//		return chat.Emit("said", s.ID(), text)
//	})
//	http.Handle("/socket.io/", srv)
//
// # The way of a message
//
//	http ──► engine.Server ──► engine.Session ──► conn ──► Socket ──► your handler
//	                                                (one Socket per namespace joined)
//	Emit ──► packet ──► engine.Message, framed once ──► outbox of each receiver
//
// Events of one socket are handled in order, one at a time, on a goroutine that
// exists only while there are events. Acknowledgements are taken by the reader
// itself, so a handler may wait for an ack of its own client.
//
// # What happens, and where it shows
//
//	a client joins a namespace   Namespace.Use, then Namespace.OnConnect
//	a message                    On(ns, "message", …), or any other event name
//	a client comes back          Namespace.OnReconnect
//	a heartbeat was answered     Namespace.OnPing
//	a socket enters a room       Namespace.OnJoin
//	a socket leaves a room       Namespace.OnLeave
//	a client is gone             Namespace.OnDisconnecting, then Namespace.OnDisconnect
//
// # Invariants
//
// Code of the application runs with no lock held. One event at a time per
// socket. A panic in a handler ends that socket, is logged with its stack, and
// hurts no other. Nothing of an error but an [*Error] reaches a peer. Emit only
// queues and never blocks; queues are bounded, and a client that does not read
// is closed. All exported methods may be called concurrently and from handlers.
//
// The protocol is described at
// https://socket.io/docs/v4/socket-io-protocol/.
package socketio

//go:generate go run ./internal/optionspage/write
