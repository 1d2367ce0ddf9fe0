// Package eio reads and writes Engine.IO protocol 4: packets, the payloads of
// long-polling, and the handshake.
//
// # Invariants
//
//   - Pure functions: no I/O, goroutine, clock, logger or global state. All
//     are safe for concurrent use on different buffers.
//   - Parsing never panics and allocates nothing but the bytes of base64
//     data, at most three quarters of what arrived.
//   - Base64 is the standard alphabet with padding, each value spelled in
//     one way. Anything else is refused, where the reference server decodes
//     what it can: half a message is worse than an error.
//   - Text is not checked for UTF-8 here. A websocket's frames are checked
//     as they are read, a polling body by the one who reads the request.
//   - A Separator inside a packet's text is not seen as part of it: the
//     protocol has no escape. Whoever sends free text over polling must
//     avoid that byte.
package eio
