// Clients of version 2, 3 and 4 and clients with the MessagePack parser, all
// at one running server, and each through the same list of scenes (ENG-12, WIRE-03, WIRE-12).
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { modes, next, record, settled, take } from "../harness/clients.js";
import { checksum, pattern } from "../harness/bytes.js";
import { kinds } from "../harness/kinds.js";
import { until } from "../harness/within.js";

let server;
const company = []; // one client of each kind that stays throughout
const missed = [];
const stay = { after: (f) => leaving.push(f) };
const leaving = [];

before(async () => {
  server = await Server.start("conformance");
  for (const kind of kinds) {
    const socket = await kind.connected(stay, server, { transports: ["polling", "websocket"] });
    socket.on("disconnect", (why) => missed.push(`${kind.name}: ${why}`));
    company.push({ kind, socket, got: record(socket, "to all") });
  }
});

after(async () => {
  for (const f of leaving) f();
  await server.stop();
});

// The answer of a version, whose bytes are Buffers or ArrayBuffers.
const plain = (value) => {
  if (Buffer.isBuffer(value) || value instanceof ArrayBuffer) return { bytes: [...new Uint8Array(value)] };
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
};

const scenes = {
  async "tells who it is, and upgrades if it may (ENG-05)"(t, kind, options, mode) {
    const socket = await kind.connected(t, server, options);
    const [who] = await kind.ask(socket, "whoami");
    assert.deepEqual(who, {
      id: socket.id, nsp: "/", rooms: [socket.id], data: { runs: 1 }, recovered: false,
      transport: settled[mode], protocol: kind.protocol,
    });
  },

  async "carries events, in order"(t, kind, options) {
    const socket = await kind.connected(t, server, options);
    const values = [null, true, -1.5, 0, "", "ä€😀", [[], {}], { a: { b: [null] } }, 2 ** 40];
    const echoed = next(socket, "echo");
    socket.emit("echo", ...values);
    assert.deepEqual(await echoed, values);
    const burst = take(socket, "burst", 300);
    socket.emit("burst", 300);
    assert.deepEqual(await burst, Array.from({ length: 300 }, (_, i) => i));
    const message = next(socket, "message");
    socket.send("x", { n: 1 });
    assert.deepEqual(await message, ["x", { n: 1 }]);
  },

  async "answers and is answered"(t, kind, options) {
    const socket = await kind.connected(t, server, options);
    assert.deepEqual(await kind.ask(socket, "echo", 1, [2], { n: 3 }), [1, [2], { n: 3 }]);
    assert.deepEqual(await kind.ask(socket, "echo"), []);
    socket.on("called", (a, b, ack) => ack({ a, b }));
    assert.deepEqual(await kind.ask(socket, "call-me", 2000, [1, "two"]), [{ timedOut: false, response: { a: 1, b: "two" } }]);
    socket.off("called");
    assert.deepEqual(await kind.ask(socket, "call-me", 20, [1]), [{ timedOut: true, response: null }]);
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => kind.ask(socket, "echo", i)));
    assert.deepEqual(answers, Array.from({ length: 100 }, (_, i) => [i]));
  },

  async "carries bytes, both ways"(t, kind, options) {
    const socket = await kind.connected(t, server, options);
    for (const size of [0, 1, 250, 70_000]) {
      assert.deepEqual(await kind.ask(socket, "inspect", pattern(size)), [checksum(pattern(size))]);
      assert.deepEqual(plain(await kind.ask(socket, "make", "bytes", size)), [plain(pattern(size))]);
    }
    const nested = { list: [pattern(3), { deep: pattern(4) }], size: 5 };
    assert.deepEqual(plain(await kind.ask(socket, "echo", nested, "text", pattern(1))), plain([nested, "text", pattern(1)]));
    socket.on("called", (bytes, ack) => ack(bytes));
    assert.deepEqual(plain(await kind.ask(socket, "call-me", 2000, [pattern(9)])), plain([{ timedOut: false, response: pattern(9) }]));
  },

  async "is in several namespaces, dynamic ones among them (NSP-18 NSP-04)"(t, kind, options) {
    const socket = await kind.connected(t, server, options);
    const ids = [socket.id];
    for (const nsp of ["/custom", "/chain", "/dynamic-7", "/dynamic-101"]) {
      const other = kind.beside(t, socket, nsp);
      await kind.connect(other);
      const [who] = await kind.ask(other, "whoami");
      assert.equal(who.nsp, nsp);
      assert.equal(who.id, other.id);
      ids.push(who.id);
      other.emit("echo", "not to the others");
    }
    assert.equal(new Set(ids).size, 5);
    const gone = kind.beside(t, socket, "/restless");
    assert.equal(await kind.refused(gone), "Invalid namespace");
    assert.deepEqual(await kind.ask(socket, "echo", "still here"), ["still here"]);
  },

  async "meets the others in rooms"(t, kind, options) {
    const [one, two, out] = await Promise.all([1, 2, 3].map(() => kind.connected(t, server, options)));
    const room = `room of ${one.id}`;
    assert.deepEqual(await kind.ask(one, "join", [room, "b"]), [[one.id, room, "b"].sort()]);
    assert.deepEqual(await kind.ask(one, "leave", "b"), [[one.id, room].sort()]);
    await kind.ask(two, "join", room);
    const heard = [one, two, out].map((socket) => record(socket, "news"));
    await kind.ask(one, "broadcast", { scope: "socket", to: [room] }, "news", ["but me", pattern(3)]);
    await kind.ask(out, "broadcast", { scope: "nsp", to: [room], except: [two.id] }, "news", ["but two"]);
    await until(5000, "the news", () => heard[0].length + heard[1].length === 2);
    await kind.ask(out, "whoami");
    assert.deepEqual(plain(heard), plain([[["but two"]], [["but me", pattern(3)]], []]));
    for (const socket of [one, two]) socket.on("poll", (n, ack) => ack([socket.id, n]));
    const [poll] = await kind.ask(out, "broadcast-ack", { scope: "nsp", to: [room] }, 2000, "poll", [7]);
    assert.deepEqual({ ...poll, responses: poll.responses.sort() }, { timedOut: false, responses: [[one.id, 7], [two.id, 7]].sort() });
    const [members] = await kind.ask(out, "fetch-sockets", { scope: "nsp", to: [room] });
    assert.deepEqual(members.map((s) => s.id).sort(), [one.id, two.id].sort());
    await kind.ask(out, "sockets-leave", { scope: "nsp", to: [two.id] }, room);
    assert.deepEqual((await kind.ask(two, "whoami"))[0].rooms, [two.id]);
  },

  async "is refused by middlewares, with data and without (NSP-14 B-79)"(t, kind, options) {
    const refused = (nsp, auth) => kind.refused(kind.client(t, server, { ...options, nsp, auth }));
    assert.deepEqual(await refused("/restricted", { token: "wrong" }), { required: "token" });
    assert.deepEqual(await refused("/chain", { failAt: "b" }), { steps: ["a", "b"] });
    assert.equal(await refused("/dynamic-8", { token: "bad" }), "refused by parent");
    const socket = await kind.connected(t, server, { ...options, nsp: "/restricted", auth: { token: "secret" } });
    assert.deepEqual((await kind.ask(socket, "handshake"))[0].auth, { token: "secret" });
    const error = next(socket, "middleware-error");
    socket.emit("forbidden", 1);
    assert.deepEqual(await error, ["unauthorized event"]);
  },

  async "comes back when its connection breaks"(t, kind, options) {
    const socket = await kind.connected(t, server, { ...options, reconnection: true, reconnectionDelay: 10 });
    const { id } = socket;
    const why = next(socket, "disconnect");
    const again = next(socket, "connect");
    // The connection, not the client, is at fault.
    const { transport } = socket.io.engine;
    if (transport.ws) transport.ws.close();
    else transport.emit("error", new Error("broken"));
    const [reason] = await why;
    assert.ok(["transport close", "transport error"].includes(reason), reason);
    await again;
    assert.equal(await server.departed(id), "transport close");
    assert.notEqual(socket.id, id);
    assert.deepEqual(await kind.ask(socket, "echo", "back"), ["back"]);
  },

  async "is sent away, and does not come back"(t, kind, options) {
    const socket = await kind.connected(t, server, { ...options, reconnection: true, reconnectionDelay: 10 });
    const { id } = socket;
    const why = next(socket, "disconnect");
    socket.emit("bye", false);
    assert.deepEqual((await why)[0], "io server disconnect");
    assert.equal(await server.departed(id), "server namespace disconnect");
    assert.equal(socket.connected, false);
  },
};

for (const [scene, play] of Object.entries(scenes)) {
  for (const kind of kinds) {
    for (const [mode, options] of Object.entries(modes)) {
      test(`${kind.name} ${scene} (${mode})`, (t) => play(t, kind, options, mode));
    }
  }
}

test("all kinds play at the same time", async (t) => {
  await Promise.all(kinds.flatMap((kind) => Object.values(scenes).map((play) => play(t, kind, modes.upgrade, "upgrade"))));
});

test("one broadcast reaches versions 2, 3 and 4, bytes and all", async () => {
  for (const { kind, socket } of company) {
    await kind.ask(socket, "broadcast", { scope: "nsp" }, "to all", [kind.name, { bytes: pattern(5) }]);
  }
  const said = (mount) => kinds.filter((kind) => kind.mount === mount).map((kind) => [kind.name, { bytes: pattern(5) }]);
  for (const { kind, got } of company) {
    await until(5000, `${kind.name} to hear all`, () => got.length === said(kind.mount).length);
    assert.deepEqual(plain(got), plain(said(kind.mount)), kind.name);
  }
});

test("those who were there from the beginning are there to the end", async () => {
  assert.deepEqual(missed, []);
  for (const { kind, socket } of company) {
    const [who] = await kind.ask(socket, "whoami");
    assert.deepEqual([who.id, who.transport], [socket.id, "websocket"], kind.name);
  }
  const { main, msgpack } = await server.stats();
  assert.ok(main.sockets >= 3 && msgpack.sockets >= 1);
});
