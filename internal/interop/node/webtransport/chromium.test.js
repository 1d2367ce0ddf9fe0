// The official client and the project's own in a real browser, over
// WebTransport: by itself, and coming from polling.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { launch, open } from "../harness/browser.js";
import { Server } from "../harness/server.js";
import { within } from "../harness/within.js";

let browser;
let server;
let certificate;
let bundle; // the client of the test that runs
const bundles = {};

function browsing(name, run) {
  for (const client of ["official", "own"]) {
    test(`${name} (${client} client)`, { timeout: 30000 }, (t) => {
      bundle = bundles[client];
      return run(t);
    });
  }
}

async function start(options) {
  const started = await Server.start("wtserver", options);
  const line = await started.line((l) => l.startsWith("certificate "));
  return [started, line.slice("certificate ".length)];
}

before(async () => {
  browser = await launch();
  [server, certificate] = await start();
  const npm = dirname(createRequire(import.meta.url).resolve("socket.io-client/package.json"));
  bundles.official = await readFile(join(npm, "dist", "socket.io.js"), "utf8");
  bundles.own = await readFile(new URL("../../../../browser/dist/socket.io.min.js", import.meta.url), "utf8");
});
after(async () => {
  await browser.close();
  await server.stop();
});

// The official client leaves the promises of a WebTransport session that ends
// unheard, so that they become errors of the page. The other one hears them.
const unheard = (error) => bundle === bundles.official && (error.name === "WebTransportError" || error.name === "NetworkError");

// visit opens an empty page with the client. Pages of this machine are
// secure ones for a browser, and no others know WebTransport.
async function visit(t, origin = server.origin) {
  const page = await open(t, browser, unheard);
  await page.route(`${origin}/page`, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>page</title>" }));
  await load(page, origin);
  return page;
}

async function load(page, origin = server.origin) {
  await page.goto(`${origin}/page`);
  await page.addScriptTag({ content: bundle });
}

// connect runs in the page.
const connect = ([url, hash, options]) => new Promise((resolve) => {
  const value = Uint8Array.from(atob(hash), (c) => c.charCodeAt(0));
  const socket = (window.socket = window.io(url, {
    forceNew: true,
    reconnection: false,
    transportOptions: { webtransport: { serverCertificateHashes: [{ algorithm: "sha-256", value }] } },
    ...options,
  }));
  window.gone = new Promise((gone) => socket.once("disconnect", (reason) => gone(reason)));
  socket.on("connect", () => {
    const { engine } = socket.io;
    if (engine.transport.name === "polling") engine.once("upgrade", (transport) => resolve(transport.name));
    else resolve(engine.transport.name);
  });
  socket.on("connect_error", (error) => resolve(`refused: ${error.message}`));
});

const alone = { transports: ["webtransport"] };
const upgrade = { transports: ["polling", "webtransport"] };
const all = { transports: ["polling", "websocket", "webtransport"] };

// talk runs in the page and tells what came back.
const talk = async () => {
  const ask = (...args) => window.socket.timeout(10000).emitWithAck(...args);
  const pattern = (n) => Uint8Array.from({ length: n }, (_, i) => i % 251);
  const wrong = [];
  for (const n of [0, 1, 124, 125, 126, 127, 1000, 65535, 65536, 300000]) {
    const bytes = new Uint8Array(await ask("echo", pattern(n)));
    if (bytes.length !== n || bytes.some((b, i) => b !== i % 251)) wrong.push(`${n} bytes came back as ${bytes.length}`);
    const text = "ü".repeat(n);
    if ((await ask("echo", text)) !== text) wrong.push(`${n} characters came back changed`);
  }
  const burst = await Promise.all(Array.from({ length: 200 }, (_, i) => ask("echo", i)));
  if (burst.some((n, i) => n !== i)) wrong.push("a burst came back out of order");
  const deep = await ask("echo", { list: [pattern(5)], text: "€😀" });
  return { wrong, whoami: await ask("whoami"), deep: [...new Uint8Array(deep.list[0])], text: deep.text };
};

function check(result) {
  assert.deepEqual(result, { wrong: [], whoami: { transport: "webtransport", host: "127.0.0.1" }, deep: [0, 1, 2, 3, 4], text: "€😀" });
}

// ended waits until the server has seen the end of the page's socket.
async function ended(page) {
  const id = await page.evaluate(() => window.socket.id);
  return () => within(10000, `the end of ${id}`, server.line((l) => l.startsWith(`close ${id} `)));
}

browsing("webtransport alone", async (t) => {
  const page = await visit(t);
  assert.equal(await page.evaluate(connect, [server.origin, certificate, alone]), "webtransport");
  check(await page.evaluate(talk));
  const end = await ended(page);
  await page.evaluate(() => window.socket.disconnect());
  assert.match(await end(), /client namespace disconnect$/);
});

browsing("from polling to webtransport", async (t) => {
  const page = await visit(t);
  assert.equal(await page.evaluate(connect, [server.origin, certificate, upgrade]), "webtransport");
  check(await page.evaluate(talk));
  const end = await ended(page);
  await page.evaluate(() => window.socket.io.engine.close());
  assert.match(await end(), /transport close$/);
});

browsing("webtransport is preferred to websocket", async (t) => {
  const page = await visit(t);
  assert.equal(await page.evaluate(connect, [server.origin, certificate, all]), "webtransport");
  check(await page.evaluate(talk));
});

browsing("everything arrives before the server's goodbye", async (t) => {
  const page = await visit(t);
  assert.equal(await page.evaluate(connect, [server.origin, certificate, alone]), "webtransport");
  const [drops, reason] = await page.evaluate(async () => {
    let drops = 0;
    window.socket.on("drop", () => drops++);
    window.socket.emit("flood", 2000);
    const reason = await window.gone;
    return [drops, reason];
  });
  assert.deepEqual([drops, reason], [2000, "io server disconnect"]);
});

browsing("a certificate that is not the one named", async (t) => {
  const page = await visit(t);
  const wrong = Buffer.alloc(32).toString("base64");
  assert.match(await page.evaluate(connect, [server.origin, wrong, alone]), /^refused: /);
});

browsing("a page of an allowed origin, and one of a foreign one", async (t) => {
  const allowed = await visit(t, "http://allowed.localhost");
  assert.equal(await allowed.evaluate(connect, [server.origin, certificate, alone]), "webtransport");
  const foreign = await visit(t, "http://foreign.localhost");
  assert.match(await foreign.evaluate(connect, [server.origin, certificate, alone]), /^refused: /);
});

browsing("pages that are reloaded while they change over", async (t) => {
  const page = await visit(t);
  for (let i = 0; i < 20; i++) {
    const connecting = page.evaluate(connect, [server.origin, certificate, upgrade]).catch(() => "reloaded");
    if (i % 4 === 1) await page.waitForFunction(() => window.socket?.connected);
    if (i % 4 === 2) await page.waitForFunction(() => window.socket?.io.engine?.upgrading || window.socket?.io.engine?.transport?.name === "webtransport");
    let end;
    if (i % 4 === 3) {
      assert.equal(await connecting, "webtransport");
      end = await ended(page);
    }
    await load(page);
    await connecting;
    if (end) assert.match(await end(), / transport close$/);
  }
  assert.equal(await page.evaluate(connect, [server.origin, certificate, upgrade]), "webtransport");
  check(await page.evaluate(talk));
});

browsing("a client comes back after a restart", async (t) => {
  const [first, itsCertificate] = await start();
  t.after(() => first.kill());
  const page = await visit(t, first.origin);
  assert.equal(await page.evaluate(connect, [first.origin, itsCertificate, alone]), "webtransport");
  await first.stop();
  assert.match(await page.evaluate(() => window.gone), /^transport (close|error)$/);
  const [second, another] = await start({ port: first.port });
  t.after(() => second.kill());
  assert.equal(await page.evaluate(connect, [second.origin, another, alone]), "webtransport");
});

browsing("a server that is killed is found by the heartbeat", async (t) => {
  const [doomed, itsCertificate] = await start({ env: { PING_INTERVAL: "500", PING_TIMEOUT: "500" } });
  t.after(() => doomed.kill());
  const page = await visit(t, doomed.origin);
  assert.equal(await page.evaluate(connect, [doomed.origin, itsCertificate, alone]), "webtransport");
  await doomed.kill();
  assert.match(await page.evaluate(() => window.gone), /^(ping timeout|transport (close|error))$/);
});
