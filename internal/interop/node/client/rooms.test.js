import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { connected, connect, eachMode, ask, next, record } from "../harness/clients.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

let unique = 0;

// cast opens the named sockets and puts each into its rooms; room names are
// made unique so that tests do not meet.
async function cast(t, mode, members) {
  const tag = `${++unique}-`;
  const sockets = {};
  for (const [name, rooms] of Object.entries(members)) {
    sockets[name] = await connected(t, server, mode);
    if (rooms.length > 0) await ask(sockets[name], "join", rooms.map((r) => tag + r));
  }
  const name = (list) => list?.map((r) => (r in members ? sockets[r].id : tag + r));
  const spec = (s) => ({ ...s, to: name(s.to), in: name(s.in), except: name(s.except) });
  return { sockets, spec, room: (r) => tag + r };
}

// reached tells who gets a broadcast, and how often. A broadcast to each own
// room behind it shows that nothing else is on the way.
async function reached({ sockets, spec }, from, selection) {
  const counts = {};
  for (const [name, socket] of Object.entries(sockets)) {
    const got = record(socket, "news");
    counts[name] = () => {
      socket.off("news");
      for (const args of got) assert.deepEqual(args, ["text", { n: 1 }]);
      return got.length;
    };
  }
  await ask(sockets[from], "broadcast", spec(selection), "news", ["text", { n: 1 }]);
  await Promise.all(Object.values(sockets).map((socket) => ask(socket, "whoami")));
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count()]).filter(([, n]) => n > 0));
}

eachMode(test, "join and leave, one room or many", async (t, mode) => {
  const socket = await connected(t, server, mode);
  const { id } = socket;
  assert.deepEqual(await ask(socket, "join", "b"), [id, "b"].sort());
  assert.deepEqual(await ask(socket, "join", ["a", "c", "b"]), [id, "a", "b", "c"].sort());
  assert.deepEqual(await ask(socket, "leave", "b"), [id, "a", "c"].sort());
  assert.deepEqual(await ask(socket, "leave", "never joined"), [id, "a", "c"].sort());
  assert.deepEqual(await ask(socket, "join", ["", "ü 😀"]), [id, "", "a", "c", "ü 😀"].sort());
  assert.deepEqual((await ask(socket, "whoami")).rooms, [id, "", "a", "c", "ü 😀"].sort());
});

eachMode(test, "a broadcast reaches exactly those it names", async (t, mode) => {
  const scene = await cast(t, mode, { ann: ["x", "y"], bob: ["x"], cid: ["y"], dan: [] });
  const cases = [
    [{ scope: "nsp", to: ["x"] }, { ann: 1, bob: 1 }],
    [{ scope: "nsp", in: ["x"] }, { ann: 1, bob: 1 }],
    [{ scope: "nsp", to: ["x", "y"] }, { ann: 1, bob: 1, cid: 1 }],
    [{ scope: "nsp", to: ["x"], in: ["y"] }, { ann: 1, bob: 1, cid: 1 }],
    [{ scope: "nsp", to: ["x", "y"], except: ["y"] }, { bob: 1 }],
    [{ scope: "nsp", to: ["x"], except: ["x"] }, {}],
    [{ scope: "nsp", to: ["nobody here"] }, {}],
    [{ scope: "nsp", to: ["dan"] }, { dan: 1 }],
    [{ scope: "nsp", to: ["dan", "x", "bob"] }, { ann: 1, bob: 1, dan: 1 }],
    [{ scope: "nsp", to: ["x"], except: ["bob"] }, { ann: 1 }],
    [{ scope: "nsp" }, { ann: 1, bob: 1, cid: 1, dan: 1 }],
    [{ scope: "nsp", except: ["x"] }, { cid: 1, dan: 1 }],
    [{ scope: "nsp", except: ["x", "y"] }, { dan: 1 }],
    [{ scope: "socket" }, { bob: 1, cid: 1, dan: 1 }],
    [{ scope: "socket", to: ["x"] }, { bob: 1 }],
    [{ scope: "socket", in: ["x", "y"] }, { bob: 1, cid: 1 }],
    [{ scope: "socket", to: ["ann"] }, {}],
    [{ scope: "socket", except: ["y"] }, { bob: 1, dan: 1 }],
    [{ scope: "socket", to: ["dan"] }, { dan: 1 }],
    [{ scope: "nsp", to: ["x"], flags: ["local"] }, { ann: 1, bob: 1 }],
    [{ scope: "socket", to: ["x"], flags: ["nocompress"] }, { bob: 1 }],
    [{ scope: "nsp", to: ["x"], flags: ["local", "nocompress"], except: ["ann"] }, { bob: 1 }],
  ];
  // All clients of this server take part, so it must be empty but for them.
  for (const [selection, expected] of cases) {
    assert.deepEqual(await reached(scene, "ann", selection), expected, JSON.stringify(selection));
  }
});

test("a volatile broadcast reaches idle websockets", async (t) => {
  const scene = await cast(t, { transports: ["websocket"] }, { ann: ["x"], bob: ["x"], cid: [] });
  assert.deepEqual(await reached(scene, "cid", { scope: "nsp", to: ["x"], flags: ["volatile"] }), { ann: 1, bob: 1 });
});

eachMode(test, "a broadcast carries bytes", async (t, mode) => {
  const { sockets, spec } = await cast(t, mode, { ann: ["x"], bob: ["x"] });
  const bytes = Buffer.from([0, 1, 254, 255]);
  const both = Object.values(sockets).map((socket) => next(socket, "bytes"));
  await ask(sockets.ann, "broadcast", spec({ scope: "nsp", to: ["x"] }), "bytes", [bytes, { deep: bytes }]);
  for (const event of both) assert.deepEqual(await event, [bytes, { deep: bytes }]);
});

eachMode(test, "broadcasts of one sender keep their order", async (t, mode) => {
  const { sockets, spec } = await cast(t, mode, { ann: ["x"], bob: ["x"] });
  const got = record(sockets.bob, "news");
  for (let i = 0; i < 100; i++) sockets.ann.emit("broadcast", spec({ scope: "nsp", to: ["x"] }), "news", [i], () => {});
  await ask(sockets.ann, "whoami");
  await ask(sockets.bob, "whoami");
  assert.deepEqual(got.map(([n]) => n), Array.from({ length: 100 }, (_, i) => i));
});

eachMode(test, "rooms of one namespace mean nothing in another", async (t, mode) => {
  const { sockets, room } = await cast(t, mode, { ann: ["x"] });
  const custom = sockets.ann.io.socket("/custom");
  await connect(custom);
  await ask(custom, "join", room("x"));
  const got = record(custom, "news");
  const answer = next(sockets.ann, "news");
  await ask(sockets.ann, "broadcast", { scope: "nsp", to: [room("x")] }, "news", [1]);
  await answer;
  await ask(custom, "whoami");
  assert.deepEqual(got, []);
});

eachMode(test, "a socket leaves its rooms when it goes", async (t, mode) => {
  const { sockets, room } = await cast(t, mode, { ann: ["x"], bob: ["x"] });
  const { id } = sockets.bob;
  sockets.bob.disconnect();
  await server.departed(id);
  const members = await ask(sockets.ann, "fetch-sockets", { scope: "nsp", to: [room("x")] });
  assert.deepEqual(members.map((s) => s.id), [sockets.ann.id]);
  assert.deepEqual(await ask(sockets.ann, "fetch-sockets", { scope: "nsp", to: [id] }), []);
});

eachMode(test, "the sockets of a room are listed with their data", async (t, mode) => {
  const { sockets, room } = await cast(t, mode, { ann: ["x"], bob: ["x", "y"], cid: ["y"] });
  await ask(sockets.ann, "set-data", { colour: "red", deep: { n: [1] } });
  await ask(sockets.ann, "set-data", { size: 3 });
  const list = await ask(sockets.cid, "fetch-sockets", { scope: "nsp", to: [room("x")] });
  const find = (name) => list.find((s) => s.id === sockets[name].id);
  assert.equal(list.length, 2);
  assert.deepEqual(find("ann"), {
    id: sockets.ann.id,
    rooms: [sockets.ann.id, room("x")].sort(),
    data: { runs: 1, colour: "red", deep: { n: [1] }, size: 3 },
    auth: {},
  });
  assert.deepEqual(find("bob").rooms, [sockets.bob.id, room("x"), room("y")].sort());

  const except = await ask(sockets.cid, "fetch-sockets", { scope: "nsp", to: [room("x")], except: [room("y")] });
  assert.deepEqual(except.map((s) => s.id), [sockets.ann.id]);
  const others = await ask(sockets.ann, "fetch-sockets", { scope: "socket", to: [room("x")] });
  assert.deepEqual(others.map((s) => s.id), [sockets.bob.id]);
});

eachMode(test, "others are made to join and leave", async (t, mode) => {
  const { sockets, spec, room } = await cast(t, mode, { ann: ["x"], bob: ["x"], cid: [] });
  await ask(sockets.cid, "sockets-join", spec({ scope: "nsp", to: ["x"] }), [room("new"), room("more")]);
  for (const name of ["ann", "bob"]) {
    const { id } = sockets[name];
    assert.deepEqual((await ask(sockets[name], "whoami")).rooms, [id, room("x"), room("new"), room("more")].sort());
  }
  assert.deepEqual((await ask(sockets.cid, "whoami")).rooms, [sockets.cid.id]);

  await ask(sockets.cid, "sockets-leave", spec({ scope: "nsp", to: ["ann"] }), room("x"));
  assert.deepEqual((await ask(sockets.ann, "whoami")).rooms, [sockets.ann.id, room("new"), room("more")].sort());
  assert.ok((await ask(sockets.bob, "whoami")).rooms.includes(room("x")));
});

eachMode(test, "others are disconnected", async (t, mode) => {
  const { sockets, spec } = await cast(t, mode, { ann: ["x"], bob: ["x"], cid: [] });
  for (const [name, close] of [["ann", false], ["bob", true]]) {
    const { id } = sockets[name];
    const gone = next(sockets[name], "disconnect");
    await ask(sockets.cid, "disconnect-sockets", spec({ scope: "nsp", to: [name] }), close);
    assert.equal((await gone)[0], "io server disconnect");
    assert.equal(await server.departed(id), "server namespace disconnect");
  }
  assert.equal(await ask(sockets.cid, "echo", "still here"), "still here");
});
