import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { client, connect, connected, eachMode, ask, refused, settled } from "../harness/clients.js";
import { Peer } from "../harness/raw.js";
import { until } from "../harness/within.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

eachMode(test, "connects and tells who it is", async (t, mode, name) => {
  const socket = await connected(t, server, { ...mode, auth: { user: "ann" } });
  assert.match(socket.id, /^[A-Za-z0-9_-]{20}$/);
  assert.notEqual(socket.id, socket.io.engine.id, "the public id must not be the session's secret one");
  assert.deepEqual(await ask(socket, "whoami"), {
    id: socket.id,
    nsp: "/",
    rooms: [socket.id],
    data: { runs: 1, user: "ann" },
    recovered: false,
    transport: settled[name],
    protocol: 4,
  });
});

eachMode(test, "passes the handshake on", async (t, mode) => {
  const extraHeaders = { "x-custom": "a value" };
  const socket = await connected(t, server, {
    ...mode,
    auth: { user: "ann", list: [1, null, "ü"] },
    query: { colour: "blue", empty: "" },
    extraHeaders,
  });
  const handshake = await ask(socket, "handshake");
  assert.deepEqual(handshake.auth, { user: "ann", list: [1, null, "ü"] });
  assert.equal(handshake.query.colour, "blue");
  assert.equal(handshake.query.empty, "");
  assert.equal(handshake.query.EIO, "4");
  assert.equal(handshake.headers["x-custom"], "a value");
  assert.equal(handshake.headers.host, new URL(server.origin).host);
  assert.ok(handshake.url.startsWith("/socket.io/?"), handshake.url);
  assert.equal(handshake.secure, false);
  assert.ok(Math.abs(Date.now() - handshake.issued) < 60000, `issued ${handshake.issued}`);
});

eachMode(test, "an empty auth is an empty object", async (t, mode) => {
  const socket = await connected(t, server, mode);
  assert.deepEqual((await ask(socket, "handshake")).auth, {});
});

eachMode(test, "refuses an unknown namespace and keeps the connection", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const stranger = socket.io.socket("/nobody-registered-this");
  t.after(() => stranger.disconnect());
  const error = await refused(stranger);
  assert.equal(error.message, "Invalid namespace");
  assert.equal(error.data, undefined);
  assert.equal(await ask(socket, "echo", "still here"), "still here");
});

eachMode(test, "several namespaces share one connection", async (t, mode) => {
  const socket = await connected(t, server, mode);
  await until(5000, "the earlier clients to go", async () => (await server.stats()).main.clients === 1);
  const custom = socket.io.socket("/custom");
  t.after(() => custom.disconnect());
  await connect(custom);
  assert.equal((await server.stats()).main.clients, 1);
  assert.notEqual(custom.id, socket.id);
  assert.equal((await ask(custom, "whoami")).nsp, "/custom");
  assert.equal((await ask(socket, "whoami")).nsp, "/");
});

test("an id is never used twice", async (t) => {
  const sockets = await Promise.all(Array.from({ length: 20 }, () =>
    connected(t, server, { transports: ["websocket"] })));
  assert.equal(new Set(sockets.flatMap((s) => [s.id, s.io.engine.id])).size, 40);
});

test("the statistics count clients and sockets, and forget them", async (t) => {
  const { wsonly: before } = await server.stats();
  const socket = await connected(t, server, { mount: "wsonly", transports: ["websocket"] });
  assert.deepEqual((await server.stats()).wsonly, { clients: before.clients + 1, sockets: before.sockets + 1 });
  const { id } = socket;
  socket.disconnect();
  await server.departed(id);
  const { wsonly: left } = await server.stats();
  assert.equal(left.sockets, before.sockets);
});

test("mounts restrict their transports", async (t) => {
  for (const [mount, upgrades] of [["socket.io", ["websocket"]], ["noupgrade", []], ["pollonly", []]]) {
    const open = await new Peer(server, `/${mount}/`).handshake();
    assert.deepEqual(open.upgrades, upgrades, mount);
  }
  const socket = await connected(t, server, { mount: "noupgrade" });
  assert.equal((await ask(socket, "whoami")).transport, "polling");

  const polling = await connected(t, server, { mount: "pollonly" });
  assert.equal((await ask(polling, "whoami")).transport, "polling");

  const direct = await connected(t, server, { mount: "wsonly", transports: ["websocket"] });
  assert.equal((await ask(direct, "whoami")).transport, "websocket");

  await refused(client(t, server, { mount: "wsonly", transports: ["polling"] }));
  await refused(client(t, server, { mount: "pollonly", transports: ["websocket"] }));
});

test("a policy refuses before anything is opened", async (t) => {
  for (const transports of [["polling"], ["websocket"]]) {
    const error = await refused(client(t, server, { mount: "strict", transports, query: { deny: "plain" } }));
    assert.equal(error.type, "TransportError");
  }
  assert.equal((await server.stats()).strict.clients, 0);
  await connected(t, server, { mount: "strict" });
});
