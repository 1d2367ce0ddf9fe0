// Package siotest helps to test programs that are Socket.IO servers, as
// net/http/httptest does for HTTP: a server on connections in memory, and a
// client that a test leads by the hand.
//
//	ts := siotest.NewServer(t, srv)
//	alice := ts.Dial(t, "/chat", map[string]string{"name": "alice"})
//	bob := ts.Dial(t, "/chat", nil)
//	alice.Emit("say", "hi")
//	got := siotest.Next[string](t, bob, "said")
//
// Nothing here sleeps or polls: every wait ends by the thing waited for, or
// fails the test after [Server].Patience. The connections in memory are known
// to testing/synctest, so inside its bubble heartbeats and timeouts of minutes
// pass at once.
//
// [Client] is one namespace, with events and acks; [Conn] is the connection
// below it, for tests that care about packets. Both speak Socket.IO protocol 5
// over Engine.IO protocol 4, by WebSocket or polling. They are no client for
// programs: they do not reconnect, and they fail the test where a client would
// return an error. The one for programs, of package client, is led to the server by [Server.Manager].
package siotest
