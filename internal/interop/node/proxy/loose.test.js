// A proxy that sends each request to any of two servers.
import { test } from "node:test";
import assert from "node:assert/strict";
import { connected, ask } from "../harness/clients.js";
import { pattern } from "../harness/bytes.js";
import { Peer } from "../harness/raw.js";
import { front, ways, clients } from "./front.js";

test("WebSocket alone needs no stickiness", async (t) => {
  const sockets = await Promise.all(Array.from({ length: 8 }, () =>
    connected(t, front, { ...ways.websocket, mount: "wsonly" })));
  for (let i = 0; i < 5; i++) {
    assert.deepEqual(await Promise.all(sockets.map((s) => ask(s, "echo", i, pattern(1000)))), sockets.map(() => i));
  }
  const [one, other] = await clients();
  assert.equal(one + other, 8);
  assert.ok(one > 0 && other > 0, `${one} and ${other} clients`);
});

test("polling does", async () => {
  const peer = new Peer(front, "/socket.io/");
  for (let i = 0; i < 20; i++) {
    const { sid } = await peer.handshake();
    const answer = await peer.push(sid, "40");
    const text = await answer.text();
    if (answer.status === 200) continue;
    assert.equal(answer.status, 400);
    assert.deepEqual(JSON.parse(text), { code: 1, message: "Session ID unknown" });
    return;
  }
  assert.fail("twenty sessions stayed where they were");
});
