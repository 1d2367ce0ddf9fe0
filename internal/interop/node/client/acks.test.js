import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { connected, eachMode, ask } from "../harness/clients.js";
import { within } from "../harness/within.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

eachMode(test, "a callback gets every value of the acknowledgement", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const values = await within(5000, "the acknowledgement", new Promise((resolve) =>
    socket.emit("echo", 1, "two", { three: [3] }, null, (...all) => resolve(all))));
  assert.deepEqual(values, [1, "two", { three: [3] }, null]);
});

eachMode(test, "an acknowledgement may be empty", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const values = await within(5000, "the acknowledgement", new Promise((resolve) =>
    socket.emit("echo", (...all) => resolve(all))));
  assert.deepEqual(values, []);
});

eachMode(test, "emitWithAck resolves with the first value", async (t, mode) => {
  const socket = await connected(t, server, mode);
  assert.equal(await socket.emitWithAck("echo", "first", "second"), "first");
});

eachMode(test, "an unhandled event is not acknowledged", async (t, mode) => {
  const socket = await connected(t, server, mode);
  await assert.rejects(socket.timeout(50).emitWithAck("nobody handles this"), /operation has timed out/);
  assert.equal(await ask(socket, "echo", "after"), "after");
});

eachMode(test, "many acknowledgements find their callers", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => ask(socket, "echo", i)));
  assert.deepEqual(answers, Array.from({ length: 300 }, (_, i) => i));
});

eachMode(test, "the server calls the client", async (t, mode) => {
  const socket = await connected(t, server, mode);
  socket.on("called", (...args) => args.pop()({ got: args }, "second"));
  assert.deepEqual(await ask(socket, "call-me", 5000, ["x", 2, null]), {
    timedOut: false,
    response: { got: ["x", 2, null] },
  });
  assert.deepEqual(await ask(socket, "call-me-once", []), [{ got: [] }, "second"]);
});

eachMode(test, "an answer without a value is null to the server", async (t, mode) => {
  const socket = await connected(t, server, mode);
  socket.on("called", (ack) => ack());
  assert.deepEqual(await ask(socket, "call-me", 5000, []), { timedOut: false, response: null });
  assert.deepEqual(await ask(socket, "call-me-once", []), []);
});

eachMode(test, "the server stops waiting for a client that does not answer", async (t, mode) => {
  const socket = await connected(t, server, mode);
  let late;
  socket.on("called", (ack) => (late = ack));
  assert.deepEqual(await ask(socket, "call-me", 60, []), { timedOut: true, response: null });
  late("too late");
  assert.equal(await ask(socket, "echo", "alive"), "alive");
});

eachMode(test, "a waiting server still handles other events of the client", async (t, mode) => {
  const socket = await connected(t, server, mode);
  socket.on("called", async (ack) => ack(await ask(socket, "echo", "in between")));
  assert.deepEqual(await ask(socket, "call-me", 5000, []), { timedOut: false, response: "in between" });
});

eachMode(test, "calls in both directions cross", async (t, mode) => {
  const socket = await connected(t, server, mode);
  socket.on("called", (n, ack) => ack(n * 2));
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(socket, "call-me", 5000, [i])));
  assert.deepEqual(answers, Array.from({ length: 50 }, (_, i) => ({ timedOut: false, response: i * 2 })));
});

eachMode(test, "a broadcast collects the answers of everyone in a room", async (t, mode) => {
  const room = `answers ${mode.transports}`;
  const members = await Promise.all(Array.from({ length: 4 }, () => connected(t, server, mode)));
  for (const [i, socket] of members.entries()) {
    socket.on("question", (text, ack) => ack(`${text} ${i}`));
    await ask(socket, "join", room);
  }
  const all = await ask(members[0], "broadcast-ack", { scope: "nsp", to: [room] }, 5000, "question", ["q"]);
  assert.equal(all.timedOut, false);
  assert.deepEqual(all.responses.sort(), ["q 0", "q 1", "q 2", "q 3"]);

  const others = await ask(members[0], "broadcast-ack", { scope: "socket", to: [room] }, 5000, "question", ["q"]);
  assert.deepEqual(others.responses.sort(), ["q 1", "q 2", "q 3"]);
});

eachMode(test, "a broadcast with acknowledgements tells who did not answer in time", async (t, mode) => {
  const room = `silence ${mode.transports}`;
  const [asker, answers, silent] = await Promise.all([1, 2, 3].map(() => connected(t, server, mode)));
  answers.on("question", (ack) => ack("here"));
  silent.on("question", () => {});
  await ask(answers, "join", room);
  await ask(silent, "join", room);
  assert.deepEqual(await ask(asker, "broadcast-ack", { scope: "nsp", to: [room] }, 300, "question", []), {
    timedOut: true,
    responses: ["here"],
  });
});

eachMode(test, "a broadcast to nobody is answered at once", async (t, mode) => {
  const socket = await connected(t, server, mode);
  assert.deepEqual(await ask(socket, "broadcast-ack", { scope: "nsp", to: ["empty room"] }, 5000, "question", []), {
    timedOut: false,
    responses: [],
  });
});
