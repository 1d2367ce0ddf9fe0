import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { client, connect, connected, eachMode, ask, refused, next } from "../harness/clients.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

eachMode(test, "a middleware refuses with data", async (t, mode) => {
  const error = await refused(client(t, server, { ...mode, auth: { token: "bad" } }));
  assert.equal(error.message, "not authorized");
  assert.deepEqual(error.data, { code: 401, hint: ["try", { again: true }] });
});

eachMode(test, "a middleware refuses without data", async (t, mode) => {
  const error = await refused(client(t, server, { ...mode, auth: { token: "bare" } }));
  assert.equal(error.message, "no data here");
  assert.equal(error.data, undefined);
});

eachMode(test, "a middleware may take its time", async (t, mode) => {
  const socket = client(t, server, { ...mode, auth: { token: "slow" } });
  const started = Date.now();
  await connect(socket);
  assert.ok(Date.now() - started >= 250);
  assert.equal((await ask(socket, "whoami")).data.runs, 1);
});

eachMode(test, "a refused client may try again on the same connection", async (t, mode) => {
  const main = await connected(t, server, mode);
  const socket = main.io.socket("/restricted", { auth: { token: "wrong" } });
  const engine = main.io.engine.id;
  const error = await refused(socket);
  assert.equal(error.message, "forbidden");
  assert.deepEqual(error.data, { required: "token" });
  socket.auth = { token: "secret" };
  await connect(socket);
  assert.equal(main.io.engine.id, engine);
  assert.equal((await ask(socket, "whoami")).nsp, "/restricted");
});

eachMode(test, "middlewares run in order and stop at the first refusal", async (t, mode) => {
  const socket = await connected(t, server, { ...mode, nsp: "/chain" });
  assert.deepEqual((await ask(socket, "whoami")).data, { steps: ["a", "b", "c"] });
  for (const [letter, steps] of [["a", ["a"]], ["b", ["a", "b"]], ["c", ["a", "b", "c"]]]) {
    const error = await refused(client(t, server, { ...mode, nsp: "/chain", auth: { failAt: letter } }));
    assert.equal(error.message, `failed at ${letter}`);
    assert.deepEqual(error.data, { steps });
  }
});

eachMode(test, "middlewares run once for each connection to a namespace", async (t, mode) => {
  const socket = await connected(t, server, mode);
  assert.equal((await ask(socket, "whoami")).data.runs, 1);
  socket.disconnect();
  await connect(socket);
  assert.equal((await ask(socket, "whoami")).data.runs, 1);
});

eachMode(test, "each namespace has its own handshake payload, id and data", async (t, mode) => {
  const main = await connected(t, server, { ...mode, auth: { user: "ann" } });
  const other = main.io.socket("/dynamic-101", { auth: { user: "bob" } });
  await connect(other);
  assert.deepEqual((await ask(main, "handshake")).auth, { user: "ann" });
  assert.deepEqual((await ask(other, "handshake")).auth, { user: "bob" });
  assert.deepEqual((await ask(main, "whoami")).data, { runs: 1, user: "ann" });
  assert.deepEqual((await ask(other, "whoami")).data, { static: true });
});

eachMode(test, "events of one namespace do not reach another", async (t, mode) => {
  const main = await connected(t, server, mode);
  const custom = main.io.socket("/custom");
  await connect(custom);
  main.on("echo", () => assert.fail("an event of /custom came to /"));
  const answer = next(custom, "echo");
  custom.emit("echo", "for custom");
  assert.deepEqual(await answer, ["for custom"]);
  assert.deepEqual((await ask(main, "seen")).in, ["seen"]);
});

eachMode(test, "one namespace may be left while another stays", async (t, mode) => {
  const main = await connected(t, server, mode);
  const custom = main.io.socket("/custom");
  await connect(custom);
  const { id } = custom;
  custom.disconnect();
  assert.equal(await server.departed(id), "client namespace disconnect");
  assert.equal(await ask(main, "echo", 1), 1);
  await connect(custom);
  assert.notEqual(custom.id, id);
  assert.equal(await ask(custom, "echo", 2), 2);
});

eachMode(test, "the server may close one namespace only", async (t, mode) => {
  const main = await connected(t, server, mode);
  const custom = main.io.socket("/custom");
  await connect(custom);
  const { id } = custom;
  const gone = next(custom, "disconnect");
  custom.emit("bye", false);
  assert.equal((await gone)[0], "io server disconnect");
  assert.equal(await server.departed(id), "server namespace disconnect");
  assert.equal(await ask(main, "echo", 1), 1);
});

eachMode(test, "closing the connection from one namespace ends all", async (t, mode) => {
  const main = await connected(t, server, mode);
  const custom = main.io.socket("/custom");
  await connect(custom);
  const ids = [main.id, custom.id];
  const gone = [next(main, "disconnect"), next(custom, "disconnect")];
  custom.emit("bye", true);
  for (const event of gone) assert.equal((await event)[0], "io server disconnect");
  for (const id of ids) assert.equal(await server.departed(id), "server namespace disconnect");
});
