// Writes the tables of docs/browser-client.md and docs/go-client.md that compare
// the clients with the official one: sizes from the files, the API from the types.
// With --check nothing is written, and a page that is out of date is an error.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { groups } from "./apis.mjs";
import { goTable } from "./go.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
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

const check = process.argv.includes("--check");

function write(page, tables) {
  const file = fileURLToPath(new URL("../../docs/" + page, import.meta.url));
  const before = readFileSync(file, "utf8");
  let text = before;
  for (const [name, table] of Object.entries(tables)) {
    const between = new RegExp(`(<!-- ${name}: npm run tables -->\n\n)[^]*?(\n\n<!-- end -->)`);
    if (!between.test(text)) throw new Error(`${page} has no place for the table "${name}"`);
    text = text.replace(between, (_, head, tail) => head + table + tail);
  }
  if (text === before) return;
  if (check) throw new Error(`docs/${page} is out of date: npm run tables`);
  writeFileSync(file, text);
}

write("browser-client.md", { sizes: sizes(), api: api() });
write("go-client.md", { api: goTable(groups) });
