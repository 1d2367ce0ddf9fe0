// The official engine.io-client against a server that sends everything back.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Socket } from "engine.io-client";
import { Server } from "../harness/server.js";
import { within } from "../harness/within.js";
import { pattern } from "../harness/bytes.js";
import { eachMode } from "../harness/clients.js";

let server;
before(async () => (server = await Server.start("engineecho")));
after(() => server.stop());

// Session is one engine.io-client with its messages queued.
class Session {
  #queue = [];
  #waiting = [];

  constructor(t, options) {
    this.socket = new Socket(server.origin, { path: "/engine.io/", ...options });
    this.socket.binaryType = "arraybuffer";
    this.opened = new Promise((resolve, reject) => {
      this.socket.once("open", resolve);
      this.socket.once("error", reject);
    });
    this.opened.catch(() => {});
    this.socket.on("error", () => {});
    this.upgraded = new Promise((resolve) => this.socket.once("upgrade", resolve));
    this.closed = new Promise((resolve) => this.socket.once("close", resolve));
    this.socket.on("message", (data) => {
      // The client's parser makes nothing of an empty text.
      const message = data === undefined ? "" : typeof data === "string" ? data : Buffer.from(data);
      if (this.#waiting.length > 0) this.#waiting.shift()(message);
      else this.#queue.push(message);
    });
    t.after(() => this.socket.close());
  }

  static async open(t, options) {
    const session = new Session(t, options);
    await within(5000, "the session", session.opened);
    if (options.transports.length === 2) await within(5000, "the upgrade", session.upgraded);
    return session;
  }

  next() {
    if (this.#queue.length > 0) return Promise.resolve(this.#queue.shift());
    return within(5000, "a message", new Promise((resolve) => this.#waiting.push(resolve)));
  }

  async echo(message) {
    this.socket.send(message);
    return this.next();
  }
}

eachMode(test, "text comes back", async (t, mode) => {
  const session = await Session.open(t, mode);
  for (const text of ["hello", "", " ", "2probe", "0", "ü€😀\u0000\u2028", "b64", "x".repeat(100_000)]) {
    assert.equal(await session.echo(text), text);
  }
});

eachMode(test, "bytes come back", async (t, mode) => {
  const session = await Session.open(t, mode);
  for (const size of [0, 1, 2, 3, 4, 125, 126, 65535, 65536, 200_000]) {
    assert.deepEqual(await session.echo(pattern(size)), pattern(size));
  }
});

eachMode(test, "text and bytes keep their order", async (t, mode) => {
  const session = await Session.open(t, mode);
  const messages = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? pattern(i) : `text ${i}`));
  for (const message of messages) session.socket.send(message);
  for (const message of messages) assert.deepEqual(await session.next(), message);
});

eachMode(test, "a burst from the server keeps its order", async (t, mode) => {
  const session = await Session.open(t, mode);
  session.socket.send("burst 1000");
  for (let i = 0; i < 1000; i++) assert.equal(await session.next(), String(i));
});

test("the upgrade loses and reorders nothing, whenever it happens", async (t) => {
  for (let round = 0; round < 20; round++) {
    const session = new Session(t, { transports: ["polling", "websocket"] });
    await session.opened;
    let sent = 0;
    let got = 0;
    let upgraded = false;
    session.upgraded.then(() => (upgraded = true));
    while (!upgraded || sent < 50) {
      session.socket.send(String(sent++));
      // Some rounds send in lumps, all keep a bounded number on the way.
      if (sent % (round + 1) === 0) await new Promise((resolve) => setImmediate(resolve));
      while (sent - got > 100) assert.equal(await session.next(), String(got++));
    }
    while (got < sent) assert.equal(await session.next(), String(got++));
    assert.equal(session.socket.transport.name, "websocket");
  }
});

eachMode(test, "the handshake names the settings", async (t, mode) => {
  const session = new Session(t, mode);
  const handshake = await within(5000, "the handshake", new Promise((resolve) => session.socket.once("handshake", resolve)));
  assert.match(handshake.sid, /^[A-Za-z0-9_-]{20}$/);
  assert.deepEqual({ ...handshake, sid: "" }, {
    sid: "",
    upgrades: mode.transports[0] === "polling" ? ["websocket"] : [],
    pingInterval: 300,
    pingTimeout: 200,
    maxPayload: 1000000,
  });
});

eachMode(test, "a silent session is kept by its heartbeat", async (t, mode) => {
  const session = await Session.open(t, mode);
  let pings = 0;
  await within(8000, "four pings", new Promise((resolve) => session.socket.on("ping", () => ++pings === 4 && resolve())));
  assert.equal(await session.echo("alive"), "alive");
});

eachMode(test, "the server closes", async (t, mode) => {
  const session = await Session.open(t, mode);
  session.socket.send("close");
  assert.equal(await within(5000, "the close", session.closed), "transport close");
});

eachMode(test, "what is sent before the server closes still arrives", async (t, mode) => {
  const session = await Session.open(t, mode);
  session.socket.send("burst 50");
  session.socket.send("close");
  for (let i = 0; i < 50; i++) assert.equal(await session.next(), String(i));
  await within(5000, "the close", session.closed);
});

eachMode(test, "a message over the limit ends the session", async (t, mode) => {
  const session = await Session.open(t, mode);
  session.socket.send("z".repeat(1_000_001));
  await within(5000, "the close", session.closed);
});

test("an unknown path is no session", async (t) => {
  for (const transports of [["polling"], ["websocket"]]) {
    const session = new Session(t, { transports, path: "/elsewhere/" });
    await assert.rejects(within(5000, "the refusal", session.opened));
  }
});
