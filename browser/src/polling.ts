import { asText, SEPARATOR, type Frame } from "./codec";
import { Emitter } from "./emitter";
import type { EngineOptions } from "./options";
import { transportError, type Transport } from "./transport";

/**
 * HTTP long-polling: one GET that waits for frames, and at most one POST that
 * carries some. The server ends the session if there are two of a kind.
 */
export class Polling extends Emitter implements Transport {
  private _url: (scheme: string) => string;
  private _opts: EngineOptions;
  private _abort = new AbortController();
  private _opened?: boolean;
  private _reading?: boolean;
  private _writing?: boolean;
  /** Set: start no further GET, and call this when all requests are done. */
  private _onPaused?: () => void;

  constructor(url: (scheme: string) => string, opts: EngineOptions) {
    super();
    this._url = url;
    this._opts = opts;
    this._read();
  }

  get name() {
    return "polling";
  }

  /** False until the handshake, and while a POST is under way. */
  get writable(): boolean {
    return !!this._opened && !this._writing;
  }

  pause(done: () => void): void {
    this._onPaused = done;
    this._checkPaused();
  }

  resume(): void {
    this._onPaused = undefined;
    if (!this._reading) this._read();
  }

  async send(frames: Frame[]): Promise<void> {
    this._writing = true;
    try {
      await this._request((await Promise.all(frames.map(asText))).join(SEPARATOR));
      this._writing = false;
      this._checkPaused();
      this._fire("idle");
    } catch (e) {
      this._fail(e);
    }
  }

  close(tell?: boolean): void {
    this.off();
    this._onPaused = () => {};
    const stop = () => this._abort.abort();
    if (tell && this._opened) {
      // The GET is kept until the server has read the packet, so that it sees
      // an orderly end and not a lost request.
      this._request("1").then(stop, stop);
    } else {
      stop();
    }
  }

  private async _read(): Promise<void> {
    this._reading = true;
    try {
      while (!this._onPaused) {
        const text = await this._request();
        this._opened = true;
        for (const frame of text.split(SEPARATOR)) this._fire("frame", frame);
      }
      this._reading = false;
      this._checkPaused();
    } catch (e) {
      this._fail(e);
    }
  }

  private _fail(e: unknown): void {
    this._fire("end", "transport error", e);
  }

  private _checkPaused(): void {
    if (!this._reading && !this._writing) this._onPaused?.();
  }

  private async _request(body?: string): Promise<string> {
    const { withCredentials, extraHeaders, requestTimeout } = this._opts;
    let status, context;
    const timer = requestTimeout && setTimeout(() => this._abort.abort(), requestTimeout);
    try {
      const res = await fetch(this._url("http"), {
        method: body && "POST",
        body,
        // The goodbye is to survive the page; it is small enough for that.
        keepalive: body === "1",
        cache: "no-store",
        credentials: withCredentials ? "include" : undefined,
        headers: extraHeaders,
        signal: this._abort.signal,
      });
      const text = await res.text();
      if (res.ok) return text;
      status = res.status;
      context = { status, responseText: text };
    } catch (e) {
      status = e;
    } finally {
      clearTimeout(timer as number);
    }
    throw transportError(body ? "xhr post error" : "xhr poll error", status, context);
  }
}
