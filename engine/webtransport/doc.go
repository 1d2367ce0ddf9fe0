// Package webtransport lets clients connect over WebTransport: HTTP/3, which is
// QUIC, which is UDP. It is a module of its own, so that nobody else has to
// build a QUIC library.
//
//	io := socketio.NewServer(socketio.Config{
//		Transports: []string{engine.Polling, engine.WebSocket, engine.WebTransport},
//	})
//	wt := webtransport.New(io.Engine(), webtransport.Config{TLSConfig: certificates})
//	go wt.ListenAndServe()                      // UDP, beside the http.Server on TCP
//
// [Dialer] gives the Go client the same.
//
// To end, call Shutdown of the Socket.IO or Engine.IO server first, which says
// goodbye to the clients, and [Server.Shutdown] of this package after it.
//
// The wire is described at https://socket.io/docs/v4/engine-io-protocol/ and in
// draft-ietf-webtrans-http3.
package webtransport
