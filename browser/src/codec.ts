/**
 * One Engine.IO packet as it travels: text that begins with the digit of its
 * type, or bare bytes, which are always a message.
 */
export type Frame = string | Uint8Array | ArrayBuffer | Blob;

/** Stands between the packets of one polling payload. */
export const SEPARATOR = "\x1e";

/** Names of the packet types, by digit. */
const NAMES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];

/** One Engine.IO packet; without a type, it is none. */
export interface EnginePacket {
  type?: string;
  data?: any;
}

/** Throws on what is not base64 where it should be. */
export function decode(frame: Frame): EnginePacket {
  if (typeof frame !== "string") return { type: "message", data: frame };
  const data = frame.slice(1);
  return frame[0] === "b"
    ? { type: "message", data: Uint8Array.from(atob(data), (c) => c.charCodeAt(0)).buffer }
    : { type: NAMES[frame[0] as any], data };
}

/** The frame as text, bytes in base64. */
export async function asText(frame: Frame): Promise<string> {
  if (typeof frame === "string") return frame;
  const bytes = new Uint8Array(frame instanceof Blob ? await frame.arrayBuffer() : frame);
  return "b" + btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
}

/**
 * How many of the frames fit in one polling payload of `max` bytes; at least
 * one goes in any case.
 */
export function fitting(frames: Frame[], max: number): number {
  let size = 0;
  let n = 0;
  for (const frame of frames) {
    // Every frame but the first has a separator before it, so the sum below
    // is one too large throughout.
    size +=
      typeof frame === "string"
        ? 1 + new TextEncoder().encode(frame).length
        : 2 + Math.ceil(((frame as Blob).size ?? (frame as Uint8Array).byteLength) / 3) * 4;
    if (n && size > max + 1) break;
    n++;
  }
  return n;
}
