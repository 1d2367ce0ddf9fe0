import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { connected, connect, client, eachMode, ask, next, take, record } from "../harness/clients.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

const values = [
  null, true, false, 0, -1, 1.5, -0.25, 1e21, 1e-7, 9007199254740991, "", "text",
  [], [[]], {}, { a: { b: [{ c: null }] } }, [1, [2, [3, [4]]]],
  { "": 0, "key with space": 1, "\u0000": 2, "ключ": 3, "__proto__x": 4 },
  { _placeholder: true, num: 0 },
  { _placeholder: true, num: 7, more: [] },
];

const texts = [
  "Grüße, Jürgen", "日本語のテキスト", "😀👩‍👩‍👧‍👦🏳️‍🌈", "\u2028 and \u2029", "\u0000\u0001\u001e\u001f\u007f",
  "\\ \" / \b \f \n \r \t", "<script>alert('&')</script>", "%00%zz", "e\u0301 é", "\ufeff", "\uffff", "4\x1e4",
];

eachMode(test, "every kind of JSON value comes back as it went", async (t, mode) => {
  const socket = await connected(t, server, mode);
  for (const value of values) {
    assert.deepEqual(await ask(socket, "echo", value), value, JSON.stringify(value));
  }
  const answer = next(socket, "echo");
  socket.emit("echo", ...values);
  assert.deepEqual(await answer, values);
});

eachMode(test, "text of every script comes back as it went", async (t, mode) => {
  const socket = await connected(t, server, mode);
  for (const text of texts) assert.equal(await ask(socket, "echo", text), text, JSON.stringify(text));
  assert.deepEqual(await ask(socket, "echo", { [texts[2]]: texts }), { [texts[2]]: texts });
});

eachMode(test, "an event may have no argument or many", async (t, mode) => {
  const socket = await connected(t, server, mode);
  for (const args of [[], [1], Array.from({ length: 200 }, (_, i) => i)]) {
    const answer = next(socket, "echo");
    socket.emit("echo", ...args);
    assert.deepEqual(await answer, args);
  }
});

eachMode(test, "event names are any text", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const names = ["ümläut 😀", "with \"quotes\" and \\", "a,b", "[1]", " ", "error", "connection", "constructor", "x".repeat(1000)];
  for (const name of names) socket.emit(name, 1);
  const { in: seen } = await ask(socket, "seen");
  assert.deepEqual(seen, [...names, "seen"]);
});

eachMode(test, "send carries a message", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const answer = next(socket, "message");
  socket.send("hello", { n: 1 }, [null]);
  assert.deepEqual(await answer, ["hello", { n: 1 }, [null]]);
});

eachMode(test, "events keep their order in both directions", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const expected = Array.from({ length: 500 }, (_, i) => i);

  const burst = take(socket, "burst", 500);
  socket.emit("burst", 500);
  assert.deepEqual(await burst, expected);

  const echoes = take(socket, "echo", 500);
  for (const i of expected) socket.emit("echo", i);
  assert.deepEqual(await echoes, expected);
});

test("nothing is lost or reordered by the upgrade", async (t) => {
  const socket = client(t, server, { transports: ["polling", "websocket"] });
  const expected = Array.from({ length: 300 }, (_, i) => i);
  const echoes = take(socket, "echo", 300);
  await connect(socket);
  // One event for each turn of the loop spreads them over the whole upgrade.
  for (const i of expected) {
    socket.emit("echo", i);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(await echoes, expected);
  assert.equal(socket.io.engine.transport.name, "websocket");
});

test("a burst from the server crosses the upgrade whole", async (t) => {
  for (let round = 0; round < 5; round++) {
    const socket = client(t, server, { transports: ["polling", "websocket"] });
    const upgraded = new Promise((resolve) => socket.io.once("open", () => socket.io.engine.once("upgrade", resolve)));
    await connect(socket);
    const bursts = take(socket, "burst", 2000);
    for (let i = 0; i < 20; i++) {
      socket.emit("burst", 100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const got = await bursts;
    assert.deepEqual(got, Array.from({ length: 2000 }, (_, i) => i % 100));
    await upgraded;
  }
});

eachMode(test, "catch-all listeners see every event of their side", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const incoming = [];
  socket.onAny((event, ...args) => incoming.push([event, ...args]));
  const answer = next(socket, "echo");
  socket.emit("echo", 1, "two");
  await answer;
  socket.emit("nobody listens", 3);
  assert.deepEqual((await ask(socket, "seen")).in, ["echo", "nobody listens", "seen"]);
  assert.deepEqual(incoming, [["echo", 1, "two"]]);
});

eachMode(test, "volatile events keep their order and harm no others", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const volatile = record(socket, "volatile");
  socket.emit("volatile-burst", 1000);
  const burst = take(socket, "burst", 100);
  socket.emit("burst", 100);
  assert.deepEqual(await burst, Array.from({ length: 100 }, (_, i) => i));
  const got = volatile.map(([n]) => n);
  assert.deepEqual(got, [...new Set(got)].sort((a, b) => a - b));
  assert.ok(got.every((n) => n >= 0 && n < 1000));
});

test("an idle websocket gets its volatile events", async (t) => {
  const socket = await connected(t, server, { transports: ["websocket"] });
  for (let i = 0; i < 10; i++) {
    const event = next(socket, "volatile");
    socket.emit("volatile-burst", 1);
    assert.deepEqual(await event, [0]);
  }
});

eachMode(test, "the compress flag changes no content", async (t, mode) => {
  const socket = await connected(t, server, mode);
  for (const compress of [true, false]) {
    const event = next(socket, "compressible");
    socket.emit("compressible", compress, 5000);
    assert.deepEqual(await event, ["x".repeat(5000)]);
  }
});

eachMode(test, "wrong arguments are ignored and harm nobody", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const wrong = [["join"], ["join", 7], ["make", "bytes"], ["broadcast", null, 1], ["burst", "many"], ["inspect"],
    ["inspect", 1, 2], ["fetch-sockets", { scope: "world" }], ["call-me", "soon", []], ["bye", 0], ["departure", {}]];
  for (const [event, ...args] of wrong) {
    socket.emit(event, ...args);
    socket.emit(event, ...args, () => assert.fail(`${event} was acknowledged`));
  }
  assert.equal(await ask(socket, "echo", "alive"), "alive");
});
