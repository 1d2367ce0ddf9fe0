import { Backoff } from "./backoff";
import type { Frame } from "./codec";
import { Emitter } from "./emitter";
import { Engine } from "./engine";
import type { ManagerOptions, SocketOptions } from "./options";
import { Decoder, Encoder, type Packet } from "./packet";
import { Socket } from "./socket";

type State = "closed" | "opening" | "open";

/**
 * One connection that comes back by itself, shared by the sockets of all
 * namespaces.
 *
 * Events: open, error, close, ping, packet, reconnect_attempt, reconnect,
 * reconnect_error, reconnect_failed.
 */
export class Manager extends Emitter {
  /** The session in use, or the last one. */
  engine?: Engine;
  /** Sockets by namespace. */
  readonly nsps = new Map<string, Socket>();

  /** Waiting for the next attempt, or in the middle of one that follows a wait. */
  _reconnecting = false;

  private _state: State = "closed";
  /** Cleared by an explicit close: do not come back. */
  private _wanted = false;
  private _timer?: ReturnType<typeof setTimeout>;
  private _backoff: Backoff;
  private _encoder;
  private _parser;

  constructor(
    /** Scheme and host of the server. */
    readonly uri: string,
    readonly opts: ManagerOptions = {},
  ) {
    super();
    this._backoff = new Backoff(
      opts.reconnectionDelay ?? 1000,
      opts.reconnectionDelayMax ?? 5000,
      opts.randomizationFactor ?? 0.5,
    );
    this._parser = opts.parser || { Encoder, Decoder };
    this._encoder = new this._parser.Encoder();
    if (opts.autoConnect !== false) this.open();
  }

  /** The socket of a namespace, made on first use. */
  socket(nsp: string, opts?: SocketOptions): Socket {
    let socket = this.nsps.get(nsp);
    if (!socket) {
      this.nsps.set(nsp, (socket = new Socket(this, nsp, opts)));
    }
    if (this.opts.autoConnect !== false) socket.connect();
    return socket;
  }

  /**
   * Makes one attempt to connect. With `done` the outcome is reported there
   * and a failure is final; without, a failure leads to further attempts.
   */
  open(done?: (error?: Error) => void): this {
    if (this._state !== "closed") return this;
    this._reconnecting = false;
    this._dial(done);
    return this;
  }

  connect(done?: (error?: Error) => void): this {
    return this.open(done);
  }

  /** Ends the connection, and all its sockets with it, for good. */
  close(): void {
    this._wanted = this._reconnecting = false;
    clearTimeout(this._timer);
    const wasClosed = this._state === "closed";
    if (!wasClosed) this._lost("forced close");
    this.engine?.close();
  }

  /** Encoded now, so that whoever emits what cannot be encoded is told there and then. */
  _encode(packet: Packet): Frame[] {
    return this._encoder.encode(packet);
  }

  _write(frames: Frame[]): void {
    for (const frame of frames) this.engine!.send(frame);
  }

  get _open(): boolean {
    return this._state === "open";
  }

  /** A socket has no more use for the connection; the last one closes it. */
  _release(): void {
    for (const socket of this.nsps.values()) {
      if (socket.active) return;
    }
    this.close();
  }

  private _dial(done?: (error?: Error) => void): void {
    clearTimeout(this._timer);
    this._state = "opening";
    this._wanted = true;
    const engine = (this.engine = new Engine(this.uri, this.opts));
    const limit = this.opts.timeout ?? 20000;
    if (limit !== false) {
      this._timer = setTimeout(() => engine._end("timeout", new Error("timeout")), limit);
    }

    const decoder = new this._parser.Decoder();
    // Sessions that were given up still have something to say now and then.
    const current = (fn: (...args: any[]) => void) => (...args: any[]) => {
      if (this.engine === engine && this._state !== "closed") fn(...args);
    };
    decoder.on("decoded", current((packet: Packet) => {
      this._fire("packet", packet);
      this.nsps.get(packet.nsp)?._receive(packet);
    }));
    engine.on("open", current(() => {
      clearTimeout(this._timer);
      this._state = "open";
      this._each((socket) => socket._join());
      this._fire("open");
      done?.();
    }));
    engine.on("ping", current(() => this._fire("ping")));
    engine.on("data", current((data) => {
      try {
        decoder.add(data);
      } catch (e) {
        engine._end("parse error", e as Error);
      }
    }));
    engine.on("close", current((reason: string, why?: Error) => {
      if (this._state === "open") {
        this._backoff.reset();
        this._lost(reason, why);
      } else {
        this._failed(why || new Error(reason), done);
      }
    }));
  }

  private _failed(error: Error, done?: (error?: Error) => void): void {
    clearTimeout(this._timer);
    this._state = "closed";
    this._each((socket) => socket._fire("connect_error", error));
    this._fire("error", error);
    if (done) {
      done(error);
    } else {
      this._retry();
    }
  }

  private _lost(reason: string, why?: Error): void {
    clearTimeout(this._timer);
    this._state = "closed";
    this._each((socket) => socket._leave(reason, why));
    this._fire("close", reason, why);
    this._retry();
  }

  private _retry(): void {
    const { reconnection, reconnectionAttempts = Infinity } = this.opts;
    if (!this._wanted || this._reconnecting || this._state !== "closed" || reconnection === false) return;
    const backoff = this._backoff;
    if (backoff.attempts >= reconnectionAttempts) {
      backoff.reset();
      this._fire("reconnect_failed");
      return;
    }
    this._reconnecting = true;
    this._timer = setTimeout(() => {
      const n = backoff.attempts;
      this._fire("reconnect_attempt", n);
      // A listener may have called the attempt off, or made one itself.
      if (!this._reconnecting) return;
      this._dial((error) => {
        this._reconnecting = false;
        if (error) {
          this._retry();
          this._fire("reconnect_error", error);
        } else {
          backoff.reset();
          this._fire("reconnect", n);
        }
      });
    }, backoff.next());
  }

  private _each(fn: (socket: Socket) => void): void {
    for (const socket of [...this.nsps.values()]) {
      if (socket.active) fn(socket);
    }
  }
}
