import { backoff } from "./backoff";
import type { Frame } from "./codec";
import { Emitter } from "./emitter";
import { Engine } from "./engine";
import type { ManagerOptions, SocketOptions } from "./options";
import type { Packet } from "./packet";
import { Decoder, Encoder } from "./parser";
import { Socket } from "./socket";

type Done = (error?: Error) => void;

/** Settings that are also methods: with a value they set it, without they tell it. */
const SETTINGS = {
  reconnection: true,
  reconnectionAttempts: Infinity,
  reconnectionDelay: 1000,
  reconnectionDelayMax: 5000,
  randomizationFactor: 0.5,
  timeout: 20000,
};

type Setting<T> = { (value: T): Manager; (): T };

/**
 * One connection that comes back by itself, shared by the sockets of all
 * namespaces.
 *
 * Events: open, error, close, ping, packet, reconnect_attempt, reconnect,
 * reconnect_error, reconnect_failed.
 */
export class Manager extends Emitter {
  readonly opts: ManagerOptions;
  declare reconnection: Setting<boolean>;
  declare reconnectionAttempts: Setting<number>;
  declare reconnectionDelay: Setting<number>;
  declare reconnectionDelayMax: Setting<number>;
  declare randomizationFactor: Setting<number>;
  declare timeout: Setting<number | false>;
  /** The session in use, or the last one. */
  engine?: Engine;
  /** Sockets by namespace. */
  readonly nsps: Record<string, Socket> = { __proto__: null } as any;

  /** Waiting for the next attempt, or in the middle of one that follows a wait. */
  _reconnecting?: boolean;
  /** The session is open. */
  _open?: boolean;

  /** There is a session, open or about to be. */
  private _dialled?: boolean;
  /** Cleared by an explicit close: do not come back. */
  private _wanted?: boolean;
  /** Ends the attempt that takes too long, or starts the next one. */
  private _timer?: ReturnType<typeof setTimeout>;
  /** Attempts since the connection was last there. */
  private _attempts = 0;
  private _url: URL;
  private _parser;
  private _encoder;

  /** The server's address; the page's own host, if there is none. */
  constructor(uri?: string | ManagerOptions, opts?: ManagerOptions) {
    super();
    if (typeof uri === "object") {
      opts = uri;
      uri = "";
    }
    this._url = address(uri);
    opts = this.opts = { ...opts };
    for (const [name, value] of Object.entries(SETTINGS)) (opts as any)[name] ??= value;
    this._parser = opts.parser || { Encoder, Decoder };
    this._encoder = new this._parser.Encoder();
    if (opts.autoConnect !== false) this.open();
  }

  /** The socket of a namespace, made on first use. */
  socket(nsp: string, opts?: SocketOptions): Socket {
    const socket = (this.nsps[nsp] ??= new Socket(this, nsp, opts));
    if (this.opts.autoConnect !== false) socket.connect();
    return socket;
  }

  /**
   * Makes one attempt to connect. With `done` the outcome is reported there
   * and a failure is final; without, a failure leads to further attempts.
   */
  open(done?: Done): this {
    if (!this._dialled) {
      this._reconnecting = false;
      this._dial(done);
    }
    return this;
  }

  connect(done?: Done): this {
    return this.open(done);
  }

  /** Ends the connection, and all its sockets with it, for good. */
  close(): void {
    this._wanted = this._reconnecting = false;
    clearTimeout(this._timer);
    if (this._dialled) this._down("forced close");
    this.engine?.close();
  }

  disconnect(): void {
    this.close();
  }

  /** Encoded when emitted: whoever emits what cannot be encoded is told there and then. */
  _encode(packet: Packet): Frame[] {
    return this._encoder.encode(packet);
  }

  _write(frames: Frame[]): void {
    for (const frame of frames) this.engine!.send(frame);
  }

  /** A socket has no more use for the connection; the last one closes it. */
  _release(): void {
    if (!Object.values(this.nsps).some((socket) => socket.active)) this.close();
  }

  private _dial(done?: Done): void {
    clearTimeout(this._timer);
    this._dialled = this._wanted = true;
    const engine = (this.engine = new Engine(this._url, this.opts));
    const limit = this.timeout();
    if (limit !== false) {
      this._timer = setTimeout(() => engine._end("timeout"), limit);
    }
    const decoder = new this._parser.Decoder();
    decoder.on("decoded", (packet) => {
      this._fire("packet", packet);
      this.nsps[packet.nsp]?._receive(packet);
    });
    engine
      .on("open", () => {
        clearTimeout(this._timer);
        this._open = true;
        this._each((socket) => socket._join());
        this._fire("open");
        done?.();
      })
      .on("ping", () => this._fire("ping"))
      .on("data", (data) => {
        try {
          decoder.add(data);
        } catch (e) {
          engine._end("parse error", e as Error);
        }
      })
      .on("close", (reason, why) => {
        // Of a session that was given up, the end is no news.
        if (this._dialled && this.engine === engine) this._down(reason, why, done);
      });
  }

  /** The connection was lost, or could not be made. */
  private _down(reason: string, why?: Error, done?: Done): void {
    const wasOpen = this._open;
    const error = why || new Error(reason);
    clearTimeout(this._timer);
    this._open = this._dialled = false;
    this._each((socket) => socket._leave(reason, why));
    if (!wasOpen || reason === "transport error") this._fire("error", error);
    if (wasOpen) {
      this._attempts = 0;
      this._fire("close", reason, why);
    } else if (done) {
      return done(error);
    }
    this._retry();
  }

  private _retry(): void {
    const { opts } = this;
    if (!this._wanted || this._reconnecting || this._dialled || !opts.reconnection) return;
    if (this._attempts >= opts.reconnectionAttempts!) {
      this._attempts = 0;
      this._fire("reconnect_failed");
      return;
    }
    this._reconnecting = true;
    this._timer = setTimeout(() => {
      const n = ++this._attempts;
      this._reconnecting = opts.reconnection;
      if (opts.reconnection) this._fire("reconnect_attempt", n);
      // A listener may have called the attempt off, or made one itself.
      if (!this._reconnecting) return;
      this._dial((error) => {
        this._reconnecting = false;
        if (error) {
          this._retry();
          this._fire("reconnect_error", error);
        } else {
          this._attempts = 0;
          this._fire("reconnect", n);
        }
      });
    }, backoff(this._attempts, opts as Required<ManagerOptions>));
  }

  private _each(fn: (socket: Socket) => void): void {
    for (const socket of Object.values(this.nsps)) {
      if (socket.active) fn(socket);
    }
  }
}

for (const [name] of Object.entries(SETTINGS)) {
  (Manager.prototype as any)[name] = function (this: Manager, value?: unknown) {
    const opts = this.opts as any;
    if (value === undefined) return opts[name];
    opts[name] = value;
    return this;
  };
}

/** An address without a scheme takes over that of the page. */
export function complete(uri?: string): string {
  return !uri ? "/" : /^\/|:\/\//.test(uri) ? uri : "//" + uri;
}

export function address(uri?: string): URL {
  return new URL(complete(uri), globalThis.location?.href || "https://localhost");
}
