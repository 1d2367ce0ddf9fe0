// The events of the conformance application that the other suites do not
// look at, and that every namespace has all of them.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server, official } from "../harness/server.js";
import { ask, connect, connected, eachMode, next, record, take } from "../harness/clients.js";
import { checksum, pattern } from "../harness/bytes.js";
import { Peer } from "../harness/raw.js";
import { until } from "../harness/within.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

const everywhere = {
  "/": {}, "/custom": {}, "/chain": {}, "/restricted": { token: "secret" },
  "/dynamic-101": {}, "/dynamic-7": {}, "/tenant-t": { tenant: "t" },
};

for (const [nsp, auth] of Object.entries(everywhere)) {
  test(`${nsp} has every event`, async (t) => {
    const socket = await connected(t, server, { nsp, auth });
    const other = await connected(t, server, { nsp, auth });
    const { id } = socket;
    const spec = { scope: "nsp", to: [id] };
    assert.deepEqual(await ask(socket, "echo", { n: [1] }), { n: [1] });
    let event = next(socket, "echo");
    socket.emit("echo", 1, pattern(2));
    assert.deepEqual(await event, [1, pattern(2)]);
    event = next(socket, "message");
    socket.send("x", 2);
    assert.deepEqual(await event, ["x", 2]);

    const who = await ask(socket, "whoami");
    assert.deepEqual(Object.keys(who).sort(), ["data", "id", "nsp", "protocol", "recovered", "rooms", "transport"]);
    assert.deepEqual([who.id, who.nsp, who.protocol, who.recovered, who.rooms], [id, nsp, 4, false, [id]]);
    const shake = await ask(socket, "handshake");
    assert.deepEqual(Object.keys(shake).sort(), ["auth", "headers", "issued", "query", "secure", "url", "xdomain"]);
    assert.deepEqual(shake.auth, auth);

    assert.deepEqual(await ask(socket, "inspect", pattern(300)), checksum(pattern(300)));
    assert.deepEqual(await ask(socket, "make", "bytes", 260), pattern(260));
    assert.equal(await ask(socket, "make", "text", 3), "xxx");
    assert.deepEqual(await ask(socket, "make", "nested", 2), { list: [pattern(2), { deep: pattern(2) }], size: 2 });

    socket.once("called", (a, ack) => ack({ a }, "more"));
    assert.deepEqual(await ask(socket, "call-me", 1000, [1]), { timedOut: false, response: { a: 1 } });
    assert.deepEqual(await ask(socket, "call-me", 10, [1]), { timedOut: true, response: null });
    socket.once("called", (a, b, ack) => ack(b, a));
    assert.deepEqual(await ask(socket, "call-me-once", [1, 2]), [2, 1]);
    socket.once("called", (ack) => ack());
    assert.deepEqual(await ask(socket, "call-me-once", []), []);
    socket.once("called", (ack) => ack());
    assert.deepEqual(await ask(socket, "call-me", 1000, []), { timedOut: false, response: null });

    event = take(socket, "burst", 5);
    socket.emit("burst", 5);
    assert.deepEqual(await event, [0, 1, 2, 3, 4]);
    event = next(socket, "compressible");
    socket.emit("compressible", false, 4);
    assert.deepEqual(await event, ["xxxx"]);
    assert.deepEqual(await ask(socket, "join", ["b", "a"]), [id, "a", "b"].sort());
    assert.deepEqual(await ask(socket, "leave", "b"), [id, "a"].sort());
    assert.equal(await ask(socket, "set-data", { k: "v" }), undefined);
    assert.equal((await ask(socket, "whoami")).data.k, "v");

    event = next(socket, "news");
    assert.equal(await ask(other, "broadcast", spec, "news", [1, [2]]), undefined);
    assert.deepEqual(await event, [1, [2]]);
    socket.once("poll", (n, ack) => ack(n + 1));
    assert.deepEqual(await ask(other, "broadcast-ack", spec, 1000, "poll", [1]), { timedOut: false, responses: [2] });
    assert.deepEqual(await ask(other, "broadcast-ack", spec, 20, "poll", [1]), { timedOut: true, responses: [] });
    const none = { scope: "nsp", to: ["nobody"] };
    assert.deepEqual(await ask(other, "broadcast-ack", none, 1000, "poll", []), { timedOut: false, responses: [] });
    assert.equal(await ask(other, "sockets-join", spec, ["c", "d"]), undefined);
    assert.equal(await ask(other, "sockets-leave", spec, "c"), undefined);
    const [found] = await ask(other, "fetch-sockets", { ...spec, in: [id] });
    assert.deepEqual([found.id, found.rooms, found.auth, found.data.k], [id, [id, "a", "d"].sort(), auth, "v"]);

    event = next(socket, "middleware-error");
    socket.emit("forbidden", 1);
    assert.deepEqual(await event, ["unauthorized event"]);
    assert.ok((await ask(socket, "seen")).in.includes("forbidden"));
    assert.equal(typeof (await ask(socket, "created-namespaces")), "object");
    assert.equal(await ask(other, "departure", id), null);
    event = next(socket, "disconnect");
    assert.equal(await ask(other, "disconnect-sockets", spec, false), undefined);
    assert.equal((await event)[0], "io server disconnect");
    await server.departed(id);
    assert.deepEqual(await ask(other, "departure", id), {
      disconnecting: "server namespace disconnect",
      rooms: [id, "a", "d"].sort(),
      disconnect: "server namespace disconnect",
      roomsAfter: [],
    });
  });
}

eachMode(test, "a packet middleware refuses an event before its handlers (EVT-02)", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const errors = record(socket, "middleware-error");
  for (const args of [[], [1], [{ a: [pattern(3)] }, null], ["x".repeat(5000)]]) socket.emit("forbidden", ...args);
  socket.emit("Forbidden");
  socket.emit("forbidden ", 1);
  assert.equal(await ask(socket, "echo", "alive"), "alive");
  await until(5000, "the errors", () => errors.length >= 4);
  await ask(socket, "whoami");
  assert.deepEqual(errors, Array(4).fill(["unauthorized event"]));
});

eachMode(test, "catch-all listeners see both directions (EVT-03 EVT-04)", async (t, mode) => {
  const socket = await connected(t, server, { ...mode, nsp: "/custom" });
  assert.deepEqual(await ask(socket, "seen"), { in: ["seen"], out: [] });
  socket.emit("nobody listens", 1);
  const burst = take(socket, "burst", 2);
  socket.emit("burst", 2);
  await burst;
  const other = await connected(t, server, { ...mode, nsp: "/custom" });
  const news = next(socket, "news");
  await ask(other, "broadcast", { scope: "socket", to: [socket.id] }, "news", []);
  await news;
  socket.once("called", (ack) => ack());
  await ask(socket, "call-me", 1000, []);
  socket.emit("forbidden");
  await next(socket, "middleware-error");
  const seen = await ask(socket, "seen");
  assert.deepEqual(seen.in, ["seen", "nobody listens", "burst", "call-me", "forbidden", "seen"]);
  assert.deepEqual(seen.out, ["burst", "burst", "news", "called", "middleware-error"]);
  assert.deepEqual((await ask(other, "seen")).out, []);
});

eachMode(test, "the handshake tells what the request said (NSP-11)", async (t, mode, name) => {
  const began = Date.now();
  const socket = await connected(t, server, {
    ...mode, query: { colour: "blue & green", list: "1" }, auth: { deep: { n: [1, null] } },
    extraHeaders: { "X-Long": "y".repeat(3000), cookie: "a=1; b=2" },
  });
  const { headers, query, auth, url, secure, xdomain, issued } = await ask(socket, "handshake");
  assert.deepEqual(auth, { deep: { n: [1, null] } });
  assert.equal(headers["x-long"].length, 3000);
  assert.equal(headers.cookie, "a=1; b=2");
  assert.equal(headers.host, `127.0.0.1:${server.port}`);
  assert.equal(query.colour, "blue & green");
  assert.equal(query.list, "1");
  assert.equal(query.EIO, "4");
  assert.equal(query.transport, name === "websocket" ? "websocket" : "polling");
  assert.ok(url.startsWith("/socket.io/?") && url.includes("colour=blue%20%26%20green"), url);
  assert.deepEqual([secure, xdomain], [false, false]);
  assert.ok(issued >= began - 1 && issued <= Date.now() + 1);
  const foreign = await connected(t, server, { ...mode, extraHeaders: { Origin: "http://allowed.example" } });
  assert.equal((await ask(foreign, "handshake")).xdomain, true);
});

test("inspect names every type", async (t) => {
  const socket = await connected(t, server);
  for (const [value, type] of [[null, "null"], [[], "array"], [{}, "object"], ["", "string"], [0.5, "number"], [7, "number"], [false, "boolean"]]) {
    assert.deepEqual(await ask(socket, "inspect", value), { binary: false, type });
  }
});

test("calls with other arguments than listed are ignored, each of them", async (t) => {
  const socket = await connected(t, server, { nsp: "/dynamic-8" });
  const spec = { scope: "nsp" };
  const right = {
    whoami: [], handshake: [], inspect: [1], make: ["text", 1], "call-me": [10, []], "call-me-once": [[]],
    join: ["r"], leave: ["r"], "set-data": [{}], broadcast: [spec, "e", []], "broadcast-ack": [spec, 10, "e", []],
    "fetch-sockets": [spec], "sockets-join": [spec, "r"], "sockets-leave": [spec, "r"], "disconnect-sockets": [spec, false],
    seen: [], "created-namespaces": [], departure: ["id"], "parent-emit": ["e", []],
  };
  const refuse = (event, args) => {
    socket.emit(event, ...args, () => assert.fail(`${event} ${JSON.stringify(args)} was acknowledged`));
    socket.emit(event, ...args);
  };
  for (const [event, args] of Object.entries(right)) {
    refuse(event, [...args, 1]);
    if (args.length > 0) refuse(event, args.slice(1));
    socket.emit(event, ...args.map((arg) => arg)); // right, but nobody asks for an answer
    for (const i of args.keys()) {
      if (event === "inspect") continue;
      for (const wrong of [null, 1.5, true, -1, pattern(3)]) {
        if (typeof wrong === "boolean" && typeof args[i] === "boolean") continue;
        refuse(event, args.with ? args.with(i, wrong) : Object.assign([...args], { [i]: wrong }));
      }
    }
  }
  assert.equal(await ask(socket, "echo", "alive"), "alive");
});

test("the last 10000 departures are known, of all mounts", async (t) => {
  const far = await connected(t, server, { mount: "strict", nsp: "/custom" });
  const first = far.id;
  far.disconnect();
  await server.departed(first);
  const observer = await connected(t, server);
  assert.equal((await ask(observer, "departure", first)).disconnect, "client namespace disconnect");

  const wire = new Peer(server, "/socket.io/").socket(t);
  await wire.handshake();
  wire.send("40");
  await wire.packet();
  const rooms = Array.from({ length: 100 }, (_, i) => `/dynamic-${9000 + i}`);
  const ids = [];
  for (let round = 0; round < 100; round++) {
    for (const nsp of rooms) wire.send(`40${nsp},`);
    for (const _ of rooms) ids.push(JSON.parse((await wire.packet()).replace(/^40\/dynamic-\d+,/, "")).sid);
    if (round === 99) assert.notEqual(await ask(observer, "departure", first), null);
    for (const nsp of rooms) wire.send(`41${nsp},`);
    wire.send('420["whoami"]'); // behind the goodbyes
    assert.match(await wire.packet(), /^430/);
  }
  await server.departed(ids.at(-1));
  await until(5000, "the first to be forgotten", async () => (await ask(observer, "departure", first)) === null);
  for (const id of [ids[0], ids[5000], ids[9999]]) assert.equal((await ask(observer, "departure", id)).disconnect, "client namespace disconnect");
});

test("JSON of any depth is survived (WIRE-09)", async (t) => {
  const socket = await connected(t, server, { transports: ["websocket"] });
  const peer = new Peer(server, "/socket.io/");
  const wire = peer.socket(t);
  await wire.handshake();
  wire.send("40");
  await wire.packet();
  // Sent back, it ends the official server.
  const deep = `${'{"a":['.repeat(2_500)}1${"]}".repeat(2_500)}`;
  if (!official) {
    wire.send(`42["echo",${deep}]`);
    assert.equal(await wire.packet(), `42["echo",${deep}]`);
    wire.send(`427["inspect",${deep}]`);
    assert.equal(await wire.packet(), '437[{"binary":false,"type":"object"}]');
    wire.send(`42["broadcast",{"scope":"nsp"},"ignored",[${deep}]]`); // nobody asks for an answer
    wire.send(`428["broadcast",{"scope":"nsp"},"deep",[${deep}]]`);
    assert.equal(await wire.packet(), `42["deep",${deep}]`);
  }
  wire.send(`42["nobody listens",${"[".repeat(100_000)}${"]".repeat(100_000)}]`);
  assert.equal(await ask(socket, "echo", "alive"), "alive");
});
