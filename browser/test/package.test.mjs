// The package as it would be published: packed, and installed from the archive.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { start } from "./setup.mjs";

const run = promisify(execFile);
const here = fileURLToPath(new URL("..", import.meta.url));
let project;

before(async () => {
  project = await mkdtemp(join(tmpdir(), "package-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], { cwd: here });
  const [{ filename, files }] = JSON.parse(stdout);
  packed = files.map((f) => f.path).sort();
  await writeFile(join(project, "package.json"), '{"private":true,"type":"module"}');
  await run("npm", ["install", "--no-audit", "--no-fund", "--offline", join(project, filename)], { cwd: project });
});
let packed;
after(() => rm(project, { recursive: true, force: true }));

test("it has what it needs, and no more", async () => {
  const scripts = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.webtransport.esm.min.js"];
  for (const name of ["LICENSE", "README.md", "package.json", "declarations/index.d.ts", "declarations/webtransport.d.ts", ...scripts.map((s) => "dist/" + s)]) {
    assert.ok(packed.includes(name), `${name} is not in the package`);
  }
  assert.deepEqual(packed.filter((name) => !/^(LICENSE|README\.md|package\.json|declarations\/[\w.]+\.d\.ts|dist\/[\w.]+\.js(\.map)?)$/.test(name)), []);
  const { dependencies } = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
  assert.equal(dependencies, undefined);
});

test("it is imported in Node, and connects", async (t) => {
  const s = await start(t);
  s.server.on("connection", (peer) => peer.on("add", (a, b, ack) => ack(a + b)));
  await writeFile(
    join(project, "main.js"),
    `import connect, { io, Manager, Socket, protocol } from "@go-socketio/client";
     import { WebTransport } from "@go-socketio/client/webtransport";
     const socket = io(process.argv[2], { transports: ["polling", WebTransport] });
     const sum = await socket.emitWithAck("add", 1, 2);
     console.log(sum, protocol, connect === io, socket instanceof Socket, socket.io instanceof Manager);
     socket.disconnect();`,
  );
  const { stdout } = await run(process.execPath, ["main.js", s.url], { cwd: project });
  assert.equal(stdout.trim(), "3 5 true true true");
});

test("it is bundled, and left out where nothing of it is used", async () => {
  const bundle = async (contents) => {
    const { outputFiles, warnings } = await build({ stdin: { contents, resolveDir: project }, bundle: true, format: "esm", minify: true, write: false });
    assert.deepEqual(warnings, []);
    return outputFiles[0].text;
  };
  assert.match(await bundle(`import { io } from "@go-socketio/client"; io("/x");`), /reconnectionDelay/);
  assert.equal(await bundle(`import { io } from "@go-socketio/client";`), "");
  assert.match(await bundle(`import "@go-socketio/client/dist/socket.io.min.js";`), /reconnectionDelay/);
});

for (const [module, moduleResolution] of [["NodeNext", "NodeNext"], ["ESNext", "Bundler"]]) {
  // BRW-10.
  test(`its types are found (${moduleResolution})`, async () => {
    for (const name of ["accepted.ts", "refused.ts"]) {
      const code = await readFile(join(here, "test/declarations", name), "utf8");
      await writeFile(join(project, name), code.replace('"client"', '"@go-socketio/client"'));
    }
    await writeFile(join(project, "third.ts"), 'import { WebTransport } from "@go-socketio/client/webtransport";\nimport { io } from "@go-socketio/client";\nio({ transports: [WebTransport] });\n');
    const options = { module, moduleResolution, target: "ES2022", lib: ["ES2022", "DOM"], types: [], strict: true, noEmit: true };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
    await run(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), "-p", project]).catch((e) => assert.fail(e.stdout));
  });
}
