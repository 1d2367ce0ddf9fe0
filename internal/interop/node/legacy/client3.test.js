// socket.io-client 3, which speaks the protocols of version 4.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { io } from "socket.io-client-3";
import { Server } from "../harness/server.js";
import { eachMode, next, settled } from "../harness/clients.js";
import { oldAsk } from "../harness/legacy.js";
import { within } from "../harness/within.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

function client(t, { nsp = "/", ...options }) {
  const socket = io(server.origin + nsp, { forceNew: true, reconnection: false, ...options });
  t.after(() => socket.disconnect());
  return socket;
}

async function connected(t, options) {
  const socket = client(t, options);
  await next(socket, "connect");
  const { engine } = socket.io;
  if (options.transports.length === 2 && engine.transport.name !== "websocket") {
    await within(5000, "the upgrade", new Promise((resolve) => engine.once("upgrade", resolve)));
  }
  return socket;
}

eachMode(test, "connects, echoes and counts as protocol 4", async (t, mode, name) => {
  const socket = await connected(t, { ...mode, auth: { user: "ann" } });
  const who = await oldAsk(socket, "whoami");
  assert.equal(who.id, socket.id);
  assert.equal(who.protocol, 4);
  assert.equal(who.transport, settled[name]);
  assert.deepEqual(who.data, { runs: 1, user: "ann" });
  assert.deepEqual(await oldAsk(socket, "echo", { a: ["😀", 1] }), { a: ["😀", 1] });
});

eachMode(test, "carries bytes and answers", async (t, mode) => {
  const socket = await connected(t, mode);
  assert.deepEqual(Buffer.from(await oldAsk(socket, "echo", Buffer.from([1, 2, 3]))), Buffer.from([1, 2, 3]));
  socket.on("called", (value, ack) => ack(value));
  assert.deepEqual(await oldAsk(socket, "call-me", 2000, [7]), { timedOut: false, response: 7 });
});

eachMode(test, "is refused by namespaces", async (t, mode) => {
  const [error] = await next(client(t, { ...mode, nsp: "/restricted" }), "connect_error");
  assert.equal(error.message, "forbidden");
  assert.deepEqual(error.data, { required: "token" });
  const [unknown] = await next(client(t, { ...mode, nsp: "/nobody-registered-this" }), "connect_error");
  assert.equal(unknown.message, "Invalid namespace");
});

eachMode(test, "is told goodbye", async (t, mode) => {
  const socket = await connected(t, { ...mode, nsp: "/custom" });
  const why = next(socket, "disconnect");
  socket.emit("bye", false);
  assert.deepEqual(await why, ["io server disconnect"]);
});
