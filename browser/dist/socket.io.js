/*! go-socketio, MIT */
"use strict";
(() => {
  // src/codec.ts
  var SEPARATOR = "";
  var NAMES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];
  function decode(frame) {
    if (typeof frame !== "string") return { type: "message", data: frame };
    const data = frame.slice(1);
    return frame[0] === "b" ? { type: "message", data: Uint8Array.from(atob(data), (c) => c.charCodeAt(0)).buffer } : { type: NAMES[frame[0]], data };
  }
  async function asText(frame) {
    if (typeof frame === "string") return frame;
    const bytes = new Uint8Array(frame instanceof Blob ? await frame.arrayBuffer() : frame);
    return "b" + btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
  }
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
      const rest = fn && without(this.listeners(event), fn);
      if (event === void 0) {
        this._lists.clear();
      } else if (rest?.[0]) {
        this._lists.set(event, rest);
      } else {
        this._lists.delete(event);
      }
      return this;
    }
    listeners(event) {
      return this._lists.get(event) || [];
    }
    hasListeners(event) {
      return !!this.listeners(event)[0];
    }
    /** Delivers an event to the local listeners. */
    emit(event, ...args) {
      return this._fire(event, ...args);
    }
    /** The same, where `emit` means something else. */
    _fire(event, ...args) {
      for (const fn of this.listeners(event)) callOut(fn, this, args);
      return this;
    }
  };
  var { prototype } = Emitter;
  prototype.removeListener = prototype.removeAllListeners = prototype.off;
  function without(list, fn) {
    const at = list.findIndex((f) => f === fn || f.fn === fn);
    return list.filter((_, i) => i !== at);
  }

  // src/transport.ts
  function transportError(message, description, context) {
    return Object.assign(new Error(message), { type: "TransportError", description, context });
  }

  // src/polling.ts
  var Polling = class extends Emitter {
    constructor(url, opts) {
      super();
      this._abort = new AbortController();
      this._url = url;
      this._opts = opts;
      this._read();
    }
    get name() {
      return "polling";
    }
    /** False until the handshake, and while a POST is under way. */
    get writable() {
      return !!this._opened && !this._writing;
    }
    pause(done) {
      this._onPaused = done;
      this._checkPaused();
    }
    resume() {
      this._onPaused = void 0;
      if (!this._reading) this._read();
    }
    async send(frames) {
      this._writing = true;
      try {
        await this._request((await Promise.all(frames.map(asText))).join(SEPARATOR));
        this._writing = false;
        this._checkPaused();
        this._fire("idle");
      } catch (e) {
        this._fail(e);
      }
    }
    close(tell) {
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
          for (const frame of text.split(SEPARATOR)) this._fire("frame", frame);
        }
        this._reading = false;
        this._checkPaused();
      } catch (e) {
        this._fail(e);
      }
    }
    _fail(e) {
      this._fire("end", "transport error", e);
    }
    _checkPaused() {
      if (!this._reading && !this._writing) this._onPaused?.();
    }
    async _request(body) {
      const { withCredentials, extraHeaders, requestTimeout } = this._opts;
      let status, context;
      const timer = requestTimeout && setTimeout(() => this._abort.abort(), requestTimeout);
      try {
        const res = await fetch(this._url("http"), {
          method: body && "POST",
          body,
          // The goodbye is to survive the page; it is small enough for that.
          keepalive: body === "1",
          cache: "no-store",
          credentials: withCredentials ? "include" : void 0,
          headers: extraHeaders,
          signal: this._abort.signal
        });
        const text = await res.text();
        if (res.ok) return text;
        status = res.status;
        context = { status, responseText: text };
      } catch (e) {
        status = e;
      } finally {
        clearTimeout(timer);
      }
      throw transportError(body ? "xhr post error" : "xhr poll error", status, context);
    }
  };

  // src/websocket.ts
  var WebSocketTransport = class extends Emitter {
    constructor(url, opts) {
      super();
      this._base64 = opts.forceBase64;
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
      ws.onerror = (e) => this._fire("end", "transport error", transportError("websocket error", e));
      const closed = "websocket connection closed";
      ws.onclose = (e) => this._fire("end", "transport close", transportError(closed, closed, e));
    }
    get name() {
      return "websocket";
    }
    get writable() {
      return this._ws?.readyState === 1 && !this._busy;
    }
    get congested() {
      return this._ws.bufferedAmount > 16384;
    }
    async send(frames) {
      this._busy = this._base64;
      for (const frame of frames) this._ws.send(this._busy ? await asText(frame) : frame);
      this._busy = false;
      this._fire("idle");
    }
    close() {
      this.off();
      this._ws?.close();
    }
  };

  // src/engine.ts
  var transports = {
    polling: Polling,
    websocket: WebSocketTransport
  };
  var remembered = false;
  var nameOf = (T) => T.prototype.name;
  var alive = /* @__PURE__ */ new Set();
  globalThis.addEventListener?.("offline", () => alive.forEach((engine) => engine._onOffline()));
  var Engine = class extends Emitter {
    constructor(url, opts) {
      super();
      /** The session's id. It is a secret: whoever has it can speak as this client. */
      this.id = "";
      this.readyState = "opening";
      /** Frames not yet given to the transport. */
      this.writeBuffer = [];
      this._deadline = Infinity;
      /** Transports that are trying to take over. */
      this._probes = /* @__PURE__ */ new Set();
      /** Without a word to the listeners: the page is about to go. */
      this._onUnload = () => this.transport.close(true);
      this._url = url;
      this.opts = opts;
      this._transports = (opts.transports || Object.keys(transports)).map((t) => typeof t === "string" ? transports[t] : t).filter((T) => !!T);
      alive.add(this);
      if (opts.closeOnBeforeunload) globalThis.addEventListener?.("beforeunload", this._onUnload);
      this._open();
    }
    /** Queues a message. Text is sent as such, bytes as binary. */
    send(data) {
      return this._push(typeof data === "string" ? "4" + data : data);
    }
    write(data) {
      return this.send(data);
    }
    /** Sends what is queued, then ends the session. */
    close() {
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
    get _ready() {
      const { transport } = this;
      return this._awake && !this._moving && transport.writable && !transport.congested;
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
      alive.delete(this);
      globalThis.removeEventListener?.("beforeunload", this._onUnload);
      this._dropProbes();
      const failed = reason === "transport error";
      this.transport?.close(!failed && reason !== "transport close");
      if (failed) this._fire("error", error);
      this._fire("close", reason, error);
    }
    _onOffline() {
      if (!/^(localhost|127\.|\[::1)/.test(this._url.hostname)) {
        const lost = "network connection lost";
        this._end("transport close", transportError(lost, lost));
      }
    }
    _open() {
      const [first] = this._transports;
      const T = remembered && this.opts.rememberUpgrade && this._transports.find((T2) => nameOf(T2) === "websocket") || first;
      if (!T) {
        queueMicrotask(() => this._end("transport error", new Error("no transports available")));
        return;
      }
      this._use(this._make(T));
    }
    _make(T) {
      const name = nameOf(T);
      const { path, addTrailingSlash, query, forceBase64, transportOptions } = this.opts;
      const { origin, searchParams } = this._url;
      return new T(
        (scheme) => origin.replace(/^(http|ws)/, scheme) + (path || "/socket.io").replace(/\/$/, "") + (addTrailingSlash === false ? "?" : "/?") + new URLSearchParams({
          ...query,
          ...Object.fromEntries(searchParams),
          EIO: "4",
          transport: name,
          ...forceBase64 && { b64: "1" },
          ...this.id && { sid: this.id }
        }),
        { ...this.opts, ...transportOptions?.[name] }
      );
    }
    _use(transport) {
      this.transport = transport;
      transport.on("frame", (frame) => this._receive(frame)).on("idle", () => this._flush()).on("end", (reason, error) => {
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
    _push(frame) {
      if (this.readyState === "closed") return this;
      this._fire("packetCreate", decode(frame));
      this.writeBuffer.push(frame);
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
      const { transport, writeBuffer: queue } = this;
      if (this._moving || !transport.writable || this.readyState === "closed") return;
      if (queue.length) {
        const n = transport.name === "polling" && this._maxPayload ? fitting(queue, this._maxPayload) : queue.length;
        this._fire("flush");
        transport.send(queue.splice(0, n));
      } else if (this.readyState === "closing") {
        this._end("forced close");
      } else {
        this._fire("drain");
      }
    }
    _receive(frame) {
      if (this.readyState === "closing") return;
      let packet;
      try {
        packet = decode(frame);
        if (packet.type === "open") packet.data = JSON.parse(packet.data);
      } catch (e) {
        this._end("parse error", e);
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
    _onHandshake(shake) {
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
        if (better[1] && nameOf(T) === "websocket") setTimeout(probe, 200);
        else probe();
      }
    }
    _watch() {
      clearTimeout(this._watchdog);
      this._deadline = Date.now() + this._patience;
      this._watchdog = setTimeout(() => this._end("ping timeout"), this._patience);
    }
    /** Opens another transport beside the polling and, once it has proved itself, moves there. */
    _probe(T) {
      const old = this.transport;
      if (this.readyState !== "open" || this._moving || !old.pause) return;
      const probe = this._make(T);
      this._probes.add(probe);
      const giveUp = (_, error) => {
        probe.close();
        this._probes.delete(probe);
        if (this._moving) {
          this._moving = false;
          old.resume();
        }
        this._fire("upgradeError", error);
        this._flush();
      };
      probe.on("open", () => probe.send(["2probe"])).on("end", giveUp).on("frame", (frame) => {
        if (frame !== "3probe") return giveUp(0, new Error("probe error"));
        this._moving = true;
        this._probes.delete(probe);
        this._dropProbes();
        this._probes.add(probe);
        this._fire("upgrading", probe);
        old.pause(() => {
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
    _dropProbes() {
      for (const probe of this._probes) probe.close();
      this._probes.clear();
    }
  };

  // src/backoff.ts
  function backoff(attempt, { reconnectionDelay, reconnectionDelayMax: max, randomizationFactor }) {
    const mean = Math.min(reconnectionDelay * 2 ** attempt, max);
    const spread = mean * randomizationFactor;
    const low = mean - spread;
    return low + Math.random() * (Math.min(mean + spread, max) - low);
  }

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
      /** With `retries`: what is yet to be acknowledged, in order. */
      this._queue = [];
      this._any = [];
      this._anyOut = [];
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
      const { active, io: io2 } = this;
      this.active = true;
      if (io2._open) {
        if (!active) this._join();
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
      if (this.connected) this._send(1 /* Disconnect */);
      return this._quit("io client disconnect");
    }
    close() {
      return this.disconnect();
    }
    /**
     * Sends an event, at once or after connecting. A function in last place is
     * called with the server's answer; after `timeout`, and with `retries`, with
     * an error first.
     * Throws on a reserved name and on what JSON cannot hold.
     */
    emit(event, ...args) {
      const fn = typeof args.at(-1) === "function" ? args.pop() : void 0;
      this._dispatch(
        [event, ...args],
        fn && ((timed) => (error, answer) => {
          if (timed || !error) callOut(fn, this, timed ? [error, ...answer] : answer);
        })
      );
      return this;
    }
    /** Sends an event and waits for the server's answer, or fails with the connection. */
    emitWithAck(event, ...args) {
      return new Promise(
        (resolve, reject) => this._dispatch([event, ...args], () => (error, answer) => error ? reject(error) : resolve(answer[0]))
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
    /** Adds a listener for every event that is sent, at the time it is. */
    onAnyOutgoing(fn) {
      this._anyOut = [...this._anyOut, fn];
      return this;
    }
    prependAnyOutgoing(fn) {
      this._anyOut = [fn, ...this._anyOut];
      return this;
    }
    offAnyOutgoing(fn) {
      this._anyOut = fn ? without(this._anyOut, fn) : [];
      return this;
    }
    listenersAnyOutgoing() {
      return this._anyOut;
    }
    /** The connection is there: ask to join. */
    _join() {
      const { auth } = this;
      const mine = this.receiveBuffer = [];
      const ask = (data) => {
        if (this.receiveBuffer === mine) {
          this._send(0 /* Connect */, this._pid ? { pid: this._pid, offset: this._offset, ...data } : data);
        }
      };
      if (typeof auth !== "function") {
        ask(auth);
      } else {
        new Promise((done) => auth.length ? auth(done) : done(auth())).then(
          ask,
          (error) => this.receiveBuffer === mine && this._refuse(error)
        );
      }
    }
    _receive(packet) {
      const { type, data, id } = packet;
      if (!this.active) {
        if (data?.sid && type === 0 /* Connect */) this._send(1 /* Disconnect */);
      } else if (type === 2 /* Event */) {
        if (id !== void 0) data.push(this._answer(id));
        if (this.connected) {
          this._deliver(data);
        } else {
          this.receiveBuffer.push(data);
        }
      } else if (type === 3 /* Ack */) {
        this._pending.get(id)?.(null, data);
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
      this.receiveBuffer = [];
      if (!this.connected) {
        this._fire("connect_error", why || new Error(reason));
        return;
      }
      this.connected = false;
      this.id = void 0;
      this._fire("disconnect", reason, why);
      for (const [id, done] of [...this._pending]) {
        if (!this.sendBuffer.some((unsent) => unsent.id === id)) {
          done(new Error("socket has been disconnected"), []);
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
      const queued = !volatile && this._opts.retries;
      const id = wait || queued ? this._count++ : void 0;
      const packet = { type: 2 /* Event */, nsp: this.nsp, data, id };
      packet._frames = this.io._encode(packet);
      const done = wait?.(!!queued || timeout !== void 0);
      if (queued) {
        this._queue.push(Object.assign(packet, { _done: done, _timeout: timeout, _tries: 0 }));
        this._drain();
        return;
      }
      if (done) this._await(id, done, timeout);
      if (this.connected && engine._awake) {
        if (!volatile || engine._ready) this._transmit(packet);
      } else if (!volatile) {
        this.sendBuffer.push(packet);
      }
    }
    /** Sends the first event of the queue, unless that is done already. */
    _drain() {
      const head = this._queue[0];
      if (!head || head._busy || !this.connected || !this.io.engine._awake) return;
      head._busy = true;
      head._tries++;
      const done = (error, answer) => {
        head._busy = false;
        if (!error || head._tries > this._opts.retries) {
          this._queue.shift();
          head._done?.(error, answer);
        }
        this._drain();
      };
      this._await(head.id, done, head._timeout);
      this._transmit(head);
    }
    _transmit({ data, _frames }) {
      for (const fn of this._anyOut) callOut(fn, this, data);
      this.io._write(_frames);
    }
    _await(id, done, timeout) {
      let timer;
      const settle = (error, answer) => {
        clearTimeout(timer);
        this._pending.delete(id);
        done(error, answer);
      };
      this._pending.set(id, settle);
      if (timeout === void 0) return;
      timer = setTimeout(() => {
        this.sendBuffer = this.sendBuffer.filter((unsent) => unsent.id !== id);
        settle(new Error("operation has timed out"), []);
      }, timeout);
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
      for (const data of receiveBuffer) this._deliver(data);
      for (const packet of sendBuffer) this._transmit(packet);
      this._drain();
      this._fire("connect");
    }
    _deliver(data) {
      const last = data.at(-1);
      if (this._pid && typeof last === "string") this._offset = last;
      for (const fn of this._any) callOut(fn, this, data);
      this._fire(data[0], ...data.slice(1));
    }
    /** What a listener answers an event with; only the first call counts. */
    _answer(id) {
      let { engine } = this.io;
      return (...answer) => {
        if (this.connected && this.io.engine === engine) this._send(3 /* Ack */, answer, id);
        engine = void 0;
      };
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
      this.receiveBuffer = [];
      this.io._release();
    }
  };

  // src/manager.ts
  var SETTINGS = {
    reconnection: true,
    reconnectionAttempts: Infinity,
    reconnectionDelay: 1e3,
    reconnectionDelayMax: 5e3,
    randomizationFactor: 0.5,
    timeout: 2e4
  };
  var Manager = class extends Emitter {
    /** The server's address; the page's own host, if there is none. */
    constructor(uri, opts) {
      super();
      /** Sockets by namespace. */
      this.nsps = { __proto__: null };
      /** Attempts since the connection was last there. */
      this._attempts = 0;
      if (typeof uri === "object") {
        opts = uri;
        uri = "";
      }
      this._url = address(uri);
      opts = this.opts = { ...opts };
      for (const [name, value] of Object.entries(SETTINGS)) opts[name] ??= value;
      this._parser = opts.parser || { Encoder, Decoder };
      this._encoder = new this._parser.Encoder();
      if (opts.autoConnect !== false) this.open();
    }
    /** The socket of a namespace, made on first use. */
    socket(nsp, opts) {
      const socket = this.nsps[nsp] ??= new Socket(this, nsp, opts);
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
    disconnect() {
      this.close();
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
      if (!Object.values(this.nsps).some((socket) => socket.active)) this.close();
    }
    _dial(done) {
      clearTimeout(this._timer);
      this._dialled = this._wanted = true;
      const engine = this.engine = new Engine(this._url, this.opts);
      const limit = this.timeout();
      if (limit !== false) {
        this._timer = setTimeout(() => engine._end("timeout"), limit);
      }
      const decoder = new this._parser.Decoder();
      decoder.on("decoded", (packet) => {
        this._fire("packet", packet);
        this.nsps[packet.nsp]?._receive(packet);
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
      if (!wasOpen || reason === "transport error") this._fire("error", error);
      if (wasOpen) {
        this._attempts = 0;
        this._fire("close", reason, why);
      } else if (done) {
        return done(error);
      }
      this._retry();
    }
    _retry() {
      const { opts } = this;
      if (!this._wanted || this._reconnecting || this._dialled || !opts.reconnection) return;
      if (this._attempts >= opts.reconnectionAttempts) {
        this._attempts = 0;
        this._fire("reconnect_failed");
        return;
      }
      this._reconnecting = true;
      this._timer = setTimeout(() => {
        const n = ++this._attempts;
        this._reconnecting = opts.reconnection;
        if (opts.reconnection) this._fire("reconnect_attempt", n);
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
      for (const socket of Object.values(this.nsps)) {
        if (socket.active) fn(socket);
      }
    }
  };
  for (const [name] of Object.entries(SETTINGS)) {
    Manager.prototype[name] = function(value) {
      const opts = this.opts;
      if (value === void 0) return opts[name];
      opts[name] = value;
      return this;
    };
  }
  function complete2(uri) {
    return !uri ? "/" : /^\/|:\/\//.test(uri) ? uri : "//" + uri;
  }
  function address(uri) {
    return new URL(complete2(uri), globalThis.location?.href || "https://localhost");
  }

  // src/index.ts
  var managers = /* @__PURE__ */ new Map();
  var protocol = 5;
  function io(uri, opts = {}) {
    if (typeof uri === "object") {
      opts = uri;
      uri = "";
    }
    const nsp = /^(\w+:)?(\/\/[^/?#]*)?([^?#]*)/.exec(complete2(uri))[3] || "/";
    const key = address(uri).origin + (opts.path || "/socket.io");
    let manager = managers.get(key);
    const own = opts.forceNew || opts.multiplex === false || manager?.nsps[nsp];
    if (own || !manager) manager = new Manager(uri, opts);
    if (!own) managers.set(key, manager);
    return manager.socket(nsp, opts);
  }

  // src/webtransport.ts
  var WebTransportTransport = class extends Emitter {
    constructor(url, opts) {
      super();
      this.writable = false;
      this._fail = (e) => this._fire("end", "transport error", transportError("webtransport error", e));
      this._run(new URL(url("http")), opts).catch(this._fail);
    }
    get name() {
      return "webtransport";
    }
    async send(frames) {
      this.writable = false;
      try {
        for (const frame of frames) {
          const data = new Blob([frame]);
          const n = data.size;
          const head = n < 126 ? [n] : n < 65536 ? [126, n >> 8, n] : [127, 0, 0, 0, 0, n >> 24, n >> 16, n >> 8, n];
          if (typeof frame !== "string") head[0] |= 128;
          await this._writer.write(new Uint8Array(await new Blob([Uint8Array.from(head), data]).arrayBuffer()));
        }
      } catch (e) {
        this._fail(e);
        return;
      }
      this.writable = true;
      this._fire("idle");
    }
    close() {
      this.off();
      const end = () => this._session?.close();
      if (this._writer) this._writer.close().then(end, end);
      else end();
    }
    async _run(url, opts) {
      const sid = url.searchParams.get("sid");
      const session = this._session = new globalThis.WebTransport(
        "https://" + url.host + url.pathname,
        opts.transportOptions?.webtransport
      );
      session.closed.then(() => this._fire("end", "transport close"), this._fail);
      await session.ready;
      const { readable, writable } = await session.createBidirectionalStream();
      this._writer = writable.getWriter();
      const reader = readable.getReader();
      await this.send(["0" + (sid ? JSON.stringify({ sid }) : "")]);
      this._fire("open");
      let rest = new Uint8Array();
      const take = async (n) => {
        const parts = [rest];
        for (let have = rest.length; have < n; ) {
          const { value, done } = await reader.read();
          if (done) throw 0;
          parts.push(value);
          have += value.length;
        }
        const all = new Uint8Array(await new Blob(parts).arrayBuffer());
        rest = all.slice(n);
        return all.slice(0, n);
      };
      try {
        for (; ; ) {
          const [head] = await take(1);
          let size = head & 127;
          if (size > 125) size = (await take(size === 126 ? 2 : 8)).reduce((sum, byte) => sum * 256 + byte, 0);
          const data = await take(size);
          this._fire("frame", head & 128 ? data.buffer : new TextDecoder().decode(data));
        }
      } catch {
        session.close();
      }
    }
  };

  // src/global.ts
  transports.webtransport = WebTransportTransport;
  globalThis.io = Object.assign(io, { io, connect: io, Manager, Socket, protocol });
})();
//# sourceMappingURL=socket.io.js.map
