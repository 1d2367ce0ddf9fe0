// The Go client's lower half, compiled to WebAssembly, in a real browser. WASM
// names the program, WASM_EXEC the file of the Go distribution that runs it.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { launch, open } from "../harness/browser.js";
import { Server } from "../harness/server.js";

let browser;
let server;
before(async () => {
  browser = await launch();
  server = await Server.start("engineecho", { env: { PING_TIMEOUT: "10000" } });
});
after(async () => {
  await browser.close();
  await server.stop();
});

// A page of another origin than the server's, as most are that load such a program.
const origin = "http://page.example";

test("CLI-19 CLI-20 B-117: polling, WebSocket and the upgrade, from a browser", { timeout: 120000 }, async (t) => {
  const page = await open(t, browser);
  const files = {
    "/": ["text/html", "<!doctype html><title>page</title>"],
    "/main.wasm": ["application/wasm", await readFile(process.env.WASM)],
  };
  await page.route(`${origin}/**`, (route) => {
    const [contentType, body] = files[new URL(route.request().url()).pathname] ?? ["text/plain", ""];
    return route.fulfill({ contentType, body });
  });
  await page.goto(`${origin}/`);
  // Which requests carry the header of Config.Header.
  const probed = new Set();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  const note = (kind, { headers }) => Object.keys(headers).some((name) => name.toLowerCase() === "x-probe") && probed.add(kind);
  devtools.on("Network.requestWillBeSent", ({ request }) => note(request.method, request));
  let handshakes = 0;
  devtools.on("Network.webSocketWillSendHandshakeRequest", ({ request }) => {
    handshakes++;
    note("websocket", request);
  });
  await page.addScriptTag({ content: await readFile(process.env.WASM_EXEC, "utf8") });
  const report = await page.evaluate(async (url) => {
    globalThis.server = url;
    const go = new globalThis.Go();
    const { instance } = await WebAssembly.instantiateStreaming(fetch("/main.wasm"), go.importObject);
    await go.run(instance);
    return globalThis.report;
  }, server.origin);
  assert.deepEqual(report, { polling: "ok", websocket: "ok", upgrade: "ok", base64: "ok", nobody: "ok" });
  assert.deepEqual([...probed].sort(), ["GET", "POST"]);
  assert.ok(handshakes > 0);
});
