import type { Frame } from "./codec";
import { Emitter, callOut, without, type Listener } from "./emitter";
import type { Manager } from "./manager";
import type { Auth, AuthData, SocketOptions } from "./options";
import { RESERVED, Type, type Packet } from "./packet";

/** Takes the server's answer to an event, or the reason why there is none. */
type Done = (error: Error | null, answer: unknown[]) => void;

/** An event on its way. */
interface Outgoing extends Packet {
  _frames: Frame[];
  /** With `retries`: who waits, how long for each try, and how many there were. */
  _done?: Done;
  _timeout?: number;
  _tries: number;
  /** Sent, and neither acknowledged nor given up. */
  _busy?: boolean;
}

/**
 * A client's end of one namespace.
 *
 * Events: connect, connect_error, disconnect, and whatever the server emits.
 */
export class Socket extends Emitter {
  readonly io: Manager;
  readonly nsp: string;
  connected = false;
  /** Given by the server for one connection; it changes with the next one. */
  id?: string;
  /** The server has kept the session through a lost connection. */
  recovered = false;
  /** True while the socket is connected or will connect by itself. */
  active = false;
  auth?: Auth;
  /** Events to send once connected. */
  sendBuffer: Outgoing[] = [];
  /** Events that arrived before the server's answer to the request to join. */
  receiveBuffer: any[][] = [];

  private _opts: SocketOptions;
  private _pending = new Map<number, Done>();
  private _count = 0;
  /** With `retries`: what is yet to be acknowledged, in order. */
  private _queue: Outgoing[] = [];
  private _any: Listener[] = [];
  private _anyOut: Listener[] = [];
  /** For the next emit only. */
  private _volatile?: boolean;
  private _timeout?: number;
  /** What the server needs to recover the session: its name, and the last event seen. */
  private _pid?: string;
  private _offset?: string;

  constructor(io: Manager, nsp: string, opts?: SocketOptions) {
    super();
    this.io = io;
    this.nsp = nsp;
    this._opts = { ...io.opts, ...opts };
    this.auth = this._opts.auth;
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  /** Joins the namespace, and stays or comes back until told otherwise. */
  connect(): this {
    const { active, io } = this;
    this.active = true;
    if (io._open) {
      if (!active) this._join();
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
    if (this.connected) this._send(Type.Disconnect);
    return this._quit("io client disconnect");
  }

  close(): this {
    return this.disconnect();
  }

  /**
   * Sends an event, at once or after connecting. A function in last place is
   * called with the server's answer; after `timeout`, and with `retries`, with
   * an error first.
   * Throws on a reserved name and on what JSON cannot hold.
   */
  override emit(event: string, ...args: any[]): this {
    const fn: Listener | undefined = typeof args.at(-1) === "function" ? args.pop() : undefined;
    this._dispatch(
      [event, ...args],
      fn &&
        ((timed) => (error, answer) => {
          // Who did not ask for errors hears nothing of a lost connection.
          if (timed || !error) callOut(fn, this, timed ? [error, ...answer] : answer);
        }),
    );
    return this;
  }

  /** Sends an event and waits for the server's answer, or fails with the connection. */
  emitWithAck(event: string, ...args: any[]): Promise<any> {
    return new Promise((resolve, reject) =>
      this._dispatch([event, ...args], () => (error, answer) => (error ? reject(error) : resolve(answer[0]))),
    );
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
    this._any = [...this._any, fn];
    return this;
  }

  prependAny(fn: Listener): this {
    this._any = [fn, ...this._any];
    return this;
  }

  /** Without `fn` all of them go. */
  offAny(fn?: Listener): this {
    this._any = fn ? without(this._any, fn) : [];
    return this;
  }

  listenersAny(): Listener[] {
    return this._any;
  }

  /** Adds a listener for every event that is sent, at the time it is. */
  onAnyOutgoing(fn: Listener): this {
    this._anyOut = [...this._anyOut, fn];
    return this;
  }

  prependAnyOutgoing(fn: Listener): this {
    this._anyOut = [fn, ...this._anyOut];
    return this;
  }

  offAnyOutgoing(fn?: Listener): this {
    this._anyOut = fn ? without(this._anyOut, fn) : [];
    return this;
  }

  listenersAnyOutgoing(): Listener[] {
    return this._anyOut;
  }

  /** The connection is there: ask to join. */
  _join(): void {
    const { auth } = this;
    // Each request to join has a buffer of its own, by which one that was
    // overtaken is known: the auth may come late, or fail with the connection.
    const mine = (this.receiveBuffer = []);
    const ask = (data?: AuthData) => {
      if (this.receiveBuffer === mine) {
        this._send(Type.Connect, this._pid ? { pid: this._pid, offset: this._offset, ...data } : data);
      }
    };
    if (typeof auth !== "function") {
      ask(auth);
    } else {
      // A promise takes only the first of several calls back.
      new Promise<any>((done) => (auth.length ? auth(done) : done((auth as () => unknown)()))).then(
        ask,
        (error) => this.receiveBuffer === mine && this._refuse(error),
      );
    }
  }

  _receive(packet: Packet): void {
    const { type, data, id } = packet;
    if (!this.active) {
      // The welcome came after the client had turned away; the rest is late.
      if (data?.sid && type === Type.Connect) this._send(Type.Disconnect);
    } else if (type === Type.Event) {
      if (id !== undefined) data.push(this._answer(id));
      if (this.connected) {
        this._deliver(data);
      } else {
        this.receiveBuffer.push(data);
      }
    } else if (type === Type.Ack) {
      this._pending.get(id!)?.(null, data);
    } else if (type === Type.Disconnect) {
      this._quit("io server disconnect");
    } else if (type === Type.ConnectError) {
      this._refuse(Object.assign(new Error(data.message || data), { data: data.data }));
    } else if (data?.sid) {
      this._onJoined(data.sid, data.pid);
    } else {
      this._refuse(new Error("the server speaks Socket.IO 2"));
    }
  }

  /** The connection, or the place in the namespace, is gone. */
  _leave(reason: string, why?: Error): void {
    this.receiveBuffer = [];
    if (!this.connected) {
      this._fire("connect_error", why || new Error(reason));
      return;
    }
    this.connected = false;
    this.id = undefined;
    this._fire("disconnect", reason, why);
    for (const [id, done] of [...this._pending]) {
      // An event that has not left yet can still be answered.
      if (!this.sendBuffer.some((unsent) => unsent.id === id)) {
        done(new Error("socket has been disconnected"), []);
      }
    }
  }

  /** `wait` is told whether there is a time limit. */
  private _dispatch(data: any[], wait?: (timed: boolean) => Done): void {
    const { _volatile: volatile, _timeout: timeout = this._opts.ackTimeout } = this;
    const { engine } = this.io;
    this._volatile = false;
    this._timeout = undefined;
    if (RESERVED.test(data[0])) throw new Error(`"${data[0]}" is a reserved event name`);
    const queued = !volatile && this._opts.retries;
    const id = wait || queued ? this._count++ : undefined;
    const packet = { type: Type.Event, nsp: this.nsp, data, id } as Outgoing;
    packet._frames = this.io._encode(packet);
    const done = wait?.(!!queued || timeout !== undefined);
    if (queued) {
      this._queue.push(Object.assign(packet, { _done: done, _timeout: timeout, _tries: 0 }));
      this._drain();
      return;
    }
    if (done) this._await(id!, done, timeout);
    if (this.connected && engine!._awake) {
      if (!volatile || engine!._ready) this._transmit(packet);
    } else if (!volatile) {
      this.sendBuffer.push(packet);
    }
  }

  /** Sends the first event of the queue, unless that is done already. */
  private _drain(): void {
    const head = this._queue[0];
    if (!head || head._busy || !this.connected || !this.io.engine!._awake) return;
    head._busy = true;
    head._tries++;
    const done: Done = (error, answer) => {
      head._busy = false;
      if (!error || head._tries > this._opts.retries!) {
        this._queue.shift();
        head._done?.(error, answer);
      }
      this._drain();
    };
    // Each time under the same id, so that a late answer to an earlier try counts.
    this._await(head.id!, done, head._timeout);
    this._transmit(head);
  }

  private _transmit({ data, _frames }: Outgoing): void {
    for (const fn of this._anyOut) callOut(fn, this, data);
    this.io._write(_frames);
  }

  private _await(id: number, done: Done, timeout?: number): void {
    let timer: ReturnType<typeof setTimeout>;
    const settle: Done = (error, answer) => {
      clearTimeout(timer);
      this._pending.delete(id);
      done(error, answer);
    };
    this._pending.set(id, settle);
    if (timeout === undefined) return;
    timer = setTimeout(() => {
      // Who has given up on an event does not want it delivered later.
      this.sendBuffer = this.sendBuffer.filter((unsent) => unsent.id !== id);
      settle(new Error("operation has timed out"), []);
    }, timeout);
  }

  private _send(type: Type, data?: unknown, id?: number): void {
    this.io._write(this.io._encode({ type, nsp: this.nsp, data, id }));
  }

  private _onJoined(id: string, pid?: string): void {
    const { receiveBuffer, sendBuffer } = this;
    this.receiveBuffer = [];
    this.sendBuffer = [];
    this.id = id;
    this.recovered = !!pid && this._pid === pid;
    this._pid = pid;
    this.connected = true;
    for (const data of receiveBuffer) this._deliver(data);
    for (const packet of sendBuffer) this._transmit(packet);
    this._drain();
    this._fire("connect");
  }

  private _deliver(data: any[]): void {
    const last = data.at(-1);
    if (this._pid && typeof last === "string") this._offset = last;
    for (const fn of this._any) callOut(fn, this, data);
    this._fire(data[0], ...data.slice(1));
  }

  /** What a listener answers an event with; only the first call counts. */
  private _answer(id: number): Listener {
    // By another connection nobody has asked.
    let { engine } = this.io;
    return (...answer) => {
      if (this.connected && this.io.engine === engine) this._send(Type.Ack, answer, id);
      engine = undefined;
    };
  }

  private _refuse(error: Error): void {
    this._stop();
    this._fire("connect_error", error);
  }

  private _quit(reason: string): this {
    this._stop();
    if (this.connected) this._leave(reason);
    return this;
  }

  /** No more use for the connection. */
  private _stop(): void {
    this.active = false;
    this.receiveBuffer = [];
    this.io._release();
  }
}
