/**
 * MessagePack as the official parser writes it: bytes as bin, dates as
 * milliseconds in an extension of type 0, everything else as JSON would have it.
 */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const out = new Writer();
  put(out, value);
  return out._bytes.slice(0, out._size);
}

/** A buffer that grows, with room for any number at its end. */
class Writer {
  _bytes = new Uint8Array(256);
  _size = 0;
  private _view = new DataView(this._bytes.buffer);

  private _reserve(n: number): void {
    if (this._size + n <= this._bytes.length) return;
    const bytes = new Uint8Array(Math.max(2 * this._bytes.length, this._size + n));
    bytes.set(this._bytes.subarray(0, this._size));
    this._bytes = bytes;
    this._view = new DataView(bytes.buffer);
  }

  /** A format byte and a number behind it, written by a method of DataView. */
  _number<T>(format: number, size: number, set: (this: DataView, at: number, v: T) => void, v: T): void {
    this._reserve(1 + size);
    this._bytes[this._size] = format;
    set.call(this._view, this._size + 1, v);
    this._size += 1 + size;
  }

  _byte(v: number): void {
    this._reserve(1);
    this._bytes[this._size++] = v;
  }

  _raw(bytes: Uint8Array): void {
    this._reserve(bytes.length);
    this._bytes.set(bytes, this._size);
    this._size += bytes.length;
  }
}

const { setUint8, setUint16, setUint32, setInt8, setInt16, setInt32, setFloat64, setBigInt64, setBigUint64 } =
  DataView.prototype;

/** The head of what has a length: the short form up to `short` entries, then formats for 8 (if there is one), 16 and 32 bits. */
function head(out: Writer, n: number, fix: number, short: number, bits8: number, bits16: number, bits32: number): void {
  if (n < short) out._byte(fix | n);
  else if (bits8 && n < 0x100) out._number(bits8, 1, setUint8, n);
  else if (n < 0x10000) out._number(bits16, 2, setUint16, n);
  else out._number(bits32, 4, setUint32, n);
}

function put(out: Writer, value: any): void {
  switch (typeof value) {
    case "string": {
      const bytes = new TextEncoder().encode(value);
      head(out, bytes.length, 0xa0, 32, 0xd9, 0xda, 0xdb);
      out._raw(bytes);
      return;
    }
    case "number":
      return number(out, value);
    case "boolean":
      return out._byte(value ? 0xc3 : 0xc2);
    case "undefined":
      return out._number(0xd4, 2, setUint16, 0);
    case "object":
      return object(out, value);
  }
  throw new TypeError(`a ${typeof value} cannot be encoded`);
}

function number(out: Writer, v: number): void {
  // Beyond what is exact, and for -0, the fraction's form says what the value is.
  if (!Number.isSafeInteger(v) || Object.is(v, -0)) return out._number(0xcb, 8, setFloat64, v);
  if (v >= 0) {
    if (v < 0x80) out._byte(v);
    else if (v < 0x100) out._number(0xcc, 1, setUint8, v);
    else if (v < 0x10000) out._number(0xcd, 2, setUint16, v);
    else if (v < 0x100000000) out._number(0xce, 4, setUint32, v);
    else out._number(0xcf, 8, setBigUint64, BigInt(v));
  } else if (v >= -0x20) out._byte(v & 0xff);
  else if (v >= -0x80) out._number(0xd0, 1, setInt8, v);
  else if (v >= -0x8000) out._number(0xd1, 2, setInt16, v);
  else if (v >= -0x80000000) out._number(0xd2, 4, setInt32, v);
  else out._number(0xd3, 8, setBigInt64, BigInt(v));
}

function object(out: Writer, value: any): void {
  if (value === null) return out._byte(0xc0);
  if (Array.isArray(value)) {
    head(out, value.length, 0x90, 16, 0, 0xdc, 0xdd);
    // Not forEach, which leaves holes out.
    for (let i = 0; i < value.length; i++) put(out, value[i]);
    return;
  }
  const view = ArrayBuffer.isView(value);
  if (view || value instanceof ArrayBuffer) {
    const bytes = view ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
    head(out, bytes.length, 0, 0, 0xc4, 0xc5, 0xc6);
    out._raw(bytes);
    return;
  }
  if (value instanceof Date) {
    out._byte(0xd7);
    // NaN, an invalid date, has no integer; JSON has null for it.
    return out._number(0, 8, setBigInt64, BigInt(value.getTime() || 0));
  }
  if (value instanceof Blob) throw new TypeError("a Blob cannot be encoded; send its arrayBuffer()");
  if (typeof value.toJSON === "function") return put(out, value.toJSON());
  const entries = Object.entries(value).filter(([, v]) => !/undefined|function|symbol/.test(typeof v));
  head(out, entries.length, 0x80, 16, 0, 0xde, 0xdf);
  for (const [k, v] of entries) {
    put(out, k);
    put(out, v);
  }
}
