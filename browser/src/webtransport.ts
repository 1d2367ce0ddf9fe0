import type { Frame } from "./codec";
import { Emitter } from "./emitter";
import type { EngineOptions } from "./options";
import { transportError, type Transport } from "./transport";

/** What is used of the browser's WebTransport, which not every type library knows. */
interface Session {
  ready: Promise<unknown>;
  closed: Promise<unknown>;
  createBidirectionalStream(): Promise<{ readable: ReadableStream<Uint8Array>; writable: WritableStream }>;
  close(): void;
}

/**
 * One stream of an HTTP/3 session. Before each frame stand its kind (the top
 * bit: bytes) and its length, in 7 bits, or 126 and 2 bytes, or 127 and 8.
 */
class WebTransportTransport extends Emitter implements Transport {
  writable = false;
  private _session?: Session;
  private _writer?: WritableStreamDefaultWriter;

  constructor(url: (scheme: string) => string, opts: EngineOptions) {
    super();
    this._run(new URL(url("http")), opts).catch(this._fail);
  }

  private _fail = (e: unknown) => this._fire("end", "transport error", transportError("webtransport error", e));

  get name() {
    return "webtransport";
  }

  async send(frames: Frame[]): Promise<void> {
    this.writable = false;
    try {
      for (const frame of frames) {
        const data = new Blob([frame as string]);
        const n = data.size;
        const head = n < 126 ? [n] : n < 65536 ? [126, n >> 8, n] : [127, 0, 0, 0, 0, n >> 24, n >> 16, n >> 8, n];
        if (typeof frame !== "string") head[0] |= 128;
        await this._writer!.write(new Uint8Array(await new Blob([Uint8Array.from(head), data]).arrayBuffer()));
      }
    } catch (e) {
      this._fail(e);
      return;
    }
    this.writable = true;
    this._fire("idle");
  }

  close(): void {
    this.off();
    const end = () => this._session?.close();
    // The end of the session takes with it what has not left: the stream goes first.
    if (this._writer) this._writer.close().then(end, end);
    else end();
  }

  private async _run(url: URL, opts: EngineOptions): Promise<void> {
    const sid = url.searchParams.get("sid");
    // Always with TLS; and where the server listens is a path, and nothing but that.
    const session: Session = (this._session = new (globalThis as any).WebTransport(
      "https://" + url.host + url.pathname,
      opts.transportOptions?.webtransport,
    ));
    session.closed.then(() => this._fire("end", "transport close"), this._fail);
    await session.ready;
    const { readable, writable } = await session.createBidirectionalStream();
    this._writer = writable.getWriter();
    const reader = readable.getReader();
    await this.send(["0" + (sid ? JSON.stringify({ sid }) : "")]);
    this._fire("open");

    let rest: Uint8Array<ArrayBuffer> = new Uint8Array();
    const take = async (n: number): Promise<Uint8Array<ArrayBuffer>> => {
      const parts = [rest];
      for (let have = rest.length; have < n; ) {
        const { value, done } = await reader.read();
        if (done) throw 0;
        parts.push(value as Uint8Array<ArrayBuffer>);
        have += value.length;
      }
      const all = new Uint8Array(await new Blob(parts).arrayBuffer());
      rest = all.slice(n);
      return all.slice(0, n);
    };
    try {
      for (;;) {
        const [head] = await take(1);
        let size = head & 127;
        if (size > 125) size = (await take(size === 126 ? 2 : 8)).reduce((sum, byte) => sum * 256 + byte, 0);
        const data = await take(size);
        this._fire("frame", head & 128 ? data.buffer : new TextDecoder().decode(data));
      }
    } catch {
      // How it ended, the session tells.
      session.close();
    }
  }
}

export { WebTransportTransport as WebTransport };
