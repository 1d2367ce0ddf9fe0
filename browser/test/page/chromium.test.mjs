// The shipped scripts in Chromium, which CHROMIUM names if it is not at the
// usual place.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Server } from "socket.io";

const dist = new URL("../../dist/", import.meta.url);
let http, server, origin, browser;

before(async () => {
  http = createServer(async (req, res) => {
    const name = new URL(req.url, "http://x").pathname.slice(1);
    try {
      const body = name ? await readFile(new URL(name, dist)) : "<!doctype html><title>page</title>";
      res.writeHead(200, { "content-type": name ? "text/javascript" : "text/html" }).end(body);
    } catch {
      res.writeHead(404).end();
    }
  });
  server = new Server(http, { cors: { origin: true, credentials: true }, pingInterval: 200, pingTimeout: 2000 });
  server.on("connection", (peer) => peer.on("echo", (...args) => args.pop()(...args)));
  await new Promise((done) => http.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${http.address().port}`;
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  http.closeAllConnections();
  await server.close();
});

async function visit(t, from = origin) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (e) => page.problems.push(e.message));
  await page.goto(from + "/");
  return page;
}

for (const [name, opts] of [
  ["polling", { transports: ["polling"] }],
  ["websocket", { transports: ["websocket"] }],
  ["upgrade", {}],
]) {
  for (const from of [false, true]) {
    test(`${name}, from a page of ${from ? "another" : "the same"} origin`, async (t) => {
      const page = await visit(t, from ? origin.replace("127.0.0.1", "localhost") : origin);
      await page.addScriptTag({ url: origin + "/socket.io.min.js" });
      const got = await page.evaluate(
        async ([url, opts]) => {
          const socket = (window.socket = io(url, opts));
          await new Promise((done) => socket.on("connect", done));
          const { engine } = socket.io;
          if (!opts.transports && engine.transport.name === "polling") await new Promise((done) => engine.on("upgrade", done));
          const bytes = new Uint8Array([1, 2, 255]);
          const [a, b, c] = await new Promise((done) =>
            socket.emit("echo", "ü€\u{1F600}", bytes, { file: new File([bytes], "f"), n: null }, (...a) => done(a)),
          );
          await new Promise((done) => socket.io.on("ping", done));
          const before = performance.now();
          await socket.emitWithAck("echo");
          return {
            a,
            b: [...new Uint8Array(b)],
            file: [...new Uint8Array(c.file)],
            transport: engine.transport.name,
            quick: performance.now() - before < 1000,
            global: [io.protocol, io.connect === io, socket instanceof io.Socket, socket.io instanceof io.Manager],
          };
        },
        [from ? origin : undefined, opts],
      );
      assert.deepEqual(got, {
        a: "ü€\u{1F600}",
        b: [1, 2, 255],
        file: [1, 2, 255],
        transport: name === "polling" ? "polling" : "websocket",
        quick: true,
        global: [5, true, true, true],
      });
      assert.deepEqual(page.problems, []);
    });
  }

  test(`${name}: the server hears of a page that is left`, async (t) => {
    const page = await visit(t);
    await page.addScriptTag({ url: origin + "/socket.io.min.js" });
    const arrived = new Promise((done) => server.once("connection", done));
    await page.evaluate((opts) => void (window.socket = io(opts)), opts);
    const peer = await arrived;
    await page.waitForFunction(() => socket.connected);
    const gone = new Promise((done) => peer.on("disconnect", done));
    await page.goto("about:blank");
    assert.match(await gone, /^transport (close|error)$|^ping timeout$/);
  });
}

// BRW-09.
test("as a module, in a page and in a worker", async (t) => {
  const page = await visit(t);
  const code = `
    const { io, Manager, Socket, connect, protocol, default: same } = await import("${origin}/socket.io.esm.min.js");
    const socket = io("${origin}");
    const answer = await socket.emitWithAck("echo", "hi");
    return [answer, same === io, connect === io, protocol, socket instanceof Socket, socket.io instanceof Manager];
  `;
  const want = ["hi", true, true, 5, true, true];
  assert.deepEqual(await page.evaluate((code) => new (async () => {}).constructor(code)(), code), want);
  const inWorker = await page.evaluate(
    (code) =>
      new Promise((done, fail) => {
        const blob = new Blob([`(async () => {${code}})().then(postMessage, (e) => postMessage(String(e)))`], { type: "text/javascript" });
        const worker = new Worker(URL.createObjectURL(blob));
        worker.onmessage = (e) => done(e.data);
        worker.onerror = fail;
      }),
    code,
  );
  assert.deepEqual(inWorker, want);
});

test("a broken listener is reported and breaks nothing else", async (t) => {
  const page = await visit(t);
  await page.addScriptTag({ url: origin + "/socket.io.js" });
  const answer = await page.evaluate(async () => {
    const socket = io({ transports: ["polling"] });
    socket.on("connect", () => {
      throw new Error("mine");
    });
    await new Promise((done) => socket.on("connect", done));
    return socket.emitWithAck("echo", 1);
  });
  assert.equal(answer, 1);
  assert.deepEqual(page.problems, ["mine"]);
});

test("losing the network means nothing to a server on this machine", async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(origin + "/");
  await page.addScriptTag({ url: origin + "/socket.io.min.js" });
  const reason = await page.evaluate(
    (origin) =>
      new Promise((done) => {
        const socket = io(origin, { transports: ["websocket"] });
        socket.on("connect", () => {
          dispatchEvent(new Event("offline"));
          setTimeout(() => done(socket.connected ? "still there" : "gone"), 50);
        });
      }),
    origin,
  );
  assert.equal(reason, "still there");
});
