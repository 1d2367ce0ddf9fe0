// Package msgpack is the MessagePack parser for Socket.IO, compatible with the
// npm package socket.io-msgpack-parser: a packet is one map {type, nsp, data,
// id} in one binary message. It is a module of its own, so that only those who
// use it get its dependency.
//
// Both ends must use it:
//
//	srv := socketio.NewServer(socketio.Config{Parser: msgpack.New()})      // Go
//	io(url, { parser: require("socket.io-msgpack-parser") })                // JavaScript
//
// # Go values
//
// Values are encoded as encoding/json sees them, so that the same types work with
// both parsers: struct fields by their json tags (name, omitempty, omitzero, string, "-",
// embedding), types with MarshalJSON or MarshalText by these methods, maps with their
// keys as text and in order. What differs:
//
//   - []byte, [packet.Binary] and other slices of bytes are binary data wherever they
//     stand, in structs too.
//   - NaN and the infinities exist.
//   - [Raw] holds MessagePack that is sent as it is.
//
// Decoding follows encoding/json in the same way. Into an any, integers
// become int64, or uint64 where they need it, and keep all 64 bits; other numbers
// become float64; binary data becomes []byte, a JavaScript Date [time.Time], undefined nil,
// an extension an [Ext]. Binary data is not copied: treat it as read-only.
package msgpack
