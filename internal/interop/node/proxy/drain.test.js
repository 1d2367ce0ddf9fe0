// One of two servers ends, and its clients move to the other.
import { test } from "node:test";
import assert from "node:assert/strict";
import http from "node:http";
import { connected, ask } from "../harness/clients.js";
import { until } from "../harness/within.js";
import { front, ways, pids, backs } from "./front.js";

test("the clients of a server that ends go on with the other", async (t) => {
  let address = 2;
  const sockets = await Promise.all([1, 2, 3, 4, 5, 6].flatMap(() => Object.values(ways).map((options) => {
    const agent = new http.Agent({ localAddress: `127.0.0.${address++}` });
    t.after(() => agent.destroy());
    return connected(t, front, { ...options, agent, reconnection: true, reconnectionDelay: 100, reconnectionDelayMax: 500 });
  })));
  await Promise.all(sockets.map((s) => ask(s, "echo", 0)));
  const reasons = new Set();
  for (const socket of sockets) socket.on("disconnect", (reason) => reasons.add(reason));
  process.kill(pids[0], "SIGTERM");
  await until(20000, "all clients to be on the other server", async () => {
    const stats = await (await fetch(`${backs[1]}/stats`)).json();
    return stats.main.sockets === sockets.length && sockets.every((s) => s.connected);
  });
  assert.ok(reasons.size > 0, "nobody was on the server that ended");
  assert.deepEqual(await Promise.all(sockets.map((s) => ask(s, "echo", 1))), sockets.map(() => 1));
});
