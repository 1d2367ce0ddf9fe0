/*! Socket.IO browser client of github.com/go-socketio/socketio, MIT licence */
"use strict";
(() => {
  // src/backoff.ts
  var Backoff = class {
    constructor(_min, _max, _spread) {
      this._min = _min;
      this._max = _max;
      this._spread = _spread;
      this.attempts = 0;
    }
    /** Milliseconds to wait before the next attempt. */
    next() {
      const mean = Math.min(this._min * 2 ** this.attempts++, this._max);
      const low = mean * (1 - this._spread);
      const high = Math.min(mean * (1 + this._spread), this._max);
      return low + Math.random() * (high - low);
    }
    reset() {
      this.attempts = 0;
    }
  };

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
  function frameSize(frame) {
    if (typeof frame === "string") return new TextEncoder().encode(frame).length;
    const bytes = frame instanceof Blob ? frame.size : frame.byteLength;
    return 1 + Math.ceil(bytes / 3) * 4;
  }
  function fitting(frames, max) {
    let size = -1;
    let n = 0;
    for (const frame of frames) {
      size += 1 + frameSize(frame);
      if (n && size > max) break;
      n++;
    }
    return n;
  }
  async function encodePayload(frames) {
    const records = [];
    for (let frame of frames) {
      if (frame instanceof Blob) frame = await frame.arrayBuffer();
      records.push(typeof frame === "string" ? frame : "b" + toBase64(new Uint8Array(frame)));
    }
    return records.join(SEPARATOR);
  }
  function decodePayload(text) {
    return text.split(SEPARATOR).map(
      (record) => record[0] === "b" ? Uint8Array.from(atob(record.slice(1)), (c) => c.charCodeAt(0)).buffer : record
    );
  }
  function toBase64(bytes) {
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) {
      text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    }
    return btoa(text);
  }

  // src/transport.ts
  var TransportError = class extends Error {
    constructor(message, description, context) {
      super(message);
      this.description = description;
      this.context = context;
      this.type = "TransportError";
    }
  };
  var Transport = class {
    /** Makes the full address for the scheme of this transport. */
    constructor(_url, _opts) {
      this._url = _url;
      this._opts = _opts;
      this.onOpen = nothing;
      this.onFrame = nothing;
      /** Called when the frames last given to `send` are on their way. */
      this.onIdle = nothing;
      this.onEnd = nothing;
    }
    /** More is waiting to be sent than the network takes. */
    get congested() {
      return false;
    }
    _detach() {
      this.onOpen = this.onFrame = this.onIdle = this.onEnd = nothing;
    }
  };
  function nothing() {
  }

  // src/polling.ts
  var Polling = class extends Transport {
    constructor() {
      super(...arguments);
      this.name = "polling";
      this._abort = new AbortController();
      this._opened = false;
      this._reading = false;
      this._writing = false;
    }
    /** False until the handshake, and while a POST is under way. */
    get writable() {
      return this._opened && !this._writing;
    }
    open() {
      this._read();
    }
    /** Starts no further request, and calls back once those under way are done. */
    pause(done) {
      this._onPaused = done;
      this._checkPaused();
    }
    resume() {
      this._onPaused = void 0;
      if (!this._reading) this._read();
    }
    send(frames) {
      this._writing = true;
      encodePayload(frames).then((body) => this._request("xhr post error", body)).then(
        () => {
          this._writing = false;
          this._checkPaused();
          this.onIdle();
        },
        (e) => this.onEnd("transport error", e)
      );
    }
    close(tell) {
      this._detach();
      this._onPaused = nothing;
      const stop = () => this._abort.abort();
      if (tell && this._opened) {
        this._request("", "1", true).then(stop, stop);
      } else {
        stop();
      }
    }
    async _read() {
      this._reading = true;
      try {
        while (!this._onPaused) {
          const text = await this._request("xhr poll error");
          this._opened = true;
          let frames;
          try {
            frames = decodePayload(text);
          } catch (e) {
            return this.onEnd("parse error", e);
          }
          for (const frame of frames) this.onFrame(frame);
        }
        this._reading = false;
        this._checkPaused();
      } catch (e) {
        this.onEnd("transport error", e);
      }
    }
    _checkPaused() {
      if (this._onPaused && !this._reading && !this._writing) this._onPaused();
    }
    async _request(failure, body, keepalive) {
      let res;
      let text;
      try {
        res = await fetch(this._url("http"), {
          method: body === void 0 ? "GET" : "POST",
          body,
          keepalive,
          cache: "no-store",
          credentials: this._opts.withCredentials ? "include" : "same-origin",
          headers: this._opts.extraHeaders,
          signal: this._abort.signal
        });
        text = await res.text();
      } catch (e) {
        throw new TransportError(failure, e);
      }
      if (!res.ok) throw new TransportError(failure, res.status, text);
      return text;
    }
  };

  // src/websocket.ts
  var BACKLOG = 16384;
  var WebSocketTransport = class extends Transport {
    constructor() {
      super(...arguments);
      this.name = "websocket";
    }
    get writable() {
      const ws = this._ws;
      return !!ws && ws.readyState === 1;
    }
    get congested() {
      return !!this._ws && this._ws.bufferedAmount > BACKLOG;
    }
    open() {
      const ws = this._ws = new WebSocket(this._url("ws"), this._opts.protocols || []);
      ws.binaryType = "arraybuffer";
      ws.onopen = () => this.onOpen();
      ws.onmessage = (e) => this.onFrame(e.data);
      ws.onclose = (e) => this.onEnd("transport close", new TransportError("websocket closed", e));
      ws.onerror = (e) => this.onEnd("transport error", new TransportError("websocket error", e));
    }
    send(frames) {
      for (const frame of frames) this._ws.send(frame);
      this.onIdle();
    }
    close() {
      this._detach();
      this._ws?.close();
    }
  };

  // src/engine.ts
  var Engine = class extends Emitter {
    constructor(_origin, _opts) {
      super();
      this._origin = _origin;
      this._opts = _opts;
      /** The session's id. It is a secret: whoever has it can speak as this client. */
      this.id = "";
      this.readyState = "opening";
      /** Frames not yet given to the transport. */
      this._queue = [];
      this._flushDue = false;
      this._maxPayload = Infinity;
      this._patience = 0;
      this._deadline = Infinity;
      /** The server has agreed to the move: nothing is sent until it is done. */
      this._moving = false;
      this._onOffline = () => {
        if (!/\/\/(localhost|127\.|\[::1)/.test(this._origin)) {
          this._end("transport close", new Error("network connection lost"));
        }
      };
      this.transport = this._transports[0] === "polling" ? this._make(Polling) : this._make(WebSocketTransport);
      this._use(this.transport);
      globalThis.addEventListener?.("offline", this._onOffline);
      this.transport.open();
    }
    /** Queues a message. Text is sent as such, bytes as binary. */
    send(data) {
      this._push(typeof data === "string" ? "4" + data : data);
      return this;
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
      const t = this.transport;
      return this._awake && !this._moving && t.writable && !t.congested;
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
    /** Ends the session at once, with the first reason given. */
    _end(reason, error) {
      if (this.readyState === "closed") return;
      this.readyState = "closed";
      clearTimeout(this._watchdog);
      globalThis.removeEventListener?.("offline", this._onOffline);
      this._dropProbe();
      this.transport.close(!reason.startsWith("transport"));
      this._queue = [];
      this._fire("close", reason, error);
    }
    get _transports() {
      return this._opts.transports || ["polling", "websocket"];
    }
    _make(kind) {
      const { path = "/socket.io", addTrailingSlash, query } = this._opts;
      const base = path.replace(/\/$/, "") + (addTrailingSlash === false ? "" : "/");
      const transport = new kind((scheme) => {
        const params = new URLSearchParams(query);
        params.set("EIO", "4");
        params.set("transport", transport.name);
        if (this.id) params.set("sid", this.id);
        return this._origin.replace(/^http/, scheme) + base + "?" + params;
      }, this._opts);
      return transport;
    }
    _use(transport) {
      this.transport = transport;
      transport.onFrame = (frame) => this._receive(frame);
      transport.onIdle = () => this._flush();
      transport.onEnd = (reason, error) => this._end(reason, error);
    }
    _push(frame) {
      if (this.readyState === "closed") return;
      this._queue.push(frame);
      if (!this._flushDue) {
        this._flushDue = true;
        queueMicrotask(() => {
          this._flushDue = false;
          this._flush();
        });
      }
    }
    _flush() {
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
    _receive(frame) {
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
    _onHandshake(payload) {
      let upgrades;
      try {
        const shake = JSON.parse(payload);
        this.id = shake.sid;
        upgrades = shake.upgrades;
        this._patience = shake.pingInterval + shake.pingTimeout;
        this._maxPayload = shake.maxPayload || Infinity;
      } catch (e) {
        this._end("parse error", e);
        return;
      }
      this.readyState = "open";
      this._watch();
      this._fire("open");
      if (this.readyState === "open" && this.transport.name === "polling" && this._opts.upgrade !== false && upgrades.includes("websocket") && this._transports.includes("websocket")) {
        this._upgrade(this.transport);
      }
    }
    _watch() {
      clearTimeout(this._watchdog);
      this._deadline = Date.now() + this._patience;
      this._watchdog = setTimeout(() => this._end("ping timeout"), this._patience);
    }
    /** Opens a WebSocket beside the polling and, once it has proved itself, moves there. */
    _upgrade(old) {
      const probe = this._probe = this._make(WebSocketTransport);
      const giveUp = (error) => {
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
        old.pause(() => {
          this._probe = void 0;
          this._moving = false;
          this._use(probe);
          probe.send(["5"]);
          this._fire("upgrade", probe);
          this._flush();
        });
      };
      probe.open();
    }
    _dropProbe() {
      this._probe?.close();
      this._probe = void 0;
    }
  };

  // src/packet.ts
  var CONNECT = 0;
  var DISCONNECT = 1;
  var EVENT = 2;
  var ACK = 3;
  var CONNECT_ERROR = 4;
  var BINARY = 3;
  var RESERVED = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener"
  ];
  var isBinary = (v) => v instanceof ArrayBuffer || ArrayBuffer.isView(v) || v instanceof Blob;
  var Encoder = class {
    /** The packet's text, followed by its attachments. */
    encode(packet) {
      const { type, nsp, id } = packet;
      const attachments = [];
      const json = JSON.stringify(packet.data, function(key, value) {
        const raw = this[key];
        return isBinary(raw) ? { "_placeholder": true, "num": attachments.push(snapshot(raw)) - 1 } : value;
      });
      const count = attachments.length;
      return [
        (count ? type + BINARY + `${count}-` : type) + (nsp === "/" ? "" : nsp + ",") + (id ?? "") + (json ?? ""),
        ...attachments
      ];
    }
  };
  function snapshot(v) {
    if (v instanceof Blob) return v;
    return ArrayBuffer.isView(v) ? new Uint8Array(v.buffer, v.byteOffset, v.byteLength).slice() : new Uint8Array(v).slice();
  }
  var Decoder = class extends Emitter {
    constructor() {
      super(...arguments);
      this._attachments = [];
    }
    add(data) {
      if (typeof data === "string") {
        if (this._head) throw new Error("got plaintext data when reconstructing a packet");
        this._head = parseHead(data);
      } else {
        if (!this._head) throw new Error("got binary data when not reconstructing a packet");
        this._attachments.push(data);
        this._head.missing--;
      }
      if (!this._head.missing) {
        const head = this._head;
        const attachments = this._attachments;
        this.destroy();
        this._fire("decoded", complete(head, attachments));
      }
    }
    destroy() {
      this._head = void 0;
      this._attachments = [];
    }
  };
  var SHAPE = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*),?)?(\d+)?([^]*)$/;
  function parseHead(text) {
    const m = SHAPE.exec(text);
    if (!m) throw new Error("unknown packet type " + text[0]);
    const wire = +m[1];
    const binary = wire > CONNECT_ERROR;
    const missing = +(m[2] || 0);
    if (binary !== missing > 0) throw new Error("Illegal attachments");
    return {
      type: binary ? wire - BINARY : wire,
      nsp: m[3] || "/",
      id: m[4] ? +m[4] : void 0,
      json: m[5],
      missing
    };
  }
  function complete(head, attachments) {
    const { type, nsp, id, json } = head;
    const data = json ? JSON.parse(json, attachments.length ? (_, v) => v && v["_placeholder"] === true ? fill(v["num"]) : v : void 0) : void 0;
    function fill(num) {
      if (!(num in attachments)) throw new Error("illegal attachments");
      return attachments[num];
    }
    if (!valid(type, data)) throw new Error("invalid payload");
    return { type, nsp, id, data };
  }
  function valid(type, data) {
    switch (type) {
      case EVENT:
        return Array.isArray(data) && (typeof data[0] === "number" || typeof data[0] === "string" && !RESERVED.includes(data[0]));
      case ACK:
        return Array.isArray(data);
      case DISCONNECT:
        return data === void 0;
      case CONNECT:
        return data === void 0 || data && typeof data === "object" && !Array.isArray(data);
      default:
        return typeof data === "string" || data && typeof data === "object";
    }
  }

  // src/socket.ts
  var Socket = class extends Emitter {
    constructor(io2, nsp, _opts = {}) {
      super();
      this.io = io2;
      this.nsp = nsp;
      this._opts = _opts;
      this.connected = false;
      /** The server has kept the session through a lost connection. */
      this.recovered = false;
      /** True while the socket is connected or will connect by itself. */
      this.active = false;
      /** Events to send once connected. */
      this.sendBuffer = [];
      /** Events that arrived before the server's answer to the request to join. */
      this.receiveBuffer = [];
      this._acks = /* @__PURE__ */ new Map();
      this._nextAck = 0;
      this._anyIn = [];
      this._volatile = false;
      this.auth = _opts.auth || io2.opts.auth;
    }
    get disconnected() {
      return !this.connected;
    }
    /** Joins the namespace, and stays or comes back until told otherwise. */
    connect() {
      if (this.active) return this;
      this.active = true;
      const io2 = this.io;
      if (io2._open) {
        this._join();
      } else if (!io2._reconnecting) {
        io2.open();
      }
      return this;
    }
    open() {
      return this.connect();
    }
    /** Leaves the namespace; the connection closes with its last socket. */
    disconnect() {
      const { connected } = this;
      if (connected) this._send({ type: DISCONNECT, nsp: this.nsp });
      this._deactivate();
      if (connected) this._leave("io client disconnect");
      return this;
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
      if (RESERVED.includes(event)) throw new Error(`"${event}" is a reserved event name`);
      const timeout = this._timeout ?? this._opts.ackTimeout ?? this.io.opts.ackTimeout;
      const fn = typeof args[args.length - 1] === "function" ? args.pop() : void 0;
      this._dispatch(
        [event, ...args],
        timeout,
        fn && {
          errorFirst: timeout !== void 0,
          done: (error, answer) => callOut(fn, this, timeout === void 0 ? answer : [error, ...answer])
        }
      );
      return this;
    }
    /** Sends an event and waits for the server's answer, or fails with the connection. */
    emitWithAck(event, ...args) {
      return new Promise((resolve2, reject) => {
        if (RESERVED.includes(event)) throw new Error(`"${event}" is a reserved event name`);
        this._dispatch([event, ...args], this._timeout ?? this._opts.ackTimeout ?? this.io.opts.ackTimeout, {
          errorFirst: true,
          done: (error, answer) => error ? reject(error) : resolve2(answer[0])
        });
      });
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
      this._anyIn = [...this._anyIn, fn];
      return this;
    }
    prependAny(fn) {
      this._anyIn = [fn, ...this._anyIn];
      return this;
    }
    /** Without `fn` all of them go. */
    offAny(fn) {
      this._anyIn = fn ? without(this._anyIn, fn) : [];
      return this;
    }
    listenersAny() {
      return this._anyIn;
    }
    /** The connection is there: ask to join. */
    _join() {
      const engine = this.io.engine;
      const ask = (data) => {
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
      new Promise((done, fail) => {
        if (auth.length) {
          auth(done);
        } else {
          Promise.resolve(auth()).then(done, fail);
        }
      }).then(ask, (error) => this._refused(error));
    }
    _receive(packet) {
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
          const ack = this._acks.get(packet.id);
          this._acks.delete(packet.id);
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
    _leave(reason, why) {
      if (!this.connected) {
        if (this.active) this._fire("connect_error", why || new Error(reason));
        return;
      }
      this.connected = false;
      this.id = void 0;
      this._fire("disconnect", reason, why);
      for (const [id, ack] of [...this._acks]) {
        if (this.sendBuffer.some((u) => u.packet.id === id)) continue;
        this._acks.delete(id);
        if (ack.errorFirst) ack.done(new Error("socket has been disconnected"), []);
      }
    }
    _dispatch(data, timeout, ack) {
      const volatile = this._volatile;
      this._volatile = false;
      this._timeout = void 0;
      const packet = { type: EVENT, nsp: this.nsp, data };
      if (ack) packet.id = this._nextAck++;
      const frames = this.io._encode(packet);
      if (ack) this._await(packet.id, timeout, ack);
      const { engine } = this.io;
      if (volatile && !(this.connected && engine._ready)) return;
      if (this.connected && engine._awake) {
        this.io._write(frames);
      } else {
        this.sendBuffer.push({ packet, frames });
      }
    }
    _await(id, timeout, ack) {
      if (timeout === void 0) {
        this._acks.set(id, ack);
        return;
      }
      const timer = setTimeout(() => {
        this._acks.delete(id);
        this.sendBuffer = this.sendBuffer.filter((u) => u.packet.id !== id);
        ack.done(new Error("operation has timed out"), []);
      }, timeout);
      this._acks.set(id, {
        errorFirst: true,
        done: (error, args) => {
          clearTimeout(timer);
          ack.done(error, args);
        }
      });
    }
    _send(packet) {
      this.io._write(this.io._encode(packet));
    }
    _joined(id, pid) {
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
    _refused(error) {
      this._deactivate();
      this._fire("connect_error", error);
    }
    _deliver({ data, id }) {
      const args = data;
      const last = args[args.length - 1];
      if (this._pid && typeof last === "string") this._offset = last;
      if (id !== void 0) {
        let answered = false;
        args.push((...answer) => {
          if (answered) return;
          answered = true;
          this._send({ type: ACK, nsp: this.nsp, id, data: answer });
        });
      }
      for (const fn of this._anyIn) callOut(fn, this, args);
      this._fire(args[0], ...args.slice(1));
    }
    _deactivate() {
      this.active = false;
      this.io._release();
    }
  };

  // src/manager.ts
  var Manager = class extends Emitter {
    constructor(uri, opts = {}) {
      super();
      this.uri = uri;
      this.opts = opts;
      /** Sockets by namespace. */
      this.nsps = /* @__PURE__ */ new Map();
      /** Waiting for the next attempt, or in the middle of one that follows a wait. */
      this._reconnecting = false;
      this._state = "closed";
      /** Cleared by an explicit close: do not come back. */
      this._wanted = false;
      this._backoff = new Backoff(
        opts.reconnectionDelay ?? 1e3,
        opts.reconnectionDelayMax ?? 5e3,
        opts.randomizationFactor ?? 0.5
      );
      this._parser = opts.parser || { Encoder, Decoder };
      this._encoder = new this._parser.Encoder();
      if (opts.autoConnect !== false) this.open();
    }
    /** The socket of a namespace, made on first use. */
    socket(nsp, opts) {
      let socket = this.nsps.get(nsp);
      if (!socket) {
        this.nsps.set(nsp, socket = new Socket(this, nsp, opts));
      }
      if (this.opts.autoConnect !== false) socket.connect();
      return socket;
    }
    /**
     * Makes one attempt to connect. With `done` the outcome is reported there
     * and a failure is final; without, a failure leads to further attempts.
     */
    open(done) {
      if (this._state !== "closed") return this;
      this._reconnecting = false;
      this._dial(done);
      return this;
    }
    connect(done) {
      return this.open(done);
    }
    /** Ends the connection, and all its sockets with it, for good. */
    close() {
      this._wanted = this._reconnecting = false;
      clearTimeout(this._timer);
      const wasClosed = this._state === "closed";
      if (!wasClosed) this._lost("forced close");
      this.engine?.close();
    }
    /** Encoded now, so that whoever emits what cannot be encoded is told there and then. */
    _encode(packet) {
      return this._encoder.encode(packet);
    }
    _write(frames) {
      for (const frame of frames) this.engine.send(frame);
    }
    get _open() {
      return this._state === "open";
    }
    /** A socket has no more use for the connection; the last one closes it. */
    _release() {
      for (const socket of this.nsps.values()) {
        if (socket.active) return;
      }
      this.close();
    }
    _dial(done) {
      clearTimeout(this._timer);
      this._state = "opening";
      this._wanted = true;
      const engine = this.engine = new Engine(this.uri, this.opts);
      const limit = this.opts.timeout ?? 2e4;
      if (limit !== false) {
        this._timer = setTimeout(() => engine._end("timeout", new Error("timeout")), limit);
      }
      const decoder = new this._parser.Decoder();
      const current = (fn) => (...args) => {
        if (this.engine === engine && this._state !== "closed") fn(...args);
      };
      decoder.on("decoded", current((packet) => {
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
          engine._end("parse error", e);
        }
      }));
      engine.on("close", current((reason, why) => {
        if (this._state === "open") {
          this._backoff.reset();
          this._lost(reason, why);
        } else {
          this._failed(why || new Error(reason), done);
        }
      }));
    }
    _failed(error, done) {
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
    _lost(reason, why) {
      clearTimeout(this._timer);
      this._state = "closed";
      this._each((socket) => socket._leave(reason, why));
      this._fire("close", reason, why);
      this._retry();
    }
    _retry() {
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
    const { origin, nsp, query } = resolve(uri || "/");
    const settings = { ...opts };
    if (query && !settings.query) settings.query = Object.fromEntries(new URLSearchParams(query));
    const key = origin + (settings.path || "");
    const known = managers.get(key);
    if (settings.forceNew || settings.multiplex === false || known?.nsps.has(nsp)) {
      return new Manager(origin, settings).socket(nsp, settings);
    }
    const manager = known || new Manager(origin, settings);
    managers.set(key, manager);
    return manager.socket(nsp, settings);
  }
  function resolve(uri) {
    const page = globalThis.location;
    if (!/^\/|:\/\//.test(uri)) uri = "//" + uri;
    const [, scheme = page?.protocol || "https:", host = page?.host, path, query] = /^(?:([a-z]+:)?\/\/([^/?#]*))?([^?#]*)\??([^#]*)/i.exec(uri);
    return {
      origin: new URL(scheme.replace(/^ws/i, "http") + "//" + host).origin,
      nsp: path || "/",
      query
    };
  }

  // src/global.ts
  globalThis.io = Object.assign(io, { io, connect: io, Manager, Socket, protocol });
})();
