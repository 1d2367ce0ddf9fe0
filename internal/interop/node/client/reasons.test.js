// What both sides call the end of a connection, and who reconnects.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { connected, connect, eachMode, ask, next } from "../harness/clients.js";
import { within } from "../harness/within.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

// ending runs an action and checks the reasons of both sides; the client
// keeps reconnecting if its side of the table says so.
async function ending(t, options, action, { client, servers, reconnects }) {
  const socket = await connected(t, server, { ...options, reconnection: true, reconnectionDelay: 10 });
  const { id } = socket;
  const gone = next(socket, "disconnect");
  let again = null;
  if (reconnects) again = next(socket, "connect");
  action(socket);
  assert.equal((await gone)[0], client);
  const reason = await server.departed(id);
  assert.ok(servers.includes(reason), `the server saw ${reason}`);
  assert.equal(socket.active, reconnects);
  if (!reconnects) return;
  await again;
  assert.notEqual(socket.id, id);
  assert.equal(await ask(socket, "echo", "back"), "back");
}

for (const close of [false, true]) {
  eachMode(test, `server disconnect(${close})`, (t, mode) =>
    ending(t, mode, (socket) => socket.emit("bye", close), {
      client: "io server disconnect",
      servers: ["server namespace disconnect"],
      reconnects: false,
    }));
}

eachMode(test, "client disconnect()", (t, mode) =>
  ending(t, mode, (socket) => socket.disconnect(), {
    client: "io client disconnect",
    servers: ["client namespace disconnect"],
    reconnects: false,
  }));

eachMode(test, "the client closes its engine", (t, mode) =>
  ending(t, mode, (socket) => socket.io.engine.close(), {
    client: "forced close",
    servers: ["transport close"],
    reconnects: true,
  }));

for (const [what, packet] of [["an invalid packet", "4abc"], ["a second CONNECT", "40"], ["a reserved event", '42["disconnect"]']]) {
  eachMode(test, `${what} from the client`, (t, mode) =>
    ending(t, mode, (socket) => socket.io.engine.write(packet.slice(1)), {
      client: "transport close",
      servers: ["forced close", "parse error", "transport error"],
      reconnects: true,
    }));
}

test("a lost websocket", (t) =>
  ending(t, { transports: ["websocket"] }, (socket) => socket.io.engine.transport.ws.terminate(), {
    client: "transport close",
    servers: ["transport close"],
    reconnects: true,
  }));

for (const transports of [["polling"], ["websocket"]]) {
  test(`no pong in time (${transports})`, async (t) => {
    const socket = await connected(t, server, { transports, mount: "fast" });
    const { id } = socket;
    const { engine } = socket.io;
    const write = engine._sendPacket.bind(engine);
    engine._sendPacket = (type, ...rest) => type !== "pong" && write(type, ...rest);
    const gone = next(socket, "disconnect");
    assert.equal(await server.departed(id), "ping timeout");
    await gone;
  });
}

eachMode(test, "rooms are known while disconnecting and gone after", async (t, mode) => {
  const observer = await connected(t, server, mode);
  const socket = await connected(t, server, mode);
  const { id } = socket;
  await ask(socket, "join", ["r1", "r2"]);
  assert.equal(await ask(observer, "departure", id), null);
  socket.disconnect();
  await server.departed(id);
  assert.deepEqual(await ask(observer, "departure", id), {
    disconnecting: "client namespace disconnect",
    rooms: [id, "r1", "r2"].sort(),
    disconnect: "client namespace disconnect",
    roomsAfter: [],
  });
});

eachMode(test, "the server shuts down", async (t, mode) => {
  const own = await Server.start("conformance");
  t.after(() => own.kill());
  const socket = await connected(t, own, mode);
  const custom = socket.io.socket("/custom");
  await connect(custom);
  const ids = [socket.id, custom.id];
  await own.stats(); // behind the poll that has just been sent
  const gone = next(socket, "disconnect");
  const ended = own.stop();
  for (const id of ids) assert.equal(await own.departed(id), "server shutting down");
  assert.equal((await gone)[0], "transport close");
  assert.deepEqual(await ended, { code: 0, signal: null });
});

test("the server ends in time although a request is incomplete", async (t) => {
  const own = await Server.start("conformance");
  t.after(() => own.kill());
  const { createConnection } = await import("node:net");
  const half = createConnection(own.port, "127.0.0.1");
  half.on("error", () => {});
  half.write("POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4");
  await new Promise((resolve) => half.once("connect", resolve));
  await fetch(`${own.origin}/healthz`);
  assert.deepEqual(await within(5000, "the end", own.stop()), { code: 0, signal: null });
  half.destroy();
});
