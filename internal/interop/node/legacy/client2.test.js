// socket.io-client 2, over Engine.IO 3 (ENG-12, WIRE-03).
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server, official } from "../harness/server.js";
import { connected, eachMode, ask, next, record, settled, take } from "../harness/clients.js";
import { oldClient, oldConnect, oldConnected, oldRefused, oldAsk } from "../harness/legacy.js";
import { within, until } from "../harness/within.js";

// For the mount with quick heartbeats: their answers need not be quick.
const env = { PING_INTERVAL: "300", PING_TIMEOUT: "2000", UPGRADE_TIMEOUT: "10000" };

let server;
before(async () => (server = await Server.start("conformance", { env })));
after(() => server.stop());

const bytes = (size) => Buffer.from(Array.from({ length: size }, (_, i) => i % 251));

eachMode(test, "connects and tells who it is", async (t, mode, name) => {
  const socket = await oldConnected(t, server, mode);
  assert.equal(socket.id, socket.io.engine.id);
  assert.deepEqual(await oldAsk(socket, "whoami"), {
    id: socket.id,
    nsp: "/",
    rooms: [socket.id],
    data: { runs: 1 },
    recovered: false,
    transport: settled[name],
    protocol: 3,
  });
});

eachMode(test, "the query is in the handshake", async (t, mode) => {
  const socket = await oldConnected(t, server, { ...mode, query: { colour: "blue", token: "a b&c" } });
  const handshake = await oldAsk(socket, "handshake");
  assert.equal(handshake.query.EIO, "3");
  assert.equal(handshake.query.colour, "blue");
  assert.equal(handshake.query.token, "a b&c");
  assert.deepEqual(handshake.auth, {});
});

eachMode(test, "carries text and structures there and back", async (t, mode) => {
  const socket = await oldConnected(t, server, mode);
  const values = ["", "héllo wörld", "€ and 😀😀 and 한국", "a\u2028b\u2029c\u0001\n\\n\\\\n", 12.5, null, true, [1, [2]], { a: { b: [] } }];
  for (const value of values) assert.deepEqual(await oldAsk(socket, "echo", value), value);
  const echoed = next(socket, "echo");
  socket.emit("echo", "two", { three: 4 });
  assert.deepEqual(await echoed, ["two", { three: 4 }]);
});

eachMode(test, "carries bytes there and back", async (t, mode) => {
  const socket = await oldConnected(t, server, mode);
  const { sum, length, binary } = await oldAsk(socket, "inspect", bytes(1000));
  assert.deepEqual({ binary, length, sum }, { binary: true, length: 1000, sum: bytes(1000).reduce((a, b) => a + b) % 65521 });
  for (const size of [0, 1, 9, 10, 99, 100, 70000]) {
    assert.deepEqual(Buffer.from(await oldAsk(socket, "make", "bytes", size)), bytes(size), `${size} bytes`);
  }
  const { list } = await oldAsk(socket, "make", "nested", 300);
  assert.deepEqual(Buffer.from(list[0]), bytes(300));
  assert.deepEqual(Buffer.from(list[1].deep), bytes(300));
  const echoed = next(socket, "echo");
  socket.emit("echo", bytes(5), "😀", { b: bytes(300) });
  const [first, text, nested] = await echoed;
  assert.deepEqual(Buffer.from(first), bytes(5));
  assert.equal(text, "😀");
  assert.deepEqual(Buffer.from(nested.b), bytes(300));
});

eachMode(test, "carries large texts", async (t, mode) => {
  const socket = await oldConnected(t, server, mode);
  const text = await oldAsk(socket, "make", "text", 300000);
  assert.equal(text.length, 300000);
  const large = "ä€😀".repeat(20000);
  assert.equal(await oldAsk(socket, "echo", large), large);
});

eachMode(test, "answers events of the server", async (t, mode) => {
  const socket = await oldConnected(t, server, mode);
  socket.on("called", (value, ack) => ack({ got: value }));
  assert.deepEqual(await oldAsk(socket, "call-me", 2000, ["x"]), { timedOut: false, response: { got: "x" } });
  socket.off("called");
  socket.on("called", (value, ack) => ack(bytes(3)));
  const { response } = await oldAsk(socket, "call-me", 2000, ["x"]);
  assert.deepEqual(Buffer.from(response), bytes(3));
});

eachMode(test, "keeps the order of a burst", async (t, mode) => {
  const socket = await oldConnected(t, server, mode);
  const got = take(socket, "burst", 500);
  socket.emit("burst", 500);
  assert.deepEqual(await got, Array.from({ length: 500 }, (_, i) => i));
});

eachMode(test, "joins namespaces with a query for what auth is today (B-58)", async (t, mode) => {
  const socket = await oldConnected(t, server, { ...mode, nsp: "/restricted?token=secret&user=ann%20b" });
  const who = await oldAsk(socket, "whoami");
  assert.equal(who.nsp, "/restricted");
  assert.equal(who.id, `/restricted#${socket.io.engine.id}`);
  assert.equal(socket.id, who.id);
  assert.deepEqual((await oldAsk(socket, "handshake")).auth, { token: "secret", user: "ann b" });
});

eachMode(test, "several namespaces share one connection", async (t, mode) => {
  const socket = await oldConnected(t, server, mode);
  const custom = socket.io.socket("/custom");
  await oldConnect(custom);
  assert.equal((await oldAsk(custom, "whoami")).nsp, "/custom");
  const gone = server.departed(custom.id);
  custom.disconnect();
  assert.equal(await gone, "client namespace disconnect");
  assert.equal((await oldAsk(socket, "whoami")).nsp, "/");
});

eachMode(test, "is refused by a middleware with its data (B-79)", async (t, mode) => {
  assert.deepEqual(await oldRefused(oldClient(t, server, { ...mode, nsp: "/restricted?token=wrong" })), { required: "token" });
  assert.deepEqual(await oldRefused(oldClient(t, server, { ...mode, nsp: "/chain?failAt=b" })), { steps: ["a", "b"] });
});

eachMode(test, "is refused by an unknown namespace and stays connected", async (t, mode) => {
  const socket = await oldConnected(t, server, mode);
  const error = await oldRefused(socket.io.socket("/nobody-registered-this"));
  assert.equal(error.message ?? error, "Invalid namespace");
  if (!official) assert.equal(error, "Invalid namespace");
  assert.equal(await oldAsk(socket, "echo", "still here"), "still here");
});

eachMode(test, "rooms and broadcasts reach old and new clients alike", async (t, mode) => {
  const old = await oldConnected(t, server, mode);
  const young = await connected(t, server, mode);
  const room = `both ${old.id}`;
  await oldAsk(old, "join", room);
  await ask(young, "join", room);
  const heard = [record(old, "news"), record(young, "news")];
  const spec = { scope: "nsp", to: [room] };
  await oldAsk(old, "broadcast", spec, "news", ["text", 1]);
  await ask(young, "broadcast", spec, "news", [bytes(4)]);
  await until(5000, "both broadcasts to arrive", () => heard.every((list) => list.length === 2));
  for (const [text, [data]] of heard) {
    assert.deepEqual(text, ["text", 1]);
    assert.deepEqual(Buffer.from(data), bytes(4));
  }
});

eachMode(test, "learns why it is disconnected", async (t, mode) => {
  const kicked = await oldConnected(t, server, mode);
  let why = next(kicked, "disconnect");
  let { id } = kicked;
  kicked.emit("bye", false);
  assert.deepEqual(await why, ["io server disconnect"]);
  assert.equal(await server.departed(id), "server namespace disconnect");

  const leaving = await oldConnected(t, server, mode);
  ({ id } = leaving);
  why = next(leaving, "disconnect");
  leaving.disconnect();
  assert.deepEqual(await why, ["io client disconnect"]);
  assert.match(await server.departed(id), /^(client namespace disconnect|transport close)$/);

  const cut = await oldConnected(t, server, mode);
  ({ id } = cut);
  cut.io.engine.close();
  assert.equal(await server.departed(id), "transport close");
});

eachMode(test, "lives on by its own heartbeats", async (t, mode) => {
  const socket = await oldConnected(t, server, { ...mode, mount: "fast" });
  const { engine } = socket.io;
  const pongs = record(engine, "pong");
  socket.on("disconnect", (why) => assert.fail(`disconnected: ${why}`));
  // Pinged each 300 ms, and given up after 2,300 ms: ten are well beyond it.
  await until(10000, "ten pongs", () => pongs.length >= 10);
  assert.equal((await oldAsk(socket, "whoami")).protocol, 3);
  socket.off("disconnect");
});

test("without its heartbeats it is given up", async (t) => {
  const socket = await oldConnected(t, server, { mount: "fast", transports: ["websocket"] });
  const { id, io: { engine } } = socket;
  // It sends no pings, and does not miss the answers, which it would at the same time as the server.
  clearTimeout(engine.pingIntervalTimer);
  clearTimeout(engine.pingTimeoutTimer);
  engine.off("heartbeat");
  assert.equal(await server.departed(id), "ping timeout");
});

test("reconnects after the connection broke", async (t) => {
  const socket = await oldConnected(t, server, { transports: ["websocket"], reconnection: true, reconnectionDelay: 10 });
  const before = socket.id;
  const again = next(socket, "reconnect");
  socket.io.engine.close();
  await again;
  await until(5000, "the new connection", () => socket.connected);
  assert.notEqual(socket.id, before);
});

for (const options of [{ forceBase64: true, transports: ["polling"] }, { forceBase64: true, transports: ["websocket"] }]) {
  test(`takes bytes as base64 over ${options.transports[0]} (ENG-13)`, async (t) => {
    const socket = await oldConnected(t, server, options);
    assert.deepEqual(Buffer.from(await oldAsk(socket, "make", "bytes", 1000)), bytes(1000));
    assert.deepEqual(Buffer.from(await oldAsk(socket, "echo", bytes(10))), bytes(10));
  });
}

for (const transports of [["polling"], ["websocket"]]) {
  test(`a server that is not told to serve it refuses it over ${transports[0]}`, async (t) => {
    const socket = oldClient(t, server, { mount: "noupgrade", transports });
    const error = await within(5000, "the refusal",
      new Promise((resolve) => socket.once("connect_error", resolve)));
    assert.equal(error.type, "TransportError");
    assert.equal(error.message, transports[0] === "polling" ? "xhr poll error" : "websocket error");
    assert.equal((await server.stats()).noupgrade.clients, 0);
  });
}
