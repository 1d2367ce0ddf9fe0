import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { connected, eachMode, ask, next } from "../harness/clients.js";
import { pattern, checksum } from "../harness/bytes.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

eachMode(test, "bytes of every size arrive whole", async (t, mode) => {
  const socket = await connected(t, server, mode);
  for (const size of [0, 1, 2, 3, 125, 126, 127, 255, 4095, 4096, 65535, 65536, 100000]) {
    const bytes = pattern(size);
    assert.deepEqual(await ask(socket, "inspect", bytes), checksum(bytes));
    assert.deepEqual(await ask(socket, "make", "bytes", size), bytes);
    assert.deepEqual(await ask(socket, "echo", bytes), bytes);
  }
});

eachMode(test, "every byte value survives", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  assert.deepEqual(await ask(socket, "echo", all), all);
});

eachMode(test, "typed arrays and views count as bytes", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const view = new Uint8Array(pattern(10)).subarray(3, 7);
  for (const value of [view, new Uint8Array([1, 2, 3]), new Uint8Array([9, 8]).buffer]) {
    const bytes = Buffer.from(value);
    assert.deepEqual(await ask(socket, "inspect", value), checksum(bytes));
    assert.deepEqual(Buffer.from(await ask(socket, "echo", value)), bytes);
  }
});

eachMode(test, "bytes nest in lists and objects, both ways", async (t, mode) => {
  const socket = await connected(t, server, mode);
  assert.deepEqual(await ask(socket, "make", "nested", 300), {
    list: [pattern(300), { deep: pattern(300) }],
    size: 300,
  });
  const value = { a: pattern(5), list: [1, pattern(0), { deep: { deeper: [pattern(7)] } }], text: "ü", none: null };
  assert.deepEqual(await ask(socket, "echo", value), value);

  const answer = next(socket, "echo");
  socket.emit("echo", pattern(3), "between", value, pattern(4));
  assert.deepEqual(await answer, [pattern(3), "between", value, pattern(4)]);
});

eachMode(test, "ten attachments are allowed", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const parts = Array.from({ length: 10 }, (_, i) => pattern(i * 10));
  const answer = next(socket, "echo");
  socket.emit("echo", ...parts);
  assert.deepEqual(await answer, parts);
});

eachMode(test, "eleven attachments end the connection", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const { id } = socket;
  const gone = next(socket, "disconnect");
  socket.emit("echo", ...Array.from({ length: 11 }, () => pattern(1)));
  await gone;
  assert.match(await server.departed(id), /^(parse error|forced close|transport error)$/);
});

eachMode(test, "an acknowledgement carries bytes in both directions", async (t, mode) => {
  const socket = await connected(t, server, mode);
  socket.on("called", (value, ack) => {
    assert.deepEqual(value, [pattern(9)]);
    ack({ back: pattern(1000) }, pattern(2));
  });
  assert.deepEqual(await ask(socket, "call-me-once", [[pattern(9)]]), [{ back: pattern(1000) }, pattern(2)]);
});

eachMode(test, "a placeholder look-alike without bytes stays an object", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const value = { _placeholder: true, num: 0 };
  assert.deepEqual(await ask(socket, "echo", value), value);
  assert.deepEqual(await ask(socket, "inspect", value), { binary: false, type: "object" });
});

eachMode(test, "text and bytes of many events stay in order", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const count = 100;
  const got = [];
  const done = new Promise((resolve) => socket.on("echo", (n, bytes) => {
    got.push([n, bytes]);
    if (got.length === count) resolve();
  }));
  for (let i = 0; i < count; i++) socket.emit("echo", i, i % 2 === 0 ? pattern(i) : `text ${i}`);
  await done;
  assert.deepEqual(got, Array.from({ length: count }, (_, i) => [i, i % 2 === 0 ? pattern(i) : `text ${i}`]));
});

test("a client forced to base64 is understood on a websocket", async (t) => {
  for (const transports of [["websocket"], ["polling"]]) {
    const socket = await connected(t, server, { transports, forceBase64: true });
    assert.deepEqual(await ask(socket, "inspect", pattern(500)), checksum(pattern(500)));
    assert.deepEqual(await ask(socket, "make", "bytes", 500), pattern(500));
  }
});
