// A proxy that sends each client to one of two servers, always the same.
import { test } from "node:test";
import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { connected, ask, next } from "../harness/clients.js";
import { Peer } from "../harness/raw.js";
import { pattern, checksum } from "../harness/bytes.js";
import { until } from "../harness/within.js";
import { front, proxy, ways, clients, descriptors } from "./front.js";

for (const [mode, options] of Object.entries(ways)) {
  test(`events, answers and large messages (${mode})`, async (t) => {
    const socket = await connected(t, front, options);
    const text = "0123456789".repeat(99_900);
    const top = mode === "polling" ? 740_000 : 1_000_000;
    for (let i = 0; i < 20; i++) assert.equal(await ask(socket, "echo", i), i);
    assert.equal(await ask(socket, "echo", text), text);
    assert.deepEqual(await ask(socket, "inspect", pattern(top)), checksum(pattern(top)));
    assert.deepEqual(await ask(socket, "make", "bytes", 3_000_000), pattern(3_000_000));
    const { headers } = await ask(socket, "handshake");
    assert.match(headers["x-forwarded-for"], /127\.0\.0\.1/);
  });

  test(`a message above the limit ends the connection (${mode})`, async (t) => {
    const socket = await connected(t, front, options);
    const gone = next(socket, "disconnect");
    socket.emit("echo", "z".repeat(1_100_000));
    assert.match((await gone)[0], /^transport (error|close)$/);
  });
}

test("the proxy's own page may connect, over both transports", async (t) => {
  for (const options of [{ ...ways.polling, mount: "noupgrade" }, { ...ways.websocket, mount: "wsonly" }]) {
    const socket = await connected(t, front, { ...options, extraHeaders: { Origin: front.origin } });
    assert.equal(await ask(socket, "echo", 1), 1);
  }
});

test("clients of many addresses are spread, and stay where they are", async (t) => {
  await until(5000, "the clients of other tests to go", async () => (await clients()).every((n) => n === 0));
  const sockets = await Promise.all(Array.from({ length: 24 }, (_, i) => {
    // xmlhttprequest-ssl and ws take the agent as it is.
    const agent = new http.Agent({ localAddress: `127.0.0.${i + 2}` });
    t.after(() => agent.destroy());
    return connected(t, front, { ...ways.polling, agent });
  }));
  for (let i = 0; i < 5; i++) {
    assert.deepEqual(await Promise.all(sockets.map((s) => ask(s, "echo", i))), sockets.map(() => i));
  }
  const [one, other] = await clients();
  assert.equal(one + other, 24);
  assert.ok(one > 0 && other > 0, `${one} and ${other} clients`);
});

test("an unknown session is refused in JSON", async () => {
  const answer = await fetch(`${front.origin}/socket.io/?EIO=4&transport=polling&sid=unknown`);
  assert.equal(answer.status, 400);
  assert.match(answer.headers.get("content-type"), /^application\/json/);
  assert.deepEqual(await answer.json(), { code: 1, message: "Session ID unknown" });
});

test("an upgrade of an unknown session is refused with a reason", async () => {
  const { status, body } = await new Promise((resolve, reject) => {
    const req = http.get(`${front.origin}/socket.io/?EIO=4&transport=websocket&sid=unknown`, {
      headers: {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
      },
    }, async (res) => {
      const body = Buffer.concat(await res.toArray()).toString();
      resolve({ status: res.statusCode, body });
    });
    req.on("error", reject);
    req.on("upgrade", () => reject(new Error("upgraded")));
  });
  assert.deepEqual({ status, body }, { status: 400, body: "Session ID unknown" });
});

// Session is a polling session whose requests carry the proxy's cookie.
class Session {
  static async open(peer) {
    const session = new Session();
    const answer = await peer.get("EIO=4&transport=polling");
    session.peer = peer;
    // It is the only one. Debian's node 18 has no getSetCookie.
    session.headers = { Cookie: (answer.headers.get("set-cookie") ?? "").split(";")[0] };
    session.sid = JSON.parse((await answer.text()).slice(1)).sid;
    await session.push("40");
    assert.match((await session.records())[0], /^40/);
    return session;
  }

  async records() {
    const answer = await this.peer.poll(this.sid, { headers: this.headers });
    assert.equal(answer.status, 200);
    return (await answer.text()).split("\x1e");
  }

  async push(packet) {
    const answer = await this.peer.push(this.sid, packet, { headers: this.headers });
    assert.equal(await answer.text(), "ok");
  }

  get upgrade() {
    return `EIO=4&transport=websocket&sid=${this.sid}`;
  }
}

test("aborted upgrades leave nothing behind", async (t) => {
  const peer = new Peer(front, "/socket.io/");
  await until(5000, "the clients of other tests to go", async () => (await clients()).every((n) => n === 0));

  const round = async () => {
    const session = await Session.open(peer);
    // Given up after the probe.
    const wire = peer.socket(t, session.upgrade, { headers: session.headers });
    await wire.open();
    wire.send("2probe");
    assert.equal(await wire.next(), "3probe");
    wire.end();
    // Given up before the answer to the handshake.
    const raw = net.connect(new URL(front.origin).port, "127.0.0.1");
    raw.on("error", () => {});
    raw.write(`GET /socket.io/?${session.upgrade} HTTP/1.1\r\nHost: h\r\nCookie: ${session.headers.Cookie}\r\n` +
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", () => raw.destroy());
    // The session goes on, on polling.
    await session.push('420["echo","here"]');
    for (;;) {
      const records = await session.records();
      if (records.includes('430["here"]')) break;
      assert.ok(records.every((r) => r === "6" || r === "2"), `unexpected ${records}`);
    }
    await session.push("1");
  };
  for (let i = 0; i < 5; i++) await round();
  await until(5000, "the sessions to end", async () => (await clients()).every((n) => n === 0));
  const before = descriptors();
  for (let i = 0; i < 30; i++) await round();
  await until(5000, "the sessions to end", async () => (await clients()).every((n) => n === 0));
  // Proxies keep some connections to the servers for later.
  await until(15000, `the connections of ${proxy} to close`, () => descriptors() <= before + 8);
});
