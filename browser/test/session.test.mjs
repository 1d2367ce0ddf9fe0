import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, next, start, upgraded, ways } from "./setup.mjs";

for (const [way, opts] of Object.entries(ways)) {
  const ready = async (socket) => {
    if (!socket.connected) await next(socket, "connect");
    if (way === "upgrade") await upgraded(socket);
  };

  test(`${way}: the reasons of a disconnection`, async (t) => {
    const s = await start(t);
    // The socket on both sides, what one of them does, and what each is told.
    const cases = [
      [(_, peer) => peer.disconnect(), "server namespace disconnect", "io server disconnect", false],
      [(_, peer) => peer.disconnect(true), "server namespace disconnect", "io server disconnect", false],
      [(socket) => socket.disconnect(), "client namespace disconnect", "io client disconnect", false],
      [(_, peer) => peer.conn.close(), "forced close", "transport close", true],
      [(socket) => socket.io.engine.close(), "transport close", "forced close", true],
      [(_, peer) => peer.conn.sendPacket("no such type"), undefined, "parse error", true],
    ];
    for (const [act, atServer, atClient, returns] of cases) {
      const arrived = next(s.server, "connection");
      const socket = s.client("", opts);
      const [[peer]] = await Promise.all([arrived, ready(socket)]);
      const serverSide = next(peer, "disconnect");
      const clientSide = next(socket, "disconnect");
      act(socket, peer);
      const [reason] = await clientSide;
      assert.equal(reason, atClient);
      assert.equal(socket.connected, false);
      assert.equal(socket.id, undefined);
      if (atServer) assert.equal((await serverSide)[0], atServer);
      assert.equal(socket.active, returns);
      if (returns) {
        await next(socket, "connect");
      } else {
        await new Promise((done) => setTimeout(done, 100));
        assert.equal(socket.connected, false);
        socket.connect();
        await next(socket, "connect");
      }
      socket.disconnect();
    }
  });

  test(`${way}: events emitted before the goodbye arrive`, async (t) => {
    const s = await start(t);
    const arrived = next(s.server, "connection");
    const socket = s.client("", opts);
    const [[peer]] = await Promise.all([arrived, ready(socket)]);
    // Seen on the wire: the server does not dispatch what comes this close to the end.
    const got = [];
    peer.conn.on("packet", ({ type, data }) => type === "message" && got.push(data));
    for (let i = 0; i < 3; i++) socket.emit("last", i);
    socket.disconnect();
    assert.equal((await next(peer, "disconnect"))[0], "client namespace disconnect");
    assert.deepEqual(got, ['2["last",0]', '2["last",1]', '2["last",2]', "1"]);
  });

  test(`${way}: a silent server is noticed`, async (t) => {
    const s = await start(t, { pingInterval: 100, pingTimeout: 100 });
    const arrived = next(s.server, "connection");
    const socket = s.client("", { ...opts, reconnection: false });
    const [[peer]] = await Promise.all([arrived, ready(socket)]);
    clearTimeout(peer.conn.pingIntervalTimer);
    const [reason] = await next(socket, "disconnect");
    assert.equal(reason, "ping timeout");
  });

  test(`${way}: comes back after the server was killed, and sends what waited`, async (t) => {
    const s = await start(t);
    const socket = s.client("", opts);
    await ready(socket);
    const id = socket.id;
    const events = [];
    for (const e of ["reconnect_attempt", "reconnect_error", "reconnect", "open", "close", "error"]) {
      socket.io.on(e, () => events.push(e));
    }
    const lost = next(socket, "disconnect");
    await s.kill();
    assert.match((await lost)[0], /^transport (close|error)$/);
    await next(socket.io, "reconnect_error");
    const got = [];
    socket.emit("late", 1);
    socket.volatile.emit("late", "never");
    const late = socket.emitWithAck("late", 2);
    const expired = new Promise((done) => socket.timeout(1).emit("late", "expired", done));
    assert.equal((await expired).message, "operation has timed out");
    await s.restart((server) =>
      server.on("connection", (peer) => peer.on("late", (v, ack) => (got.push(v), ack?.("ok")))),
    );
    await next(socket, "connect");
    assert.notEqual(socket.id, id);
    assert.equal(await late, "ok");
    assert.deepEqual(got, [1, 2]);
    // Polling fails, with an error of its own; a WebSocket closes.
    if (events[0] === "error") events.shift();
    assert.equal(events[0], "close");
    assert.deepEqual(events.slice(1, 4), ["reconnect_attempt", "error", "reconnect_error"]);
    assert.deepEqual(events.slice(-3), ["reconnect_attempt", "open", "reconnect"]);
  });
}

test("the first connection is tried again", async (t) => {
  const s = await start(t);
  await s.kill();
  const socket = s.client("");
  const [error] = await next(socket, "connect_error");
  assert.equal(error.message, "xhr poll error");
  assert.equal(error.type, "TransportError");
  assert.equal(socket.active, true);
  await s.restart();
  await next(socket, "connect");
});

test("the first connection over WebSocket is tried again", async (t) => {
  const s = await start(t);
  await s.kill();
  const socket = s.client("", ways.websocket);
  assert.equal((await next(socket, "connect_error"))[0].message, "websocket error");
  await s.restart();
  await next(socket, "connect");
});

// C17 D11 D13: also where nothing ever answered.
test("gives up after the attempts allowed, and can be called off", async (t) => {
  const s = await start(t);
  await s.kill();
  const socket = s.client("", { reconnectionAttempts: 2 });
  const attempts = [];
  socket.io.on("reconnect_attempt", (n) => attempts.push(n));
  await next(socket.io, "reconnect_failed");
  assert.deepEqual(attempts, [1, 2]);

  const other = s.client("");
  await next(other.io, "reconnect_attempt");
  await new Promise((done) => {
    other.io.once("reconnect_attempt", () => {
      other.disconnect();
      done();
    });
  });
  other.io.on("reconnect_attempt", () => assert.fail("called off, yet tried again"));
  other.io.on("error", () => assert.fail("called off, yet dialled"));
  await new Promise((done) => setTimeout(done, 150));
});

test("an attempt has a time limit", async (t) => {
  const s = await start(t, { allowRequest: () => {} });
  const socket = s.client("", { timeout: 50, reconnection: false });
  assert.equal((await next(socket, "connect_error"))[0].message, "timeout");
});

test("auth: object, callback, promise, anew for each attempt", async (t) => {
  const s = await start(t);
  s.server.on("connection", (peer) => peer.emit("auth", peer.handshake.auth));
  let n = 0;
  for (const [auth, want] of [
    [{ token: "é" }, { token: "é" }],
    [(done) => setTimeout(() => (done({ token: "cb" }), done({ token: "twice" })), 5), { token: "cb" }],
    [() => ({ token: "returned" }), { token: "returned" }],
    [async () => ({ n: ++n }), { n: 1 }],
    [undefined, {}],
  ]) {
    const socket = s.client("", { auth });
    assert.deepEqual((await next(socket, "auth"))[0], want);
    if (want.n) {
      socket.io.engine.close();
      assert.deepEqual((await next(socket, "auth"))[0], { n: 2 });
    }
    socket.disconnect();
  }
  const bad = s.client("", { auth: () => Promise.reject(new Error("no token")) });
  assert.equal((await next(bad, "connect_error"))[0].message, "no token");
  assert.equal(bad.active, false);
});

test("a refusal carries message and data, and is final until connect()", async (t) => {
  const s = await start(t);
  s.server.use((peer, go) =>
    go(peer.handshake.auth.token === "good" ? undefined : Object.assign(new Error("not you"), { data: { code: 7 } })),
  );
  const socket = s.client("", { auth: { token: "bad" } });
  const [error] = await next(socket, "connect_error");
  assert.ok(error instanceof Error);
  assert.equal(error.message, "not you");
  assert.deepEqual(error.data, { code: 7 });
  assert.equal(socket.active, false);
  socket.auth = { token: "good" };
  socket.connect();
  await next(socket, "connect");

  const nowhere = s.client("/nowhere");
  assert.equal((await next(nowhere, "connect_error"))[0].message, "Invalid namespace");
});

test("hosts share a connection, namespaces are told apart", async (t) => {
  const s = await start(t);
  s.server.of("/café");
  s.server.of("/b");
  const a = connect(s.url);
  const b = connect(s.url + "/b");
  const c = connect(s.url + "/café");
  const again = connect(s.url + "/b");
  const apart = connect(s.url + "/b", { forceNew: true });
  const single = connect(s.url + "/café", { multiplex: false });
  const ws = connect(s.url.replace("http", "ws") + "/b?x=1", { transports: ["websocket"] });
  const all = [a, b, c, again, apart, single, ws];
  t.after(() => all.forEach((x) => x.disconnect()));
  await Promise.all(all.map((x) => next(x, "connect")));
  assert.equal(a.io, b.io);
  assert.equal(a.io, c.io);
  assert.equal(new Set(all.map((x) => x.io)).size, 5);
  assert.equal(c.nsp, "/café");
  assert.equal(b.nsp, "/b");
  assert.equal(s.server.engine.clientsCount, 5);
});

test("query, headers and path reach the server", async (t) => {
  const s = await start(t, { path: "/rt" });
  const arrived = next(s.server, "connection");
  s.client("/?room=a%20b", { path: "/rt", extraHeaders: { "x-mine": "1" }, transports: ["polling"] });
  const [peer] = await arrived;
  assert.equal(peer.handshake.query.room, "a b");
  assert.equal(peer.handshake.headers["x-mine"], "1");
  assert.equal(peer.handshake.query.EIO, "4");
});

test("acknowledgements that wait when the connection is lost", async (t) => {
  const s = await start(t);
  const socket = s.client("");
  await next(socket, "connect");
  let plain = 0;
  socket.emit("unanswered", () => plain++);
  const timed = new Promise((done) => socket.timeout(5000).emit("unanswered", done));
  const promised = socket.emitWithAck("unanswered").catch((e) => e);
  await new Promise((done) => setTimeout(done, 20));
  socket.io.engine.close();
  assert.equal((await timed).message, "socket has been disconnected");
  assert.equal((await promised).message, "socket has been disconnected");
  assert.equal(plain, 0);
});

test("volatile events are dropped unless they can leave now", async (t) => {
  const s = await start(t);
  const got = [];
  s.server.on("connection", (peer) => {
    peer.on("v", (x) => got.push(x));
    peer.on("end", (ack) => ack());
  });
  const socket = s.client("", ways.polling);
  socket.volatile.emit("v", "too early");
  await next(socket, "connect");
  socket.volatile.emit("v", "now");
  await new Promise((done) => queueMicrotask(() => queueMicrotask(done)));
  socket.volatile.emit("v", "while a POST is under way");
  await socket.emitWithAck("end");
  assert.deepEqual(got, ["now"]);
});

test("reserved names are refused on both sides", async (t) => {
  const s = await start(t);
  const arrived = next(s.server, "connection");
  const socket = s.client("");
  const [[peer]] = await Promise.all([arrived, next(socket, "connect")]);
  assert.throws(() => socket.emit("connect"), /"connect" is a reserved event name/);
  await assert.rejects(socket.emitWithAck("disconnect"), /reserved event name/);
  peer.conn.send('2["disconnect","forged"]');
  assert.equal((await next(socket, "disconnect"))[0], "parse error");
});

test("listeners", async (t) => {
  const s = await start(t);
  s.server.on("connection", (peer) => peer.onAny((...args) => peer.emit(...args)));
  const socket = s.client("");
  await next(socket, "connect");
  const log = [];
  const a = (x) => log.push("a" + x);
  const b = (x) => log.push("b" + x);
  const any = (name, x) => log.push(name + x);
  socket.on("e", a).on("e", a).once("e", b).onAny(any);
  socket.prependAny((name) => log.push("first " + name));
  await socket.emit("e", 1) && (await next(socket, "e"));
  assert.deepEqual(log, ["first e", "e1", "a1", "a1", "b1"]);
  log.length = 0;
  socket.off("e", a).offAny(any);
  assert.equal(socket.listenersAny().length, 1);
  socket.offAny();
  socket.emit("e", 2);
  await next(socket, "e");
  assert.deepEqual(log, ["a2"]);
  assert.equal(socket.hasListeners("e"), true);
  socket.off("e");
  assert.equal(socket.hasListeners("e"), false);
  socket.send("hello");
  assert.deepEqual(await next(socket, "message"), ["hello"]);
});

test("session recovery", async (t) => {
  const s = await start(t, { connectionStateRecovery: {} });
  const arrived = next(s.server, "connection");
  const socket = s.client("");
  const [[peer]] = await Promise.all([arrived, next(socket, "connect")]);
  const id = socket.id;
  assert.equal(socket.recovered, false);
  peer.emit("n", 1);
  await next(socket, "n");
  const got = [];
  socket.on("n", (n) => got.push(n));
  socket.io.engine.close();
  await next(peer, "disconnect");
  s.server.emit("n", 2);
  s.server.emit("n", 3);
  await next(socket, "connect");
  assert.equal(socket.recovered, true);
  assert.equal(socket.id, id);
  assert.deepEqual(got, [2, 3]);
});

test("a socket that has left is left alone", async (t) => {
  const s = await start(t);
  const main = s.client();
  await next(main, "connect");
  const arrived = next(s.server.of("/side"), "connection");
  const side = main.io.socket("/side");
  const [[peer]] = await Promise.all([arrived, next(side, "connect")]);
  const got = [];
  side.onAny((name) => got.push(name));
  const gone = next(peer, "disconnect");
  side.disconnect();
  peer.emit("late");
  await gone;
  await main.timeout(50).emitWithAck("wait").catch(() => {});
  side.connect();
  await next(side, "connect");
  assert.deepEqual(got, []);
  assert.deepEqual(side.receiveBuffer, []);
});

test("a welcome that comes too late is answered with a goodbye", async (t) => {
  const s = await start(t);
  const main = s.client();
  await next(main, "connect");
  const nsp = s.server.of("/slow");
  nsp.use((_, go) => setTimeout(go, 30));
  const arrived = next(nsp, "connection");
  const slow = main.io.socket("/slow");
  slow.on("connect", () => assert.fail("it had left"));
  await new Promise((done) => setTimeout(done, 10));
  slow.disconnect();
  const [peer] = await arrived;
  assert.equal((await next(peer, "disconnect"))[0], "client namespace disconnect");
  assert.equal(slow.connected, false);
  assert.equal(main.connected, true);
});
