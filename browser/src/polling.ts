import { decodePayload, encodePayload, type Frame } from "./codec";
import { Transport, TransportError, nothing } from "./transport";

/**
 * HTTP long-polling: one GET that waits for frames, and at most one POST that
 * carries some. The server ends the session if there are two of a kind.
 */
export class Polling extends Transport {
  readonly name = "polling";

  private _abort = new AbortController();
  private _opened = false;
  private _reading = false;
  private _writing = false;
  /** Set: start no further GET, and call this when all requests are done. */
  private _onPaused?: () => void;

  /** False until the handshake, and while a POST is under way. */
  get writable(): boolean {
    return this._opened && !this._writing;
  }

  open(): void {
    this._read();
  }

  /** Starts no further request, and calls back once those under way are done. */
  pause(done: () => void): void {
    this._onPaused = done;
    this._checkPaused();
  }

  resume(): void {
    this._onPaused = undefined;
    if (!this._reading) this._read();
  }

  send(frames: Frame[]): void {
    this._writing = true;
    encodePayload(frames)
      .then((body) => this._request("xhr post error", body))
      .then(
        () => {
          this._writing = false;
          this._checkPaused();
          this.onIdle();
        },
        (e) => this.onEnd("transport error", e),
      );
  }

  close(tell: boolean): void {
    this._detach();
    this._onPaused = nothing;
    const stop = () => this._abort.abort();
    if (tell && this._opened) {
      // The GET is kept until the server has read the packet, so that it sees
      // an orderly end and not a lost request.
      this._request("", "1", true).then(stop, stop);
    } else {
      stop();
    }
  }

  private async _read(): Promise<void> {
    this._reading = true;
    try {
      while (!this._onPaused) {
        const text = await this._request("xhr poll error");
        this._opened = true;
        let frames: Frame[];
        try {
          frames = decodePayload(text);
        } catch (e) {
          return this.onEnd("parse error", e as Error);
        }
        for (const frame of frames) this.onFrame(frame);
      }
      this._reading = false;
      this._checkPaused();
    } catch (e) {
      this.onEnd("transport error", e as Error);
    }
  }

  private _checkPaused(): void {
    if (this._onPaused && !this._reading && !this._writing) this._onPaused();
  }

  private async _request(failure: string, body?: string, keepalive?: boolean): Promise<string> {
    let res: Response;
    let text: string;
    try {
      res = await fetch(this._url("http"), {
        method: body === undefined ? "GET" : "POST",
        body,
        keepalive,
        cache: "no-store",
        credentials: this._opts.withCredentials ? "include" : "same-origin",
        headers: this._opts.extraHeaders,
        signal: this._abort.signal,
      });
      text = await res.text();
    } catch (e) {
      throw new TransportError(failure, e);
    }
    if (!res.ok) throw new TransportError(failure, res.status, text);
    return text;
  }
}
