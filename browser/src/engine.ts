import { fitting, type Frame } from "./codec";
import { Emitter } from "./emitter";
import type { EngineOptions } from "./options";
import { Polling } from "./polling";
import type { Transport } from "./transport";
import { WebSocketTransport } from "./websocket";

/**
 * One Engine.IO session: opened by the first transport, perhaps moved to a
 * better one, watched for the server's heartbeat, closed once.
 *
 * Events: open, data, ping, drain, upgrading, upgrade, upgradeError, close.
 */
export class Engine extends Emitter {
  /** The session's id. It is a secret: whoever has it can speak as this client. */
  id = "";
  readyState: "opening" | "open" | "closing" | "closed" = "opening";
  transport: Transport;

  /** Frames not yet given to the transport. */
  private _queue: Frame[] = [];
  private _flushDue = false;
  private _maxPayload = Infinity;
  private _patience = 0;
  private _deadline = Infinity;
  private _watchdog?: ReturnType<typeof setTimeout>;
  private _probe?: WebSocketTransport;
  /** The server has agreed to the move: nothing is sent until it is done. */
  private _moving = false;

  constructor(
    private _origin: string,
    private _opts: EngineOptions,
  ) {
    super();
    this.transport =
      this._transports[0] === "polling" ? this._make(Polling) : this._make(WebSocketTransport);
    this._use(this.transport);
    globalThis.addEventListener?.("offline", this._onOffline);
    this.transport.open();
  }

  /** Queues a message. Text is sent as such, bytes as binary. */
  send(data: Frame): this {
    this._push(typeof data === "string" ? "4" + data : data);
    return this;
  }

  /** Sends what is queued, then ends the session. */
  close(): this {
    if (this.readyState === "opening") {
      this._end("forced close");
    } else if (this.readyState === "open") {
      this.readyState = "closing";
      if (!this._moving) this._dropProbe();
      this._flush();
    }
    return this;
  }

  /** Able to pass a packet on at once, as volatile ones want it. */
  get _ready(): boolean {
    const t = this.transport;
    return this._awake && !this._moving && t.writable && !t.congested;
  }

  /**
   * False when the heartbeat is overdue. Timers stand still while a machine
   * sleeps: on waking, this notices before the watchdog does.
   */
  get _awake(): boolean {
    if (Date.now() <= this._deadline) return this.readyState === "open";
    queueMicrotask(() => this._end("ping timeout"));
    return false;
  }

  /** Ends the session at once, with the first reason given. */
  _end(reason: string, error?: Error): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    clearTimeout(this._watchdog);
    globalThis.removeEventListener?.("offline", this._onOffline);
    this._dropProbe();
    this.transport.close(!reason.startsWith("transport"));
    this._queue = [];
    this._fire("close", reason, error);
  }

  private get _transports(): string[] {
    return this._opts.transports || ["polling", "websocket"];
  }

  private _make<T extends Transport>(
    kind: new (url: (scheme: "http" | "ws") => string, opts: EngineOptions) => T,
  ): T {
    const { path = "/socket.io", addTrailingSlash, query } = this._opts;
    const base = path.replace(/\/$/, "") + (addTrailingSlash === false ? "" : "/");
    const transport: T = new kind((scheme) => {
      const params = new URLSearchParams(query);
      params.set("EIO", "4");
      params.set("transport", transport.name);
      if (this.id) params.set("sid", this.id);
      return this._origin.replace(/^http/, scheme) + base + "?" + params;
    }, this._opts);
    return transport;
  }

  private _use(transport: Transport): void {
    this.transport = transport;
    transport.onFrame = (frame) => this._receive(frame);
    transport.onIdle = () => this._flush();
    transport.onEnd = (reason, error) => this._end(reason, error);
  }

  private _push(frame: Frame): void {
    if (this.readyState === "closed") return;
    this._queue.push(frame);
    if (!this._flushDue) {
      // What is emitted in one go leaves in one go: one POST, not one and a rest.
      this._flushDue = true;
      queueMicrotask(() => {
        this._flushDue = false;
        this._flush();
      });
    }
  }

  private _flush(): void {
    const { transport, _queue: queue } = this;
    if (this._moving || !transport.writable || this.readyState === "closed") return;
    if (queue.length) {
      const n = transport.name === "polling" ? fitting(queue, this._maxPayload) : queue.length;
      transport.send(queue.splice(0, n));
    } else if (this.readyState === "closing") {
      this._end("forced close");
    } else {
      this._fire("drain");
    }
  }

  private _receive(frame: Frame): void {
    if (typeof frame !== "string") {
      this._fire("data", frame);
      return;
    }
    const payload = frame.slice(1);
    switch (frame[0]) {
      case "0":
        this._onHandshake(payload);
        break;
      case "1":
        this._end("transport close", new Error("closed by the server"));
        break;
      case "2":
        this._watch();
        this._push("3");
        this._fire("ping");
        break;
      case "4":
        this._fire("data", payload);
        break;
      case "6":
        break;
      default:
        this._end("parse error", new Error("unexpected packet"));
    }
  }

  private _onHandshake(payload: string): void {
    let upgrades: string[];
    try {
      const shake = JSON.parse(payload);
      this.id = shake.sid;
      upgrades = shake.upgrades;
      this._patience = shake.pingInterval + shake.pingTimeout;
      this._maxPayload = shake.maxPayload || Infinity;
    } catch (e) {
      this._end("parse error", e as Error);
      return;
    }
    this.readyState = "open";
    this._watch();
    this._fire("open");
    if (
      this.readyState === "open" &&
      this.transport.name === "polling" &&
      this._opts.upgrade !== false &&
      upgrades.includes("websocket") &&
      this._transports.includes("websocket")
    ) {
      this._upgrade(this.transport as Polling);
    }
  }

  private _watch(): void {
    clearTimeout(this._watchdog);
    this._deadline = Date.now() + this._patience;
    this._watchdog = setTimeout(() => this._end("ping timeout"), this._patience);
  }

  /** Opens a WebSocket beside the polling and, once it has proved itself, moves there. */
  private _upgrade(old: Polling): void {
    const probe = (this._probe = this._make(WebSocketTransport));
    const giveUp = (error?: Error) => {
      this._dropProbe();
      if (this._moving) {
        this._moving = false;
        old.resume();
      }
      this._fire("upgradeError", error);
      this._flush();
    };
    probe.onOpen = () => probe.send(["2probe"]);
    probe.onEnd = (_, error) => giveUp(error);
    probe.onFrame = (frame) => {
      if (frame !== "3probe") return giveUp(new Error("probe error"));
      this._moving = true;
      this._fire("upgrading", probe);
      // The last answers must be in before the first frame of the new
      // transport, or messages would overtake each other.
      old.pause(() => {
        this._probe = undefined;
        this._moving = false;
        this._use(probe);
        probe.send(["5"]);
        this._fire("upgrade", probe);
        this._flush();
      });
    };
    probe.open();
  }

  private _dropProbe(): void {
    this._probe?.close();
    this._probe = undefined;
  }

  private _onOffline = () => {
    if (!/\/\/(localhost|127\.|\[::1)/.test(this._origin)) {
      this._end("transport close", new Error("network connection lost"));
    }
  };
}
