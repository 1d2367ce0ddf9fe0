// The client's bundles as the server hands them out: each is a client that
// works, and its source map leads back to the sources (OPS-03).
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { SourceMap } from "node:module";
import { WebSocket } from "ws";
import { Server } from "../harness/server.js";
import { next } from "../harness/clients.js";
import { within } from "../harness/within.js";

let server;
before(async () => {
  server = await Server.start("conformance");
  // What a page has and Node may not have.
  globalThis.WebSocket ??= WebSocket;
  const page = new EventTarget();
  for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"]) globalThis[name] ??= page[name].bind(page);
});
after(() => server.stop());

const source = async (file) => (await fetch(`${server.origin}/socket.io/${file}`)).text();

// io is what the page finds after the bundle.
async function io(file) {
  const text = await source(file);
  if (file.includes(".esm.")) return (await import(`data:text/javascript,${encodeURIComponent(text)}`)).io;
  delete globalThis.io;
  new Function(text).call(globalThis);
  return globalThis.io;
}

for (const [file, mount] of [
  ["socket.io.js", "socket.io"],
  ["socket.io.min.js", "socket.io"],
  ["socket.io.esm.min.js", "socket.io"],
  ["socket.io.msgpack.min.js", "msgpack"],
]) {
  test(`${file} is a client`, async (t) => {
    const connect = await io(file);
    const socket = connect(server.origin, { path: `/${mount}/`, transports: ["websocket"], forceNew: true, auth: { user: "ann" } });
    t.after(() => socket.disconnect());
    const frames = [];
    await next(socket, "connect");
    socket.io.engine.on("data", (data) => frames.push(typeof data));
    const ask = (...args) => within(5000, "the answer", new Promise((resolve) => socket.emit(...args, resolve)));
    assert.deepEqual((await ask("whoami")).data, { runs: 1, user: "ann" });
    const { list } = await ask("make", "nested", 4);
    assert.deepEqual([...new Uint8Array(list[1].deep)], [0, 1, 2, 3]);
    // ArrayBuffer, which every build takes for bytes.
    assert.deepEqual(await ask("inspect", new Uint8Array([1, 2, 3]).buffer), { binary: true, length: 3, sum: 6 });
    const echoed = next(socket, "echo");
    socket.emit("echo", 1, "ü😀", { n: [null, true] });
    assert.deepEqual(await echoed, [1, "ü😀", { n: [null, true] }]);
    assert.equal(frames.includes("string"), mount !== "msgpack");
  });

  test(`${file} leads back to its sources`, async () => {
    const text = await source(file);
    const map = new SourceMap(JSON.parse(await source(`${file}.map`)));
    const { sources, sourcesContent } = map.payload;
    // Text that no tool changes.
    const literal = `"connect_error"`;
    const lines = text.split("\n");
    const line = lines.findIndex((l) => l.includes(literal));
    const found = map.findEntry(line, lines[line].indexOf(literal));
    assert.ok(sources.includes(found.originalSource));
    if (sourcesContent) {
      const original = sourcesContent[sources.indexOf(found.originalSource)].split("\n")[found.originalLine];
      assert.match(original, /connect_error/);
    }
  });
}
