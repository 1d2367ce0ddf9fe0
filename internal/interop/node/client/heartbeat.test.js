import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { connected, eachMode, ask } from "../harness/clients.js";
import { within } from "../harness/within.js";

// A heartbeat is quick here, its answer is not: what is tested is that it
// happens, not how fast this machine is.
const env = { PING_INTERVAL: "150", PING_TIMEOUT: "3000", CONNECT_TIMEOUT: "10000" };

let server;
before(async () => (server = await Server.start("sio5", { env })));
after(() => server.stop());

// pings waits for so many heartbeats of an engine.
function pings(engine, count) {
  return within(10000, `${count} pings`, new Promise((resolve) => {
    let seen = 0;
    engine.on("ping", () => ++seen === count && resolve());
  }));
}

eachMode(test, "heartbeats keep a silent client connected", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const { id } = socket;
  socket.on("disconnect", (reason) => assert.fail(`disconnected: ${reason}`));
  await pings(socket.io.engine, 4);
  assert.equal(socket.id, id);
  assert.equal(await ask(socket, "message-with-ack", "alive"), "alive");
  socket.off("disconnect");
});

eachMode(test, "heartbeats go on beside traffic", async (t, mode) => {
  const socket = await connected(t, server, mode);
  let busy = true;
  const traffic = (async () => {
    for (let i = 0; busy; i++) assert.equal(await ask(socket, "message-with-ack", i), i);
  })();
  await pings(socket.io.engine, 3);
  busy = false;
  await traffic;
});

test("a heartbeat during the upgrade ends nothing", async (t) => {
  // The clients of one batch upgrade at every phase of the heartbeat.
  const crowd = await Promise.all(Array.from({ length: 30 }, async (_, i) => {
    const socket = await connected(t, server, { transports: ["polling", "websocket"] });
    await pings(socket.io.engine, 2);
    return ask(socket, "message-with-ack", i);
  }));
  assert.equal(crowd.length, 30);
});
