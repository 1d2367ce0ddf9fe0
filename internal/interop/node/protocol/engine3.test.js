// Every case of the official Engine.IO 3 protocol suite, told in our words.
// The number in front of each test is its place in that suite.
import { describe, test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { Peer } from "../harness/raw.js";
import { patience } from "./transport.js";

let server;
let peer;
before(async () => {
  server = await Server.start("engineecho", { env: { ...patience, ALLOW_EIO3: "1" } });
  peer = new Peer(server, "/engine.io/");
});
after(() => server.stop());

const polling = "EIO=3&transport=polling";
const direct = "EIO=3&transport=websocket";

// record frames a packet as polling does, in text.
const record = (packet) => `${packet.length}:${packet}`;

async function handshake(query = "&b64=1") {
  const answer = await peer.get(polling + query);
  assert.equal(answer.status, 200);
  const text = await answer.text();
  const [, length, packet] = /^(\d+):(0.*)$/s.exec(text);
  assert.equal(Number(length), packet.length);
  return JSON.parse(packet.slice(1));
}

const poll = (sid) => peer.get(`${polling}&sid=${sid}`);
const push = (sid, body) => peer.get(`${polling}&sid=${sid}`, { method: "POST", body });

async function pushed(sid, body) {
  const answer = await push(sid, body);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), "ok");
}

async function wantPoll(sid, body) {
  const answer = await poll(sid);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), body);
}

async function upgraded(t) {
  const { sid } = await handshake();
  const wire = peer.socket(t, `${direct}&sid=${sid}`);
  await wire.open();
  wire.send("2probe");
  assert.equal(await wire.next(), "3probe");
  return { sid, wire };
}

async function alive(wire) {
  wire.send("4hello");
  assert.equal(await wire.next(), "4hello");
}

describe("Engine.IO 3", { concurrency: 8 }, () => {
  test("1 polling: opens a session", async () => {
    const open = await handshake("");
    assert.equal(typeof open.sid, "string");
    assert.deepEqual(open.upgrades, ["websocket"]);
    assert.equal(open.pingInterval, 300);
    assert.equal(open.pingTimeout, 1500);
  });

  test("2 polling: refuses an unknown transport", async () => {
    for (const query of ["EIO=3", "EIO=3&transport=abc"]) assert.equal((await peer.get(query)).status, 400);
  });

  test("3 polling: refuses other methods", async () => {
    assert.equal((await peer.get(polling, { method: "POST" })).status, 400);
  });

  test("4 websocket: opens a session", async (t) => {
    const open = await peer.socket(t, direct).handshake();
    assert.equal(typeof open.sid, "string");
    assert.deepEqual(open.upgrades, []);
  });

  test("5 websocket: what is not version 4 counts as version 3", async (t) => {
    for (const query of ["transport=websocket", "EIO=abc&transport=websocket"]) {
      const wire = peer.socket(t, query);
      await wire.handshake();
      await alive(wire);
    }
  });

  test("6 websocket: refuses an unknown transport", async (t) => {
    for (const query of ["EIO=3", "EIO=3&transport=abc"]) await peer.refusal(t, query).close();
  });

  for (const [name, body] of [
    ["7 polling: one text packet", "6:4hello"],
    ["8 polling: several text packets", "6:4test16:4test26:4test3"],
    ["9 polling: text and bytes in base64", "6:4hello10:b4AQIDBA=="],
    ["polling: characters are counted as JavaScript does", `${record("4€")}${record("4😀 ä")}`],
  ]) {
    test(name, async () => {
      const { sid } = await handshake();
      await pushed(sid, body);
      await wantPoll(sid, body);
    });
  }

  test("10 polling: text and bytes", async () => {
    const { sid } = await handshake("");
    await pushed(sid, "6:4hello10:b4AQIDBA==");
    const answer = await poll(sid);
    assert.equal(answer.headers.get("content-type"), "application/octet-stream");
    assert.deepEqual([...new Uint8Array(await answer.arrayBuffer())],
      [0, 6, 255, 52, 104, 101, 108, 108, 111, 1, 5, 255, 4, 1, 2, 3, 4]);
  });

  test("polling: a binary body", async () => {
    const { sid } = await handshake();
    const body = Buffer.from([1, 5, 255, 4, 1, 2, 3, 4, 0, 3, 255, 52, 0xc3, 0xa4]);
    const answer = await peer.get(`${polling}&sid=${sid}`,
      { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } });
    assert.equal(await answer.text(), "ok");
    await wantPoll(sid, "10:b4AQIDBA==2:4ä");
  });

  test("11 polling: a malformed packet ends the session", async () => {
    const { sid } = await handshake();
    assert.ok([200, 400].includes((await push(sid, "abc")).status));
    assert.equal((await poll(sid)).status, 400);
  });

  test("(12) polling: a second poll beside the first ends the session", async () => {
    const { sid } = await handshake();
    const [first, second] = (await Promise.all([poll(sid), poll(sid)])).sort((a, b) => a.status - b.status);
    assert.equal(first.status, 200);
    assert.equal(await first.text(), "1:1");
    assert.ok([400, 500].includes(second.status));
    assert.equal((await poll(sid)).status, 400);
  });

  test("12 websocket: a text packet", async (t) => {
    const wire = peer.socket(t, direct);
    await wire.handshake();
    await alive(wire);
  });

  test("13 websocket: a binary packet", async (t) => {
    const wire = peer.socket(t, direct);
    await wire.handshake();
    wire.send(Buffer.from([4, 1, 2, 3, 4]));
    assert.deepEqual(await wire.next(), Buffer.from([4, 1, 2, 3, 4]));
  });

  test("14 websocket: a malformed packet ends the session", async (t) => {
    const wire = peer.socket(t, direct);
    await wire.handshake();
    wire.send("abc");
    await wire.close();
  });

  test("15 polling: answers pings", async () => {
    const { sid } = await handshake();
    for (let i = 0; i < 3; i++) {
      await pushed(sid, "1:2");
      await wantPoll(sid, "1:3");
    }
  });

  test("16 polling: a missing ping ends the session", async () => {
    const { sid } = await handshake();
    // Held until the ping is overdue.
    const last = await poll(sid);
    if (last.status === 200) assert.match(await last.text(), /^1:[16]$/);
    assert.equal((await push(sid, "1:2")).status, 400);
  });

  test("17 websocket: answers pings", async (t) => {
    const wire = peer.socket(t, direct);
    await wire.handshake();
    for (let i = 0; i < 3; i++) {
      wire.send("2");
      assert.equal(await wire.next(), "3");
    }
  });

  test("18 websocket: a missing ping ends the session", async (t) => {
    await peer.socket(t, direct).close();
  });

  test("19 polling: the client closes", async () => {
    const { sid } = await handshake();
    const waiting = poll(sid);
    // Two connections keep no order: a round trip lets the poll go first.
    await pushed(sid, "0:");
    await pushed(sid, "1:1");
    assert.equal(await (await waiting).text(), "1:6");
    assert.equal((await poll(sid)).status, 400);
  });

  test("20 websocket: the client closes", async (t) => {
    const wire = peer.socket(t, direct);
    await wire.handshake();
    wire.send("1");
    await wire.close();
  });

  test("21 upgrade: from polling to websocket", async (t) => {
    const { sid, wire } = await upgraded(t);
    await wantPoll(sid, "1:6");
    wire.send("5");
    await alive(wire);
  });

  test("22 upgrade: a later request is refused and harms nothing", async (t) => {
    const { sid, wire } = await upgraded(t);
    wire.send("5");
    await alive(wire);
    assert.equal((await poll(sid)).status, 400);
    await alive(wire);
  });

  test("23 upgrade: a later websocket is closed and harms nothing", async (t) => {
    const { sid, wire } = await upgraded(t);
    wire.send("5");
    await alive(wire);
    await peer.socket(t, `${direct}&sid=${sid}`).close();
    await alive(wire);
  });
});

// JSONP: the answer is a script, the request a form (ENG-11, B-35).
describe("JSONP", () => {
  const script = async (answer, index) => {
    assert.equal(answer.status, 200);
    const text = await answer.text();
    const [, j, json] = /^___eio\[(\d*)\]\((".*")\);$/s.exec(text);
    assert.equal(j, index);
    return JSON.parse(json);
  };
  const form = (payload) => new URLSearchParams({ d: payload.replace(/\\n/g, "\\\n").replace(/\n/g, "\\n") });

  for (const [version, frame] of [[3, record], [4, (packet) => packet]]) {
    test(`Engine.IO ${version}: text there and back`, async () => {
      const base = `EIO=${version}&transport=polling&j=`;
      const open = await script(await peer.get(`${base}1x7<`), "17");
      const { sid } = JSON.parse(open.slice(open.indexOf("{")));
      const text = "4a\n\\n\\\\n \u2028\u2029 \"quoted\" + % & = ä€😀 \u0001";
      const sent = await peer.get(`${base}17&sid=${sid}`, { method: "POST", body: form(frame(text)) });
      assert.equal(await sent.text(), "ok");
      const answer = await peer.get(`${base}17&sid=${sid}`);
      const raw = await answer.clone().text();
      assert.ok(!/[\u2028\u2029\n]/.test(raw), raw);
      assert.equal(await script(answer, "17"), frame(text));
    });

    test(`Engine.IO ${version}: bytes`, async () => {
      const base = `EIO=${version}&transport=polling&b64=1&j=0`;
      const open = await script(await peer.get(base), "0");
      const { sid } = JSON.parse(open.slice(open.indexOf("{")));
      const packet = version === 3 ? "10:b4AQIDBA==" : "bAQIDBA==";
      await peer.get(`${base}&sid=${sid}`, { method: "POST", body: form(packet) });
      assert.equal(await script(await peer.get(`${base}&sid=${sid}`), "0"), packet);
    });
  }
});

test("a client of Engine.IO 4 that cannot take bytes gets base64 (ENG-13)", async (t) => {
  const wire = peer.socket(t, "EIO=4&transport=websocket&b64=1");
  await wire.handshake();
  wire.send(Buffer.from([1, 2, 3, 4]));
  assert.equal(await wire.packet(), "bAQIDBA==");
});
