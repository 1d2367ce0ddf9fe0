/**
 * One Engine.IO packet as it travels: text that begins with the digit of its
 * type, or bare bytes, which are always a message.
 */
export type Frame = string | Uint8Array | ArrayBuffer | Blob;

/** Stands between the packets of one polling payload. */
const SEPARATOR = "\x1e";

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

export async function encodePayload(frames: Frame[]): Promise<string> {
  const records: string[] = [];
  for (let frame of frames) {
    if (typeof frame !== "string") {
      const bytes = new Uint8Array(frame instanceof Blob ? await frame.arrayBuffer() : frame);
      frame = "b" + btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
    }
    records.push(frame);
  }
  return records.join(SEPARATOR);
}

/** Throws on what is not base64 where it should be. */
export function decodePayload(text: string): Frame[] {
  return text.split(SEPARATOR).map((record) =>
    record[0] === "b"
      ? Uint8Array.from(atob(record.slice(1)), (c) => c.charCodeAt(0)).buffer
      : record,
  );
}
