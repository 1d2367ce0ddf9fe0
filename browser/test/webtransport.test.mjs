// WebTransport, against the official server: its own code on the far side, and
// in place of HTTP/3 two streams in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { WebTransport } from "../dist/socket.io.webtransport.esm.min.js";
import { next, start } from "./setup.mjs";

/** Puts the browser's WebTransport there, in pieces of the size given. */
function network(t, s, piece = Infinity) {
  const sessions = [];
  globalThis.WebTransport = class {
    constructor(url, options) {
      Object.assign(this, { url, options });
      sessions.push(this);
      const ends = [];
      const [up, down] = [new TransformStream(cut(piece, ends)), new TransformStream(cut(piece, ends))];
      let close;
      this.ready = Promise.resolve();
      this.closed = new Promise((done) => (close = done));
      this.close = () =>
        // What is on its way arrives before the end does.
        setTimeout(() => {
          for (const end of ends) end.error(new Error("session closed"));
          close({});
        }, 20);
      this.createBidirectionalStream = async () => ({ readable: down.readable, writable: up.writable });
      const incoming = new ReadableStream({
        start: (c) => c.enqueue({ readable: up.readable, writable: down.writable }),
      });
      s.server.engine.onWebTransportSession({ ready: this.ready, closed: this.closed, close: this.close, incomingBidirectionalStreams: incoming });
    }
  };
  t.after(() => delete globalThis.WebTransport);
  return sessions;
}

function cut(piece, ends) {
  return {
    start: (controller) => void ends.push(controller),
    transform(chunk, controller) {
      for (let i = 0; i < chunk.length; i += piece) controller.enqueue(chunk.subarray(i, i + piece));
    },
  };
}

const all = { transports: ["polling", "websocket", "webtransport"] };

for (const [way, transports] of [["alone", [WebTransport]], ["after polling", ["polling", "websocket", WebTransport]]]) {
  for (const piece of [Infinity, 1, 7]) {
    test(`${way}, in pieces of ${piece}`, async (t) => {
      const s = await start(t, { ...all, maxHttpBufferSize: 1e6 });
      const sessions = network(t, s, piece);
      s.server.on("connection", (peer) => peer.on("echo", (v, ack) => ack(v)));
      const socket = s.client("", { transports, path: "/socket.io/", transportOptions: { webtransport: { mark: 1 } } });
      if (way !== "alone") await next(socket.io.engine, "upgrade");
      if (!socket.connected) await next(socket, "connect");
      assert.equal(socket.io.engine.transport.name, "webtransport");
      assert.match(sessions[0].url, /^https:\/\/127\.0\.0\.1:\d+\/socket\.io\/$/);
      assert.deepEqual(sessions[0].options, { mark: 1 });
      for (const n of [0, 100, 125, 126, 200, 65535, 65536, 70000]) {
        if (piece === 1 && n > 200) continue;
        const text = "ü".repeat(n / 2);
        assert.equal(await socket.emitWithAck("echo", text), text);
        const bytes = Uint8Array.from({ length: n }, (_, i) => i);
        if (n) assert.deepEqual(new Uint8Array(await socket.emitWithAck("echo", bytes)), bytes);
      }
      const gone = next(s.server.sockets.sockets.get(socket.id), "disconnect");
      socket.disconnect();
      assert.equal((await gone)[0], "client namespace disconnect");
    });
  }
}

test("polling goes on, or WebSocket takes over, where it does not work", async (t) => {
  const s = await start(t, all);
  const socket = s.client("", { transports: ["polling", WebTransport] });
  const [error] = await next(socket.io.engine, "upgradeError");
  assert.equal(error.message, "webtransport error");
  assert.equal(socket.io.engine.transport.name, "polling");
  const other = s.client("", { transports: ["polling", "websocket", WebTransport] });
  await next(other.io.engine, "upgrade");
  assert.equal(other.io.engine.transport.name, "websocket");
});

test("the end of the session is noticed", async (t) => {
  const s = await start(t, all);
  const sessions = network(t, s);
  const socket = s.client("", { transports: [WebTransport] });
  await next(socket, "connect");
  const lost = next(socket, "disconnect");
  sessions[0].close();
  assert.equal((await lost)[0], "transport close");
  await next(socket, "connect");
});
