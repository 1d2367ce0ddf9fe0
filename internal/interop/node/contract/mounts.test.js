// The options of each mount of the conformance application, as they show from outside.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import * as parser from "socket.io-msgpack-parser";
import { Server, official } from "../harness/server.js";
import { ask, client, connected, eachMode, next, refused } from "../harness/clients.js";
import { oldAsk, oldClient, oldConnected } from "../harness/legacy.js";
import { Peer } from "../harness/raw.js";
import { within } from "../harness/within.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

const standard = { upgrades: ["websocket"], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 };
const announced = {
  "socket.io": standard,
  fast: { ...standard, pingInterval: 300, pingTimeout: 200 },
  strict: { ...standard, maxPayload: 1000 },
  recovery: standard,
  msgpack: standard,
  deflate: standard,
  pollonly: { ...standard, upgrades: [] },
  noupgrade: { ...standard, upgrades: [] },
};

test("each mount announces its own times and bounds (ENG-07 ENG-10 HTTP-12)", async (t) => {
  for (const [mount, expected] of Object.entries(announced)) {
    const { sid, ...open } = await new Peer(server, `/${mount}/`).handshake();
    assert.match(sid, /^[\w-]{20}$/);
    assert.deepEqual(open, expected, mount);
  }
  const { sid, ...open } = await new Peer(server, "/wsonly/").socket(t).handshake();
  assert.ok(sid);
  assert.deepEqual(open, { ...standard, upgrades: [] });
});

test("some mounts have one transport (ENG-10)", async (t) => {
  const { id } = await connected(t, server, { mount: "wsonly", transports: ["websocket"] });
  assert.ok(id);
  const denied = await new Peer(server, "/wsonly/").get("EIO=4&transport=polling");
  assert.equal(denied.status, 400);
  assert.deepEqual(await denied.json(), { code: 0, message: "Transport unknown" });

  const socket = await connected(t, server, { mount: "pollonly", transports: ["polling"] });
  assert.equal((await ask(socket, "whoami")).transport, "polling");
  const wire = new Peer(server, "/pollonly/").refusal(t, "EIO=4&transport=websocket");
  const { code } = await wire.close();
  assert.equal(code, 1006);
});

test("one mount stays with the transport of the beginning (ENG-07)", async (t) => {
  const socket = client(t, server, { mount: "noupgrade", transports: ["polling", "websocket"] });
  const connect = next(socket, "connect");
  socket.connect();
  await connect;
  assert.equal((await ask(socket, "whoami")).transport, "polling");
  if (!official) { // it does not offer the change, but would agree to it
    const candidate = new Peer(server, "/noupgrade/").refusal(t, `EIO=4&transport=websocket&sid=${socket.io.engine.id}`);
    await candidate.close();
  }
  assert.equal((await ask(socket, "whoami")).transport, "polling");
  const direct = await connected(t, server, { mount: "noupgrade", transports: ["websocket"] });
  assert.equal((await ask(direct, "whoami")).transport, "websocket");
});

test("clients of version 2 are served by two mounts (ENG-12)", async (t) => {
  for (const mount of ["socket.io", "fast"]) {
    const socket = await oldConnected(t, server, { mount });
    assert.equal((await oldAsk(socket, "whoami")).protocol, 3, mount);
  }
  for (const mount of ["strict", "recovery", "msgpack", "deflate", "noupgrade", "pollonly"]) {
    const answer = await new Peer(server, `/${mount}/`).get("EIO=3&transport=polling");
    assert.equal(answer.status, 400, mount);
    assert.deepEqual(await answer.json(), { code: 5, message: "Unsupported protocol version" });
  }
  const socket = oldClient(t, server, { mount: "wsonly", transports: ["websocket"] });
  await within(5000, "the refusal", new Promise((resolve) => socket.once("connect_error", resolve)));
});

test("the strict mount takes 1000 bytes and no more (HTTP-10 HTTP-11)", async (t) => {
  const strict = new Peer(server, "/strict/");
  const frame = (size) => `42["echo","${"x".repeat(size - 13)}"]`;
  assert.equal(Buffer.byteLength(frame(1000)), 1000);

  const { sid } = await strict.handshake();
  await strict.push(sid, "40");
  await strict.records(sid);
  assert.equal((await strict.push(sid, frame(1000))).status, 200);
  assert.deepEqual(await strict.records(sid), [frame(1000)]);
  const answer = await strict.push(sid, frame(1001)).catch(() => ({ status: 413 })); // cut off while it is sent
  assert.equal(answer.status, 413);

  const wire = strict.socket(t);
  await wire.handshake();
  wire.send("40");
  await wire.packet();
  wire.send(frame(1000));
  assert.equal(await wire.packet(), frame(1000));
  wire.send(frame(1001));
  assert.ok([1009, 1006].includes((await wire.close()).code));
});

test("the fast mount gives up early on who does not join (NSP-03 ENG-08)", async (t) => {
  const fast = new Peer(server, "/fast/");
  const wire = fast.socket(t);
  const opened = wire.handshake();
  const began = Date.now();
  await opened;
  // Nobody joins a namespace, but heartbeats are answered.
  const beats = (async () => { for (;;) { if ((await wire.next(10000)) === "2") wire.send("3"); } })();
  beats.catch(() => {});
  await wire.close();
  const took = Date.now() - began;
  assert.ok(took >= 400 && took < 3000, `closed after ${took} ms`);

  const { sid } = await fast.handshake();
  await fast.push(sid, "40");
  await fast.records(sid);
  const candidate = fast.candidate(t, sid);
  await candidate.open();
  await candidate.close(); // upgradeTimeout: it never probed
});

test("the recovery mount lets a lost client come back in time (CSR-01)", async (t) => {
  const socket = await connected(t, server, { mount: "recovery", transports: ["websocket"], reconnection: true, reconnectionDelay: 10, auth: { user: "ann" } });
  const { id } = socket;
  await ask(socket, "join", "kept");
  const news = next(socket, "news");
  await ask(socket, "broadcast", { scope: "nsp" }, "news", ["for the offset"]);
  await news;
  const again = next(socket, "connect");
  socket.io.engine.close();
  await again;
  const who = await ask(socket, "whoami");
  assert.equal(socket.recovered, true);
  assert.equal(who.recovered, true);
  assert.equal(who.id, id);
  assert.deepEqual(who.rooms, [id, "kept"].sort());
  assert.deepEqual(who.data, { runs: 1, user: "ann" }); // the middlewares did not run again
  const late = await connected(t, server, { mount: "recovery" });
  // It has gone before, and comes back since.
  assert.equal((await ask(late, "departure", id)).disconnect, "transport close");
});

eachMode(test, "the msgpack mount speaks MessagePack only (WIRE-12 B-80)", async (t, mode) => {
  const socket = await connected(t, server, { ...mode, mount: "msgpack", parser });
  assert.deepEqual(await ask(socket, "echo", { list: [1, Buffer.from([2])] }), { list: [1, Buffer.from([2])] });
  const packets = [];
  socket.io.engine.on("packet", ({ type, data }) => type === "message" && packets.push(data));
  await ask(socket, "whoami");
  assert.ok(packets.length > 0 && packets.every((data) => Buffer.isBuffer(data)));
});

test("the deflate mount compresses from 100 bytes on, the others only long polls (HTTP-08 HTTP-09)", async (t) => {
  const encodings = {};
  for (const mount of ["deflate", "socket.io", "noupgrade"]) {
    const peer = new Peer(server, `/${mount}/`);
    const { sid } = await peer.handshake();
    await peer.push(sid, "40");
    await peer.records(sid);
    encodings[mount] = [];
    for (const size of [20, 200, 2000]) {
      await peer.push(sid, `42["compressible",true,${size}]`);
      const answer = await peer.poll(sid, { headers: { "accept-encoding": "gzip" } });
      await answer.text();
      encodings[mount].push(answer.headers.get("content-encoding"));
    }
    const wire = peer.socket(t, undefined, { perMessageDeflate: true });
    await wire.handshake();
    assert.equal(wire.ws.extensions !== "", mount === "deflate", mount);
  }
  assert.deepEqual(encodings, {
    deflate: [null, "gzip", "gzip"],
    "socket.io": [null, null, "gzip"],
    noupgrade: [null, null, "gzip"],
  });
});

test("a mount knows nothing of the rooms of another", async (t) => {
  const one = await connected(t, server, { mount: "strict" });
  const other = await connected(t, server, { mount: "noupgrade", transports: ["polling"] });
  await ask(one, "join", "r");
  await ask(other, "join", "r");
  const list = await ask(one, "fetch-sockets", { scope: "nsp", to: ["r"] });
  assert.deepEqual(list.map((s) => s.id), [one.id]);
});

test("all mounts refuse what they do not know in the same words", async (t) => {
  for (const mount of Object.keys(announced)) {
    if (mount === "msgpack") continue;
    const transports = mount === "wsonly" ? ["websocket"] : ["polling"];
    const error = await refused(client(t, server, { mount, transports, nsp: "/unknown" }));
    assert.equal(error.message, "Invalid namespace", mount);
  }
});
