// The build with MessagePack, as it is shipped, against the official server and
// parser, and against bytes that they do not write. B-80
import test from "node:test";
import assert from "node:assert/strict";
import parser from "socket.io-msgpack-parser";
import { next, start, upgraded, ways } from "./setup.mjs";
import "../dist/socket.io.msgpack.min.js";

const connect = globalThis.io;

/** A client of a server that speaks MessagePack and echoes. */
async function pair(t, opts, serverParser = parser) {
  const s = await start(t, { parser: serverParser });
  s.server.on("connection", (socket) => {
    socket.on("echo", (...args) => args.pop()(...args));
    socket.on("text of", (value, done) => done(String(value)));
    socket.on("back", (...args) => socket.emit("back", ...args));
  });
  s.server.of("/locked").use((_, done) => done(Object.assign(new Error("no"), { data: { why: [1, Buffer.from([2])] } })));
  const socket = connect(s.url, { forceNew: true, ...opts });
  t.after(() => socket.io.close());
  if (!socket.connected) await next(socket, "connect");
  return { socket, s };
}

const numbers = [
  0, 1, 127, 128, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, -32, -33, -128, -129, -32768, -32769,
  -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53) + 1, 0.5, -1.25, 5e-324,
];
const texts = ["", "a", "x".repeat(31), "x".repeat(32), "ü".repeat(127), "ü".repeat(128), "😀".repeat(20000), "\ufeffmark", "\0"];
const list = (n) => Array.from({ length: n }, (_, i) => i);
const map = (n) => Object.fromEntries(list(n).map((i) => ["k" + i, i]));

for (const [way, opts] of Object.entries(ways)) {
  test(`values go there and back (${way})`, async (t) => {
    const { socket } = await pair(t, opts);
    if (way === "upgrade") await upgraded(socket);
    const values = [null, true, false, ...numbers, ...texts, [], {}, ...[15, 16, 70000].map(list), ...[15, 16, 70000].map(map), [[{ a: [{}] }]]];
    for (const value of values) assert.deepEqual(await socket.emitWithAck("echo", value), value);
    // Whole numbers beyond 2^64 arrive whole; the official parser cannot send them back.
    for (const value of [1e300, Number.MAX_VALUE, 1e21, 2 ** 53 * 4, Infinity]) {
      assert.equal(await socket.emitWithAck("text of", value), String(value));
    }
    const date = new Date(1234567890123);
    assert.deepEqual(await socket.emitWithAck("echo", { date, early: new Date(-5) }), { date, early: new Date(-5) });
  });

  test(`bytes go there and back in their places (${way})`, async (t) => {
    const { socket } = await pair(t, opts);
    for (const size of [0, 1, 255, 256, 65535, 65536]) {
      const bytes = new Uint8Array(size).map((_, i) => i % 251);
      const got = await socket.emitWithAck("echo", { a: [bytes, bytes.buffer, new DataView(bytes.buffer, size >> 1)] });
      for (const [i, part] of [bytes, bytes, bytes.subarray(size >> 1)].entries()) {
        assert.ok(got.a[i] instanceof ArrayBuffer);
        assert.deepEqual(new Uint8Array(got.a[i]), part);
      }
    }
  });

  test(`namespaces, refusals and events of the server (${way})`, async (t) => {
    const { socket, s } = await pair(t, opts);
    const back = next(socket, "back");
    socket.emit("back", 1, "two");
    assert.deepEqual(await back, [1, "two"]);
    const locked = socket.io.socket("/locked");
    const [error] = await next(locked, "connect_error");
    assert.equal(error.message, "no");
    assert.deepEqual(new Uint8Array(error.data.why[1]), new Uint8Array([2]));
    const [unknown] = await next(socket.io.socket("/unknown"), "connect_error");
    assert.equal(unknown.message, "Invalid namespace");
    socket.on("ask", (n, done) => done(n + 1));
    assert.deepEqual(await s.server.timeout(2000).emitWithAck("ask", 1), [2]);
    const gone = next(socket, "disconnect");
    s.server.disconnectSockets();
    assert.equal((await gone)[0], "io server disconnect");
  });
}

test("what JSON leaves out or turns into something else, so does MessagePack", async (t) => {
  const { socket } = await pair(t, ways.websocket);
  class Price {
    toJSON() {
      return { cents: 5 };
    }
  }
  const sent = { f() {}, u: undefined, s: Symbol("s"), price: new Price(), kept: 1 };
  assert.deepEqual(await socket.emitWithAck("echo", sent), { price: { cents: 5 }, kept: 1 });
  assert.deepEqual(await socket.emitWithAck("echo", [undefined, 1]), [undefined, 1]);
  // Whoever emits what cannot be encoded is told there and then.
  for (const value of [1n, Symbol("s"), new Blob(["x"])]) assert.throws(() => socket.emit("echo", value), /cannot be encoded/);
  const ring = {};
  ring.ring = ring;
  assert.throws(() => socket.emit("echo", ring), RangeError);
  assert.equal(await socket.emitWithAck("echo", "alive"), "alive");
});

/** A server whose answers to "raw" are these very bytes, given as hex, behind the head of an event "got". */
function handmade() {
  class Encoder extends parser.Encoder {
    encode(packet) {
      if (packet.type !== 2 || packet.data[0] !== "raw") return super.encode(packet);
      const [, whole, hex] = packet.data;
      // {type: 2, nsp: "/", data: ["got", …]}
      const head = "83a474797065" + "02" + "a36e7370" + "a12f" + "a464617461" + "92" + "a3676f74";
      return [Buffer.from(whole ? hex : head + hex, "hex")];
    }
  }
  return { ...parser, Encoder };
}

test("every format is understood", async (t) => {
  const { socket, s } = await pair(t, ways.websocket, handmade());
  const float32 = "ca" + "3fc00000";
  for (const [hex, value] of [
    [float32, 1.5], ["cc05", 5], ["cd0005", 5], ["ce00000005", 5], ["cf0000000000000005", 5],
    ["d0fb", -5], ["d1fffb", -5], ["d2fffffffb", -5], ["d3fffffffffffffffb", -5], ["e0", -32],
    ["d90161", "a"], ["da000161", "a"], ["db0000000161", "a"], ["dc000101", [1]], ["dd0000000101", [1]],
    ["de0001a16101", { a: 1 }], ["df00000001a16101", { a: 1 }], ["810102", { 1: 2 }],
    ["d6ff00000001", new Date(1000)], ["d7ff" + "0000000000000001", new Date(1000)],
    ["d7ff" + "77359400" + "00000001", new Date(1500)], ["c70cff" + "1dcd6500" + "ffffffffffffffff", new Date(-500)],
    ["d400" + "00", undefined],
  ]) {
    const got = next(socket, "got");
    s.server.emit("raw", false, hex);
    assert.deepEqual(await got, [value], hex);
  }
  for (const [hex, type, bytes] of [["d50701ff", 7, [1, 255]], ["d8f9" + "00".repeat(16), -7, Array(16).fill(0)], ["c70107aa", 7, [170]], ["c8000107aa", 7, [170]]]) {
    const got = next(socket, "got");
    s.server.emit("raw", false, hex);
    const [[is, data]] = await got;
    assert.deepEqual([is, [...new Uint8Array(data)]], [type, bytes], hex);
  }
  const got = next(socket, "got");
  s.server.emit("raw", false, "81a9" + Buffer.from("__proto__").toString("hex") + "81a161" + "01");
  const [odd] = await got;
  assert.equal(odd.a, undefined);
  assert.deepEqual(Object.keys(odd), ["__proto__"]);
});

test("bad bytes close the connection", async (t) => {
  const bad = {
    "an unknown format": [false, "c1"],
    "a text that ends too early": [false, "a561"],
    "bytes that end too early": [false, "c6ffffffff00"],
    "a list that is longer than it says": [false, "0101"],
    "a list that is shorter than it says": [false, "ddffffffff"],
    "text that is no UTF-8": [false, "a1ff"],
    "no map": [true, "93010203"],
    "nil": [true, "c0"],
    "an unknown type": [true, "82a47479706509a36e7370a12f"],
    "no namespace": [true, "81a47479706500"],
    "an event without a name": [true, "83a47479706502a36e7370a12fa46461746190"],
    "a reserved name": [true, "83a47479706502a36e7370a12fa46461746191aa" + Buffer.from("disconnect").toString("hex")],
    "an odd id": [true, "84a47479706503a36e7370a12fa46461746190a26964a161"],
  };
  const { socket, s } = await pair(t, { ...ways.websocket, reconnectionDelay: 1, reconnectionDelayMax: 2 }, handmade());
  for (const [what, [whole, hex]] of Object.entries(bad)) {
    const gone = next(socket, "disconnect");
    const again = next(socket, "connect");
    s.server.emit("raw", whole, hex);
    assert.equal((await gone)[0], "parse error", what);
    await again;
  }
  assert.equal(await socket.emitWithAck("echo", "alive"), "alive");
});
