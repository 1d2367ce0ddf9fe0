// WebSocket, upgrade and heartbeat at their edges.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server, official } from "../harness/server.js";
import { Peer } from "../harness/raw.js";
import { until } from "../harness/within.js";

let server;
let peer;
let fast;
let strict;
before(async () => {
  server = await Server.start("conformance");
  peer = new Peer(server, "/socket.io/");
  fast = new Peer(server, "/fast/");
  strict = new Peer(server, "/strict/");
});
after(() => server.stop());

// joined opens a WebSocket in the main namespace.
async function joined(t, where = peer) {
  const wire = where.socket(t);
  await wire.handshake();
  wire.send("40");
  const answer = await wire.packet();
  wire.id = JSON.parse(answer.slice(2)).sid;
  return wire;
}

async function polling(where = peer) {
  const { sid } = await where.handshake();
  await where.push(sid, "40");
  const [answer] = await where.records(sid);
  return { sid, id: JSON.parse(answer.slice(2)).sid };
}

async function probed(t, sid, where = peer) {
  const wire = where.candidate(t, sid);
  await wire.open();
  wire.send("2probe");
  assert.equal(await wire.next(), "3probe");
  return wire;
}

async function alive(wire, n = 1) {
  wire.send(`420["echo",${n}]`);
  assert.equal(await wire.packet(), `430[${n}]`);
}

// alivePolling shows that a polling session still works.
async function alivePolling(sid, where = peer) {
  assert.equal((await where.push(sid, '420["echo","alive"]')).status, 200);
  const records = await where.records(sid);
  assert.ok(records.includes('430["alive"]'), records.join(" | "));
}

test("an upgrade, step by step (B-36)", async (t) => {
  const { sid } = await polling();
  const poll = peer.poll(sid);
  await peer.push(sid, "3");
  const wire = await probed(t, sid);
  assert.equal(await (await poll).text(), "6");
  // What the server has to say meanwhile waits for the last step.
  await peer.push(sid, '420["echo","before the end"]');
  wire.send("5");
  assert.equal(await wire.packet(), '430["before the end"]');
  await alive(wire);
});

test("while probing the server goes on polling (B-37)", async (t) => {
  const { sid } = await polling();
  const wire = await probed(t, sid);
  await alivePolling(sid);
  wire.send("5");
  await alive(wire);
});

test("anything but a probe drops the candidate alone (B-38)", async (t) => {
  for (const first of ["2", "4hello", "2prob", "40", "", "1", "3probe"]) {
    const { sid } = await polling();
    const wire = peer.candidate(t, sid);
    await wire.open();
    wire.send(first);
    await wire.close();
    await alivePolling(sid);
  }
});

test("a second candidate is dropped and harms nothing (B-40)", async (t) => {
  const { sid } = await polling();
  const first = await probed(t, sid);
  const second = peer.candidate(t, sid);
  await second.close();
  first.send("5");
  await alive(first);
  await peer.candidate(t, sid).close();
  await alive(first, 2);
});

test("after the upgrade, polling is refused and harms nothing (B-41)", async (t) => {
  const { sid } = await polling();
  const wire = await probed(t, sid);
  wire.send("5");
  await alive(wire);
  for (const answer of [await peer.poll(sid), await peer.push(sid, "40")]) {
    assert.equal(answer.status, 400);
    assert.deepEqual(await answer.json(), { code: 3, message: "Bad request" });
  }
  await alive(wire, 2);
});

test("an upgrade that takes too long drops the candidate alone (B-42)", async (t) => {
  // The heartbeat goes on beside it, and has to be answered.
  const { sid } = await polling(fast);
  let stuck = true;
  const pump = (async () => {
    const seen = [];
    while (stuck) {
      for (const record of await fast.records(sid)) {
        if (record === "2") await fast.push(sid, "3");
        else if (record !== "6") seen.push(record);
      }
    }
    return seen;
  })();
  const late = await probed(t, sid, fast);
  await late.close();
  const wire = await probed(t, sid, fast);
  stuck = false;
  await pump;
  wire.send("5");
  await alive(wire);
});

test("a closed candidate can be followed by another", async (t) => {
  const { sid } = await polling();
  (await probed(t, sid)).end();
  const second = await until(3000, "a second upgrade", async () => {
    const wire = peer.candidate(t, sid);
    await wire.open();
    wire.send("2probe");
    return Promise.race([wire.next(), wire.close()]).then((m) => m === "3probe" && wire);
  });
  second.send("5");
  await alive(second);
});

test("a client may not ping (B-45)", async (t) => {
  const wire = await joined(t);
  wire.send("2");
  await wire.close();
  assert.equal(await server.departed(wire.id), "transport error");
});

test("a pong nobody asked for is fine (B-46)", async (t) => {
  const wire = await joined(t);
  for (let i = 0; i < 5; i++) wire.send("3");
  await alive(wire);
});

test("a goodbye over websocket ends the session at once (B-48)", async (t) => {
  if (official) return; // it waits for the heartbeat to fail
  const wire = await joined(t);
  wire.send("1");
  await wire.close();
  assert.equal(await server.departed(wire.id), "transport close");
});

test("what is no packet ends the session (B-49)", async (t) => {
  for (const message of ["", "9", "x", "\u0000", "b!"]) {
    if (official && message === "b!") continue; // it decodes what it can
    const wire = await joined(t);
    wire.send(message);
    await wire.close();
    assert.match(await server.departed(wire.id), /^(parse error|forced close|transport error)$/, JSON.stringify(message));
  }
});

test("base64 in a text frame is bytes (B-50)", async (t) => {
  const wire = await joined(t);
  wire.send('451-0["inspect",{"_placeholder":true,"num":0}]');
  wire.send("bAQID");
  assert.equal(await wire.packet(), '430[{"binary":true,"length":3,"sum":6}]');
});

test("a message over the limit ends the session (B-51)", async (t) => {
  const wire = await joined(t, strict);
  await alive(wire);
  wire.send(`42["echo","${"x".repeat(1000)}"]`);
  const { code } = await wire.close();
  assert.ok([1009, 1006].includes(code), `code ${code}`);
  assert.match(await server.departed(wire.id), /^transport (error|close)$/);
});

test("a message of exactly the limit is taken", async (t) => {
  const wire = await joined(t, strict);
  const frame = `420["echo",""]`;
  const text = "x".repeat(1000 - frame.length);
  wire.send(`420["echo","${text}"]`);
  assert.equal(await wire.packet(), `430["${text}"]`);
});

test("the limit holds for the message, not for its fragments", async (t) => {
  const wire = await joined(t, strict);
  for (let i = 0; i < 12; i++) wire.ws.send((i === 0 ? "4" : "") + "y".repeat(100), { fin: false });
  await wire.close();
  await server.departed(wire.id);
});

test("fragments make one message", async (t) => {
  const wire = await joined(t);
  const text = '420["echo","ü€😀 in pieces"]';
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i++) {
    wire.ws.send(bytes.subarray(i, i + 1), { fin: i === bytes.length - 1, binary: false });
    if (i === 5) wire.ws.ping("between");
  }
  assert.equal(await wire.packet(), '430["ü€😀 in pieces"]');
});

test("a websocket ping is answered", async (t) => {
  const wire = await joined(t);
  const pong = new Promise((resolve) => wire.ws.once("pong", resolve));
  wire.ws.ping("payload");
  assert.equal((await pong).toString(), "payload");
});

test("a server's close has no status, and the close frame is answered in kind (B-52)", async (t) => {
  const first = await joined(t);
  first.send('42["bye",true]');
  assert.equal(await first.packet(), "41");
  assert.equal((await first.close()).code, 1005);

  for (const [code, expected] of [[undefined, 1005], [1000, 1000], [4321, 4321]]) {
    const wire = await joined(t);
    wire.ws.close(code);
    assert.equal((await wire.close()).code, expected);
    assert.equal(await server.departed(wire.id), "transport close");
  }
});

test("text that is no UTF-8 ends the session", async (t) => {
  const wire = await joined(t);
  wire.ws.send(Buffer.from([0x34, 0x32, 0xff, 0xfe]), { binary: false });
  const { code } = await wire.close();
  assert.ok([1007, 1006].includes(code), `code ${code}`);
  assert.match(await server.departed(wire.id), /^transport (error|close)$/);
});

test("the frames of one event stay together (B-53)", async (t) => {
  const wire = await joined(t);
  for (let i = 0; i < 20; i++) {
    wire.send(`42${i}["make","nested",${i + 1}]`);
    wire.send(`42["burst",3]`);
  }
  let events = 0;
  while (events < 80) {
    const message = await wire.packet();
    if (message.startsWith("46")) {
      for (let i = 0; i < 2; i++) assert.ok(Buffer.isBuffer(await wire.next()), "another frame came between");
    }
    events++;
  }
});

test("the heartbeat is counted from its answer (B-47)", async (t) => {
  const wire = fast.socket(t);
  await wire.handshake();
  wire.send("40");
  await wire.next();
  for (let i = 0; i < 4; i++) {
    assert.equal(await wire.next(), "2");
    const answered = performance.now();
    wire.send("3");
    if (i === 3) break;
    assert.equal(await wire.next(), "2");
    assert.ok(performance.now() - answered > 290, "the next ping came too early");
    wire.send("3");
  }
});
