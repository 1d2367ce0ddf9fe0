// Connection state recovery with the official client.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { setTimeout as pass } from "node:timers/promises";
import { Server } from "../harness/server.js";
import { client, connect, connected, modes, ask, next, record } from "../harness/clients.js";
import { pattern } from "../harness/bytes.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

const options = { mount: "recovery", ...modes.websocket };

// lose cuts the connection below the client and waits until the server has noticed.
async function lose(socket) {
  const gone = next(socket, "disconnect");
  socket.io.engine.close();
  await gone;
}

test("a client comes back as itself and gets what it missed", async (t) => {
  const socket = await connected(t, server, options);
  const other = await connected(t, server, options);
  assert.equal(socket.recovered, false);
  await ask(socket, "join", "r");
  await ask(socket, "set-data", { kept: 1 });
  const first = next(socket, "news");
  await ask(other, "broadcast", { scope: "nsp", to: ["r"] }, "news", [0]);
  await first;

  const { id } = socket;
  await lose(socket);
  await ask(other, "broadcast", { scope: "nsp", to: ["r"] }, "news", [1, "text"]);
  await ask(other, "broadcast", { scope: "nsp", to: ["elsewhere"] }, "news", [2]);
  await ask(other, "broadcast", { scope: "nsp", to: ["r"] }, "news", [3, pattern(5)]);

  const got = record(socket, "news");
  await connect(socket);
  assert.equal(socket.recovered, true);
  assert.equal(socket.id, id);
  const who = await ask(socket, "whoami");
  assert.equal(who.recovered, true);
  assert.deepEqual(who.rooms, [id, "r"].sort());
  assert.equal(who.data.kept, 1);
  // Listeners see the offset, a string more, as with the official server.
  assert.deepEqual(got.map((args) => args.slice(0, 2)), [[1, "text"], [3, pattern(5)]]);
});

test("after the window it is somebody new", async (t) => {
  const socket = await connected(t, server, options);
  const answer = next(socket, "echo");
  socket.emit("echo", 1);
  await answer;
  const { id } = socket;
  await lose(socket);
  await pass(1700);
  await connect(socket);
  assert.equal(socket.recovered, false);
  assert.notEqual(socket.id, id);
});

test("whoever leaves on purpose does not come back", async (t) => {
  const socket = await connected(t, server, options);
  const answer = next(socket, "echo");
  socket.emit("echo", 1);
  await answer;
  const { id } = socket;
  socket.disconnect();
  await server.departed(id);
  const again = client(t, server, options);
  await connect(again);
  assert.equal(again.recovered, false);
  assert.notEqual(again.id, id);
});
