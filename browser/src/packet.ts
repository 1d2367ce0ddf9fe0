import { Emitter } from "./emitter";

/** Socket.IO packet types, as on the wire; an enum, since its values cost nothing in the build. */
export const enum Type {
  Connect,
  Disconnect,
  Event,
  Ack,
  ConnectError,
  BinaryEvent,
  BinaryAck,
  /** What makes the plain type the binary one. */
  ToBinary = BinaryEvent - Event,
}

export interface Packet {
  type: Type;
  nsp: string;
  data?: any;
  id?: number;
}

/** What a parser has to bring; the official parser packages have this shape. */
export interface ParserFactory {
  Encoder: new () => { encode(packet: Packet): any[] };
  Decoder: new () => {
    on(event: "decoded", fn: (packet: Packet) => void): unknown;
    add(data: any): void;
  };
}

/** Names that mean something local. Neither side may put them on the wire. */
export const RESERVED = /^(connect(_error)?|disconnect(ing)?|(new|remove)Listener)$/;

export class Encoder {
  /** The packet's text, followed by its attachments. */
  encode({ type, nsp, data, id }: Packet): (string | Uint8Array | Blob)[] {
    const attachments: (Uint8Array | Blob)[] = [];
    // The holder is looked at, not the value: by then the value has been
    // through its toJSON, and some byte arrays have one.
    const json = JSON.stringify(data, function (this: any, key, value) {
      const raw = this[key];
      const bytes = raw instanceof Blob ? raw : snapshot(raw);
      return bytes ? { "_placeholder": true, num: attachments.push(bytes) - 1 } : value;
    });
    const count = attachments.length;
    return [
      (count ? type + Type.ToBinary + `${count}-` : type) +
        (nsp === "/" ? "" : nsp + ",") +
        (id ?? "") +
        (json ?? ""),
      ...attachments,
    ];
  }
}

/**
 * A copy of the bytes, if these are bytes. The text is a copy too: frames are
 * sent a little after the emit, and the caller may fill its buffer anew by then.
 */
function snapshot(v: unknown): Uint8Array | undefined {
  if (v instanceof ArrayBuffer) return new Uint8Array(v).slice();
  if (ArrayBuffer.isView(v)) return new Uint8Array(v.buffer, v.byteOffset, v.byteLength).slice();
}

interface Head {
  type: Type;
  nsp: string;
  id?: number;
  json: string;
  /** Attachments that the packet has in all. */
  count: number;
}

/** Puts packets together and fires "decoded" for each one. `add` throws on bad input. */
export class Decoder extends Emitter {
  /** The packet that waits for attachments, its JSON still as text. */
  private _head?: Head;
  private _attachments: unknown[] = [];

  add(data: unknown): void {
    let head = this._head;
    // Text and nothing begun, or bytes and something begun: else it is out of turn.
    if ((typeof data === "string") === !!head) throw new Error("illegal attachments");
    if (head) {
      this._attachments.push(data);
    } else {
      head = this._head = parseHead(data as string);
      this._attachments = [];
    }
    if (head.count === this._attachments.length) {
      this._head = undefined;
      this._fire("decoded", complete(head, this._attachments));
    }
  }
}

function parseHead(text: string): Head {
  const m = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*),?)?(\d+)?([^]*)$/.exec(text);
  if (!m) throw new Error("unknown packet type " + text[0]);
  const wire = +m[1];
  const count = +(m[2] || 0);
  const binary = wire > Type.ConnectError;
  if (binary !== count > 0) throw new Error("illegal attachments");
  return {
    type: binary ? wire - Type.ToBinary : wire,
    nsp: m[3] || "/",
    id: m[4] ? +m[4] : undefined,
    json: m[5],
    count,
  };
}

function complete({ type, nsp, id, json, count }: Head, attachments: unknown[]): Packet {
  const fill = (_: string, v: any) => {
    if (!v || v["_placeholder"] !== true) return v;
    const found = attachments[+v.num];
    if (!found) throw new Error("illegal attachments");
    return found;
  };
  const data = json ? JSON.parse(json, count ? fill : undefined) : undefined;
  if (!valid(type, data)) throw new Error("invalid payload");
  return { type, nsp, id, data };
}

/** A CONNECT may hold anything: its reader looks for a session id, and refuses the rest. */
export function valid(type: Type, data: any): boolean {
  if (type === Type.Connect) return true;
  if (type === Type.Disconnect) return data === undefined;
  if (type === Type.ConnectError) return !!data;
  return (
    Array.isArray(data) &&
    (type === Type.Ack || (/string|number/.test(typeof data[0]) && !RESERVED.test(data[0])))
  );
}
