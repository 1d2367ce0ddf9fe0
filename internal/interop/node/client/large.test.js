import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { connected, eachMode, ask, next } from "../harness/clients.js";
import { pattern, checksum } from "../harness/bytes.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

eachMode(test, "large text, both ways", async (t, mode) => {
  const socket = await connected(t, server, mode);
  for (const size of [100_000, 500_000, 999_000]) {
    const text = "0123456789".repeat(size / 10);
    assert.equal(await ask(socket, "echo", text), text);
    assert.equal(await ask(socket, "make", "text", size), "x".repeat(size));
  }
});

eachMode(test, "large text of wide characters, both ways", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const text = "ü€😀".repeat(100_000);
  assert.equal(await ask(socket, "echo", text), text);
});

eachMode(test, "large bytes, both ways", async (t, mode) => {
  const socket = await connected(t, server, mode);
  // base64 makes four characters of three bytes, and the limit counts those.
  const top = mode.transports[0] === "polling" && mode.transports.length === 1 ? 740_000 : 1_000_000;
  for (const size of [100_000, 500_000, top]) {
    const bytes = pattern(size);
    assert.deepEqual(await ask(socket, "inspect", bytes), checksum(bytes));
    assert.deepEqual(await ask(socket, "make", "bytes", size), bytes);
  }
});

eachMode(test, "the server may send more than it takes", async (t, mode) => {
  const socket = await connected(t, server, mode);
  assert.deepEqual(await ask(socket, "make", "bytes", 3_000_000), pattern(3_000_000));
  assert.equal(await ask(socket, "make", "text", 3_000_000), "x".repeat(3_000_000));
});

eachMode(test, "many medium messages in one go", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const text = "y".repeat(20_000);
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => ask(socket, "echo", i + text)));
  assert.deepEqual(answers, Array.from({ length: 100 }, (_, i) => i + text));
});

const over = {
  "polling": "transport error",
  "websocket": "transport close",
  "polling,websocket": "transport close",
};

for (const [what, make] of [["text", (n) => "z".repeat(n)], ["bytes", pattern]]) {
  eachMode(test, `${what} over the limit end the connection`, async (t, mode) => {
    const socket = await connected(t, server, mode);
    const { id } = socket;
    const gone = next(socket, "disconnect");
    socket.emit("echo", make(1_000_001));
    assert.equal((await gone)[0], over[String(mode.transports)]);
    assert.match(await server.departed(id), /^transport (error|close)$/);
  });
}

eachMode(test, "the limit can be set", async (t, mode) => {
  const socket = await connected(t, server, { ...mode, mount: "strict" });
  const { id } = socket;
  assert.equal(await ask(socket, "echo", "z".repeat(900)), "z".repeat(900));
  const gone = next(socket, "disconnect");
  socket.emit("echo", "z".repeat(1001));
  assert.equal((await gone)[0], over[String(mode.transports)]);
  await server.departed(id);
});

test("a polling client splits what it sends to fit the limit", async (t) => {
  const socket = await connected(t, server, { transports: ["polling"], mount: "strict" });
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => ask(socket, "echo", i + "q".repeat(300))));
  assert.deepEqual(answers, Array.from({ length: 30 }, (_, i) => i + "q".repeat(300)));
});
