// Clients in a real browser: the official bundle, and the one that the server
// offers, each in pages of the server's own origin and of others.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { launch, open } from "../harness/browser.js";
import { Server, official } from "../harness/server.js";
import { modes, settled } from "../harness/clients.js";

let browser;
let server;
const bundles = {};

// The mount for every origin wants an answer to a heartbeat within 200 ms, which a
// browser on a busy machine does not always give. Here it is about origins.
const calm = { PING_INTERVAL: "25000", PING_TIMEOUT: "20000", UPGRADE_TIMEOUT: "10000", CONNECT_TIMEOUT: "45000" };

// What a page does is bounded by nothing but the test.
const browsing = (name, run) => test(name, { timeout: 30000 }, run);

before(async () => {
  browser = await launch();
  server = await Server.start("conformance", { env: calm });
  const npm = dirname(createRequire(import.meta.url).resolve("socket.io-client/package.json"));
  bundles.official = await readFile(join(npm, "dist", "socket.io.js"), "utf8");
  bundles.served = await (await fetch(`${server.origin}/socket.io/socket.io.js`)).text();
  bundles.msgpack = await (await fetch(`${server.origin}/socket.io/socket.io.msgpack.min.js`)).text();
});
after(async () => {
  await browser.close();
  await server.stop();
});

// visit opens an empty page of an origin with a client in it. The page is not
// asked of any server, so that every origin can have one.
async function visit(t, origin, bundle) {
  const page = await open(t, browser);
  await page.route(`${origin}/page`, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>page</title>" }));
  await page.goto(`${origin}/page`);
  await page.addScriptTag({ content: bundle });
  return page;
}

// connect runs in the page.
const connect = ([url, options]) => new Promise((resolve) => {
  const socket = (window.socket = window.io(url, { forceNew: true, reconnection: false, ...options }));
  socket.on("connect", () => {
    const { engine } = socket.io;
    if (options.transports?.length === 2 && engine.transport.name === "polling") engine.once("upgrade", () => resolve("connected"));
    else resolve("connected");
  });
  socket.on("connect_error", (error) => resolve(`refused: ${error.message}`));
});

// talk runs in the page and tells what came back.
const talk = async () => {
  const { socket } = window;
  const ask = (...args) => socket.timeout(20000).emitWithAck(...args);
  const bytes = new Uint8Array([0, 1, 2, 250, 255]);
  const echoed = await ask("echo", { list: [bytes, { deep: bytes }], text: "ü€😀" });
  socket.on("called", (value, ack) => ack([value, "back"]));
  const made = new Uint8Array(await ask("make", "bytes", 200));
  return {
    whoami: await ask("whoami"),
    inspect: await ask("inspect", bytes),
    echoed: [new Uint8Array(echoed.list[0]), new Uint8Array(echoed.list[1].deep)].map((b) => [...b]),
    text: echoed.text,
    made: made.length,
    last: made[199],
    called: await ask("call-me", 20000, ["x"]),
    blob: await ask("inspect", new Blob(["abc"]).arrayBuffer ? await new Blob(["abc"]).arrayBuffer() : null),
  };
};

function check(result, transport) {
  assert.equal(result.whoami.transport, transport);
  assert.deepEqual(result.inspect, { binary: true, length: 5, sum: 508 });
  assert.deepEqual(result.echoed, [[0, 1, 2, 250, 255], [0, 1, 2, 250, 255]]);
  assert.equal(result.text, "ü€😀");
  assert.equal(result.made, 200);
  assert.equal(result.last, 199);
  assert.deepEqual(result.called, { timedOut: false, response: ["x", "back"] });
  assert.deepEqual(result.blob, { binary: true, length: 3, sum: 294 });
}

for (const bundle of ["official", "served"]) {
  for (const [mode, options] of Object.entries(modes)) {
    browsing(`a page of the server's own origin (${bundle} client, ${mode})`, async (t) => {
      const page = await visit(t, server.origin, bundles[bundle]);
      assert.equal(await page.evaluate(connect, [server.origin, { path: "/strict/", ...options }]), "connected");
      check(await page.evaluate(talk), settled[mode]);
    });

    browsing(`a page of an allowed origin (${bundle} client, ${mode})`, async (t) => {
      const page = await visit(t, "http://allowed.example", bundles[bundle]);
      assert.equal(await page.evaluate(connect, [server.origin, { ...options, withCredentials: true }]), "connected");
      check(await page.evaluate(talk), settled[mode]);
    });

    browsing(`a page of a foreign origin (${bundle} client, ${mode})`, async (t) => {
      if (official && mode === "websocket") return; // it looks at no origin there
      const page = await visit(t, "http://foreign.example", bundles[bundle]);
      assert.match(await page.evaluate(connect, [server.origin, options]), /^refused: /);
      assert.equal(await page.evaluate(connect, [server.origin, { path: "/fast/", ...options }]), "connected");
      check(await page.evaluate(talk), settled[mode]);
    });
  }

  browsing(`two pages meet in a room (${bundle} client)`, async (t) => {
    const pages = await Promise.all([1, 2].map(() => visit(t, server.origin, bundles[bundle])));
    for (const page of pages) {
      assert.equal(await page.evaluate(connect, [server.origin, { path: "/strict/" }]), "connected");
      await page.evaluate(() => {
        window.news = new Promise((resolve) => window.socket.on("news", resolve));
        return window.socket.emitWithAck("join", "meeting");
      });
    }
    await pages[0].evaluate(() =>
      window.socket.emitWithAck("broadcast", { scope: "socket", to: ["meeting"] }, "news", ["heard"]));
    assert.equal(await pages[1].evaluate(() => window.news), "heard");
  });

  browsing(`a client comes back after a restart (${bundle} client)`, async (t) => {
    const first = await Server.start("conformance");
    t.after(() => first.kill());
    const page = await visit(t, first.origin, bundles[bundle]);
    const options = { path: "/noupgrade/", reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 100 };
    assert.equal(await page.evaluate(connect, [first.origin, options]), "connected");
    await page.evaluate(() => {
      window.gone = new Promise((resolve) => window.socket.once("disconnect", resolve));
      window.back = new Promise((resolve) => window.gone.then(() => window.socket.once("connect", resolve)));
    });
    await first.stop();
    assert.match(await page.evaluate(() => window.gone), /^transport (close|error)$/);
    const second = await Server.start("conformance", { port: first.port });
    t.after(() => second.kill());
    await page.evaluate(() => window.back);
    assert.equal(await page.evaluate(() => window.socket.emitWithAck("echo", "back")), "back");
  });
}

for (const [mode, options] of Object.entries(modes)) {
  browsing(`the served client with MessagePack (${mode})`, async (t) => {
    const page = await visit(t, server.origin, bundles.msgpack);
    assert.equal(await page.evaluate(connect, [server.origin, { path: "/msgpack/", ...options }]), "connected");
    // The official one takes an ArrayBuffer for bytes, and views of one for maps.
    if (!official) return check(await page.evaluate(talk), settled[mode]);
    assert.equal(await page.evaluate(() => window.socket.emitWithAck("echo", "ü€😀")), "ü€😀");
  });
}

browsing("the server's page loads its client and nothing else", async (t) => {
  const page = await open(t, browser);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(server.origin, { waitUntil: "networkidle" });
  assert.deepEqual(asked.filter((path) => path.startsWith("/")), ["/", "/socket.io/socket.io.js"]);
  assert.equal(await page.textContent("#status"), "loaded");
  assert.equal(await page.evaluate(() => typeof window.io), "function");
});
