import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { connected, ask, next, modes, record } from "../harness/clients.js";
import { until } from "../harness/within.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

test("two hundred clients at once", { timeout: 60000 }, async (t) => {
  const kinds = Object.values(modes);
  const crowd = await Promise.all(Array.from({ length: 200 }, (_, i) =>
    connected(t, server, { ...kinds[i % kinds.length], auth: { user: i } })));
  assert.equal(new Set(crowd.map((socket) => socket.id)).size, 200);
  assert.deepEqual((await server.stats()).main, { clients: 200, sockets: 200 });

  const answers = await Promise.all(crowd.map((socket, i) => ask(socket, "echo", { i })));
  assert.deepEqual(answers, crowd.map((_, i) => ({ i })));

  const events = crowd.map((socket) => next(socket, "news", 20000));
  await ask(crowd[0], "broadcast", { scope: "nsp" }, "news", ["for all"]);
  for (const event of events) assert.deepEqual(await event, ["for all"]);

  // Ten rooms of twenty: each member hears its own room only.
  await Promise.all(crowd.map((socket, i) => ask(socket, "join", `room ${i % 10}`)));
  const heard = crowd.map((socket) => record(socket, "room news"));
  await Promise.all(Array.from({ length: 10 }, (_, r) =>
    ask(crowd[r], "broadcast", { scope: "nsp", to: [`room ${r}`] }, "room news", [r])));
  await Promise.all(crowd.map((socket) => ask(socket, "whoami")));
  assert.deepEqual(heard, crowd.map((_, i) => [[i % 10]]));

  for (const socket of crowd) socket.disconnect();
  await until(10000, "everyone to be gone", async () => {
    const { main } = await server.stats();
    return main.clients === 0 && main.sockets === 0;
  });
});
