// The process of the conformance application: where it listens, what it
// prints, how it ends.
import { test } from "node:test";
import assert from "node:assert/strict";
import { connect as dial } from "node:net";
import { once } from "node:events";
import * as parser from "socket.io-msgpack-parser";
import { Server } from "../harness/server.js";
import { ask, connect, connected } from "../harness/clients.js";
import { oldConnected } from "../harness/legacy.js";
import { within } from "../harness/within.js";

async function start(t) {
  const server = await Server.start("conformance");
  t.after(() => server.kill());
  return server;
}

test("several run side by side", async (t) => {
  const [one, two] = await Promise.all([start(t), start(t)]);
  assert.notEqual(one.port, two.port);
  const socket = await connected(t, one);
  await connected(t, two);
  assert.equal((await ask(socket, "fetch-sockets", { scope: "nsp" })).length, 1);
  await one.stop();
  assert.equal((await fetch(`${two.origin}/healthz`)).status, 200);
});

test("it says who has left each mount and namespace, and why (NSP-16)", async (t) => {
  const server = await start(t);
  for (const options of [
    {}, { nsp: "/custom" }, { nsp: "/dynamic-7" }, { nsp: "/tenant-t", auth: { tenant: "t" } }, { mount: "strict", nsp: "/chain" },
    { mount: "msgpack", parser }, { mount: "wsonly", transports: ["websocket"] }, { mount: "pollonly", transports: ["polling"] },
  ]) {
    const socket = await connected(t, server, options);
    const { id } = socket;
    socket.emit("bye", false);
    assert.equal(await server.departed(id), "server namespace disconnect");
  }
});

test("it ends within 5 seconds, and every socket hears of it first (OPS-01)", async (t) => {
  const server = await start(t);
  const ids = [];
  for (const options of [
    { transports: ["polling"] }, { transports: ["websocket"] }, { transports: ["polling", "websocket"] },
    { mount: "strict", nsp: "/custom" }, { mount: "recovery", nsp: "/dynamic-3" },
    { mount: "msgpack", parser }, { mount: "deflate" }, { mount: "noupgrade", transports: ["polling"] },
  ]) {
    ids.push((await connected(t, server, options)).id);
  }
  ids.push((await oldConnected(t, server)).id);
  const main = await connected(t, server);
  const custom = main.io.socket("/custom");
  await connect(custom);
  ids.push(main.id, custom.id);

  // Requests which never become complete: a head, a body, an upgrade, a poll without a namespace.
  const cut = [
    "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n",
    "POST /fast/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4",
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n",
    "",
  ];
  const { sid } = JSON.parse((await (await fetch(`${server.origin}/strict/?EIO=4&transport=polling`)).text()).slice(1));
  cut.push(`POST /strict/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n42[`);
  for (const text of cut) {
    const half = dial(server.port, "127.0.0.1");
    half.on("error", () => {});
    t.after(() => half.destroy());
    await once(half, "connect");
    if (text !== "") await new Promise((resolve) => half.write(text, resolve));
  }
  await fetch(`${server.origin}/healthz`); // behind the others
  ids.push((await connected(t, server, { mount: "fast" })).id); // the last: it would not outlive a long pause of this machine

  const ended = within(5000, "the end", server.stop());
  for (const id of ids) assert.equal(await server.departed(id), "server shutting down", id);
  assert.deepEqual(await ended, { code: 0, signal: null });
});

test("it ends at once when nobody is there", async (t) => {
  const server = await start(t);
  assert.deepEqual(await within(2000, "the end", server.stop()), { code: 0, signal: null });
});
