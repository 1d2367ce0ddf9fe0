// Long-polling at its edges.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { connect } from "node:net";
import { Server } from "../harness/server.js";
import { Peer, SEPARATOR } from "../harness/raw.js";
import { within, until } from "../harness/within.js";

let server;
let peer;
let strict;
before(async () => {
  server = await Server.start("conformance");
  peer = new Peer(server, "/socket.io/");
  strict = new Peer(server, "/strict/");
});
after(() => server.stop());

// joined opens a polling session in the main namespace.
async function joined(where = peer) {
  const { sid } = await where.handshake();
  await where.push(sid, "40");
  const [answer] = await where.records(sid);
  return { sid, id: JSON.parse(answer.slice(2)).sid };
}

const gone = (sid) => until(3000, "the session to be gone", async () => (await peer.push(sid, "3")).status === 400);

test("a second poll ends the session and frees the first (B-17)", async () => {
  const { sid, id } = await joined();
  const first = peer.poll(sid);
  await peer.push(sid, "3");
  const second = await peer.poll(sid);
  assert.ok([400, 500].includes(second.status));
  assert.equal(await second.text(), "");
  assert.equal(await (await first).text(), "1");
  assert.equal(await server.departed(id), "transport error");
});

test("a second POST beside the first ends the session (B-18)", async (t) => {
  const { sid, id } = await joined();
  const half = connect(server.port, "127.0.0.1");
  t.after(() => half.destroy());
  half.on("error", () => {});
  half.write(`POST /socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n42`);
  await until(3000, "a refusal", async () => (await peer.push(sid, "3")).status !== 200);
  assert.equal(await server.departed(id), "transport error");
});

test("an aborted poll ends the session (B-19)", async () => {
  const { sid, id } = await joined();
  const abort = new AbortController();
  const poll = peer.poll(sid, { signal: abort.signal });
  await peer.push(sid, "3");
  abort.abort();
  await assert.rejects(poll);
  assert.equal(await server.departed(id), "transport error");
});

test("an octet stream ends the session (B-20)", async () => {
  const { sid, id } = await joined();
  const answer = await peer.push(sid, "40", { headers: { "Content-Type": "application/octet-stream" } });
  assert.equal(answer.status, 400);
  assert.equal(await answer.text(), "");
  assert.equal(await server.departed(id), "transport error");
});

test("a body over the limit is refused and the session stays (B-21, B-22)", async () => {
  const { sid } = await joined(strict);
  for (const body of ["4" + "x".repeat(1000), "4" + "€".repeat(334)]) {
    const answer = await strict.push(sid, body);
    assert.equal(answer.status, 413);
    assert.equal(await answer.text(), "");
  }
  // A body without a declared length is counted as it comes.
  const stream = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 30; i++) controller.enqueue(Buffer.alloc(100, "4"));
      controller.close();
    },
  });
  assert.equal((await strict.push(sid, stream, { duplex: "half" })).status, 413);
  assert.equal((await strict.push(sid, '420["echo","alive"]')).status, 200);
  assert.deepEqual(await strict.records(sid), ['430["alive"]']);
});

test("a body of exactly the limit is taken (B-22)", async () => {
  const { sid } = await joined(strict);
  for (const [head, char, tail] of [['420["echo","', "x", '"]'], ['421["echo","', "€", '"]']]) {
    const room = 1000 - head.length - tail.length;
    const body = head + char.repeat(Math.floor(room / Buffer.byteLength(char))) + tail;
    assert.equal((await strict.push(sid, body)).status, 200);
    assert.match((await strict.records(sid))[0], /^43/);
  }
});

test("records before a bad one are delivered (B-24)", async () => {
  const { sid, id } = await joined();
  const poll = peer.poll(sid);
  await peer.push(sid, "3"); // a round trip lets the poll go first
  const answer = await peer.push(sid, ['42["echo",1]', "abc", '42["echo",2]'].join(SEPARATOR));
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), "ok");
  assert.match(await server.departed(id), /^(parse error|forced close|transport error)$/);
  await poll;
});

test("an empty POST is no packet (B-25)", async () => {
  const { sid, id } = await joined();
  const answer = await peer.push(sid, "");
  assert.equal(answer.status, 200);
  assert.equal(await server.departed(id), "parse error");
});

test("goodbye in a POST frees the poll (B-26)", async () => {
  const { sid, id } = await joined();
  const poll = peer.poll(sid);
  await peer.push(sid, "3");
  assert.equal((await peer.push(sid, "1")).status, 200);
  assert.equal(await (await poll).text(), "6");
  assert.equal(await server.departed(id), "transport close");
  await gone(sid);
});

test("a server's goodbye is told in two answers (B-27)", async () => {
  const { sid } = await joined();
  const poll = peer.poll(sid);
  await peer.push(sid, '42["bye",true]');
  assert.equal(await (await poll).text(), "41");
  assert.match(await (await peer.poll(sid)).text(), /^(6\x1e)?1$/);
  assert.equal((await peer.poll(sid)).status, 400);
});

test("bytes travel as base64 (B-29)", async () => {
  const { sid } = await joined();
  await peer.push(sid, ['451-0["inspect",{"_placeholder":true,"num":0}]', "bAQID/w=="].join(SEPARATOR));
  assert.deepEqual(await peer.records(sid), ['430[{"binary":true,"length":4,"sum":261}]']);
  await peer.push(sid, '421["make","bytes",4]');
  const answer = await peer.poll(sid);
  assert.equal(answer.headers.get("content-type"), "text/plain; charset=UTF-8");
  assert.equal(await answer.text(), ['461-1[{"_placeholder":true,"num":0}]', "bAAECAw=="].join(SEPARATOR));
});

test("the record separator inside JSON is escaped (B-28)", async () => {
  const { sid } = await joined();
  await peer.push(sid, '420["echo","a\\u001eb"]');
  const text = await (await peer.poll(sid)).text();
  assert.ok(!text.includes(SEPARATOR), JSON.stringify(text));
  assert.equal(JSON.parse(text.slice(3))[0], "a\x1eb");
});

test("broken base64 does no harm (B-30)", async () => {
  const { sid, id } = await joined();
  await peer.push(sid, ['451-0["inspect",{"_placeholder":true,"num":0}]', "b!!!"].join(SEPARATOR));
  // Node decodes what it can; to be strict and to close is as good.
  const poll = await peer.poll(sid);
  const text = await poll.text();
  if (text === '430[{"binary":true,"length":0,"sum":0}]') return;
  assert.ok(text === "1" || poll.status === 400, text);
  assert.match(await server.departed(id), /^(parse error|forced close|transport error)$/);
});

test("characters cut between two TCP segments arrive whole (B-32)", async (t) => {
  const { sid } = await joined();
  const body = Buffer.from('420["echo","ü€😀"]');
  const wire = connect(server.port, "127.0.0.1");
  t.after(() => wire.destroy());
  wire.setNoDelay(true);
  wire.write(`POST /socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
  for (const byte of body) {
    wire.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await within(3000, "the answer", new Promise((resolve) => wire.once("data", resolve)));
  assert.deepEqual(await peer.records(sid), ['430["ü€😀"]']);
});

test("text that is no UTF-8 is not passed on", async () => {
  const { sid, id } = await joined();
  await peer.push(sid, Buffer.from([0x34, 0x32, 0x30, 0x5b, 0x22, 0x65, 0x63, 0x68, 0x6f, 0x22, 0x2c, 0x22, 0xff, 0xfe, 0x22, 0x5d]));
  // Node replaces the bytes; to refuse them is as good.
  const poll = await peer.poll(sid);
  const text = await poll.text();
  if (text === '430["\ufffd\ufffd"]') return;
  assert.ok(text === "1" || poll.status === 400, text);
  assert.match(await server.departed(id), /^(parse error|forced close|transport error)$/);
});

test("many packets in one POST keep their order", async () => {
  const { sid } = await joined();
  const sent = Array.from({ length: 100 }, (_, i) => `42["echo",${i}]`);
  await peer.push(sid, sent.join(SEPARATOR));
  const got = [];
  while (got.length < 100) got.push(...await peer.records(sid));
  assert.deepEqual(got, sent);
});

test("volatile events are dropped while no poll waits", async () => {
  const { sid } = await joined();
  await peer.push(sid, '42["volatile-burst",50]');
  await peer.push(sid, '420["echo",1]');
  assert.deepEqual(await peer.records(sid), ['430[1]']);
});

test("a session that is never polled ends by its heartbeat", async () => {
  const fast = new Peer(server, "/fast/");
  const { id } = await joined(fast);
  assert.equal(await server.departed(id), "ping timeout");
});

test("a client that joins nothing is let go (B-62)", async () => {
  const fast = new Peer(server, "/fast/");
  const { sid } = await fast.handshake();
  const poll = await fast.poll(sid);
  assert.equal(poll.status, 200);
  await until(5000, "the end", async () => (await fast.push(sid, "3")).status === 400);
});

test("one client cannot use the session of another transport", async () => {
  const { sid } = await joined();
  const answer = await new Peer(server, "/strict/").poll(sid);
  assert.equal(answer.status, 400);
  assert.deepEqual(await answer.json(), { code: 1, message: "Session ID unknown" });
});
