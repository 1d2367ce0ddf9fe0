// Writes the tables of docs/browser-client.md that compare this client with the
// official one: sizes from the files, the API from the types of both. With
// --check nothing is written, and a page that is out of date is an error.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = fileURLToPath(new URL("../../docs/browser-client.md", import.meta.url));
const npm = root + "node_modules/";

// What the official client has and this one has not, or not so, with the reason.
// A difference that is not named here is an error.
const reasons = {
  "NodeXHR": "of Node.js",
  "NodeWebSocket": "of Node.js",
  "WebTransport": "an entry of its own, `@go-socketio/client/webtransport`; part of the script",
  "Engine.binaryType": "bytes arrive as `ArrayBuffer`",
  "options.host": "the address says it",
  "options.hostname": "the address says it",
  "options.secure": "the address says it",
  "options.port": "the address says it",
  "options.timestampRequests": "polling is never cached (`cache: \"no-store\"`)",
  "options.timestampParam": "for `timestampRequests`",
  "options.transportImplementations": "`transports` takes classes, too",
  "options.useNativeTimers": "the timers of the page are used",
  "options.perMessageDeflate": "browsers decide by themselves",
  "options.agent": "of Node.js",
  "options.pfx": "of Node.js",
  "options.key": "of Node.js",
  "options.passphrase": "of Node.js",
  "options.cert": "of Node.js",
  "options.ca": "of Node.js",
  "options.ciphers": "of Node.js",
  "options.rejectUnauthorized": "of Node.js",
  "options.autoUnref": "of Node.js",
};

const files = {
  official: npm + "socket.io-client/build/esm/index.d.ts",
  engine: npm + "engine.io-client/build/esm/index.d.ts",
  here: root + "types/index.d.ts",
};
const program = ts.createProgram(Object.values(files), {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
  types: [],
  skipLibCheck: true,
});
const checker = program.getTypeChecker();

const exported = (file) =>
  new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file))).map((s) => [s.name, s]));

const isPublic = (symbol) =>
  !/^(_|\[)/.test(symbol.name) &&
  !(symbol.declarations ?? []).some((d) => ts.getCombinedModifierFlags(d) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) &&
  !(symbol.declarations ?? []).some((d) => ts.getJSDocTags(d).some((tag) => tag.tagName.text === "private"));

function members(symbol) {
  const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return new Set(checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(real)).filter(isPublic).map((s) => s.name));
}

// The keys of the event maps with this name, wherever they are declared.
function events(name, fromOfficial) {
  const keys = new Set();
  for (const source of program.getSourceFiles()) {
    if (source.fileName.includes("node_modules") !== fromOfficial) continue;
    for (const node of source.statements) {
      if (ts.isInterfaceDeclaration(node) && node.name.text === name) for (const m of node.members) keys.add(m.name.getText(source));
    }
  }
  if (!keys.size) throw new Error(`no events called ${name}`);
  return keys;
}

const official = exported(files.official);
const engine = exported(files.engine);
const here = exported(files.here);
const values = (map) => new Set([...map].filter(([, s]) => (s.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(s) : s).flags & ts.SymbolFlags.Value).map(([name]) => name));
const union = (...sets) => new Set(sets.flatMap((s) => [...s]));
// Both keep the events of the engine and its reserved ones under the same name, in files of their own.
const engineEvents = (() => {
  for (const source of program.getSourceFiles()) {
    if (!source.fileName.endsWith("engine.io-client/build/esm/socket.d.ts")) continue;
    const node = source.statements.find((n) => ts.isInterfaceDeclaration(n) && n.name.text === "SocketReservedEvents");
    return new Set(node.members.map((m) => m.name.getText(source)));
  }
})();
const socketEvents = new Set([...events("SocketReservedEvents", true)].filter((e) => /^(connect|disconnect)/.test(e)));

const groups = [
  ["Exports", "", values(official), values(here)],
  ["`Socket`", "Socket.", members(official.get("Socket")), members(here.get("Socket"))],
  ["`Manager`: `socket.io`", "Manager.", members(official.get("Manager")), union(members(here.get("Manager")), ["emit"])],
  ["Engine: `socket.io.engine`", "Engine.", members(engine.get("Socket")), union(members(here.get("Engine")), ["emit"])],
  ["Options", "options.", union(members(official.get("ManagerOptions")), members(official.get("SocketOptions"))), union(members(here.get("ManagerOptions")), members(here.get("SocketOptions")))],
  ["Events of a socket", "event.", socketEvents, events("SocketEvents", false)],
  ["Events of a manager", "event.", events("ManagerReservedEvents", true), events("ManagerEvents", false)],
  ["Events of the engine", "event.", engineEvents, events("EngineEvents", false)],
];

function api() {
  const used = new Set();
  const code = (names) => names.map((n) => "`" + n + "`").join(", ") || "–";
  const rows = groups.map(([title, prefix, theirs, ours]) => {
    const both = [...theirs].filter((n) => ours.has(n)).sort();
    const missing = [...theirs].filter((n) => !ours.has(n)).sort();
    const more = [...ours].filter((n) => !theirs.has(n)).sort();
    for (const n of missing) {
      if (!reasons[prefix + n]) throw new Error(`${title}: ${prefix}${n} is not here, and no reason is given`);
      used.add(prefix + n);
    }
    return [`| ${title} | ${both.length} of ${theirs.size} | ${code(both)} | ${code(more)} |`, missing.map((n) => `| \`${n}\` | ${title} | ${reasons[prefix + n]} |`)];
  });
  const idle = Object.keys(reasons).filter((n) => !used.has(n));
  if (idle.length) throw new Error(`reasons that nothing needs: ${idle}`);
  return [
    "| | as in the official client | | only here |\n|---|---|---|---|\n" + rows.map(([row]) => row).join("\n"),
    "| not here | of | because |\n|---|---|---|\n" + rows.flatMap(([, missing]) => missing).join("\n"),
  ].join("\n\n");
}

function sizes() {
  const kilo = (n) => (n / 1000).toFixed(1);
  const row = (label, ours, theirs) => {
    const cells = [root + "dist/" + ours, theirs && npm + "socket.io-client/dist/" + theirs].map((file) => {
      if (!file) return ["–", "–"];
      const data = readFileSync(file);
      return [kilo(data.length), kilo(gzipSync(data, { level: 9 }).length)];
    });
    return `| ${label} | ${cells[0][1]} | ${cells[1][1]} | ${cells[0][0]} | ${cells[1][0]} |`;
  };
  return [
    `| kB | gzip | official ${JSON.parse(readFileSync(npm + "socket.io-client/package.json")).version}, gzip | minified | official |\n|---|---|---|---|---|`,
    row("`socket.io.esm.min.js`: module, polling and WebSocket", "socket.io.esm.min.js", "socket.io.esm.min.js"),
    row("`socket.io.webtransport.esm.min.js`: module, WebTransport to add", "socket.io.webtransport.esm.min.js"),
    row("`socket.io.min.js`: script, all three", "socket.io.min.js", "socket.io.min.js"),
    row("`socket.io.msgpack.min.js`: script, all three, MessagePack for JSON", "socket.io.msgpack.min.js", "socket.io.msgpack.min.js"),
  ].join("\n");
}

let text = readFileSync(page, "utf8");
for (const [name, table] of Object.entries({ sizes: sizes(), api: api() })) {
  const between = new RegExp(`(<!-- ${name}: npm run tables -->\n\n)[^]*?(\n\n<!-- end -->)`);
  if (!between.test(text)) throw new Error(`${page} has no place for the table "${name}"`);
  text = text.replace(between, (_, head, tail) => head + table + tail);
}
if (process.argv.includes("--check")) {
  if (text !== readFileSync(page, "utf8")) throw new Error("docs/browser-client.md is out of date: npm run tables");
} else {
  writeFileSync(page, text);
}
