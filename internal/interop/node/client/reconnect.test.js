import { test } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { connected, eachMode, ask, next } from "../harness/clients.js";

eachMode(test, "a client returns after the server was restarted", async (t, mode) => {
  const first = await Server.start("conformance");
  t.after(() => first.kill());
  const socket = await connected(t, first, {
    ...mode,
    reconnection: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 50,
    auth: { user: "ann" },
  });
  const { id } = socket;
  const attempts = [];
  socket.io.on("reconnect_attempt", (n) => attempts.push(n));

  await first.stats(); // behind the poll that has just been sent
  const gone = next(socket, "disconnect");
  await first.stop();
  assert.equal((await gone)[0], "transport close");
  assert.equal(socket.active, true);

  // What is sent meanwhile is kept by the client and sent once it is back.
  const echoes = [];
  const all = new Promise((resolve) => socket.on("echo", (n) => echoes.push(n) === 3 && resolve()));
  for (const n of [1, 2, 3]) socket.emit("echo", n);

  const back = next(socket, "connect", 10000);
  const second = await Server.start("conformance", { port: first.port });
  t.after(() => second.kill());
  await back;
  assert.notEqual(socket.id, id);
  assert.ok(attempts.length > 0);
  await all;
  assert.deepEqual(echoes, [1, 2, 3]);
  assert.equal((await ask(socket, "whoami")).data.user, "ann");
});

eachMode(test, "a client returns after the server was killed", async (t, mode) => {
  const first = await Server.start("conformance");
  t.after(() => first.kill());
  const socket = await connected(t, first, { ...mode, reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 50 });
  const gone = next(socket, "disconnect");
  await first.kill();
  assert.match((await gone)[0], /^transport (close|error)$/);
  const back = next(socket, "connect", 10000);
  const second = await Server.start("conformance", { port: first.port });
  t.after(() => second.kill());
  await back;
  assert.equal(await ask(socket, "echo", "back"), "back");
});
