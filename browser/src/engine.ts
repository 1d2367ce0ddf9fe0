import { decode, fitting, type EnginePacket, type Frame } from "./codec";
import { Emitter } from "./emitter";
import type { EngineOptions } from "./options";
import { Polling } from "./polling";
import { transportError, type Transport, type TransportClass } from "./transport";
import { WebSocketTransport } from "./websocket";

/** Transports by name; the script build adds its third. */
export const transports: Record<string, TransportClass | undefined> = {
  polling: Polling,
  websocket: WebSocketTransport,
};

/** The last connection of this page came to use WebSocket, which `rememberUpgrade` asks for. */
let remembered = false;

const nameOf = (T: TransportClass): string => T.prototype.name;

/** The sessions there are, for the one listener that hears of a lost network. */
const alive = new Set<Engine>();

// Added when the script is first evaluated: a service worker must not be later.
globalThis.addEventListener?.("offline", () => alive.forEach((engine) => engine._onOffline()));

/**
 * One Engine.IO session: opened by the first transport, perhaps moved to a
 * better one, watched for the server's heartbeat, closed once.
 *
 * Events: open, handshake, data, message, packet, packetCreate, ping, pong,
 * heartbeat, flush, drain, upgrading, upgrade, upgradeError, error, close.
 */
export class Engine extends Emitter {
  /** The session's id. It is a secret: whoever has it can speak as this client. */
  id = "";
  readyState: "opening" | "open" | "closing" | "closed" = "opening";
  transport!: Transport;
  /** Frames not yet given to the transport. */
  writeBuffer: Frame[] = [];
  readonly opts: EngineOptions;

  private _url: URL;
  private _transports: TransportClass[];
  private _flushDue?: boolean;
  private _maxPayload?: number;
  /** Milliseconds without a ping after which the server counts as gone. */
  private _patience!: number;
  private _deadline = Infinity;
  private _watchdog?: ReturnType<typeof setTimeout>;
  /** Transports that are trying to take over. */
  private _probes = new Set<Transport>();
  /** The server has agreed to the move: nothing is sent until it is done. */
  private _moving?: boolean;

  constructor(url: URL, opts: EngineOptions) {
    super();
    this._url = url;
    this.opts = opts;
    this._transports = (opts.transports || Object.keys(transports))
      .map((t) => (typeof t === "string" ? transports[t] : t))
      .filter((T) => !!T);
    alive.add(this);
    if (opts.closeOnBeforeunload) globalThis.addEventListener?.("beforeunload", this._onUnload);
    this._open();
  }

  /** Queues a message. Text is sent as such, bytes as binary. */
  send(data: Frame): this {
    return this._push(typeof data === "string" ? "4" + data : data);
  }

  write(data: Frame): this {
    return this.send(data);
  }

  /** Sends what is queued, then ends the session. */
  close(): this {
    if (this.readyState === "opening") {
      this._end("forced close");
    } else if (this.readyState === "open") {
      this.readyState = "closing";
      if (!this._moving) this._dropProbes();
      this._flush();
    }
    return this;
  }

  /** Able to pass a packet on at once, as volatile ones want it. */
  get _ready(): boolean {
    const { transport } = this;
    return this._awake && !this._moving && transport.writable && !transport.congested;
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
    alive.delete(this);
    globalThis.removeEventListener?.("beforeunload", this._onUnload);
    this._dropProbes();
    const failed = reason === "transport error";
    this.transport?.close(!failed && reason !== "transport close");
    if (failed) this._fire("error", error);
    this._fire("close", reason, error);
  }

  _onOffline(): void {
    // A server on this very machine stays within reach.
    if (!/^(localhost|127\.|\[::1)/.test(this._url.hostname)) {
      const lost = "network connection lost";
      this._end("transport close", transportError(lost, lost));
    }
  }

  /** Without a word to the listeners: the page is about to go. */
  private _onUnload = () => this.transport.close(true);

  private _open(): void {
    const [first] = this._transports;
    const T = (remembered && this.opts.rememberUpgrade && this._transports.find((T) => nameOf(T) === "websocket")) || first;
    if (!T) {
      queueMicrotask(() => this._end("transport error", new Error("no transports available")));
      return;
    }
    this._use(this._make(T));
  }

  private _make(T: TransportClass): Transport {
    const name = nameOf(T);
    const { path, addTrailingSlash, query, forceBase64, transportOptions } = this.opts;
    const { origin, searchParams } = this._url;
    return new T(
      (scheme) =>
        origin.replace(/^(http|ws)/, scheme) +
        (path || "/socket.io").replace(/\/$/, "") +
        (addTrailingSlash === false ? "?" : "/?") +
        new URLSearchParams({
          ...query,
          ...Object.fromEntries(searchParams),
          EIO: "4",
          transport: name,
          ...(forceBase64 && { b64: "1" }),
          ...(this.id && { sid: this.id }),
        }),
      { ...this.opts, ...transportOptions?.[name] },
    );
  }

  private _use(transport: Transport): void {
    this.transport = transport;
    transport
      .on("frame", (frame) => this._receive(frame))
      .on("idle", () => this._flush())
      .on("end", (reason, error) => {
        if (reason === "transport error") remembered = false;
        const rest = this._transports.filter((T) => nameOf(T) !== transport.name);
        if (this.opts.tryAllTransports && this.readyState === "opening" && rest.length) {
          this._transports = rest;
          transport.close();
          this._open();
        } else {
          this._end(reason, error);
        }
      });
  }

  private _push(frame: Frame): this {
    if (this.readyState === "closed") return this;
    this._fire("packetCreate", decode(frame));
    this.writeBuffer.push(frame);
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
    const { transport, writeBuffer: queue } = this;
    if (this._moving || !transport.writable || this.readyState === "closed") return;
    if (queue.length) {
      const n =
        transport.name === "polling" && this._maxPayload ? fitting(queue, this._maxPayload) : queue.length;
      this._fire("flush");
      transport.send(queue.splice(0, n));
    } else if (this.readyState === "closing") {
      this._end("forced close");
    } else {
      this._fire("drain");
    }
  }

  private _receive(frame: Frame): void {
    if (this.readyState === "closing") return;
    let packet: EnginePacket;
    try {
      packet = decode(frame);
      if (packet.type === "open") packet.data = JSON.parse(packet.data);
    } catch (e) {
      this._end("parse error", e as Error);
      return;
    }
    const { type, data } = packet;
    this._fire("packet", packet)._fire("heartbeat");
    if (type === "message") {
      this._fire("data", data)._fire("message", data);
    } else if (type === "ping") {
      this._watch();
      this._push("3");
      this._fire("ping")._fire("pong");
    } else if (type === "open") {
      this._onHandshake(data);
    } else if (type === "close") {
      this._end("transport close");
    } else if (type !== "noop") {
      this._end("parse error");
    }
  }

  private _onHandshake(shake: any): void {
    if (!shake?.sid) return this._end("parse error");
    this.id = shake.sid;
    this._maxPayload = shake.maxPayload;
    this._patience = shake.pingInterval + shake.pingTimeout;
    this._watch();
    this.readyState = "open";
    const { transport } = this;
    remembered = transport.name === "websocket";
    this._fire("handshake", shake)._fire("open");
    if (!this._awake || !transport.pause || this.opts.upgrade === false) return;
    const better = this._transports.filter((T) => shake.upgrades?.includes(nameOf(T)));
    for (const T of better) {
      const probe = () => this._probe(T);
      // Of two, WebTransport is given a lead.
      if (better[1] && nameOf(T) === "websocket") setTimeout(probe, 200);
      else probe();
    }
  }

  private _watch(): void {
    clearTimeout(this._watchdog);
    this._deadline = Date.now() + this._patience;
    this._watchdog = setTimeout(() => this._end("ping timeout"), this._patience);
  }

  /** Opens another transport beside the polling and, once it has proved itself, moves there. */
  private _probe(T: TransportClass): void {
    const old = this.transport;
    if (this.readyState !== "open" || this._moving || !old.pause) return;
    const probe = this._make(T);
    this._probes.add(probe);
    const giveUp = (_: unknown, error?: Error) => {
      probe.close();
      this._probes.delete(probe);
      if (this._moving) {
        this._moving = false;
        old.resume!();
      }
      this._fire("upgradeError", error);
      this._flush();
    };
    probe
      .on("open", () => probe.send(["2probe"]))
      .on("end", giveUp)
      .on("frame", (frame) => {
        if (frame !== "3probe") return giveUp(0, new Error("probe error"));
        this._moving = true;
        this._probes.delete(probe);
        this._dropProbes();
        this._probes.add(probe);
        this._fire("upgrading", probe);
        // The last answers must be in before the first frame of the new
        // transport, or messages would overtake each other.
        old.pause!(() => {
          this._probes.delete(probe);
          this._moving = false;
          probe.off();
          this._use(probe);
          remembered = probe.name === "websocket";
          probe.send(["5"]);
          this._fire("upgrade", probe);
        });
      });
  }

  private _dropProbes(): void {
    for (const probe of this._probes) probe.close();
    this._probes.clear();
  }
}
