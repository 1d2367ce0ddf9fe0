import { Emitter } from "./emitter";

/** Socket.IO packet types, as on the wire. A binary one is its plain twin plus 3. */
export const CONNECT = 0;
export const DISCONNECT = 1;
export const EVENT = 2;
export const ACK = 3;
export const CONNECT_ERROR = 4;
const BINARY = 3;

export interface Packet {
  type: number;
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
    destroy?(): void;
  };
}

/** Names that mean something local. Neither side may put them on the wire. */
export const RESERVED = [
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
];

const isBinary = (v: unknown): v is ArrayBuffer | ArrayBufferView | Blob =>
  v instanceof ArrayBuffer || ArrayBuffer.isView(v) || v instanceof Blob;

export class Encoder {
  /** The packet's text, followed by its attachments. */
  encode(packet: Packet): (string | Uint8Array | Blob)[] {
    const { type, nsp, id } = packet;
    const attachments: (Uint8Array | Blob)[] = [];
    // The holder is looked at, not the value: by then the value has been
    // through its toJSON, and some byte arrays have one.
    const json = JSON.stringify(packet.data, function (this: any, key, value) {
      const raw = this[key];
      return isBinary(raw)
        ? { "_placeholder": true, "num": attachments.push(snapshot(raw)) - 1 }
        : value;
    });
    const count = attachments.length;
    return [
      (count ? type + BINARY + `${count}-` : type) +
        (nsp === "/" ? "" : nsp + ",") +
        (id ?? "") +
        (json ?? ""),
      ...attachments,
    ];
  }
}

/**
 * A copy, as the text is one: frames are sent a little after they were
 * emitted, and the caller may fill its buffer anew in the meantime.
 */
function snapshot(v: ArrayBuffer | ArrayBufferView | Blob): Uint8Array | Blob {
  if (v instanceof Blob) return v;
  return ArrayBuffer.isView(v)
    ? new Uint8Array(v.buffer, v.byteOffset, v.byteLength).slice()
    : new Uint8Array(v).slice();
}

/** Puts packets together and fires "decoded" for each one. `add` throws on bad input. */
export class Decoder extends Emitter {
  /** The packet that waits for attachments, its JSON still as text. */
  private _head?: Packet & { json: string; missing: number };
  private _attachments: unknown[] = [];

  add(data: unknown): void {
    if (typeof data === "string") {
      if (this._head) throw new Error("got plaintext data when reconstructing a packet");
      this._head = parseHead(data);
    } else {
      if (!this._head) throw new Error("got binary data when not reconstructing a packet");
      this._attachments.push(data);
      this._head.missing--;
    }
    if (!this._head.missing) {
      const head = this._head;
      const attachments = this._attachments;
      this.destroy();
      this._fire("decoded", complete(head, attachments));
    }
  }

  destroy(): void {
    this._head = undefined;
    this._attachments = [];
  }
}

const SHAPE = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*),?)?(\d+)?([^]*)$/;

function parseHead(text: string) {
  const m = SHAPE.exec(text);
  if (!m) throw new Error("unknown packet type " + text[0]);
  const wire = +m[1];
  const binary = wire > CONNECT_ERROR;
  const missing = +(m[2] || 0);
  if (binary !== missing > 0) throw new Error("Illegal attachments");
  return {
    type: binary ? wire - BINARY : wire,
    nsp: m[3] || "/",
    id: m[4] ? +m[4] : undefined,
    json: m[5],
    missing,
  };
}

function complete(head: Packet & { json: string }, attachments: unknown[]): Packet {
  const { type, nsp, id, json } = head;
  const data = json
    ? JSON.parse(json, attachments.length ? (_, v) => (v && v["_placeholder"] === true ? fill(v["num"]) : v) : undefined)
    : undefined;
  function fill(num: number) {
    if (!(num in attachments)) throw new Error("illegal attachments");
    return attachments[num];
  }
  if (!valid(type, data)) throw new Error("invalid payload");
  return { type, nsp, id, data };
}

function valid(type: number, data: any): boolean {
  switch (type) {
    case EVENT:
      return (
        Array.isArray(data) &&
        (typeof data[0] === "number" || (typeof data[0] === "string" && !RESERVED.includes(data[0])))
      );
    case ACK:
      return Array.isArray(data);
    case DISCONNECT:
      return data === undefined;
    case CONNECT:
      return data === undefined || (data && typeof data === "object" && !Array.isArray(data));
    default:
      return typeof data === "string" || (data && typeof data === "object");
  }
}
