/**
 * One Engine.IO packet as it travels: text that begins with the digit of its
 * type, or bare bytes, which are always a message.
 */
export type Frame = string | Uint8Array | ArrayBuffer | Blob;

/** Stands between the packets of one polling payload. */
const SEPARATOR = "\x1e";

/** Bytes a frame takes in a polling payload: UTF-8 for text, "b" and base64 for the rest. */
export function frameSize(frame: Frame): number {
  if (typeof frame === "string") return new TextEncoder().encode(frame).length;
  const bytes = frame instanceof Blob ? frame.size : frame.byteLength;
  return 1 + Math.ceil(bytes / 3) * 4;
}

/** How many of the frames fit in one payload of `max` bytes; at least one goes in any case. */
export function fitting(frames: Frame[], max: number): number {
  let size = -1;
  let n = 0;
  for (const frame of frames) {
    size += 1 + frameSize(frame);
    if (n && size > max) break;
    n++;
  }
  return n;
}

export async function encodePayload(frames: Frame[]): Promise<string> {
  const records: string[] = [];
  for (let frame of frames) {
    if (frame instanceof Blob) frame = await frame.arrayBuffer();
    records.push(typeof frame === "string" ? frame : "b" + toBase64(new Uint8Array(frame)));
  }
  return records.join(SEPARATOR);
}

export function decodePayload(text: string): Frame[] {
  return text.split(SEPARATOR).map((record) =>
    record[0] === "b"
      ? Uint8Array.from(atob(record.slice(1)), (c) => c.charCodeAt(0)).buffer
      : record,
  );
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  // By the slice: an argument list has a limit, and one byte at a time is slow.
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return btoa(text);
}
