import type { Frame } from "./codec";
import { Emitter, callOut, without, type Listener } from "./emitter";
import type { Manager } from "./manager";
import type { Auth, AuthData, SocketOptions } from "./options";
import { RESERVED, Type, type Packet } from "./packet";

/** What waits for the server's answer to an event. */
interface Pending {
  _done: (error: Error | null, answer: unknown[]) => void;
  /** It also wants to hear of a lost connection. */
  _all: boolean;
}

interface Unsent {
  _id?: number;
  _frames: Frame[];
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
  sendBuffer: Unsent[] = [];
  /** Events that arrived before the server's answer to the request to join. */
  receiveBuffer: Packet[] = [];

  private _opts: SocketOptions;
  private _pending = new Map<number, Pending>();
  private _count = 0;
  private _any: Listener[] = [];
  /** For the next emit only. */
  private _volatile = false;
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
    if (!this.active) {
      this.active = true;
      if (this.io._open) {
        this._join();
      } else if (!this.io._reconnecting) {
        this.io.open();
      }
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
   * called with the server's answer; after `timeout` with an error first.
   * Throws on a reserved name and on what JSON cannot hold.
   */
  emit(event: string, ...args: any[]): this {
    const fn: Listener | undefined = typeof args.at(-1) === "function" ? args.pop() : undefined;
    this._dispatch(
      [event, ...args],
      fn && ((timed) => ({
        _all: timed,
        _done: (error, answer) => callOut(fn, this, timed ? [error, ...answer] : answer),
      })),
    );
    return this;
  }

  /** Sends an event and waits for the server's answer, or fails with the connection. */
  emitWithAck(event: string, ...args: any[]): Promise<any> {
    return new Promise((resolve, reject) =>
      this._dispatch([event, ...args], () => ({
        _all: true,
        _done: (error, answer) => (error ? reject(error) : resolve(answer[0])),
      })),
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

  /** The connection is there: ask to join. */
  _join(): void {
    const { auth } = this;
    const { engine } = this.io;
    const ask = (data?: AuthData) => {
      // The answer may come late, to a connection that has gone meanwhile.
      if (this.active && !this.connected && this.io._open && this.io.engine === engine) {
        this.receiveBuffer = [];
        this._send(Type.Connect, this._pid ? { pid: this._pid, offset: this._offset, ...data } : data);
      }
    };
    if (typeof auth !== "function") {
      ask(auth);
    } else {
      // A promise takes only the first of several calls back.
      new Promise<any>((done) => (auth.length ? auth(done) : done((auth as () => unknown)()))).then(
        ask,
        (error) => this._refuse(error),
      );
    }
  }

  _receive(packet: Packet): void {
    const { type, data, id } = packet;
    if (!this.active) {
      // The welcome came after the client had turned away; the rest is late.
      if (data?.sid && type === Type.Connect) this._send(Type.Disconnect);
    } else if (type === Type.Event) {
      if (this.connected) {
        this._deliver(packet);
      } else {
        this.receiveBuffer.push(packet);
      }
    } else if (type === Type.Ack) {
      const pending = this._pending.get(id!);
      this._pending.delete(id!);
      pending?._done(null, data);
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
    if (!this.connected) {
      this._fire("connect_error", why || new Error(reason));
      return;
    }
    this.connected = false;
    this.id = undefined;
    this._fire("disconnect", reason, why);
    for (const [id, pending] of [...this._pending]) {
      // An event that has not left yet can still be answered.
      if (!this.sendBuffer.some((unsent) => unsent._id === id)) {
        this._pending.delete(id);
        if (pending._all) pending._done(new Error("socket has been disconnected"), []);
      }
    }
  }

  /** `wait` is told whether there is a time limit. */
  private _dispatch(data: any[], wait?: (timed: boolean) => Pending): void {
    const { _volatile: volatile, _timeout: timeout = this._opts.ackTimeout } = this;
    const { engine } = this.io;
    this._volatile = false;
    this._timeout = undefined;
    if (RESERVED.test(data[0])) throw new Error(`"${data[0]}" is a reserved event name`);
    const id = wait && this._count++;
    const frames = this.io._encode({ type: Type.Event, nsp: this.nsp, data, id });
    if (wait) this._await(id!, wait(timeout !== undefined), timeout);
    if (this.connected && engine!._awake) {
      if (!volatile || engine!._ready) this.io._write(frames);
    } else if (!volatile) {
      this.sendBuffer.push({ _id: id, _frames: frames });
    }
  }

  private _await(id: number, pending: Pending, timeout?: number): void {
    this._pending.set(id, pending);
    if (timeout === undefined) return;
    const done = pending._done;
    const timer = setTimeout(() => {
      this._pending.delete(id);
      // Who has given up on an event does not want it delivered later.
      this.sendBuffer = this.sendBuffer.filter((unsent) => unsent._id !== id);
      done(new Error("operation has timed out"), []);
    }, timeout);
    pending._done = (error, answer) => {
      clearTimeout(timer);
      done(error, answer);
    };
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
    for (const packet of receiveBuffer) this._deliver(packet);
    for (const { _frames } of sendBuffer) this.io._write(_frames);
    this._fire("connect");
  }

  private _deliver({ data, id }: Packet): void {
    const last = data.at(-1);
    if (this._pid && typeof last === "string") this._offset = last;
    if (id !== undefined) {
      let answered = false;
      data.push((...answer: unknown[]) => {
        if (!answered) this._send(Type.Ack, answer, id);
        answered = true;
      });
    }
    for (const fn of this._any) callOut(fn, this, data);
    this._fire(data[0], ...data.slice(1));
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
    this.io._release();
  }
}
