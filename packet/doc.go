// Package packet reads and writes the packets of Socket.IO protocol 5 in their
// default form, JSON with attachments.
//
// [Parse] reads a text packet; its arguments stay JSON until [Codec.Decode] or
// [Codec.DecodeArgs] wants them. [Codec.AppendEvent] and [Codec.AppendAck]
// write one.
//
// [Parser] is for other forms of packets, and [JSON] for other JSON libraries.
//
// # Invariants
//
//   - Pure functions over slices: no I/O, goroutine, clock or logger. The
//     only memory between calls is the Codec's, of Go types, and a pool of
//     JSON encoders.
//   - Parse never panics and never allocates by a number it read. It accepts
//     JSON exactly as RFC 8259 has it, one value with nothing behind it, and
//     so does everything that encodes.
//   - Parse(Append(x)) is x, and Append(Parse(b)) is stable.
//   - What a packet's parsing returns aliases the packet. Attachments are
//     never copied.
//   - Parsing does not check UTF-8, which the transports have done; encoding
//     does, so that no peer is sent a text frame that it must answer by
//     closing.
package packet
