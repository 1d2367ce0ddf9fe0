import type { Frame } from "./codec";
import { Transport, TransportError } from "./transport";

/** Unsent bytes from which on the connection counts as busy, for volatile packets. */
const BACKLOG = 16384;

/** One frame per WebSocket message. */
export class WebSocketTransport extends Transport {
  readonly name = "websocket";
  private _ws?: WebSocket;

  get writable(): boolean {
    const ws = this._ws;
    return !!ws && ws.readyState === 1;
  }

  override get congested(): boolean {
    return !!this._ws && this._ws.bufferedAmount > BACKLOG;
  }

  open(): void {
    const ws = (this._ws = new WebSocket(this._url("ws"), this._opts.protocols || []));
    ws.binaryType = "arraybuffer";
    ws.onopen = () => this.onOpen();
    ws.onmessage = (e) => this.onFrame(e.data);
    ws.onclose = (e) => this.onEnd("transport close", new TransportError("websocket closed", e));
    ws.onerror = (e) => this.onEnd("transport error", new TransportError("websocket error", e));
  }

  send(frames: Frame[]): void {
    for (const frame of frames) this._ws!.send(frame as string);
    this.onIdle();
  }

  close(): void {
    this._detach();
    this._ws?.close();
  }
}
