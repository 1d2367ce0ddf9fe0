import { Emitter } from "../emitter";
import { type Packet, Type, valid } from "../packet";
import { decode } from "./decode";
import { encode } from "./encode";

/** A packet is one MessagePack map, its bytes in their places among the data. */
export class Encoder {
  encode(packet: Packet): Uint8Array[] {
    return [encode(packet)];
  }
}

/** Fires "decoded" for each packet. `add` throws on bad input. */
export class Decoder extends Emitter {
  add(data: ArrayBuffer | Uint8Array | string): void {
    if (typeof data === "string") throw new Error("text where MessagePack should be");
    const packet: any = decode(data);
    const { type, nsp, id } = packet || {};
    if (!(type >= Type.Connect && type <= Type.ConnectError)) throw new Error("unknown packet type " + type);
    if (typeof nsp !== "string") throw new Error("invalid namespace");
    if (!(id === undefined || Number.isInteger(id))) throw new Error("invalid packet id");
    if (!valid(type, packet.data)) throw new Error("invalid payload");
    this._fire("decoded", packet);
  }
}
