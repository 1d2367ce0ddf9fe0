import type { Frame } from "./codec";
import { Emitter } from "./emitter";
import type { EngineOptions } from "./options";
import { transportError, type Transport } from "./transport";

/** One frame per WebSocket message. */
export class WebSocketTransport extends Emitter implements Transport {
  readonly name = "websocket";
  private _ws?: WebSocket;

  constructor(url: (scheme: string) => string, opts: EngineOptions) {
    super();
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
    // The type is "close" or "error", as it is to be in the reason.
    ws.onclose = ws.onerror = (e) =>
      this._fire("end", "transport " + e.type, transportError("websocket " + e.type, e));
  }

  get writable(): boolean {
    return this._ws?.readyState === 1;
  }

  get _congested(): boolean {
    // A little may be on its way at any time; this much says the network is behind.
    return this._ws!.bufferedAmount > 16384;
  }

  _send(frames: Frame[]): void {
    for (const frame of frames) this._ws!.send(frame as string);
    this._fire("idle");
  }

  _close(): void {
    this.off();
    this._ws?.close();
  }
}
