// What is late: it belongs to a connection, or a wish, that is no more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { next, start, ways } from "./setup.mjs";

/** A promise that is settled from outside. */
function later() {
  const it = {};
  it.promise = new Promise((resolve, reject) => Object.assign(it, { resolve, reject }));
  return it;
}

// CLI-12.
test("an auth that fails with the connection is no reason to stay away", async (t) => {
  const s = await start(t);
  const asked = [later(), later()];
  let calls = 0;
  const socket = s.client("", { auth: () => asked[calls++].promise });
  await next(socket.io, "open");
  const lost = next(socket, "connect_error");
  socket.io.engine.close();
  const [error] = await lost;
  assert.equal(error.message, "forced close");
  socket.on("connect_error", (e) => assert.fail(e));
  asked[0].reject(new Error("the network is gone"));
  await next(socket.io, "open");
  assert.equal(socket.active, true);
  asked[1].resolve({});
  await next(socket, "connect");
});

test("leaving and coming back while the auth is made asks once", async (t) => {
  const s = await start(t);
  const main = s.client();
  await next(main, "connect");
  const nsp = s.server.of("/side");
  let joined = 0;
  nsp.on("connection", () => joined++);
  const asked = [];
  const side = main.io.socket("/side", { auth: () => (asked.push(later()), asked.at(-1).promise) });
  side.disconnect();
  side.connect();
  side.disconnect();
  side.connect();
  assert.equal(asked.length, 3);
  for (const { resolve } of asked) resolve({});
  await next(side, "connect");
  await main.timeout(50).emitWithAck("wait").catch(() => {});
  assert.equal(joined, 1);
});

test("an answer is not sent by another connection than its question came by", async (t) => {
  const s = await start(t);
  const arrived = next(s.server, "connection");
  const second = later();
  let calls = 0;
  const socket = s.client("", { ...ways.websocket, auth: () => (calls++ ? second.promise : {}) });
  const questions = [];
  socket.on("question", (answer) => questions.push(answer));
  const [[peer]] = await Promise.all([arrived, next(socket, "connect")]);
  let told = 0;
  peer.emit("question", () => told++);
  await next(socket, "question");
  socket.io.engine.close();
  await next(socket.io, "reconnect");
  const { id } = socket.io.engine;
  questions[0]("late"); // the server ends connections that answer what it has not asked
  await new Promise((done) => setTimeout(done, 50));
  second.resolve({});
  await next(socket, "connect");
  assert.equal(socket.io.engine.id, id);
  questions[0]("later still");
  await socket.timeout(50).emitWithAck("wait").catch(() => {});
  assert.equal(socket.connected, true);
  assert.equal(told, 0);
});

test("names of events that nobody listens to any more take no memory", async (t) => {
  const s = await start(t);
  const socket = s.client();
  await next(socket, "connect");
  const size = () => Object.values(socket).reduce((n, v) => n + (v instanceof Map ? v.size : 0), 0);
  const before = size();
  for (let i = 0; i < 100; i++) {
    const fn = () => {};
    socket.on("answer" + i, fn).off("answer" + i, fn);
    socket.on("question" + i, fn).off("question" + i);
    socket.off("unknown" + i);
  }
  assert.equal(size(), before);
});
