// What the official client does and what is easy to miss, point by point.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Line } from "../../internal/interop/node/harness/line.js";
import { connect, Manager, next, start, upgraded, ways } from "./setup.mjs";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Puts something in the place of a global for the length of a test. */
function replace(t, name, value) {
  const before = globalThis[name];
  globalThis[name] = value;
  t.after(() => (globalThis[name] = before));
  return before;
}

// B-104 is "delays grow to the cap, are spread, and never pass it" in trouble.test.mjs.

// B-105: an attempt is told of before it is made, and may be called off.
test("B-105: reconnect_attempt comes before the dial and may cancel it", async (t) => {
  const s = await start(t);
  const socket = s.client("", ways.polling);
  await next(socket, "connect");
  const log = [];
  const { io } = socket;
  const first = io.engine;
  for (const e of ["reconnect_attempt", "error", "reconnect_error", "reconnect_failed"]) {
    io.on(e, () => log.push([e, io.engine === first]));
  }
  await s.kill();
  await next(io, "reconnect_attempt");
  await next(io, "reconnect_error");
  // By the time of reconnect_error the next attempt is planned, so calling it off works.
  io.on("reconnect_attempt", () => socket.disconnect());
  await next(io, "reconnect_attempt");
  const { engine } = io;
  await pause(150);
  assert.equal(io.engine, engine, "it was dialled");
  assert.equal(socket.active, false);
  const names = log.map(([e]) => e).filter((e) => e !== "reconnect_failed");
  assert.deepEqual(log.find(([e]) => e === "reconnect_attempt"), ["reconnect_attempt", true]);
  assert.deepEqual(names.slice(-4), ["reconnect_attempt", "error", "reconnect_error", "reconnect_attempt"]);
});

test("B-105: reconnection(false) calls off the attempt that was planned", async (t) => {
  const s = await start(t);
  const socket = s.client("", ways.polling);
  await next(socket, "connect");
  await s.kill();
  await next(socket.io, "reconnect_error");
  socket.io.on("reconnect_attempt", () => assert.fail("an attempt was made"));
  assert.equal(socket.io.reconnection(false), socket.io);
  assert.equal(socket.io.reconnection(), false);
  await pause(150);
});

// B-106: a refusal is final, a failure of the network is not.
test("B-106: who is refused does not come back by itself, who fails to get through does", async (t) => {
  const s = await start(t);
  let asked = 0;
  s.server.of("/closed").use((_, go) => {
    asked++;
    go(Object.assign(new Error("not you"), { data: { code: 7 } }));
  });
  const refused = s.client("/closed");
  const [error] = await next(refused, "connect_error");
  assert.equal(error.message, "not you");
  assert.deepEqual(error.data, { code: 7 });
  assert.equal(refused.active, false);
  await pause(150);
  assert.equal(asked, 1);

  await s.kill();
  const waiting = s.client("/");
  const [failure] = await next(waiting, "connect_error");
  assert.equal(failure.type, "TransportError");
  assert.equal(waiting.active, true);
  await s.restart();
  await next(waiting, "connect");
});

// B-107 is "the reasons of a disconnection" in session.test.mjs.

// B-108: what becomes of questions when the connection is lost.
test("B-108: questions fail with the connection, those not yet sent are kept", async (t) => {
  const s = await start(t);
  s.server.on("connection", (peer) => peer.on("quick", (ack) => ack("answer")));
  const socket = s.client("", { ...ways.websocket, reconnectionDelay: 50 });
  await next(socket, "connect");
  const got = [];
  socket.emit("never", () => got.push("plain"));
  socket.timeout(60_000).emit("never", (error) => got.push("timed: " + error.message));
  const promise = socket.emitWithAck("never").catch((error) => got.push("promise: " + error.message));
  const lost = next(socket, "disconnect");
  socket.io.engine.close();
  await lost;
  const kept = new Promise((done) => socket.emit("quick", done));
  await promise;
  assert.deepEqual(got, ["timed: socket has been disconnected", "promise: socket has been disconnected"]);
  assert.equal(await kept, "answer");
});

// B-109 is part of "comes back after the server was killed" in session.test.mjs.

// B-110: at least once, in order, one at a time, n+1 tries.
test("B-110: retries", async (t) => {
  const s = await start(t);
  const seen = [];
  const tries = {};
  s.server.on("connection", (peer) =>
    peer.on("item", (name, ack) => {
      seen.push(name);
      tries[name] = (tries[name] ?? 0) + 1;
      if (name === "first" && tries.first < 3) return;
      if (name === "lost") return;
      ack?.("got " + name);
    }),
  );
  const socket = s.client("", { ...ways.websocket, retries: 2, ackTimeout: 60 });
  const answers = [];
  const tell = (error, answer) => answers.push(error ? error.message : answer);
  // Before the connection is there, and without anybody who waits for an answer.
  socket.emit("item", "first", tell);
  socket.emit("item", "silent");
  socket.emit("item", "lost", tell);
  const last = socket.emitWithAck("item", "last");
  assert.equal(socket.sendBuffer.length, 0);
  assert.equal(await last, "got last");
  assert.deepEqual(seen, ["first", "first", "first", "silent", "lost", "lost", "lost", "last"]);
  assert.deepEqual(answers, ["got first", "operation has timed out"]);
  // A volatile event does not stand in line.
  const waits = socket.emitWithAck("item", "lost").catch((e) => e.message);
  socket.volatile.emit("item", "volatile");
  assert.equal(await waits, "operation has timed out");
  assert.deepEqual(seen.slice(8), ["lost", "volatile", "lost", "lost"]);
});

test("B-110: a retried event goes on with the next connection", async (t) => {
  const s = await start(t);
  const seen = [];
  let answering = false;
  s.server.on("connection", (peer) =>
    peer.on("item", (name, ack) => {
      seen.push(name);
      if (answering) ack();
    }),
  );
  // No time limit: without an answer, only a lost connection makes it try again.
  const socket = s.client("", { ...ways.websocket, retries: 3 });
  const done = Promise.all([socket.emitWithAck("item", "a"), socket.emitWithAck("item", "b")]);
  await next(socket, "connect");
  while (!seen.length) await pause(5);
  answering = true;
  socket.io.engine.close();
  await done;
  assert.deepEqual(seen, ["a", "a", "b"]);
});

test("B-110: an answer that was lost on the way leads to a second try", async (t) => {
  const s = await start(t);
  const line = await Line.to({ port: Number(new URL(s.url).port) });
  t.after(() => line.close());
  const seen = [];
  s.server.on("connection", (peer) => peer.on("item", (n, ack) => (seen.push(n), ack(n))));
  const socket = connect(line.origin, { ...ways.websocket, forceNew: true, retries: 5, ackTimeout: 100 });
  t.after(() => socket.disconnect());
  await next(socket, "connect");
  line.swallow();
  const answers = Promise.all([1, 2, 3].map((n) => socket.emitWithAck("item", n)));
  while (seen.length < 2) await pause(5);
  line.mend();
  assert.deepEqual(await answers, [1, 2, 3]);
  assert.deepEqual(seen.filter((n, i) => n !== seen[i - 1]), [1, 2, 3]);
  assert.ok(seen.length > 3);
});

// B-111: the sum is exact here, so that a payload of exactly the limit goes in one piece.
test("B-111: posts are filled up to the server's limit", async (t) => {
  const s = await start(t, { maxHttpBufferSize: 1000 });
  const socket = s.client("", ways.polling);
  await next(socket, "connect");
  const { fetch } = globalThis;
  const sizes = [];
  replace(t, "fetch", (url, init) => {
    if (init.body) sizes.push(Buffer.byteLength(init.body));
    return fetch(url, init);
  });
  const got = [];
  s.server.on("connection", () => {});
  s.server.sockets.sockets.get(socket.id).onAny((...args) => got.push(args.length));
  // ["e","..."] is 42["e","xx"]: 9 characters around the text.
  for (let i = 0; i < 10; i++) socket.emit("e", "x".repeat(90 - 1 + (i === 0)));
  for (let i = 0; i < 4; i++) socket.emit("b", new Uint8Array(300));
  while (got.length < 14) await pause(5);
  assert.ok(sizes.every((n) => n <= 1000), String(sizes));
  // The first ten are 99 bytes each (one is 100), with separators 1000 in all.
  assert.equal(sizes[0], 1000);
  // One that is too large by itself still goes alone, and is the server's to refuse.
  sizes.length = 0;
  socket.emit("e", "x".repeat(2000));
  socket.emit("e", "small");
  while (sizes.length < 1) await pause(5);
  assert.ok(sizes[0] > 2000);
});

// B-112 is "a machine that slept notices at the next emit" in trouble.test.mjs.

// B-113: with WebTransport on offer, WebSocket is held back a little.
test("B-113: WebSocket is probed at once, or 200 ms after WebTransport", async (t) => {
  const s = await start(t, { transports: ["polling", "websocket", "webtransport"] });
  const made = [];
  const Real = globalThis.WebSocket;
  replace(t, "WebSocket", class extends Real {
    constructor(...args) {
      made.push(performance.now());
      super(...args);
    }
  });
  class Stuck extends s.Fetch {
    constructor() {
      super(() => "http://127.0.0.1:1", {});
      this.off();
    }
    get name() {
      return "webtransport";
    }
    close() {}
  }
  for (const transports of [["polling", "websocket"], ["polling", "websocket", Stuck]]) {
    const socket = s.client("", { transports });
    await next(socket.io.engine, "open");
    const opened = performance.now();
    await upgraded(socket);
    const wait = made.pop() - opened;
    assert.ok(transports[2] ? wait > 150 : wait < 150, `${wait} ms with ${transports.length} transports`);
    assert.equal(socket.io.engine.transport.name, "websocket");
    socket.disconnect();
  }
});

// B-114: for the whole page, until an error.
test("B-114: rememberUpgrade", async (t) => {
  const s = await start(t);
  const fail = async () => {
    const failing = connect("http://127.0.0.1:1", { forceNew: true, reconnection: false, transports: ["polling"] });
    await next(failing, "connect_error");
  };
  await fail();
  const first = s.client("", { rememberUpgrade: true });
  assert.equal(first.io.engine.transport.name, "polling");
  await upgraded(first);
  const second = s.client("", { rememberUpgrade: true });
  assert.equal(second.io.engine.transport.name, "websocket");
  await next(second, "connect");
  const other = s.client("");
  assert.equal(other.io.engine.transport.name, "polling");
  await upgraded(other);
  // An error anywhere makes it forget.
  await upgraded(s.client(""));
  await fail();
  const third = s.client("", { rememberUpgrade: true });
  assert.equal(third.io.engine.transport.name, "polling");
});

// B-115: which addresses share a connection.
test("B-115: one connection for an origin and path, whatever the namespace", (t) => {
  const made = [];
  const at = (uri, opts) => {
    const socket = connect(uri, { autoConnect: false, ...opts });
    made.push(socket);
    return socket.io;
  };
  t.after(() => made.forEach((s) => s.disconnect()));
  const base = at("http://shared.example/a");
  assert.equal(at("http://shared.example:80/b"), base);
  assert.equal(at("http://shared.example/c?x=1"), base);
  assert.equal(at("http://shared.example/d", { path: "/socket.io" }), base);
  assert.equal(at("http://SHARED.example/e"), base);
  for (const [uri, opts] of [
    ["http://shared.example/f", { path: "/other" }],
    ["https://shared.example/f"],
    ["http://shared.example:81/f"],
    ["http://shared.example/f", { forceNew: true }],
    ["http://shared.example/f", { multiplex: false }],
    ["http://shared.example/a"], // asked for a second time
  ]) {
    assert.notEqual(at(uri, opts), base, uri);
  }
  // The first one stays the one that is shared.
  assert.equal(at("http://shared.example/g"), base);
});

// B-116: the path of the address is the namespace, the option the path on the server.
test("B-116: path and namespace", async (t) => {
  const s = await start(t, { path: "/deep/down" });
  s.server.of("/admin/ä").on("connection", (peer) => peer.emit("here", peer.nsp.name, peer.handshake.query));
  const socket = s.client("/admin/ä?a=1&b=%26", { path: "/deep/down/", query: { c: 2 } });
  assert.equal(socket.nsp, "/admin/ä");
  const [name, query] = await next(socket, "here");
  assert.equal(name, "/admin/ä");
  assert.deepEqual([query.a, query.b, query.c, query.EIO], ["1", "&", "2", "4"]);
  assert.equal(connect("http://h.example", { autoConnect: false, forceNew: true }).nsp, "/");
  assert.equal(connect("h.example/x", { autoConnect: false, forceNew: true }).nsp, "/x");
  assert.equal(new Manager("http://h.example/ignored", { autoConnect: false }).socket("/y").nsp, "/y");
});

// B-117: a WebSocket of a browser has no headers to give.
test("B-117: extraHeaders go with polling, and with nothing else", async (t) => {
  const s = await start(t);
  const headers = [];
  s.server.engine.on("headers", (_, req) => headers.push([req._query.transport, req.headers["x-token"]]));
  const socket = s.client("", { extraHeaders: { "x-token": "t" } });
  await next(socket, "connect");
  await upgraded(socket);
  await socket.timeout(50).emitWithAck("x").catch(() => {});
  const polling = headers.filter(([way]) => way === "polling");
  assert.ok(polling.length >= 2);
  assert.ok(polling.every(([, token]) => token === "t"));
  assert.deepEqual(headers.find(([way]) => way === "websocket"), ["websocket", undefined]);
});
