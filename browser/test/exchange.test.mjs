import assert from "node:assert/strict";
import { test } from "node:test";
import { next, start, upgraded, ways } from "./setup.mjs";

for (const [way, opts] of Object.entries(ways)) {
  const ready = async (socket) => {
    if (!socket.connected) await next(socket, "connect");
    if (way === "upgrade") await upgraded(socket);
    assert.equal(socket.io.engine.transport.name, way === "polling" ? "polling" : "websocket");
  };

  test(`${way}: connects and knows its id`, async (t) => {
    const s = await start(t);
    const arrived = next(s.server, "connection");
    const socket = s.client("", opts);
    assert.equal(socket.connected, false);
    assert.equal(socket.active, true);
    await ready(socket);
    const [peer] = await arrived;
    assert.equal(socket.id, peer.id);
    assert.notEqual(socket.io.engine.id, socket.id);
    assert.equal(socket.io.engine.id, peer.conn.id);
    await new Promise((done) => {
      peer.on("sync", done);
      socket.emit("sync");
    });
    assert.equal(peer.conn.transport.name, socket.io.engine.transport.name);
  });

  test(`${way}: events keep their arguments and their order`, async (t) => {
    const s = await start(t);
    s.server.on("connection", (peer) => peer.onAny((...args) => peer.emit(...args)));
    const socket = s.client("", opts);
    await ready(socket);
    const args = [1, -1.5, "héllo €  \u{1F600} \u001e \u0000 \"", true, null, [1, [2]], { a: { b: "ü" } }];
    const back = next(socket, "mixed");
    socket.emit("mixed", ...args);
    assert.deepEqual(await back, args);

    const got = [];
    socket.on("n", (n) => got.push(n));
    for (let i = 0; i < 200; i++) socket.emit("n", i);
    socket.emit("end");
    await next(socket, "end");
    assert.deepEqual(got, Array.from({ length: 200 }, (_, i) => i));
  });

  test(`${way}: acknowledgements both ways`, async (t) => {
    const s = await start(t);
    s.server.on("connection", (peer) => {
      peer.on("add", (a, b, ack) => ack(a + b, "sum"));
      peer.on("ask", (ack) => peer.emit("question", 7, (...answer) => ack(...answer)));
    });
    const socket = s.client("", opts);
    await ready(socket);
    socket.on("question", (n, ack) => {
      ack(n * 2, "twice");
      ack("a second answer is not sent");
    });
    const answer = await new Promise((done) => socket.emit("add", 1, 2, (...a) => done(a)));
    assert.deepEqual(answer, [3, "sum"]);
    assert.equal(await socket.emitWithAck("add", 20, 3), 23);
    assert.equal(await socket.timeout(2000).emitWithAck("add", "a", "b"), "ab");
    const asked = await new Promise((done) => socket.timeout(2000).emit("ask", (...a) => done(a)));
    assert.deepEqual(asked, [null, 14, "twice"]);
  });

  // BRW-08.
  test(`${way}: binary both ways, in events and acknowledgements`, async (t) => {
    const s = await start(t);
    s.server.on("connection", (peer) => {
      peer.on("echo", (...args) => {
        const ack = args.pop();
        assert.ok(args.every((a) => Buffer.isBuffer(a) || a.deep));
        ack(...args);
      });
      peer.on("ask", (buffer, ack) => peer.emit("question", buffer, ack));
    });
    const socket = s.client("", opts);
    await ready(socket);
    const bytes = Uint8Array.from({ length: 70000 }, (_, i) => i * 7);
    const echo = (...args) => new Promise((done) => socket.emit("echo", ...args, (...a) => done(a)));

    const [a, b, c, d, e] = await echo(
      bytes,
      bytes.buffer,
      new Uint16Array([1, 2, 65535]),
      { deep: { list: [new DataView(bytes.buffer, 3, 5), "text"] } },
      new Blob([bytes.subarray(0, 10)]),
    );
    assert.ok(a instanceof ArrayBuffer);
    assert.deepEqual(new Uint8Array(a), bytes);
    assert.deepEqual(new Uint8Array(b), bytes);
    assert.deepEqual(new Uint16Array(c), new Uint16Array([1, 2, 65535]));
    assert.deepEqual(new Uint8Array(d.deep.list[0]), bytes.slice(3, 8));
    assert.equal(d.deep.list[1], "text");
    assert.deepEqual(new Uint8Array(e), bytes.slice(0, 10));
    assert.equal((await echo(new Uint8Array(0)))[0].byteLength, 0);

    socket.on("question", (buffer, ack) => ack({ same: new Uint8Array(buffer) }));
    const same = await socket.emitWithAck("ask", bytes.subarray(0, 3));
    assert.equal(same.same.byteLength, 3);
  });

  test(`${way}: bytes are those at the time of the emit`, async (t) => {
    const s = await start(t);
    s.server.on("connection", (peer) => peer.on("bytes", (b, ack) => ack(b[0])));
    const socket = s.client("", opts);
    await ready(socket);
    const bytes = new Uint8Array([1]);
    const answer = socket.emitWithAck("bytes", bytes);
    bytes[0] = 2;
    assert.equal(await answer, 1);
  });

  test(`${way}: large payloads`, async (t) => {
    const s = await start(t, { maxHttpBufferSize: 4e6 });
    s.server.on("connection", (peer) => peer.on("big", (v, ack) => ack(v)));
    const socket = s.client("", opts);
    await ready(socket);
    const text = "é".repeat(1_000_000);
    assert.equal(await socket.emitWithAck("big", text), text);
    const bytes = new Uint8Array(2_000_000).fill(171);
    assert.deepEqual(new Uint8Array(await socket.emitWithAck("big", bytes)), bytes);
  });

  test(`${way}: twenty namespaces on one connection`, async (t) => {
    const s = await start(t);
    s.server.of(/^\/n\d+$/).on("connection", (peer) => peer.on("where", (ack) => ack(peer.nsp.name)));
    const first = s.client("/n0", opts);
    const sockets = [first];
    for (let i = 1; i < 20; i++) sockets.push(first.io.socket("/n" + i));
    await Promise.all(sockets.map(ready));
    const names = await Promise.all(sockets.map((x) => x.emitWithAck("where")));
    assert.deepEqual(names, sockets.map((_, i) => "/n" + i));
    assert.equal(s.server.engine.clientsCount, 1);
    // One leaving does not disturb the others; the last one closes the connection.
    sockets[3].disconnect();
    assert.equal(await sockets[4].emitWithAck("where"), "/n4");
    const closed = next(first.io.engine, "close");
    for (const x of sockets) x.disconnect();
    assert.deepEqual((await closed)[0], "forced close");
  });

  test(`${way}: the heartbeat keeps the connection, and latency can be seen`, async (t) => {
    const s = await start(t, { pingInterval: 60, pingTimeout: 400 });
    const socket = s.client("", opts);
    await ready(socket);
    for (let i = 0; i < 5; i++) await next(socket.io, "ping");
    assert.equal(socket.connected, true);
  });
}

test("polling: posts stay below the server's limit", async (t) => {
  const s = await start(t, { maxHttpBufferSize: 2000 });
  let n = 0;
  s.server.on("connection", (peer) => peer.on("part", (text, i, ack) => (n++, ack?.(i))));
  const socket = s.client("", ways.polling);
  await next(socket, "connect");
  for (let i = 0; i < 60; i++) socket.emit("part", "é".repeat(300), i);
  for (let i = 0; i < 10; i++) socket.emit("part", new Uint8Array(900), i);
  assert.equal(await socket.timeout(4000).emitWithAck("part", "", 99), 99);
  assert.equal(n, 71);
});

test("nothing is lost or overtaken while the connection is upgraded", async (t) => {
  const s = await start(t);
  const atServer = [];
  s.server.on("connection", (peer) => {
    peer.on("up", (i, b) => atServer.push([i, b.length]));
    let i = 0;
    const timer = setInterval(() => {
      peer.emit("down", i, Buffer.alloc(i));
      if (++i === 100) clearInterval(timer), peer.emit("end");
    }, 1);
  });
  const socket = s.client();
  const atClient = [];
  socket.on("down", (i, b) => atClient.push([i, b.byteLength]));
  const end = next(socket, "end");
  await next(socket, "connect");
  for (let i = 0; i < 100; i++) {
    socket.emit("up", i, new Uint8Array(i));
    await new Promise((done) => setTimeout(done, 1));
  }
  await end;
  await upgraded(socket);
  assert.equal(await socket.timeout(1000).emitWithAck("up", 100, "").catch((e) => e.message), "operation has timed out");
  const wanted = Array.from({ length: 100 }, (_, i) => [i, i]);
  assert.deepEqual(atClient, wanted);
  assert.deepEqual(atServer, [...wanted, [100, 0]]);
});
