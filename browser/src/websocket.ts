import { asText, type Frame } from "./codec";
import { Emitter } from "./emitter";
import type { EngineOptions } from "./options";
import { transportError, type Transport } from "./transport";

/** One frame per WebSocket message. */
export class WebSocketTransport extends Emitter implements Transport {
  private _ws?: WebSocket;
  private _base64?: boolean;
  private _busy?: boolean;

  constructor(url: (scheme: string) => string, opts: EngineOptions) {
    super();
    this._base64 = opts.forceBase64;
    let ws: WebSocket;
    try {
      ws = this._ws = new WebSocket(url("ws"), opts.protocols || []);
    } catch (e) {
      // A page loaded over https may not even try an address without TLS.
      queueMicrotask(() => this._fire("end", "transport error", e));
      return;
    }
    ws.binaryType = "arraybuffer";
    ws.onopen = () => this._fire("open");
    ws.onmessage = (e) => this._fire("frame", e.data);
    ws.onerror = (e) => this._fire("end", "transport error", transportError("websocket error", e));
    const closed = "websocket connection closed";
    ws.onclose = (e) => this._fire("end", "transport close", transportError(closed, closed, e));
  }

  get name() {
    return "websocket";
  }

  get writable(): boolean {
    return this._ws?.readyState === 1 && !this._busy;
  }

  get congested(): boolean {
    // A little may be on its way at any time; this much says the network is behind.
    return this._ws!.bufferedAmount > 16384;
  }

  async send(frames: Frame[]): Promise<void> {
    this._busy = this._base64;
    for (const frame of frames) this._ws!.send(this._busy ? await asText(frame) : (frame as string));
    this._busy = false;
    this._fire("idle");
  }

  close(): void {
    this.off();
    this._ws?.close();
  }
}
