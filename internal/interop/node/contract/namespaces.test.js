// The namespaces of the conformance application, above all those that nobody
// has named beforehand.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { ask, client, connect, connected, eachMode, next, record, refused } from "../harness/clients.js";
import { oldAsk, oldConnected, oldClient, oldRefused } from "../harness/legacy.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

const data = async (socket) => (await ask(socket, "whoami")).data;

eachMode(test, "the main namespace knows who comes, and how often", async (t, mode) => {
  assert.deepEqual(await data(await connected(t, server, mode)), { runs: 1 });
  for (const user of ["ann", 7, null, { deep: [1] }]) {
    assert.deepEqual(await data(await connected(t, server, { ...mode, auth: { user } })), { runs: 1, user });
  }
  // A token of another type is no token, and leaves the rest alone.
  assert.deepEqual(await data(await connected(t, server, { ...mode, auth: { user: "u", token: 5 } })), { runs: 1, user: "u" });
  assert.deepEqual(await data(await connected(t, server, { ...mode, auth: { USER: "u", Token: "bad" } })), { runs: 1 });
});

eachMode(test, "an explicit namespace keeps its name from the pattern (NSP-01)", async (t, mode) => {
  const socket = await connected(t, server, { ...mode, nsp: "/dynamic-101", auth: { token: "bad" } });
  assert.deepEqual(await data(socket), { static: true });
  assert.equal("/dynamic-101" in (await ask(socket, "created-namespaces")), false);
});

eachMode(test, "a pattern makes namespaces, whose middleware is the parent's (NSP-04 B-86)", async (t, mode) => {
  for (const nsp of ["/dynamic-0", "/dynamic-102", "/dynamic-999999999999"]) {
    const socket = await connected(t, server, { ...mode, nsp });
    const who = await ask(socket, "whoami");
    assert.equal(who.nsp, nsp);
    assert.deepEqual(who.data, { dynamic: true });
  }
  const error = await refused(client(t, server, { ...mode, nsp: "/dynamic-5", auth: { token: "bad" } }));
  assert.equal(error.message, "refused by parent");
  assert.equal(error.data, undefined);
});

eachMode(test, "what no pattern takes does not exist (NSP-09)", async (t, mode) => {
  for (const nsp of ["/dynamic-", "/dynamic-1x", "/x/dynamic-1", "/dynamic-1/2", "/dynamic-١", "/tenant", "/Custom", "/custom/", "/other"]) {
    const error = await refused(client(t, server, { ...mode, nsp }));
    assert.equal(error.message, "Invalid namespace", nsp);
  }
});

eachMode(test, "a function lets each tenant into its own (NSP-05)", async (t, mode) => {
  for (const tenant of ["a", "ü 😀", "a/b", "1"]) {
    const socket = await connected(t, server, { ...mode, nsp: `/tenant-${tenant}`, auth: { tenant } });
    assert.equal((await ask(socket, "whoami")).nsp, `/tenant-${tenant}`);
  }
  for (const auth of [undefined, {}, { tenant: "a" }, { tenant: ["2"] }, { tenant: 2 }]) {
    const error = await refused(client(t, server, { ...mode, nsp: "/tenant-2", auth }));
    assert.equal(error.message, "Invalid namespace");
  }
  // The function decides what is made; who enters what there is, is for middlewares to say.
  await connected(t, server, { ...mode, nsp: "/tenant-a", auth: { tenant: "b" } });
});

eachMode(test, "the parent emits to all its children and nobody else (NSP-06)", async (t, mode) => {
  const children = [];
  for (const nsp of ["/dynamic-301", "/dynamic-302", "/dynamic-302"]) children.push(await connected(t, server, { ...mode, nsp }));
  const others = [];
  for (const nsp of ["/", "/dynamic-101"]) others.push(await connected(t, server, { ...mode, nsp }));
  const elsewhere = await connected(t, server, { ...mode, nsp: "/dynamic-301", mount: "noupgrade", transports: ["polling"] });
  const spared = [...others, elsewhere].map((socket) => record(socket, "news"));
  const heard = children.map((socket) => next(socket, "news"));
  assert.equal(await ask(children[0], "parent-emit", "news", ["all", { n: 1 }, Buffer.from([1, 2])]), undefined);
  for (const args of await Promise.all(heard)) assert.deepEqual(args, ["all", { n: 1 }, Buffer.from([1, 2])]);
  for (const socket of [...others, elsewhere]) await ask(socket, "whoami");
  assert.deepEqual(spared, [[], [], []]);
});

test("only children of the pattern have parent-emit", async (t) => {
  for (const options of [{}, { nsp: "/dynamic-101" }, { nsp: "/tenant-a", auth: { tenant: "a" } }]) {
    const socket = await connected(t, server, options);
    socket.emit("parent-emit", "news", [], () => assert.fail("acknowledged"));
    assert.equal(await ask(socket, "echo", 1), 1);
  }
  const child = await connected(t, server, { nsp: "/dynamic-303" });
  for (const args of [[], ["news"], [1, []], ["news", "x"], ["news", [], 1]]) {
    child.emit("parent-emit", ...args, () => assert.fail("acknowledged"));
    child.emit("parent-emit", ...args);
  }
  assert.equal(await ask(child, "echo", 1), 1);
});

eachMode(test, "children have rooms, broadcasts and sockets of their own", async (t, mode) => {
  const sockets = [];
  for (const nsp of ["/dynamic-401", "/dynamic-401", "/dynamic-402"]) sockets.push(await connected(t, server, { ...mode, nsp }));
  for (const socket of sockets) await ask(socket, "join", "r");
  const [one, two, far] = sockets;
  const missed = record(far, "news");
  const heard = next(two, "news");
  await ask(one, "broadcast", { scope: "socket", to: ["r"] }, "news", [1]);
  assert.deepEqual(await heard, [1]);
  await ask(far, "whoami");
  assert.deepEqual(missed, []);
  const ids = (await ask(one, "fetch-sockets", { scope: "nsp" })).map((s) => s.id);
  assert.ok(ids.includes(one.id) && ids.includes(two.id) && !ids.includes(far.id));
});

test("a child stays when it is empty, unless that is asked for (NSP-07 NSP-08)", async (t) => {
  for (const [mount, made] of [["socket.io", 1], ["strict", 3]]) {
    const observer = await connected(t, server, { mount });
    const nsp = "/dynamic-501";
    for (let i = 0; i < 3; i++) {
      const socket = await connected(t, server, { mount, nsp, forceNew: true });
      const { id } = socket;
      socket.disconnect();
      await server.departed(id);
    }
    // On the strict mount a fourth would have to make it again.
    assert.equal((await ask(observer, "created-namespaces"))[nsp], made, mount);
  }
});

test("one connection may be in many namespaces, each asked for by itself (NSP-18)", async (t) => {
  const main = await connected(t, server, { transports: ["websocket"] });
  const sockets = Array.from({ length: 300 }, (_, i) => main.io.socket(`/dynamic-${1000 + i}`));
  await Promise.all(sockets.map(connect));
  for (const [i, socket] of sockets.entries()) assert.equal((await ask(socket, "whoami")).nsp, `/dynamic-${1000 + i}`);
});

eachMode(test, "clients of version 2 enter children, too (NSP-04)", async (t, mode) => {
  const socket = await oldConnected(t, server, { ...mode, nsp: "/dynamic-601" });
  const who = await oldAsk(socket, "whoami");
  assert.equal(who.nsp, "/dynamic-601");
  assert.deepEqual(who.data, { dynamic: true });
  const tenant = await oldConnected(t, server, { ...mode, nsp: "/tenant-x?tenant=x" });
  assert.equal((await oldAsk(tenant, "whoami")).nsp, "/tenant-x");
  assert.equal(await oldRefused(oldClient(t, server, { ...mode, nsp: "/dynamic-601?token=bad" })), "refused by parent");
});
