// A server mounted in a web framework, behind its usual middleware. EXAMPLE
// names the program.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Fetch } from "engine.io-client";
import { Server } from "../harness/server.js";
import { connected, ask, next, modes, settled } from "../harness/clients.js";
import { Peer } from "../harness/raw.js";
import { pattern } from "../harness/bytes.js";
import { until } from "../harness/within.js";

const program = process.env.EXAMPLE;
const page = "https://app.example"; // of another host, and allowed
const withMiddleware = program !== "nethttp";

let server, peer;
before(async () => {
  server = await Server.start(program);
  peer = new Peer(server, "/socket.io/");
});
after(() => server.stop());

const ways = {
  ...modes,
  // Unlike the client's XMLHttpRequest this one asks for compressed answers.
  compressed: { transports: [Fetch] },
};

for (const [way, options] of Object.entries(ways)) {
  for (const origin of [undefined, page]) {
    const opts = { ...options, extraHeaders: origin && { Origin: origin } };
    const name = `${way}, ${origin ?? "no origin"}`;

    test(`events, answers and bytes (${name})`, async (t) => {
      const socket = await connected(t, server, opts);
      assert.equal(socket.io.engine.transport.name, settled[way] ?? "polling");
      assert.deepEqual(await ask(socket, "echo", { a: [1, "ü€😀", null] }), { a: [1, "ü€😀", null] });
      assert.deepEqual(await ask(socket, "echo", pattern(1000)), pattern(1000));
      for (let i = 0; i < 50; i++) assert.equal(await ask(socket, "echo", i), i);
    });

    test(`large messages (${name})`, async (t) => {
      const socket = await connected(t, server, opts);
      const text = "0123456789".repeat(60_000);
      assert.equal(await ask(socket, "echo", text), text);
      assert.deepEqual(await ask(socket, "echo", pattern(700_000)), pattern(700_000));
      assert.equal(await ask(socket, "echo", "still there"), "still there");
    });
  }

  test(`a broadcast (${way})`, async (t) => {
    const one = await connected(t, server, options);
    const others = await Promise.all(Object.values(ways).map((o) => connected(t, server, o)));
    const heard = Promise.all([one, ...others].map((s) => next(s, "posted")));
    one.emit("post", "hello", pattern(10));
    for (const args of await heard) assert.deepEqual(args, ["hello", pattern(10)]);
  });
}

test("a waiting GET is answered when there is news, and not before", async () => {
  const { sid } = await peer.handshake();
  await peer.push(sid, "40");
  await peer.records(sid);
  let answered = false;
  const waiting = peer.records(sid).then((r) => ((answered = true), r));
  await peer.push(sid, '421["echo",1]');
  const records = await waiting;
  assert.ok(answered);
  assert.deepEqual(records, ["431[1]"]);
});

test("a client that goes away while it waits is forgotten at once", async () => {
  const { sid } = await peer.handshake();
  await peer.push(sid, "40");
  await peer.records(sid);
  const gone = new AbortController();
  const waiting = peer.poll(sid, { signal: gone.signal }).catch((err) => err);
  // A second GET would end the session too: let the first one arrive.
  await new Promise((resolve) => setTimeout(resolve, 200));
  gone.abort();
  await waiting;
  await until(5000, "the end of the session", async () => (await peer.push(sid, "3")).status === 400);
});

test("the preflight needs no session, and everything is said once", async () => {
  const preflight = await peer.get("EIO=4&transport=polling&sid=unknown", {
    method: "OPTIONS",
    headers: { Origin: page, "Access-Control-Request-Method": "POST" },
  });
  assert.ok(preflight.status === 200 || preflight.status === 204, `status ${preflight.status}`);
  assert.equal(preflight.headers.get("access-control-allow-origin"), page);
  const handshake = await peer.get("EIO=4&transport=polling", { headers: { Origin: page } });
  assert.equal(handshake.status, 200);
  assert.equal(handshake.headers.get("access-control-allow-origin"), page);
  await handshake.text();
});

test("a page that may not connect is told so", async () => {
  const answer = await peer.get("EIO=4&transport=polling", { headers: { Origin: "https://evil.example" } });
  assert.equal(answer.status, 403);
  assert.notEqual(answer.headers.get("access-control-allow-origin"), "https://evil.example");
  await answer.text();
});

test("errors are those of the protocol", async () => {
  const answer = await peer.poll("unknown");
  assert.equal(answer.status, 400);
  assert.match(answer.headers.get("content-type"), /^application\/json/);
  assert.deepEqual(await answer.json(), { code: 1, message: "Session ID unknown" });
});

test("the browser client, whole, not modified, and compressed where there is a middleware for it", async () => {
  const url = `${server.origin}/socket.io/socket.io.min.js`;
  const plain = await fetch(url, { headers: { "Accept-Encoding": "identity" } });
  const text = await plain.text();
  assert.equal(plain.status, 200);
  assert.match(plain.headers.get("content-type"), /javascript/);
  const packed = await fetch(url, { headers: { "Accept-Encoding": "gzip" } });
  assert.equal(await packed.text(), text);
  if (withMiddleware) assert.equal(packed.headers.get("content-encoding"), "gzip");
  const again = await fetch(url, { headers: { "If-None-Match": plain.headers.get("etag"), "Accept-Encoding": "identity" } });
  assert.equal(again.status, 304);
  const head = await fetch(url, { method: "HEAD", headers: { "Accept-Encoding": "identity" } });
  assert.equal(head.status, 200);
  assert.equal(Number(head.headers.get("content-length")), Buffer.byteLength(text));
});

test("an orderly end with clients of every kind connected", async (t) => {
  const ending = await Server.start(program);
  t.after(() => ending.kill());
  const sockets = await Promise.all(Object.values(ways).map((o) => connected(t, ending, o)));
  for (const s of sockets) await ask(s, "echo", 0); // the server has seen the upgrade, too
  const reasons = Promise.all(sockets.map((s) => next(s, "disconnect")));
  const { code, signal } = await ending.stop();
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
  for (const [reason] of await reasons) assert.match(reason, /^(transport close|io server disconnect)$/);
});
