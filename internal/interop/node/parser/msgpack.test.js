// The official client with socket.io-msgpack-parser.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import parser from "socket.io-msgpack-parser";
import { Server } from "../harness/server.js";
import { client, connect, connected, eachMode, ask, next, refused } from "../harness/clients.js";
import { pattern, checksum } from "../harness/bytes.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

const using = (mode, more = {}) => ({ mount: "msgpack", parser, ...mode, ...more });

eachMode(test, "values of every kind come back", async (t, mode) => {
  const socket = await connected(t, server, using(mode));
  const values = [
    0, 1, -1, 127, 128, 255, 256, 65535, 65536, -32, -33, -128, -129, -32768, -32769, 2 ** 31, -(2 ** 31), 2 ** 32,
    Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0.5, -1.25, 1e-300, Infinity, -Infinity, "", "text", "é 😀 \u0000",
    "x".repeat(31), "x".repeat(32), "x".repeat(256), "x".repeat(70000), true, false, null, [], {}, [[[]]],
    { a: { b: [1, { c: null }] } }, Array.from({ length: 20 }, (_, i) => i), Array.from({ length: 70000 }, (_, i) => i),
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i])), new Date(1700000000123), { "": 1, __proto: 2 },
  ];
  for (const value of values) assert.deepEqual(await ask(socket, "echo", value), value);
  assert.ok(Number.isNaN(await ask(socket, "echo", NaN)));
});

eachMode(test, "bytes of every size arrive whole", async (t, mode) => {
  const socket = await connected(t, server, using(mode));
  for (const size of [0, 1, 255, 256, 65535, 65536, 100000]) {
    const bytes = pattern(size);
    assert.deepEqual(await ask(socket, "inspect", bytes), checksum(bytes));
    assert.deepEqual(await ask(socket, "make", "bytes", size), bytes);
    assert.deepEqual(await ask(socket, "echo", bytes), bytes);
  }
  assert.deepEqual(await ask(socket, "make", "nested", 300), { list: [pattern(300), { deep: pattern(300) }], size: 300 });
  const value = { a: pattern(5), list: [1, { deep: [pattern(7)] }], text: "ü", none: null };
  assert.deepEqual(await ask(socket, "echo", value), value);
});

eachMode(test, "more bytes than the default parser allows attachments", async (t, mode) => {
  const socket = await connected(t, server, using(mode));
  const parts = Array.from({ length: 20 }, (_, i) => pattern(i));
  const answer = next(socket, "echo");
  socket.emit("echo", ...parts);
  assert.deepEqual(await answer, parts);
});

eachMode(test, "what an ArrayBuffer holds is bytes", async (t, mode) => {
  const socket = await connected(t, server, using(mode));
  assert.deepEqual(Buffer.from(await ask(socket, "echo", new Uint8Array([9, 8]).buffer)), Buffer.from([9, 8]));
});

eachMode(test, "events, acks of both sides, broadcasts", async (t, mode) => {
  const socket = await connected(t, server, using(mode));
  const other = await connected(t, server, using(mode));
  const answer = next(socket, "echo");
  socket.emit("echo", 1, "two", pattern(3));
  assert.deepEqual(await answer, [1, "two", pattern(3)]);

  socket.once("called", (a, b, answer) => answer({ a, b, bytes: pattern(4) }));
  assert.deepEqual(await ask(socket, "call-me", 1000, ["x", pattern(2)]), {
    timedOut: false,
    response: { a: "x", b: pattern(2), bytes: pattern(4) },
  });
  assert.deepEqual((await ask(socket, "call-me", 50, [])).timedOut, true);

  await ask(socket, "join", "r");
  await ask(other, "join", "r");
  const got = next(other, "news");
  await ask(socket, "broadcast", { scope: "socket", to: ["r"] }, "news", [pattern(9), { n: 1 }]);
  assert.deepEqual(await got, [pattern(9), { n: 1 }]);

  for (const s of [socket, other]) s.on("poll", (answer) => answer(s.id));
  const poll = await ask(socket, "broadcast-ack", { scope: "nsp", to: ["r"] }, 1000, "poll", []);
  assert.deepEqual(poll.responses.sort(), [socket.id, other.id].sort());
});

eachMode(test, "auth, namespaces and refusals", async (t, mode) => {
  const socket = await connected(t, server, using(mode, { auth: { user: "u", n: 1 } }));
  assert.deepEqual((await ask(socket, "whoami")).data.user, "u");
  assert.deepEqual((await ask(socket, "handshake")).auth, { user: "u", n: 1 });

  const bad = await refused(client(t, server, using(mode, { auth: { token: "bad" } })));
  assert.equal(bad.message, "not authorized");
  assert.deepEqual(bad.data, { code: 401, hint: ["try", { again: true }] });
  const bare = await refused(client(t, server, using(mode, { auth: { token: "bare" } })));
  assert.equal(bare.message, "no data here");
  const unknown = await refused(client(t, server, using(mode, { nsp: "/nowhere" })));
  assert.equal(unknown.message, "Invalid namespace");

  const custom = client(t, server, using(mode, { nsp: "/custom" }));
  await connect(custom);
  assert.equal((await ask(custom, "whoami")).nsp, "/custom");
});

eachMode(test, "either side disconnects", async (t, mode) => {
  const socket = await connected(t, server, using(mode));
  const gone = next(socket, "disconnect");
  socket.emit("bye", false);
  assert.equal((await gone)[0], "io server disconnect");

  const other = await connected(t, server, using(mode));
  const { id } = other;
  other.disconnect();
  assert.equal(await server.departed(id), "client namespace disconnect");
});

test("a client with the default parser is not understood", async (t) => {
  const socket = client(t, server, { mount: "msgpack", transports: ["websocket"] });
  const closed = new Promise((resolve) => socket.io.on("close", resolve));
  socket.connect();
  await closed;
  assert.equal(socket.connected, false);
});
