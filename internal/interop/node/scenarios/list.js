// What every client of this project has to master, in a page of a browser: each
// scenario is one test, with a page of its own in which the client is loaded.
import assert from "node:assert/strict";
import { Line } from "../harness/line.js";
import { Server } from "../harness/server.js";
import { connected, ask, modes, settled } from "../harness/clients.js";
import { until } from "../harness/within.js";

// What the pages use; it runs in there.
export const kit = () => {
  window.open = [];
  window.connect = async (options = {}, nsp = "/") => {
    const socket = window.io(location.origin + nsp, { forceNew: true, reconnection: false, ...options });
    window.open.push(socket);
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("connect_error", reject));
    const { engine } = socket.io;
    if (options.transports?.length === 2 && engine.transport.name === "polling") {
      await new Promise((resolve) => engine.once("upgrade", resolve));
    }
    return socket;
  };
  window.ask = (socket, ...args) => socket.timeout(15000).emitWithAck(...args);
  window.next = (emitter, event) => new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));
  window.bytes = (value) => [...new Uint8Array(value)];
  window.pattern = (n) => Uint8Array.from({ length: n }, (_, i) => i % 251);
  // same compares two long values here, not by carrying them out of the page.
  window.same = (a, b) => (typeof a === "string" ? a === b : new Uint8Array(a).every((v, i) => v === b[i]) && a.byteLength === b.length);
};

const everyMode = (run) => async (stage) => {
  for (const [mode, options] of Object.entries(modes)) await run(stage, options, mode);
};

export const scenarios = {
  "transports": everyMode(async ({ page }, options, mode) => {
    const got = await page.evaluate(async (options) => {
      const socket = await connect(options);
      const { id, transport, protocol } = await ask(socket, "whoami");
      const { name } = socket.io.engine.transport;
      socket.disconnect();
      return { same: id !== undefined, transport, protocol, name };
    }, options);
    assert.deepEqual(got, { same: true, transport: settled[mode], protocol: 4, name: settled[mode] });
    if (mode !== "upgrade") return;
    const elsewhere = await page.evaluate(async () => {
      const names = [];
      for (const [path, options] of [["/wsonly/", { tryAllTransports: true }], ["/pollonly/", {}], ["/noupgrade/", {}]]) {
        const socket = await connect({ path, ...options });
        names.push(socket.io.engine.transport.name);
        socket.disconnect();
      }
      return names;
    });
    assert.deepEqual(elsewhere, ["websocket", "polling", "polling"]);
  }),

  "upgrade": async ({ page }) => {
    const got = await page.evaluate(async () => {
      const socket = window.io(location.origin, { forceNew: true });
      const { engine } = socket.io;
      const before = engine.transport.name;
      const moved = next(engine, "upgrade");
      const burst = [];
      socket.on("burst", (n) => burst.push(n));
      socket.emit("burst", 500);
      const answers = [];
      for (let i = 0; i < 200; i++) answers.push(ask(socket, "echo", i));
      const echoed = await Promise.all(answers);
      await moved;
      return { before, after: engine.transport.name, burst, echoed, last: (await ask(socket, "whoami")).transport };
    });
    const upTo = (n) => Array.from({ length: n }, (_, i) => i);
    assert.deepEqual(got, { before: "polling", after: "websocket", burst: upTo(500), echoed: upTo(200), last: "websocket" });
  },

  "acks": everyMode(async ({ page }, options) => {
    const got = await page.evaluate(async (options) => {
      const socket = await connect(options);
      const plain = await new Promise((resolve) => socket.emit("echo", 1, "two", (...args) => resolve(args)));
      const timed = await new Promise((resolve) => socket.timeout(5000).emit("echo", 1, (...args) => resolve(args)));
      // The server ignores this call, since it is one of two arguments.
      const unanswered = await new Promise((resolve) => socket.timeout(50).emit("make", "bytes", (e) => resolve(e.message)));
      const rejected = await socket.timeout(50).emitWithAck("make", "bytes").catch((e) => e.message);
      socket.on("called", (value, ack) => value !== "silence" && ack(["heard", value]));
      const called = await ask(socket, "call-me", 5000, ["x"]);
      const silent = await ask(socket, "call-me", 50, ["silence"]);
      const pending = socket.emitWithAck("make", "bytes").catch((e) => e.message);
      socket.disconnect();
      return { plain, timed, unanswered, rejected, called, silent, lost: await pending };
    }, options);
    const late = "operation has timed out";
    assert.deepEqual(got, {
      plain: [1, "two"], timed: [null, 1], unanswered: late, rejected: late,
      called: { timedOut: false, response: ["heard", "x"] }, silent: { timedOut: true, response: null },
      lost: "socket has been disconnected",
    });
  }),

  "binary": everyMode(async ({ page }, options) => {
    const got = await page.evaluate(async (options) => {
      const socket = await connect(options);
      const source = new Uint8Array([9, 0, 1, 127, 128, 255, 9]);
      const inner = source.subarray(1, 6);
      const values = [inner, inner.slice().buffer, new DataView(source.buffer, 1, 5), new Blob([inner]), new File([inner], "name.bin"), { deep: [{ er: inner }] }, new Uint8Array(0)];
      const echoed = await new Promise((resolve) => socket.emit("echo", ...values, (...args) => resolve(args)));
      const sums = [await ask(socket, "inspect", inner), await ask(socket, "inspect", new File([inner], "f"))];
      const nested = await ask(socket, "make", "nested", 300);
      const event = next(socket, "echo");
      socket.emit("echo", inner, "beside");
      const [one, beside] = await event;
      socket.on("called", (ack) => ack(inner));
      await ask(socket, "call-me", 5000, []);
      socket.disconnect();
      return {
        echoed: echoed.map((v) => bytes(v.deep ? v.deep[0].er : v)), sums, kind: echoed[0] instanceof ArrayBuffer,
        nested: [bytes(nested.list[0]).length, bytes(nested.list[1].deep)[299]], event: [bytes(one), beside],
      };
    }, options);
    const five = [0, 1, 127, 128, 255];
    const sum = { binary: true, length: 5, sum: 511 };
    assert.deepEqual(got, { echoed: [five, five, five, five, five, five, []], sums: [sum, sum], kind: true, nested: [300, 299 % 251], event: [five, "beside"] });
  }),

  "namespaces": everyMode(async ({ page, server }, options) => {
    const got = await page.evaluate(async (options) => {
      const main = await connect(options);
      const others = ["/custom", "/chain", "/dynamic-101"].map((nsp) => main.io.socket(nsp));
      await Promise.all(others.map((s) => next(s, "connect")));
      const names = await Promise.all([main, ...others].map(async (s) => (await ask(s, "whoami")).nsp));
      const ids = new Set([main, ...others].map((s) => s.id)).size;
      const nowhere = main.io.socket("/nowhere");
      const [error] = await next(nowhere, "connect_error");
      const left = next(others[0], "disconnect");
      others[0].disconnect();
      const still = await ask(others[1], "echo", "still");
      const [reason] = await left;
      others[2].emit("bye", false);
      const [sent] = await next(others[2], "disconnect");
      return { names, ids, error: error.message, active: nowhere.active, still, reason, sent, connected: main.connected };
    }, options);
    assert.deepEqual(got, {
      names: ["/", "/custom", "/chain", "/dynamic-101"], ids: 4, error: "Invalid namespace", active: false, still: "still",
      reason: "io client disconnect", sent: "io server disconnect", connected: true,
    });
    assert.ok((await server.stats()).main.clients >= 1);
    await page.evaluate(() => open.splice(0).forEach((s) => s.io.engine.close()));
  }),

  "middleware errors": everyMode(async ({ page }, options) => {
    const got = await page.evaluate(async (options) => {
      let token = "bad";
      let calls = 0;
      const asked = { ...options, auth: (done) => { calls++; done({ token, user: "me" }); } };
      const refused = await connect(asked).catch((e) => e);
      const socket = window.open.at(-1);
      const active = socket.active;
      token = "slow";
      socket.connect();
      await next(socket, "connect");
      const { data } = await ask(socket, "whoami");
      const bare = await connect({ ...options, auth: { token: "bare" } }).catch((e) => e);
      const chain = await connect({ ...options, auth: { failAt: "b" } }, "/chain").catch((e) => e);
      const through = await connect(options, "/chain");
      const { steps } = (await ask(through, "whoami")).data;
      const inner = await connect({ ...options, auth: { token: "secret" } }, "/restricted");
      const outer = await connect(options, "/restricted").catch((e) => e);
      const said = (e) => [e.message, e.data ?? null];
      open.splice(0).forEach((s) => s.disconnect());
      return { refused: said(refused), active, calls, user: data.user, bare: said(bare), chain: said(chain), steps, inner: inner.nsp, outer: said(outer) };
    }, options);
    assert.deepEqual(got, {
      refused: ["not authorized", { code: 401, hint: ["try", { again: true }] }], active: false, calls: 2, user: "me",
      bare: ["no data here", null], chain: ["failed at b", { steps: ["a", "b"] }], steps: ["a", "b", "c"], inner: "/restricted",
      outer: ["forbidden", { required: "token" }],
    });
  }),

  "reconnect after kill -9": everyMode(async ({ t, visit }, options) => {
    const first = await Server.start("conformance");
    t.after(() => first.kill());
    const page = await visit(first.origin);
    await page.evaluate(async (options) => {
      const socket = (window.socket = await connect({ ...options, reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 100 }));
      window.log = [];
      for (const e of ["close", "reconnect_attempt", "reconnect_error", "open", "reconnect"]) socket.io.on(e, () => log.push(e));
      window.lost = next(socket, "disconnect");
      window.failed = next(socket.io, "reconnect_error");
      window.id = socket.id;
    }, options);
    await first.kill();
    const [reason] = await page.evaluate(async () => {
      const [reason] = await lost;
      await failed;
      window.late = [1, 2, 3].map((n) => socket.emitWithAck("echo", n));
      socket.volatile.emit("burst", 1);
      return [reason, socket.active];
    });
    assert.match(reason, /^transport (close|error)$/);
    const second = await Server.start("conformance", { port: first.port });
    t.after(() => second.kill());
    const got = await page.evaluate(async () => {
      const answers = await Promise.all(late);
      socket.on("burst", () => log.push("a volatile event was kept"));
      const { id } = await ask(socket, "whoami");
      return { answers, fresh: id === socket.id && id !== window.id, log };
    });
    assert.deepEqual(got.answers, [1, 2, 3]);
    assert.equal(got.fresh, true);
    assert.deepEqual(got.log.slice(0, 3), ["close", "reconnect_attempt", "reconnect_error"]);
    assert.deepEqual(got.log.slice(-3), ["reconnect_attempt", "open", "reconnect"]);
    await second.kill();
    await page.close();
  }),

  "recovery": everyMode(async ({ t, server, visit }, options, mode) => {
    const line = await Line.to(server);
    t.after(() => line.close());
    const page = await visit(line.origin);
    await page.evaluate(async (options) => {
      const socket = (window.socket = await connect({ ...options, path: "/recovery/", reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 40 }));
      window.got = [];
      socket.on("news", (n) => got.push(n));
      await ask(socket, "join", "readers");
      await ask(socket, "set-data", { kept: "yes" });
      window.id = socket.id;
      window.lost = next(socket, "disconnect");
      window.back = lost.then(() => next(socket, "connect"));
    }, options);
    const other = await connected(t, server, { mount: "recovery", transports: ["websocket"] });
    const tell = (n) => ask(other, "broadcast", { scope: "nsp", to: ["readers"] }, "news", [n]);
    await tell(0);
    await page.waitForFunction(() => got.length === 1);
    if (mode === "polling") await line.asked();
    line.cut();
    const id = await page.evaluate(() => lost.then(() => window.id));
    // An answer to a request that was cut off hides from a server that it was.
    await until(10000, "the server to notice the loss", () => ask(other, "departure", id));
    for (const n of [1, 2, 3]) await tell(n);
    line.mend();
    const got = await page.evaluate(async () => {
      await back;
      const { id, data, rooms, recovered } = await ask(socket, "whoami");
      return { same: id === window.id && id === socket.id, kept: data.kept, in: rooms.includes("readers"), recovered, here: socket.recovered, got };
    });
    assert.deepEqual(got, { same: true, kept: "yes", in: true, recovered: true, here: true, got: [0, 1, 2, 3] });
    await page.close();
  }),

  "retries": everyMode(async ({ page, t, server, visit }, options) => {
    const got = await page.evaluate(async (options) => {
      const socket = await connect({ ...options, retries: 2, ackTimeout: 300 });
      const log = [];
      const tell = (name) => (error, answer) => log.push([name, error ? error.message : answer]);
      socket.emit("echo", 1, tell("first"));
      socket.emit("make", "ignored", tell("ignored")); // the server never answers this
      socket.emit("echo", 2, tell("second"));
      const last = await socket.emitWithAck("echo", 3);
      const { in: seen } = await socket.emitWithAck("seen");
      socket.disconnect();
      return { log, last, tries: seen.filter((name) => name === "make").length };
    }, options);
    assert.deepEqual(got, { log: [["first", 1], ["ignored", "operation has timed out"], ["second", 2]], last: 3, tries: 3 });

    // A connection that breaks: the event goes again with the next one.
    const line = await Line.to(server);
    t.after(() => line.close());
    const other = await visit(line.origin);
    await other.evaluate(async (options) => {
      window.socket = await connect({ ...options, retries: 10, ackTimeout: 5000, reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 40 });
    }, options);
    line.swallow();
    await other.evaluate(() => {
      window.answers = Promise.all([1, 2, 3].map((n) => socket.emitWithAck("echo", n)));
    });
    line.cut();
    await other.evaluate(() => (socket.connected ? next(socket, "disconnect") : undefined));
    line.mend();
    assert.deepEqual(await other.evaluate(() => answers), [1, 2, 3]);
    await other.close();
  }),

  "200 sockets at once": async ({ page, server }) => {
    const got = await page.evaluate(async () => {
      // WebSocket only: over polling a browser opens no more than six connections to a host.
      const crowd = await Promise.all(Array.from({ length: 200 }, () => connect({ transports: ["websocket"] })));
      const answers = await Promise.all(crowd.map((s, i) => ask(s, "echo", i)));
      const news = crowd.map((s) => next(s, "news"));
      await ask(crowd[0], "broadcast", { scope: "nsp" }, "news", ["for all"]);
      const heard = await Promise.all(news);
      return { ids: new Set(crowd.map((s) => s.id)).size, right: answers.every((a, i) => a === i), heard: heard.filter(([v]) => v === "for all").length };
    });
    assert.deepEqual(got, { ids: 200, right: true, heard: 200 });
    // Sessions of earlier scenarios whose line was cut may not be given up yet.
    assert.ok((await server.stats()).main.clients >= 200);
    await page.evaluate(() => open.splice(0).forEach((s) => s.disconnect()));
  },

  "slow network": everyMode(async ({ t, server, visit }, options, mode) => {
    const line = await Line.to(server);
    t.after(() => line.close());
    const page = await visit(line.origin);
    line.slow(40, 200_000);
    const got = await page.evaluate(async (options) => {
      const socket = await connect({ ...options, reconnection: true });
      let drops = 0;
      socket.on("disconnect", () => drops++);
      const text = "slow".repeat(10_000);
      const burst = [];
      socket.on("burst", (n) => burst.push(n));
      socket.emit("burst", 50);
      const answers = await Promise.all([...Array(20).keys()].map((n) => ask(socket, "echo", n)));
      const back = await ask(socket, "echo", text);
      const raw = await ask(socket, "echo", pattern(30_000));
      return { drops, burst, answers, text: back === text, raw: same(raw, pattern(30_000)), name: socket.io.engine.transport.name };
    }, options);
    const upTo = (n) => Array.from({ length: n }, (_, i) => i);
    assert.deepEqual(got, { drops: 0, burst: upTo(50), answers: upTo(20), text: true, raw: true, name: settled[mode] });
    await page.close();
  }),

  "large payloads": everyMode(async ({ page }, options, mode) => {
    const got = await page.evaluate(async ([options, top]) => {
      const socket = await connect(options);
      const text = "0123456789".repeat(99_900);
      const wide = "ü€😀".repeat(100_000);
      const raw = pattern(top);
      const results = [
        (await ask(socket, "echo", text)) === text,
        (await ask(socket, "echo", wide)) === wide,
        same(await ask(socket, "echo", raw), raw),
        same(await ask(socket, "make", "bytes", 3_000_000), pattern(3_000_000)),
        (await ask(socket, "make", "text", 3_000_000)) === "x".repeat(3_000_000),
      ];
      // Each fits, all together do not: they are spread over several payloads.
      const many = await Promise.all([...Array(30).keys()].map((n) => ask(socket, "echo", n, "y".repeat(100_000))));
      socket.disconnect();
      return [...results, many.every((n, i) => n === i)];
    }, [options, mode === "polling" ? 740_000 : 1_000_000]);
    assert.deepEqual(got, [true, true, true, true, true, true]);
  }),

  "unicode": everyMode(async ({ page }, options) => {
    const texts = ["", "ü€😀", "\u0000\u001e\u001f\u007f", "\u2028\u2029", "👩‍👩‍👧‍👦", "\uFEFFbom", "עברית العربية", "\"\\/\b\f\n\r\t", "𝒳".repeat(1000)];
    const got = await page.evaluate(async ([options, texts]) => {
      const socket = await connect(options);
      const wrong = [];
      for (const text of texts) {
        const [value, key] = await new Promise((resolve) => socket.emit("echo", text, { [text]: [text] }, (...a) => resolve(a)));
        if (value !== text || key[text]?.[0] !== text) wrong.push(text);
      }
      const named = next(socket, "näme 😀");
      await ask(socket, "broadcast", { scope: "nsp", to: [socket.id] }, "näme 😀", ["wert ü"]);
      const [word] = await named;
      const rooms = await ask(socket, "join", "zimmer ü€😀");
      socket.disconnect();
      return { wrong, word, room: rooms.includes("zimmer ü€😀") };
    }, [options, texts]);
    assert.deepEqual(got, { wrong: [], word: "wert ü", room: true });
  }),
};
