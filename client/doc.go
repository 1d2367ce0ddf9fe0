// Package client is a Socket.IO client: the counterpart, in Go, of a server of
// protocol 5 (Socket.IO 3 and 4) in any language.
//
//	s := client.New("https://chat.example/room", client.Config{}, client.Auth(credentials))
//	client.On(s, "said", func(ctx context.Context, m client.Args2[string, string]) error {
//		fmt.Println(m.A, "says", m.B)
//		return nil
//	})
//	if err := s.Connect(ctx); err != nil { … }
//	receipt, err := client.EmitWithAck[Receipt](ctx, s, "say", "hello")
//	…
//	err = s.Manager().Close(ctx)
//
// A [Manager] is one connection. It opens with HTTP long-polling or WebSocket,
// moves to the better one, and comes back by itself when it is lost, with growing waits. It
// carries any number of namespaces, each a [Socket], and closes when the last one
// leaves. What is emitted meanwhile waits; what is asked for is answered or ends with an error.
//
// # Invariants
//
//   - Code of the application runs with no lock held. Handlers of one socket
//     run one at a time, in the order of its events, on a goroutine of their
//     own; answers to what was asked are read beside them, so a handler may wait for one.
//   - A panic in a handler is caught, logged with its stack and given to
//     OnError. The socket stays connected; the ack, if one was asked for, says "internal error".
//   - Nothing of an error but an [*Error] reaches the server.
//   - Every wait ends: by the thing waited for, its context, the loss of the
//     connection, or [Manager.Close], which waits for every goroutine.
//   - Everything that a server can make grow is bounded by a field of [Config].
package client
