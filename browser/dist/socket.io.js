/*! github.com/go-socketio/socketio MIT */
"use strict";
(() => {
  // src/backoff.ts
  function backoff(attempt, { reconnectionDelay = 1e3, reconnectionDelayMax: max = 5e3, randomizationFactor = 0.5 }) {
    const mean = Math.min(reconnectionDelay * 2 ** attempt, max);
    const spread = mean * randomizationFactor;
    const low = mean - spread;
    return low + Math.random() * (Math.min(mean + spread, max) - low);
  }

  // src/emitter.ts
  function callOut(fn, self, args) {
    try {
      fn.apply(self, args);
    } catch (e) {
      queueMicrotask(() => {
        throw e;
      });
    }
  }
  var Emitter = class {
    constructor() {
      this._lists = /* @__PURE__ */ new Map();
    }
    on(event, fn) {
      this._lists.set(event, [...this.listeners(event), fn]);
      return this;
    }
    once(event, fn) {
      const wrapped = (...args) => {
        this.off(event, wrapped);
        fn.apply(this, args);
      };
      wrapped.fn = fn;
      return this.on(event, wrapped);
    }
    /** Without `fn` every listener of the event goes, without `event` all of them. */
    off(event, fn) {
      if (event === void 0) {
        this._lists.clear();
      } else {
        this._lists.set(event, fn ? without(this.listeners(event), fn) : []);
      }
      return this;
    }
    listeners(event) {
      return this._lists.get(event) || [];
    }
    hasListeners(event) {
      return this.listeners(event).length > 0;
    }
    /** Delivers an event to the local listeners. */
    _fire(event, ...args) {
      for (const fn of this.listeners(event)) callOut(fn, this, args);
    }
  };
  function without(list, fn) {
    const at = list.findIndex((f) => f === fn || f.fn === fn);
    return list.filter((_, i) => i !== at);
  }

  // src/codec.ts
  var SEPARATOR = "";
  function fitting(frames, max) {
    let size = 0;
    let n = 0;
    for (const frame of frames) {
      size += typeof frame === "string" ? 1 + new TextEncoder().encode(frame).length : 2 + Math.ceil((frame.size ?? frame.byteLength) / 3) * 4;
      if (n && size > max + 1) break;
      n++;
    }
    return n;
  }
  async function encodePayload(frames) {
    const records = [];
    for (let frame of frames) {
      if (typeof frame !== "string") {
        const bytes = new Uint8Array(frame instanceof Blob ? await frame.arrayBuffer() : frame);
        frame = "b" + btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
      }
      records.push(frame);
    }
    return records.join(SEPARATOR);
  }
  function decodePayload(text) {
    return text.split(SEPARATOR).map(
      (record) => record[0] === "b" ? Uint8Array.from(atob(record.slice(1)), (c) => c.charCodeAt(0)).buffer : record
    );
  }

  // src/transport.ts
  function transportError(message, description, context) {
    return Object.assign(new Error(message), { type: "TransportError", description, context });
  }

  // src/polling.ts
  var Polling = class extends Emitter {
    constructor(url, opts) {
      super();
      this.name = "polling";
      this._abort = new AbortController();
      this._opened = false;
      this._reading = false;
      this._writing = false;
      this._url = url;
      this._opts = opts;
      this._read();
    }
    /** False until the handshake, and while a POST is under way. */
    get writable() {
      return this._opened && !this._writing;
    }
    /** Starts no further request, and calls back once those under way are done. */
    _pause(done) {
      this._onPaused = done;
      this._checkPaused();
    }
    _resume() {
      this._onPaused = void 0;
      if (!this._reading) this._read();
    }
    async _send(frames) {
      this._writing = true;
      try {
        await this._request(await encodePayload(frames));
        this._writing = false;
        this._checkPaused();
        this._fire("idle");
      } catch (e) {
        this._fire("end", "transport error", e);
      }
    }
    _close(tell) {
      this.off();
      this._onPaused = () => {
      };
      const stop = () => this._abort.abort();
      if (tell && this._opened) {
        this._request("1").then(stop, stop);
      } else {
        stop();
      }
    }
    async _read() {
      this._reading = true;
      try {
        while (!this._onPaused) {
          const text = await this._request();
          this._opened = true;
          for (const frame of decodePayload(text)) this._fire("frame", frame);
        }
        this._reading = false;
        this._checkPaused();
      } catch (e) {
        this._fire("end", e.type ? "transport error" : "parse error", e);
      }
    }
    _checkPaused() {
      if (!this._reading && !this._writing) this._onPaused?.();
    }
    async _request(body) {
      let status, text;
      try {
        const res = await fetch(this._url("http"), {
          method: body && "POST",
          body,
          // The goodbye is to survive the page; it is small enough for that.
          keepalive: body === "1",
          cache: "no-store",
          credentials: this._opts.withCredentials ? "include" : void 0,
          headers: this._opts.extraHeaders,
          signal: this._abort.signal
        });
        text = await res.text();
        if (res.ok) return text;
        status = res.status;
      } catch (e) {
        status = e;
      }
      throw transportError(body ? "xhr post error" : "xhr poll error", status, text);
    }
  };

  // src/websocket.ts
  var WebSocketTransport = class extends Emitter {
    constructor(url, opts) {
      super();
      this.name = "websocket";
      let ws;
      try {
        ws = this._ws = new WebSocket(url("ws"), opts.protocols || []);
      } catch (e) {
        queueMicrotask(() => this._fire("end", "transport error", e));
        return;
      }
      ws.binaryType = "arraybuffer";
      ws.onopen = () => this._fire("open");
      ws.onmessage = (e) => this._fire("frame", e.data);
      ws.onclose = ws.onerror = (e) => this._fire("end", "transport " + e.type, transportError("websocket " + e.type, e));
    }
    get writable() {
      return this._ws?.readyState === 1;
    }
    get _congested() {
      return this._ws.bufferedAmount > 16384;
    }
    _send(frames) {
      for (const frame of frames) this._ws.send(frame);
      this._fire("idle");
    }
    _close() {
      this.off();
      this._ws?.close();
    }
  };

  // src/engine.ts
  var Engine = class extends Emitter {
    constructor(origin, opts) {
      super();
      /** The session's id. It is a secret: whoever has it can speak as this client. */
      this.id = "";
      this.readyState = "opening";
      /** Frames not yet given to the transport. */
      this._queue = [];
      this._flushDue = false;
      this._maxPayload = 0;
      /** Milliseconds without a ping after which the server counts as gone. */
      this._patience = 0;
      this._deadline = Infinity;
      /** The server has agreed to the move: nothing is sent until it is done. */
      this._moving = false;
      this._onOffline = () => {
        if (!/\/\/(localhost|127\.|\[::1)/.test(this._origin)) {
          this._end("transport close", new Error("network connection lost"));
        }
      };
      this._origin = origin;
      this._opts = opts;
      this._transports = opts.transports || ["polling", "websocket"];
      this.transport = this._transports[0] === "polling" ? new Polling(this._address("polling"), opts) : new WebSocketTransport(this._address("websocket"), opts);
      this._use();
      globalThis.addEventListener?.("offline", this._onOffline);
    }
    /** Queues a message. Text is sent as such, bytes as binary. */
    send(data) {
      return this._push(typeof data === "string" ? "4" + data : data);
    }
    /** Sends what is queued, then ends the session. */
    close() {
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
    get _ready() {
      const { transport } = this;
      return this._awake && !this._moving && transport.writable && !transport._congested;
    }
    /**
     * False when the heartbeat is overdue. Timers stand still while a machine
     * sleeps: on waking, this notices before the watchdog does.
     */
    get _awake() {
      if (Date.now() <= this._deadline) return this.readyState === "open";
      queueMicrotask(() => this._end("ping timeout"));
      return false;
    }
    /** Ends the session at once; the first reason given counts. */
    _end(reason, error) {
      if (this.readyState === "closed") return;
      this.readyState = "closed";
      clearTimeout(this._watchdog);
      globalThis.removeEventListener?.("offline", this._onOffline);
      this._dropProbe();
      this.transport._close(!reason.startsWith("transport"));
      this._fire("close", reason, error);
    }
    /** The address for a transport, as it is at the time of the call: it gets the session's id later. */
    _address(transport) {
      const { path = "/socket.io", addTrailingSlash, query } = this._opts;
      return (scheme) => this._origin.replace(/^(http|ws)/, scheme) + path.replace(/\/$/, "") + (addTrailingSlash === false ? "?" : "/?") + new URLSearchParams({ ...query, EIO: "4", transport, ...this.id && { sid: this.id } });
    }
    _use() {
      this.transport.on("frame", (frame) => this._receive(frame)).on("idle", () => this._flush()).on("end", (reason, error) => this._end(reason, error));
    }
    _push(frame) {
      this._queue.push(frame);
      if (!this._flushDue) {
        this._flushDue = true;
        queueMicrotask(() => {
          this._flushDue = false;
          this._flush();
        });
      }
      return this;
    }
    _flush() {
      const { transport, _queue: queue } = this;
      if (this._moving || !transport.writable || this.readyState === "closed") return;
      if (queue.length) {
        const n = transport.name === "polling" && this._maxPayload ? fitting(queue, this._maxPayload) : queue.length;
        transport._send(queue.splice(0, n));
      } else if (this.readyState === "closing") {
        this._end("forced close");
      } else {
        this._fire("drain");
      }
    }
    _receive(frame) {
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
        this._onHandshake(frame.slice(1));
      } else if (type === "1") {
        this._end("transport close");
      } else if (type !== "6") {
        this._end("parse error");
      }
    }
    _onHandshake(json) {
      let shake;
      try {
        shake = JSON.parse(json);
        this.id = shake.sid;
        this._maxPayload = shake.maxPayload;
        this._patience = shake.pingInterval + shake.pingTimeout;
        this._watch();
      } catch (e) {
        this._end("parse error", e);
        return;
      }
      this.readyState = "open";
      this._fire("open");
      if (this._awake && this.transport.name === "polling" && this._opts.upgrade !== false && shake.upgrades?.includes("websocket") && this._transports.includes("websocket")) {
        this._upgrade();
      }
    }
    _watch() {
      clearTimeout(this._watchdog);
      this._deadline = Date.now() + this._patience;
      this._watchdog = setTimeout(() => this._end("ping timeout"), this._patience);
    }
    /** Opens a WebSocket beside the polling and, once it has proved itself, moves there. */
    _upgrade() {
      const old = this.transport;
      const probe = this._probe = new WebSocketTransport(this._address("websocket"), this._opts);
      const giveUp = (_, error) => {
        this._dropProbe();
        if (this._moving) {
          this._moving = false;
          old._resume();
        }
        this._fire("upgradeError", error);
        this._flush();
      };
      probe.on("open", () => probe._send(["2probe"])).on("end", giveUp).on("frame", (frame) => {
        if (frame !== "3probe") return giveUp(0, new Error("probe error"));
        this._moving = true;
        this._fire("upgrading", probe);
        old._pause(() => {
          this._probe = void 0;
          this._moving = false;
          this.transport = probe.off();
          this._use();
          probe._send(["5"]);
          this._fire("upgrade", probe);
        });
      });
    }
    _dropProbe() {
      this._probe?._close();
      this._probe = void 0;
    }
  };

  // src/packet.ts
  var RESERVED = /^(connect(_error)?|disconnect(ing)?|(new|remove)Listener)$/;
  var Encoder = class {
    /** The packet's text, followed by its attachments. */
    encode({ type, nsp, data, id }) {
      const attachments = [];
      const json = JSON.stringify(data, function(key, value) {
        const raw = this[key];
        const bytes = raw instanceof Blob ? raw : snapshot(raw);
        return bytes ? { "_placeholder": true, num: attachments.push(bytes) - 1 } : value;
      });
      const count = attachments.length;
      return [
        (count ? type + 3 /* ToBinary */ + `${count}-` : type) + (nsp === "/" ? "" : nsp + ",") + (id ?? "") + (json ?? ""),
        ...attachments
      ];
    }
  };
  function snapshot(v) {
    if (v instanceof ArrayBuffer) return new Uint8Array(v).slice();
    if (ArrayBuffer.isView(v)) return new Uint8Array(v.buffer, v.byteOffset, v.byteLength).slice();
  }
  var Decoder = class extends Emitter {
    constructor() {
      super(...arguments);
      this._attachments = [];
    }
    add(data) {
      let head = this._head;
      if (typeof data === "string" === !!head) throw new Error("illegal attachments");
      if (head) {
        this._attachments.push(data);
      } else {
        head = this._head = parseHead(data);
        this._attachments = [];
      }
      if (head.count === this._attachments.length) {
        this._head = void 0;
        this._fire("decoded", complete(head, this._attachments));
      }
    }
  };
  function parseHead(text) {
    const m = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*),?)?(\d+)?([^]*)$/.exec(text);
    if (!m) throw new Error("unknown packet type " + text[0]);
    const wire = +m[1];
    const count = +(m[2] || 0);
    const binary = wire > 4 /* ConnectError */;
    if (binary !== count > 0) throw new Error("illegal attachments");
    return {
      type: binary ? wire - 3 /* ToBinary */ : wire,
      nsp: m[3] || "/",
      id: m[4] ? +m[4] : void 0,
      json: m[5],
      count
    };
  }
  function complete({ type, nsp, id, json, count }, attachments) {
    const fill = (_, v) => {
      if (!v || v["_placeholder"] !== true) return v;
      const found = attachments[+v.num];
      if (!found) throw new Error("illegal attachments");
      return found;
    };
    const data = json ? JSON.parse(json, count ? fill : void 0) : void 0;
    if (!valid(type, data)) throw new Error("invalid payload");
    return { type, nsp, id, data };
  }
  function valid(type, data) {
    if (type === 0 /* Connect */) return true;
    if (type === 1 /* Disconnect */) return data === void 0;
    if (type === 4 /* ConnectError */) return !!data;
    return Array.isArray(data) && (type === 3 /* Ack */ || /string|number/.test(typeof data[0]) && !RESERVED.test(data[0]));
  }

  // src/socket.ts
  var Socket = class extends Emitter {
    constructor(io2, nsp, opts) {
      super();
      this.connected = false;
      /** The server has kept the session through a lost connection. */
      this.recovered = false;
      /** True while the socket is connected or will connect by itself. */
      this.active = false;
      /** Events to send once connected. */
      this.sendBuffer = [];
      /** Events that arrived before the server's answer to the request to join. */
      this.receiveBuffer = [];
      this._pending = /* @__PURE__ */ new Map();
      this._count = 0;
      this._any = [];
      /** For the next emit only. */
      this._volatile = false;
      this.io = io2;
      this.nsp = nsp;
      this._opts = { ...io2.opts, ...opts };
      this.auth = this._opts.auth;
    }
    get disconnected() {
      return !this.connected;
    }
    /** Joins the namespace, and stays or comes back until told otherwise. */
    connect() {
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
    open() {
      return this.connect();
    }
    /** Leaves the namespace; the connection closes with its last socket. */
    disconnect() {
      if (this.connected) this._send(1 /* Disconnect */);
      return this._quit("io client disconnect");
    }
    close() {
      return this.disconnect();
    }
    /**
     * Sends an event, at once or after connecting. A function in last place is
     * called with the server's answer; after `timeout` with an error first.
     * Throws on a reserved name and on what JSON cannot hold.
     */
    emit(event, ...args) {
      const fn = typeof args.at(-1) === "function" ? args.pop() : void 0;
      this._dispatch(
        [event, ...args],
        fn && ((timed) => ({
          _all: timed,
          _done: (error, answer) => callOut(fn, this, timed ? [error, ...answer] : answer)
        }))
      );
      return this;
    }
    /** Sends an event and waits for the server's answer, or fails with the connection. */
    emitWithAck(event, ...args) {
      return new Promise(
        (resolve, reject) => this._dispatch([event, ...args], () => ({
          _all: true,
          _done: (error, answer) => error ? reject(error) : resolve(answer[0])
        }))
      );
    }
    /** Emits an event called "message". */
    send(...args) {
      return this.emit("message", ...args);
    }
    /** For the next emit: the longest time to wait for the answer, in milliseconds. */
    timeout(ms) {
      this._timeout = ms;
      return this;
    }
    /** For the next emit: drop the event if it cannot leave now. */
    get volatile() {
      this._volatile = true;
      return this;
    }
    /** Without effect; browsers leave compression to the connection. */
    compress(_on) {
      return this;
    }
    /** Adds a listener for every event of the server; it gets the name first. */
    onAny(fn) {
      this._any = [...this._any, fn];
      return this;
    }
    prependAny(fn) {
      this._any = [fn, ...this._any];
      return this;
    }
    /** Without `fn` all of them go. */
    offAny(fn) {
      this._any = fn ? without(this._any, fn) : [];
      return this;
    }
    listenersAny() {
      return this._any;
    }
    /** The connection is there: ask to join. */
    _join() {
      const { auth } = this;
      const { engine } = this.io;
      const ask = (data) => {
        if (this.active && !this.connected && this.io._open && this.io.engine === engine) {
          this.receiveBuffer = [];
          this._send(0 /* Connect */, this._pid ? { pid: this._pid, offset: this._offset, ...data } : data);
        }
      };
      if (typeof auth !== "function") {
        ask(auth);
      } else {
        new Promise((done) => auth.length ? auth(done) : done(auth())).then(
          ask,
          (error) => this._refuse(error)
        );
      }
    }
    _receive(packet) {
      const { type, data, id } = packet;
      if (!this.active) {
        if (data?.sid && type === 0 /* Connect */) this._send(1 /* Disconnect */);
      } else if (type === 2 /* Event */) {
        if (this.connected) {
          this._deliver(packet);
        } else {
          this.receiveBuffer.push(packet);
        }
      } else if (type === 3 /* Ack */) {
        const pending = this._pending.get(id);
        this._pending.delete(id);
        pending?._done(null, data);
      } else if (type === 1 /* Disconnect */) {
        this._quit("io server disconnect");
      } else if (type === 4 /* ConnectError */) {
        this._refuse(Object.assign(new Error(data.message || data), { data: data.data }));
      } else if (data?.sid) {
        this._onJoined(data.sid, data.pid);
      } else {
        this._refuse(new Error("the server speaks Socket.IO 2"));
      }
    }
    /** The connection, or the place in the namespace, is gone. */
    _leave(reason, why) {
      if (!this.connected) {
        this._fire("connect_error", why || new Error(reason));
        return;
      }
      this.connected = false;
      this.id = void 0;
      this._fire("disconnect", reason, why);
      for (const [id, pending] of [...this._pending]) {
        if (!this.sendBuffer.some((unsent) => unsent._id === id)) {
          this._pending.delete(id);
          if (pending._all) pending._done(new Error("socket has been disconnected"), []);
        }
      }
    }
    /** `wait` is told whether there is a time limit. */
    _dispatch(data, wait) {
      const { _volatile: volatile, _timeout: timeout = this._opts.ackTimeout } = this;
      const { engine } = this.io;
      this._volatile = false;
      this._timeout = void 0;
      if (RESERVED.test(data[0])) throw new Error(`"${data[0]}" is a reserved event name`);
      const id = wait && this._count++;
      const frames = this.io._encode({ type: 2 /* Event */, nsp: this.nsp, data, id });
      if (wait) this._await(id, wait(timeout !== void 0), timeout);
      if (this.connected && engine._awake) {
        if (!volatile || engine._ready) this.io._write(frames);
      } else if (!volatile) {
        this.sendBuffer.push({ _id: id, _frames: frames });
      }
    }
    _await(id, pending, timeout) {
      this._pending.set(id, pending);
      if (timeout === void 0) return;
      const done = pending._done;
      const timer = setTimeout(() => {
        this._pending.delete(id);
        this.sendBuffer = this.sendBuffer.filter((unsent) => unsent._id !== id);
        done(new Error("operation has timed out"), []);
      }, timeout);
      pending._done = (error, answer) => {
        clearTimeout(timer);
        done(error, answer);
      };
    }
    _send(type, data, id) {
      this.io._write(this.io._encode({ type, nsp: this.nsp, data, id }));
    }
    _onJoined(id, pid) {
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
    _deliver({ data, id }) {
      const last = data.at(-1);
      if (this._pid && typeof last === "string") this._offset = last;
      if (id !== void 0) {
        let answered = false;
        data.push((...answer) => {
          if (!answered) this._send(3 /* Ack */, answer, id);
          answered = true;
        });
      }
      for (const fn of this._any) callOut(fn, this, data);
      this._fire(data[0], ...data.slice(1));
    }
    _refuse(error) {
      this._stop();
      this._fire("connect_error", error);
    }
    _quit(reason) {
      this._stop();
      if (this.connected) this._leave(reason);
      return this;
    }
    /** No more use for the connection. */
    _stop() {
      this.active = false;
      this.io._release();
    }
  };

  // src/manager.ts
  var Manager = class extends Emitter {
    constructor(uri, opts = {}) {
      super();
      /** Sockets by namespace. */
      this.nsps = /* @__PURE__ */ new Map();
      /** Waiting for the next attempt, or in the middle of one that follows a wait. */
      this._reconnecting = false;
      /** The session is open. */
      this._open = false;
      /** There is a session, open or about to be. */
      this._dialled = false;
      /** Cleared by an explicit close: do not come back. */
      this._wanted = false;
      /** Attempts since the connection was last there. */
      this._attempts = 0;
      this.uri = uri;
      this.opts = opts;
      this._parser = opts.parser || { Encoder, Decoder };
      this._encoder = new this._parser.Encoder();
      if (opts.autoConnect !== false) this.open();
    }
    /** The socket of a namespace, made on first use. */
    socket(nsp, opts) {
      let socket = this.nsps.get(nsp);
      if (!socket) this.nsps.set(nsp, socket = new Socket(this, nsp, opts));
      if (this.opts.autoConnect !== false) socket.connect();
      return socket;
    }
    /**
     * Makes one attempt to connect. With `done` the outcome is reported there
     * and a failure is final; without, a failure leads to further attempts.
     */
    open(done) {
      if (!this._dialled) {
        this._reconnecting = false;
        this._dial(done);
      }
      return this;
    }
    connect(done) {
      return this.open(done);
    }
    /** Ends the connection, and all its sockets with it, for good. */
    close() {
      this._wanted = this._reconnecting = false;
      clearTimeout(this._timer);
      if (this._dialled) this._down("forced close");
      this.engine?.close();
    }
    /** Encoded when emitted: whoever emits what cannot be encoded is told there and then. */
    _encode(packet) {
      return this._encoder.encode(packet);
    }
    _write(frames) {
      for (const frame of frames) this.engine.send(frame);
    }
    /** A socket has no more use for the connection; the last one closes it. */
    _release() {
      if (![...this.nsps.values()].some((socket) => socket.active)) this.close();
    }
    _dial(done) {
      clearTimeout(this._timer);
      this._dialled = this._wanted = true;
      const engine = this.engine = new Engine(this.uri, this.opts);
      const limit = this.opts.timeout ?? 2e4;
      if (limit !== false) {
        this._timer = setTimeout(() => engine._end("timeout"), limit);
      }
      const decoder = new this._parser.Decoder();
      decoder.on("decoded", (packet) => {
        this._fire("packet", packet);
        this.nsps.get(packet.nsp)?._receive(packet);
      });
      engine.on("open", () => {
        clearTimeout(this._timer);
        this._open = true;
        this._each((socket) => socket._join());
        this._fire("open");
        done?.();
      }).on("ping", () => this._fire("ping")).on("data", (data) => {
        try {
          decoder.add(data);
        } catch (e) {
          engine._end("parse error", e);
        }
      }).on("close", (reason, why) => {
        if (this._dialled && this.engine === engine) this._down(reason, why, done);
      });
    }
    /** The connection was lost, or could not be made. */
    _down(reason, why, done) {
      const wasOpen = this._open;
      const error = why || new Error(reason);
      clearTimeout(this._timer);
      this._open = this._dialled = false;
      this._each((socket) => socket._leave(reason, why));
      if (wasOpen) {
        this._attempts = 0;
        this._fire("close", reason, why);
      } else {
        this._fire("error", error);
        if (done) return done(error);
      }
      this._retry();
    }
    _retry() {
      const { opts } = this;
      if (!this._wanted || this._reconnecting || this._dialled || opts.reconnection === false) return;
      if (this._attempts >= (opts.reconnectionAttempts ?? Infinity)) {
        this._attempts = 0;
        this._fire("reconnect_failed");
        return;
      }
      this._reconnecting = true;
      this._timer = setTimeout(() => {
        const n = ++this._attempts;
        this._fire("reconnect_attempt", n);
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
      }, backoff(this._attempts, opts));
    }
    _each(fn) {
      for (const socket of [...this.nsps.values()]) {
        if (socket.active) fn(socket);
      }
    }
  };

  // src/index.ts
  var managers = /* @__PURE__ */ new Map();
  var protocol = 5;
  function io(uri, opts) {
    if (typeof uri === "object") {
      opts = uri;
      uri = void 0;
    }
    uri = !uri ? "/" : /^\/|:\/\//.test(uri) ? uri : "//" + uri;
    const { origin, searchParams } = new URL(uri, globalThis.location?.href);
    const nsp = /^(\w+:)?(\/\/[^/?#]*)?([^?#]*)/.exec(uri)[3] || "/";
    const settings = { query: Object.fromEntries(searchParams), ...opts };
    const key = origin + (settings.path || "");
    const known = managers.get(key);
    if (settings.forceNew || settings.multiplex === false || known?.nsps.has(nsp)) {
      return new Manager(origin, settings).socket(nsp, settings);
    }
    const manager = known || new Manager(origin, settings);
    managers.set(key, manager);
    return manager.socket(nsp, settings);
  }

  // src/global.ts
  globalThis.io = Object.assign(io, { io, connect: io, Manager, Socket, protocol });
})();
