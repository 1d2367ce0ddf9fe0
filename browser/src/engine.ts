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

  private _origin: string;
  private _opts: EngineOptions;
  private _transports: string[];
  /** Frames not yet given to the transport. */
  private _queue: Frame[] = [];
  private _flushDue = false;
  private _maxPayload = 0;
  /** Milliseconds without a ping after which the server counts as gone. */
  private _patience = 0;
  private _deadline = Infinity;
  private _watchdog?: ReturnType<typeof setTimeout>;
  private _probe?: WebSocketTransport;
  /** The server has agreed to the move: nothing is sent until it is done. */
  private _moving = false;

  constructor(origin: string, opts: EngineOptions) {
    super();
    this._origin = origin;
    this._opts = opts;
    this._transports = opts.transports || ["polling", "websocket"];
    this.transport =
      this._transports[0] === "polling"
        ? new Polling(this._address("polling"), opts)
        : new WebSocketTransport(this._address("websocket"), opts);
    this._use();
    globalThis.addEventListener?.("offline", this._onOffline);
  }

  /** Queues a message. Text is sent as such, bytes as binary. */
  send(data: Frame): this {
    return this._push(typeof data === "string" ? "4" + data : data);
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
    const { transport } = this;
    return this._awake && !this._moving && transport.writable && !transport._congested;
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

  /** Ends the session at once; the first reason given counts. */
  _end(reason: string, error?: Error): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    clearTimeout(this._watchdog);
    globalThis.removeEventListener?.("offline", this._onOffline);
    this._dropProbe();
    this.transport._close(!reason.startsWith("transport"));
    this._fire("close", reason, error);
  }

  /** The address for a transport, as it is at the time of the call: it gets the session's id later. */
  private _address(transport: string) {
    const { path = "/socket.io", addTrailingSlash, query } = this._opts;
    return (scheme: string) =>
      this._origin.replace(/^(http|ws)/, scheme) +
      path.replace(/\/$/, "") +
      (addTrailingSlash === false ? "?" : "/?") +
      new URLSearchParams({ ...query, EIO: "4", transport, ...(this.id && { sid: this.id }) });
  }

  private _use(): void {
    this.transport
      .on("frame", (frame) => this._receive(frame))
      .on("idle", () => this._flush())
      .on("end", (reason, error) => this._end(reason, error));
  }

  private _push(frame: Frame): this {
    this._queue.push(frame);
    if (!this._flushDue) {
      // What is emitted in one go leaves in one go: one POST, not one and a rest.
      this._flushDue = true;
      queueMicrotask(() => {
        this._flushDue = false;
        this._flush();
      });
    }
    return this;
  }

  private _flush(): void {
    const { transport, _queue: queue } = this;
    if (this._moving || !transport.writable || this.readyState === "closed") return;
    if (queue.length) {
      const n =
        transport.name === "polling" && this._maxPayload ? fitting(queue, this._maxPayload) : queue.length;
      transport._send(queue.splice(0, n));
    } else if (this.readyState === "closing") {
      this._end("forced close");
    } else {
      this._fire("drain");
    }
  }

  private _receive(frame: Frame): void {
    if (this.readyState === "closing") return;
    const text = typeof frame === "string";
    const type = text ? frame[0] : "4";
    if (type === "4") {
      this._fire("data", text ? frame.slice(1) : frame);
    } else if (type === "2") {
      this._watch();
      this._push("3");
      this._fire("ping");
    } else if (type === "0") {
      this._onHandshake((frame as string).slice(1));
    } else if (type === "1") {
      this._end("transport close");
    } else if (type !== "6") {
      this._end("parse error");
    }
  }

  private _onHandshake(json: string): void {
    let shake;
    try {
      shake = JSON.parse(json);
      this.id = shake.sid;
      this._maxPayload = shake.maxPayload;
      this._patience = shake.pingInterval + shake.pingTimeout;
      this._watch();
    } catch (e) {
      this._end("parse error", e as Error);
      return;
    }
    this.readyState = "open";
    this._fire("open");
    if (
      this._awake &&
      this.transport.name === "polling" &&
      this._opts.upgrade !== false &&
      shake.upgrades?.includes("websocket") &&
      this._transports.includes("websocket")
    ) {
      this._upgrade();
    }
  }

  private _watch(): void {
    clearTimeout(this._watchdog);
    this._deadline = Date.now() + this._patience;
    this._watchdog = setTimeout(() => this._end("ping timeout"), this._patience);
  }

  /** Opens a WebSocket beside the polling and, once it has proved itself, moves there. */
  private _upgrade(): void {
    const old = this.transport as Polling;
    const probe = (this._probe = new WebSocketTransport(this._address("websocket"), this._opts));
    const giveUp = (_: unknown, error?: Error) => {
      this._dropProbe();
      if (this._moving) {
        this._moving = false;
        old._resume();
      }
      this._fire("upgradeError", error);
      this._flush();
    };
    probe
      .on("open", () => probe._send(["2probe"]))
      .on("end", giveUp)
      .on("frame", (frame) => {
        if (frame !== "3probe") return giveUp(0, new Error("probe error"));
        this._moving = true;
        this._fire("upgrading", probe);
        // The last answers must be in before the first frame of the new
        // transport, or messages would overtake each other.
        old._pause(() => {
          this._probe = undefined;
          this._moving = false;
          this.transport = probe.off();
          this._use();
          probe._send(["5"]);
          this._fire("upgrade", probe);
        });
      });
  }

  private _dropProbe(): void {
    this._probe?._close();
    this._probe = undefined;
  }

  private _onOffline = () => {
    // A server on this very machine stays within reach.
    if (!/\/\/(localhost|127\.|\[::1)/.test(this._origin)) {
      this._end("transport close", new Error("network connection lost"));
    }
  };
}
