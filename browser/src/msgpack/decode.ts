/** Reads one MessagePack value; throws if the bytes are not exactly one. */
export function decode(data: ArrayBuffer | Uint8Array): unknown {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  const reader = new Reader(bytes);
  const value = reader._value();
  if (reader._at !== bytes.length) throw new Error(bytes.length - reader._at + " bytes too many");
  return value;
}

// A text may begin with what the decoder would take for a mark of its encoding.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class Reader {
  _at = 0;
  private _view: DataView;

  constructor(private _bytes: Uint8Array) {
    this._view = new DataView(_bytes.buffer, _bytes.byteOffset, _bytes.byteLength);
  }

  /** A number, which is read by a method of DataView; it throws at the end of the bytes. */
  private _number<T>(size: number, get: (this: DataView, at: number) => T): T {
    const v = get.call(this._view, this._at);
    this._at += size;
    return v;
  }

  /** An unsigned number of 1, 2 or 4 bytes, for the exponent 0, 1 or 2. */
  private _length(exponent: number): number {
    const { getUint8, getUint16, getUint32 } = DataView.prototype;
    return this._number(1 << exponent, [getUint8, getUint16, getUint32][exponent]);
  }

  private _raw(n: number): Uint8Array<ArrayBuffer> {
    if (n > this._bytes.length - this._at) throw new RangeError("the bytes end too early");
    return this._bytes.slice(this._at, (this._at += n)) as Uint8Array<ArrayBuffer>;
  }

  private _array(n: number): unknown[] {
    const list: unknown[] = []; // grows with what is there, not with what is said to be
    while (n--) list.push(this._value());
    return list;
  }

  private _map(n: number): unknown {
    const map: Record<string, unknown> = {};
    while (n--) {
      const key = String(this._value());
      const value = this._value();
      // An assignment would change the object's nature.
      if (key === "__proto__") Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
      else map[key] = value;
    }
    return map;
  }

  private _extension(n: number): unknown {
    const type = this._number(1, DataView.prototype.getInt8);
    const { buffer } = this._raw(n);
    const view = new DataView(buffer);
    if (type === 0 && n === 1) return undefined;
    if (type === 0 && n === 8) return new Date(Number(view.getBigInt64(0)));
    if (type === -1) {
      if (n === 4) return new Date(view.getUint32(0) * 1e3);
      if (n === 8) return moment(view.getBigUint64(0) & 0x3ffffffffn, view.getUint32(0) >>> 2);
      if (n === 12) return moment(view.getBigInt64(4), view.getUint32(0));
    }
    return [type, buffer];
  }

  _value(): unknown {
    const { getUint8, getInt8, getInt16, getInt32, getFloat32, getFloat64, getBigInt64, getBigUint64 } = DataView.prototype;
    const format = this._number(1, getUint8);
    if (format < 0x80) return format;
    if (format < 0x90) return this._map(format & 15);
    if (format < 0xa0) return this._array(format & 15);
    if (format < 0xc0) return utf8.decode(this._raw(format & 31));
    if (format >= 0xe0) return format - 0x100;
    switch (format) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return format === 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this._raw(this._length(format - 0xc4)).buffer;
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this._extension(this._length(format - 0xc7));
      case 0xca:
        return this._number(4, getFloat32);
      case 0xcb:
        return this._number(8, getFloat64);
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this._length(format - 0xcc);
      case 0xcf:
        return Number(this._number(8, getBigUint64));
      case 0xd0:
        return this._number(1, getInt8);
      case 0xd1:
        return this._number(2, getInt16);
      case 0xd2:
        return this._number(4, getInt32);
      case 0xd3:
        return Number(this._number(8, getBigInt64));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return utf8.decode(this._raw(this._length(format - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this._array(this._length(format - 0xdb));
      case 0xde:
      case 0xdf:
        return this._map(this._length(format - 0xdd));
    }
    if (format < 0xd4) throw new Error("unknown format " + format); // 0xc1, which means nothing
    return this._extension(1 << (format - 0xd4));
  }
}

function moment(seconds: bigint, nanoseconds: number): Date {
  return new Date(Number(seconds) * 1e3 + nanoseconds / 1e6);
}
