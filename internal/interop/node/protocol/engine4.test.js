// Every case of the official Engine.IO 4 protocol suite, told in our words.
// The number in front of each test is its place in that suite.
import { describe, test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { Peer } from "../harness/raw.js";
import { until } from "../harness/within.js";
import { heartbeats, handshakes, upgrades, closing, still, patience } from "./transport.js";

let server;
let peer;
const where = () => peer;
before(async () => {
  server = await Server.start("engineecho", { env: patience });
  peer = new Peer(server, "/engine.io/");
});
after(() => server.stop());

describe("Engine.IO 4", { concurrency: 8 }, () => {
  handshakes(where, 1);

  const payloads = [
    ["8 polling: one text packet", "4hello"],
    ["9 polling: several text packets", "4test1\x1e4test2\x1e4test3"],
    ["10 polling: text and bytes", "4hello\x1ebAQIDBA=="],
  ];
  for (const [name, payload] of payloads) {
    test(name, async () => {
      const { sid } = await peer.handshake();
      const pushed = await peer.push(sid, payload);
      assert.equal(pushed.status, 200);
      assert.equal(await pushed.text(), "ok");
      // A server may answer with what it has, so the payload may come in parts.
      const records = [];
      while (records.length < payload.split("\x1e").length) {
        records.push(...(await peer.records(sid)).filter((record) => record !== "2"));
      }
      assert.equal(records.join("\x1e"), payload);
    });
  }

  test("11 polling: a malformed packet ends the session", async () => {
    const { sid } = await peer.handshake();
    const pushed = await peer.push(sid, "abc");
    assert.ok([200, 400].includes(pushed.status), String(pushed.status));
    assert.equal((await peer.poll(sid)).status, 400);
  });

  test("12 polling: a second poll beside the first ends the session", async () => {
    const sid = await still(peer);
    const two = [peer.poll(sid), peer.poll(sid)];
    const [first, second] = (await Promise.all(two)).sort((a, b) => a.status - b.status);
    assert.equal(first.status, 200);
    assert.equal(await first.text(), "1");
    assert.ok([400, 500].includes(second.status), String(second.status));
    assert.equal((await peer.poll(sid)).status, 400);
  });

  test("13 polling: an aborted poll ends the session", async () => {
    const sid = await still(peer);
    const abort = new AbortController();
    const poll = peer.poll(sid, { signal: abort.signal });
    // A request behind the poll: once it is answered the poll is waiting.
    await peer.push(sid, "3");
    abort.abort();
    await assert.rejects(poll);
    await until(2000, "the session to be gone", async () => (await peer.push(sid, "3")).status === 400);
  });

  test("14 websocket: a text packet", async (t) => {
    const wire = peer.socket(t);
    await wire.handshake();
    wire.send("4hello");
    assert.equal(await wire.packet(), "4hello");
  });

  test("15 websocket: a binary packet", async (t) => {
    const wire = peer.socket(t);
    await wire.handshake();
    wire.send(Buffer.from([1, 2, 3, 4]));
    assert.deepEqual(await wire.packet(), Buffer.from([1, 2, 3, 4]));
  });

  test("16 websocket: a malformed packet ends the session", async (t) => {
    const wire = peer.socket(t);
    await wire.handshake();
    wire.send("abc");
    await wire.close();
  });

  heartbeats(where, 17);
  closing(where, 21);
  upgrades(where, 23, { echo: true });
});
