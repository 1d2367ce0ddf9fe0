// The options of the connection, and the events of the engine.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { connect, next, start, upgraded, ways } from "./setup.mjs";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

test("tryAllTransports: the next one, where the first cannot connect", async (t) => {
  const s = await start(t, { transports: ["polling"] });
  const order = { transports: ["websocket", "polling"] };
  const failing = s.client("", { ...order, reconnection: false });
  await next(failing, "connect_error");
  const socket = s.client("", { ...order, reconnection: false, tryAllTransports: true });
  socket.on("connect_error", () => assert.fail("it was an error"));
  await next(socket, "connect");
  assert.equal(socket.io.engine.transport.name, "polling");
  // Where none can, that is an error, and told once.
  const none = connect("http://127.0.0.1:1", { ...order, forceNew: true, reconnection: false, tryAllTransports: true });
  const errors = [];
  none.on("connect_error", (e) => errors.push(e.message));
  await next(none.io, "error");
  await pause(30);
  assert.deepEqual(errors, ["xhr poll error"]);
});

test("without a transport that it knows, it says so", async () => {
  const socket = connect("http://127.0.0.1:1", { forceNew: true, reconnection: false, transports: ["carrier pigeon"] });
  assert.equal((await next(socket, "connect_error"))[0].message, "no transports available");
  socket.disconnect();
});

test("transports may be classes", async (t) => {
  const s = await start(t);
  const made = [];
  class Counted extends s.Fetch {
    constructor(url, opts) {
      made.push([url("http"), opts.marker]);
      super(url, opts);
    }
  }
  const socket = s.client("", { transports: [Counted], transportOptions: { polling: { marker: 1 }, websocket: { marker: 2 } } });
  await next(socket, "connect");
  assert.match(made[0][0], /^http:\/\/127\.0\.0\.1:\d+\/socket\.io\/\?EIO=4&transport=polling$/);
  assert.equal(made[0][1], 1);
  assert.equal(socket.io.engine.transport.name, "polling");
});

for (const [way, opts] of Object.entries(ways)) {
  test(`${way}: forceBase64`, async (t) => {
    const s = await start(t);
    const frames = [];
    s.server.engine.on("headers", (_, req) => req.socket.once("data", () => {}));
    s.server.on("connection", (peer) => peer.on("echo", (b, c, ack) => ack(b, c, b.length)));
    const socket = s.client("", { ...opts, forceBase64: true });
    await next(socket, "connect");
    if (way === "upgrade") await upgraded(socket);
    const send = socket.io.engine.transport.send;
    socket.io.engine.transport.send = function (list) {
      frames.push(...list);
      return send.call(this, list);
    };
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i);
    const answer = new Promise((done) => socket.emit("echo", bytes, new Blob([bytes]), (...a) => done(a)));
    socket.emit("after");
    const [b, c, n] = await answer;
    assert.deepEqual(new Uint8Array(b), bytes);
    assert.deepEqual(new Uint8Array(c), bytes);
    assert.equal(n, 300);
    if (way !== "polling") assert.equal(s.server.sockets.sockets.get(socket.id).conn.transport.supportsBinary, false);
  });
}

test("requestTimeout ends a poll that takes too long", async (t) => {
  const http = createServer(() => {}); // never answers
  await new Promise((done) => http.listen(0, "127.0.0.1", done));
  t.after(() => (http.closeAllConnections(), http.close()));
  const socket = connect(`http://127.0.0.1:${http.address().port}`, { forceNew: true, reconnection: false, requestTimeout: 50, transports: ["polling"] });
  const [error] = await next(socket, "connect_error");
  assert.equal(error.message, "xhr poll error");
  assert.equal(error.description.name, "AbortError");
  socket.disconnect();
});

test("timeout bounds an attempt", async (t) => {
  const http = createServer(() => {});
  await new Promise((done) => http.listen(0, "127.0.0.1", done));
  t.after(() => (http.closeAllConnections(), http.close()));
  const socket = connect(`http://127.0.0.1:${http.address().port}`, { forceNew: true, reconnection: false, timeout: 50 });
  assert.equal((await next(socket, "connect_error"))[0].message, "timeout");
  socket.disconnect();
});

test("addTrailingSlash, path, query and protocols are seen by the server", async (t) => {
  const http = createServer((req, res) => {
    urls.push(req.url);
    res.writeHead(400).end();
  });
  const urls = [];
  const protocols = [];
  http.on("upgrade", (req, socket) => {
    urls.push(req.url);
    protocols.push(req.headers["sec-websocket-protocol"]);
    socket.destroy();
  });
  await new Promise((done) => http.listen(0, "127.0.0.1", done));
  t.after(() => (http.closeAllConnections(), http.close()));
  const base = `http://127.0.0.1:${http.address().port}`;
  for (const [uri, opts, want] of [
    ["", {}, "/socket.io/?EIO=4&transport=polling"],
    ["", { path: "/a/b" }, "/a/b/?EIO=4&transport=polling"],
    ["", { path: "/a/b/", addTrailingSlash: false }, "/a/b?EIO=4&transport=polling"],
    ["/nsp?x=%C3%A4", { query: { y: "a b&", z: 0 } }, "/socket.io/?y=a+b%26&z=0&x=%C3%A4&EIO=4&transport=polling"],
    ["", { forceBase64: true }, "/socket.io/?EIO=4&transport=polling&b64=1"],
    ["", { transports: ["websocket"], protocols: ["one", "two"] }, "/socket.io/?EIO=4&transport=websocket"],
  ]) {
    const socket = connect(base + uri, { forceNew: true, reconnection: false, ...opts });
    await next(socket, "connect_error");
    assert.equal(urls.pop(), want);
    socket.disconnect();
  }
  assert.match(protocols[0], /one, ?two/);
});

// BRW-04.
test("closeOnBeforeunload closes without a word to the page", async (t) => {
  const s = await start(t);
  for (const closes of [false, true]) {
    const arrived = next(s.server, "connection");
    const socket = s.client("", { ...ways.websocket, closeOnBeforeunload: closes });
    const [[peer]] = await Promise.all([arrived, next(socket, "connect")]);
    socket.on("disconnect", () => assert.fail("the page was told"));
    const gone = next(peer, "disconnect", 300).then(([reason]) => reason, () => "still there");
    globalThis.dispatchEvent(new Event("beforeunload"));
    assert.equal(await gone, closes ? "transport close" : "still there");
    socket.off();
    socket.disconnect();
  }
});

// BRW-03.
test("withCredentials is told to fetch", async (t) => {
  const s = await start(t);
  const { fetch } = globalThis;
  const seen = [];
  globalThis.fetch = (url, init) => (seen.push(init.credentials), fetch(url, init));
  t.after(() => (globalThis.fetch = fetch));
  for (const withCredentials of [true, false]) {
    const socket = s.client("", { ...ways.polling, withCredentials });
    await next(socket, "connect");
    assert.equal(seen.shift(), withCredentials ? "include" : undefined);
    socket.disconnect();
    seen.length = 0;
  }
});

test("the manager's settings can be told and changed", () => {
  const { io } = connect("http://h.example", { forceNew: true, autoConnect: false, reconnectionDelay: 7, timeout: undefined });
  const told = () => ["reconnection", "reconnectionAttempts", "reconnectionDelay", "reconnectionDelayMax", "randomizationFactor", "timeout"].map((name) => io[name]());
  assert.deepEqual(told(), [true, Infinity, 7, 5000, 0.5, 20000]);
  assert.equal(io.reconnection(false).reconnectionAttempts(3).reconnectionDelay(1).reconnectionDelayMax(2).randomizationFactor(0).timeout(false), io);
  assert.deepEqual(told(), [false, 3, 1, 2, 0, false]);
});

test("an options object is left as it was", async (t) => {
  const s = await start(t);
  const options = Object.freeze({ transports: Object.freeze(["websocket"]), query: Object.freeze({ a: 1 }), auth: Object.freeze({}) });
  const copy = JSON.stringify(options);
  const socket = connect(s.url + "/?b=2", options);
  t.after(() => socket.disconnect());
  await next(socket, "connect");
  assert.equal(JSON.stringify(options), copy);
});

test("listeners for whatever is sent", async (t) => {
  const s = await start(t);
  s.server.on("connection", (peer) => peer.on("e", (_, ack) => ack?.()));
  const socket = s.client("", ways.websocket);
  const log = [];
  const last = (...args) => log.push(["last", ...args]);
  socket.onAnyOutgoing(last).prependAnyOutgoing((...args) => log.push(["first", ...args]));
  socket.emit("e", 1);
  assert.deepEqual(log, [], "it is not sent yet");
  socket.volatile.emit("e", "dropped");
  await next(socket, "connect");
  await socket.emitWithAck("e", new Uint8Array(2));
  assert.deepEqual(log, [["first", "e", 1], ["last", "e", 1], ["first", "e", new Uint8Array(2)], ["last", "e", new Uint8Array(2)]]);
  log.length = 0;
  socket.offAnyOutgoing(last);
  assert.equal(socket.listenersAnyOutgoing().length, 1);
  socket.emit("e", 3);
  assert.deepEqual(log, [["first", "e", 3]]);
  assert.deepEqual(socket.offAnyOutgoing().listenersAnyOutgoing(), []);
});

test("the engine's events", async (t) => {
  const s = await start(t, { pingInterval: 100 });
  s.server.on("connection", (peer) => peer.on("echo", (v, ack) => ack(v)));
  const socket = s.client("");
  const { engine } = socket.io;
  const log = [];
  for (const e of ["open", "handshake", "upgrading", "upgrade", "ping", "pong", "heartbeat", "flush", "drain", "close", "message", "data"]) {
    engine.on(e, () => log.push(e));
  }
  const packets = [];
  engine.on("packet", ({ type, data }) => packets.push(`< ${type} ${typeof data === "object" ? typeof data : data}`));
  engine.on("packetCreate", ({ type, data }) => packets.push(`> ${type} ${data}`));
  await next(socket, "connect");
  await upgraded(socket);
  await next(engine, "ping");
  await socket.emitWithAck("echo", "x");
  for (const e of ["open", "handshake", "upgrading", "upgrade", "ping", "pong", "heartbeat", "flush", "drain", "message", "data"]) {
    assert.ok(log.includes(e), `no "${e}"`);
  }
  assert.ok(log.indexOf("upgrading") < log.indexOf("upgrade"));
  assert.equal(packets[0], "< open object");
  for (const p of ["> message 0", "< ping ", "> pong ", '> message 20["echo","x"]', '< message 30["x"]']) {
    assert.ok(packets.includes(p), `no "${p}" in ${packets}`);
  }
  assert.equal(engine.readyState, "open");
  socket.disconnect();
  assert.equal(engine.readyState, "closed");
  assert.equal(log.at(-1), "close");
});

test("an error of the transport is told to the manager before the close", async (t) => {
  const s = await start(t);
  const socket = s.client("", ways.polling);
  await next(socket, "connect");
  const log = [];
  socket.io.on("error", (e) => log.push(e.message)).on("close", (reason) => log.push(reason));
  const closed = next(socket.io, "close");
  await s.kill();
  await closed;
  assert.deepEqual(log, ["xhr poll error", "transport error"]);
});

test("names that mean the same", async (t) => {
  const s = await start(t);
  const socket = s.client("");
  const log = [];
  const a = () => log.push("a");
  socket.on("e", a).on("f", a);
  socket.removeListener("e", a);
  assert.equal(socket.hasListeners("e"), false);
  socket.removeAllListeners("f");
  assert.equal(socket.hasListeners("f"), false);
  await next(socket, "connect");
  assert.equal(socket.io.nsps["/"], socket);
  const lost = next(socket, "disconnect");
  socket.io.disconnect();
  assert.equal((await lost)[0], "forced close");
  socket.open();
  await next(socket, "connect");
  const closed = next(socket, "disconnect");
  socket.close();
  assert.equal((await closed)[0], "io client disconnect");
});

// The offset is of a broadcast: of what is answered the server keeps nothing.
test("recovery is not led astray by a text in an event that wants an answer", async (t) => {
  const s = await start(t, { connectionStateRecovery: {} });
  const arrived = next(s.server, "connection");
  const socket = s.client("", ways.websocket);
  const [[peer]] = await Promise.all([arrived, next(socket, "connect")]);
  socket.on("ask", (_, answer) => answer());
  peer.emit("n", 1);
  await next(socket, "n");
  await peer.emitWithAck("ask", "no offset");
  socket.io.engine.close();
  await next(peer, "disconnect");
  await next(socket, "connect");
  assert.equal(socket.recovered, true);
});
