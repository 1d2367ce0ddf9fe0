// The parser that a manager has unless its options name another. The
// MessagePack build puts msgpack/parser.ts in the place of this file.
export { Encoder, Decoder } from "./packet";
