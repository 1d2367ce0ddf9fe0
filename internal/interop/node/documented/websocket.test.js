// The three programs of docs/websocket.md: a page, a server, and a Go client.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { launch, open } from "../harness/browser.js";
import { until } from "../harness/within.js";

const dir = process.env.DOCUMENTED_DIR;
const origin = `http://${process.env.DOCUMENTED_ADDRESS}`;

// program runs one of the compiled programs and keeps what it prints.
function program(t, name) {
  const child = spawn(join(dir, name), { cwd: dir, stdio: ["ignore", "pipe", "pipe"] });
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", (line) => lines.push(line));
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill();
    await exited;
  };
  t.after(stop);
  return { lines, stop, exited };
}

const has = (lines, pattern) => until(10000, `${pattern} among ${lines.slice(0, 5).join(", ")} …`, () => lines.some((line) => pattern.test(line)));

async function show(t, browser) {
  const page = await open(t, browser);
  const lines = [];
  page.on("console", (message) => lines.push(message.text()));
  await page.goto(origin);
  return { page, lines };
}

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test("a page, a server and a Go client exchange updates", { timeout: 60000 }, async (t) => {
  const server = program(t, "server");
  await until(10000, "the server to listen", () => fetch(origin).then((r) => r.ok, () => false));
  const ann = await show(t, browser);
  await has(ann.lines, /^open$/);
  const bob = program(t, "client");
  await has(bob.lines, /^open open$/);
  await has(ann.lines, /^message {"from":"go","at":\d+}$/);
  await has(bob.lines, /^message {"from":"page","at":\d+}$/);
  assert.equal(server.lines.filter((line) => / open 127\.0\.0\.1:/.test(line)).length, 2);

  // What is held back is not sent later.
  await ann.page.evaluate(() => {
    Object.defineProperty(socket, "bufferedAmount", { value: 1, configurable: true });
  });
  await ann.page.evaluate(() => console.log("held"));
  await has(ann.lines, /^held$/);
  const updates = () => bob.lines.filter((line) => line.includes('"page"')).length;
  const before = ann.lines.length;
  await until(10000, "ten updates of the client", () => ann.lines.length > before + 10);
  const held = updates();
  await until(10000, "ten more", () => ann.lines.length > before + 20);
  assert.equal(updates(), held);
  await ann.page.evaluate(() => delete socket.bufferedAmount);
  await until(10000, "updates again", () => updates() > held);

  const cat = await show(t, browser);
  await has(cat.lines, /^message {"from":"page"/);
  await cat.page.close();
  await has(server.lines, / close transport close$/);

  await server.stop();
  await has(ann.lines, /^close 100[56]$/);
  await has(bob.lines, /^close transport (close|error)$/);
  await bob.exited;
});
