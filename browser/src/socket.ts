import type { Frame } from "./codec";
import { Emitter, callOut, without, type Listener } from "./emitter";
import type { Manager } from "./manager";
import type { AuthData, SocketOptions } from "./options";
import { ACK, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, RESERVED, type Packet } from "./packet";

interface PendingAck {
  /** Takes an error first, and wants to hear of a lost connection. */
  errorFirst: boolean;
  done: (error: Error | null, args: unknown[]) => void;
}

interface Unsent {
  packet: Packet;
  frames: Frame[];
}

/**
 * A client's end of one namespace.
 *
 * Events: connect, connect_error, disconnect, and whatever the server emits.
 */
export class Socket extends Emitter {
  connected = false;
  /** Given by the server for one connection; it changes with the next one. */
  id?: string;
  /** The server has kept the session through a lost connection. */
  recovered = false;
  /** True while the socket is connected or will connect by itself. */
  active = false;
  auth;
  /** Events to send once connected. */
  sendBuffer: Unsent[] = [];
  /** Events that arrived before the server's answer to the request to join. */
  receiveBuffer: Packet[] = [];

  private _acks = new Map<number, PendingAck>();
  private _nextAck = 0;
  private _anyIn: Listener[] = [];
  private _volatile = false;
  private _timeout?: number;
  private _pid?: string;
  private _offset?: string;

  constructor(
    readonly io: Manager,
    readonly nsp: string,
    private _opts: SocketOptions = {},
  ) {
    super();
    this.auth = _opts.auth || io.opts.auth;
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  /** Joins the namespace, and stays or comes back until told otherwise. */
  connect(): this {
    if (this.active) return this;
    this.active = true;
    const io = this.io;
    if (io._open) {
      this._join();
    } else if (!io._reconnecting) {
      io.open();
    }
    return this;
  }

  open(): this {
    return this.connect();
  }

  /** Leaves the namespace; the connection closes with its last socket. */
  disconnect(): this {
    const { connected } = this;
    if (connected) this._send({ type: DISCONNECT, nsp: this.nsp });
    this._deactivate();
    if (connected) this._leave("io client disconnect");
    return this;
  }

  close(): this {
    return this.disconnect();
  }

  /**
   * Sends an event, at once or after connecting. A function in last place is
   * called with the server's answer; after `timeout` with an error first.
   * Throws on a reserved name and on what JSON cannot hold.
   */
  emit(event: string, ...args: any[]): this {
    if (RESERVED.includes(event)) throw new Error(`"${event}" is a reserved event name`);
    const timeout = this._timeout ?? this._opts.ackTimeout ?? this.io.opts.ackTimeout;
    const fn = typeof args[args.length - 1] === "function" ? (args.pop() as Listener) : undefined;
    this._dispatch(
      [event, ...args],
      timeout,
      fn && {
        errorFirst: timeout !== undefined,
        done: (error, answer) => callOut(fn, this, timeout === undefined ? answer : [error, ...answer]),
      },
    );
    return this;
  }

  /** Sends an event and waits for the server's answer, or fails with the connection. */
  emitWithAck(event: string, ...args: any[]): Promise<any> {
    return new Promise((resolve, reject) => {
      if (RESERVED.includes(event)) throw new Error(`"${event}" is a reserved event name`);
      this._dispatch([event, ...args], this._timeout ?? this._opts.ackTimeout ?? this.io.opts.ackTimeout, {
        errorFirst: true,
        done: (error, answer) => (error ? reject(error) : resolve(answer[0])),
      });
    });
  }

  /** Emits an event called "message". */
  send(...args: any[]): this {
    return this.emit("message", ...args);
  }

  /** For the next emit: the longest time to wait for the answer, in milliseconds. */
  timeout(ms: number): this {
    this._timeout = ms;
    return this;
  }

  /** For the next emit: drop the event if it cannot leave now. */
  get volatile(): this {
    this._volatile = true;
    return this;
  }

  /** Without effect; browsers leave compression to the connection. */
  compress(_on: boolean): this {
    return this;
  }

  /** Adds a listener for every event of the server; it gets the name first. */
  onAny(fn: Listener): this {
    this._anyIn = [...this._anyIn, fn];
    return this;
  }

  prependAny(fn: Listener): this {
    this._anyIn = [fn, ...this._anyIn];
    return this;
  }

  /** Without `fn` all of them go. */
  offAny(fn?: Listener): this {
    this._anyIn = fn ? without(this._anyIn, fn) : [];
    return this;
  }

  listenersAny(): Listener[] {
    return this._anyIn;
  }

  /** The connection is there: ask to join. */
  _join(): void {
    const engine = this.io.engine;
    const ask = (data?: AuthData) => {
      // The answer may come late, to a connection that has gone meanwhile.
      if (this.active && !this.connected && this.io._open && this.io.engine === engine) {
        const session = this._pid && { pid: this._pid, offset: this._offset };
        this._send({ type: CONNECT, nsp: this.nsp, data: session ? { ...session, ...data } : data });
      }
    };
    const { auth } = this;
    if (typeof auth !== "function") {
      ask(auth);
      return;
    }
    // A promise takes only the first of several calls back.
    new Promise<AuthData | undefined>((done, fail) => {
      if (auth.length) {
        auth(done);
      } else {
        Promise.resolve((auth as () => AuthData | undefined)()).then(done, fail);
      }
    }).then(ask, (error) => this._refused(error));
  }

  _receive(packet: Packet): void {
    const { data } = packet;
    switch (packet.type) {
      case CONNECT:
        if (data && data.sid) {
          this._joined(data.sid, data.pid);
        } else {
          this._fire("connect_error", new Error("the server speaks an older protocol (Socket.IO 2)"));
        }
        break;
      case EVENT:
        if (this.connected) {
          this._deliver(packet);
        } else {
          this.receiveBuffer.push(packet);
        }
        break;
      case ACK: {
        const ack = this._acks.get(packet.id!);
        this._acks.delete(packet.id!);
        ack?.done(null, data);
        break;
      }
      case DISCONNECT:
        this._deactivate();
        this._leave("io server disconnect");
        break;
      case CONNECT_ERROR:
        this._refused(Object.assign(new Error(data.message || data), { data: data.data }));
    }
  }

  /** The connection, or the place in the namespace, is gone. */
  _leave(reason: string, why?: Error): void {
    if (!this.connected) {
      if (this.active) this._fire("connect_error", why || new Error(reason));
      return;
    }
    this.connected = false;
    this.id = undefined;
    this._fire("disconnect", reason, why);
    for (const [id, ack] of [...this._acks]) {
      // An event that has not left yet can still be answered.
      if (this.sendBuffer.some((u) => u.packet.id === id)) continue;
      this._acks.delete(id);
      if (ack.errorFirst) ack.done(new Error("socket has been disconnected"), []);
    }
  }

  private _dispatch(data: unknown[], timeout: number | undefined, ack?: PendingAck): void {
    const volatile = this._volatile;
    this._volatile = false;
    this._timeout = undefined;
    const packet: Packet = { type: EVENT, nsp: this.nsp, data };
    if (ack) packet.id = this._nextAck++;
    const frames = this.io._encode(packet);
    if (ack) this._await(packet.id!, timeout, ack);
    const { engine } = this.io;
    if (volatile && !(this.connected && engine!._ready)) return;
    if (this.connected && engine!._awake) {
      this.io._write(frames);
    } else {
      this.sendBuffer.push({ packet, frames });
    }
  }

  private _await(id: number, timeout: number | undefined, ack: PendingAck): void {
    if (timeout === undefined) {
      this._acks.set(id, ack);
      return;
    }
    const timer = setTimeout(() => {
      this._acks.delete(id);
      // Who has given up on an event does not want it delivered later.
      this.sendBuffer = this.sendBuffer.filter((u) => u.packet.id !== id);
      ack.done(new Error("operation has timed out"), []);
    }, timeout);
    this._acks.set(id, {
      errorFirst: true,
      done: (error, args) => {
        clearTimeout(timer);
        ack.done(error, args);
      },
    });
  }

  private _send(packet: Packet): void {
    this.io._write(this.io._encode(packet));
  }

  private _joined(id: string, pid?: string): void {
    this.id = id;
    this.recovered = !!pid && this._pid === pid;
    this._pid = pid;
    this.connected = true;
    const received = this.receiveBuffer;
    this.receiveBuffer = [];
    for (const packet of received) this._deliver(packet);
    const unsent = this.sendBuffer;
    this.sendBuffer = [];
    for (const { frames } of unsent) this.io._write(frames);
    this._fire("connect");
  }

  private _refused(error: Error): void {
    this._deactivate();
    this._fire("connect_error", error);
  }

  private _deliver({ data, id }: Packet): void {
    const args: unknown[] = data;
    const last = args[args.length - 1];
    if (this._pid && typeof last === "string") this._offset = last;
    if (id !== undefined) {
      let answered = false;
      args.push((...answer: unknown[]) => {
        if (answered) return;
        answered = true;
        this._send({ type: ACK, nsp: this.nsp, id, data: answer });
      });
    }
    for (const fn of this._anyIn) callOut(fn, this, args);
    this._fire(args[0] as string, ...args.slice(1));
  }

  private _deactivate(): void {
    this.active = false;
    this.io._release();
  }
}
