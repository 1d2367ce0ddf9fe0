// What the conformance application answers over plain HTTP.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { request } from "node:http";
import { Server, official } from "../harness/server.js";
import { connected } from "../harness/clients.js";
import { Peer } from "../harness/raw.js";
import { until } from "../harness/within.js";

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

const mounts = ["main", "fast", "strict", "recovery", "msgpack", "deflate", "wsonly", "pollonly", "noupgrade"];
const bundles = ["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"];

// raw asks for exactly this target, which fetch would tidy up.
function raw(target, method = "GET") {
  return new Promise((resolve, reject) => {
    const req = request({ host: "127.0.0.1", port: server.port, path: target, method }, (res) => {
      res.resume();
      resolve(res.statusCode);
    });
    req.on("error", reject);
    req.end();
  });
}

test("the page asks for the client and nothing else", async () => {
  const answer = await fetch(`${server.origin}/`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/html/);
  const page = await answer.text();
  assert.ok(page.includes('<script src="/socket.io/socket.io.js"></script>'));
  assert.ok(page.includes('<p id="status">loaded</p>'));
  assert.deepEqual([...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((m) => m[1]).sort(), ["/socket.io/socket.io.js", "data:,"]);
});

test("it says that it is ready", async () => {
  const answer = await fetch(`${server.origin}/healthz`);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), "ok");
});

test("it counts connections and sockets of each mount", async (t) => {
  const answer = await fetch(`${server.origin}/stats`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^application\/json/);
  const none = { clients: 0, sockets: 0 };
  assert.deepEqual(await answer.json(), Object.fromEntries(mounts.map((name) => [name, none])));

  const socket = await connected(t, server, { mount: "strict" });
  const elsewhere = await connected(t, server, { mount: "strict", nsp: "/custom" });
  const peer = new Peer(server, "/recovery/");
  const { sid } = await peer.handshake();
  const stats = await server.stats();
  assert.deepEqual(stats.strict, { clients: 2, sockets: 1 });
  assert.deepEqual(stats.recovery, { clients: 1, sockets: 0 });
  assert.deepEqual(stats.main, none);
  for (const { id, disconnect } of [socket, elsewhere].map((s) => ({ id: s.id, disconnect: () => s.io._close() }))) {
    disconnect();
    await server.departed(id);
  }
  await peer.push(sid, "1");
  // A polling session that is over may wait a moment for its last GET.
  await until(5000, "nobody to be left", async () => {
    const { strict, recovery } = await server.stats();
    return strict.clients + strict.sockets + recovery.clients === 0;
  });
});

test("what it does not have is not found", async () => {
  for (const target of ["/favicon.ico", "/index.html", "/healthz/", "/stats/x", "/main/", "/strictly/", "/Strict/", "//", "//healthz", "/socket.io.js", "/x?a=/"]) {
    assert.equal(await raw(target), 404, target);
  }
  for (const target of ["/", "/healthz", "/stats"]) {
    for (const method of ["POST", "PUT", "DELETE"]) assert.equal(await raw(target, method), 404, `${method} ${target}`);
    assert.equal(await raw(`${target}?x=1`), 200, target);
  }
  for (const name of mounts) {
    if (name === "main") continue;
    assert.equal(await raw(`/${name}/`), 400, name); // a transport is missing
    assert.equal(await raw(`/${name}`), 404, name);
  }
});

test("the client's bundles are served with their maps (OPS-03)", async () => {
  const tags = new Set();
  for (const file of bundles.flatMap((name) => [name, `${name}.map`])) {
    const url = `${server.origin}/socket.io/${file}`;
    const answer = await fetch(url);
    assert.equal(answer.status, 200, file);
    const map = file.endsWith(".map");
    assert.match(answer.headers.get("content-type"), map ? /^application\/json/ : /^(application|text)\/javascript; charset=utf-8$/, file);
    assert.match(answer.headers.get("cache-control"), /public, max-age=0/);
    const body = await answer.text();
    if (map) {
      const { version, sources, mappings } = JSON.parse(body);
      assert.equal(version, 3, file);
      assert.ok(sources.length > 5 && mappings.length > 1000, file);
    } else {
      const last = body.trimEnd().split("\n").at(-1);
      assert.equal(last, `//# sourceMappingURL=${file}.map`);
    }
    const etag = answer.headers.get("etag");
    assert.match(etag, /^(W\/)?"[^"]+"$/, file);
    tags.add(etag);
    for (const headers of [{ "If-None-Match": etag }, { "If-None-Match": `W/${etag}` }]) {
      const again = await fetch(url, { headers });
      assert.equal(again.status, 304, file);
      assert.equal(await again.text(), "");
    }
    assert.equal((await fetch(url, { headers: { "If-None-Match": '"another"' } })).status, 200, file);
    for (const [accept, encoding] of [["gzip", "gzip"], ["gzip, deflate", "gzip"], ["identity", null]]) {
      const packed = await fetch(url, { headers: { "accept-encoding": accept } });
      assert.equal(packed.headers.get("content-encoding"), encoding, file);
      assert.equal(await packed.text(), body, file);
    }
  }
  // The official server has one tag for all, its version.
  assert.equal(tags.size, official ? 1 : 8);
});

test("where the client is not served, its files are none", async () => {
  for (const file of bundles) assert.equal(await raw(`/strict/${file}`), 400, file);
  assert.equal(await raw("/socket.io/socket.io.other.js"), 400);
});

// cors resolves with the headers of an answer that concern browsers.
async function cors(path, init) {
  const answer = await fetch(server.origin + path, init);
  const found = {};
  for (const [name, value] of answer.headers) {
    if (name.startsWith("access-control-")) found[name.slice("access-control-".length)] = value;
  }
  // That an answer might have been compressed is another matter.
  const vary = answer.headers.get("vary")?.split(", ").filter((name) => name !== "Accept-Encoding").join(", ");
  return { status: answer.status, vary: vary || null, ...found };
}

const preflight = (origin, headers = {}) => ({
  method: "OPTIONS",
  headers: { Origin: origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-wanted", ...headers },
});
const allowed = "http://allowed.example";
const query = "?EIO=4&transport=polling";

test("the main mount allows one origin (HTTP-05)", async () => {
  assert.deepEqual(await cors(`/socket.io/${query}`, preflight(allowed)), {
    status: 204, vary: "Origin", "allow-origin": allowed, "allow-credentials": "true",
    "allow-methods": "GET,POST", "allow-headers": "x-custom", "max-age": "600",
  });
  assert.deepEqual(await cors(`/socket.io/${query}`, { headers: { Origin: allowed } }), {
    status: 200, vary: "Origin", "allow-origin": allowed, "allow-credentials": "true",
  });
  for (const origin of ["http://foreign.example", "https://allowed.example", "http://allowed.example.foreign.example", "null"]) {
    for (const init of [preflight(origin), { headers: { Origin: origin } }]) {
      const found = await cors(`/socket.io/${query}`, init);
      assert.equal(found["allow-origin"], undefined, origin);
    }
  }
  const script = await cors("/socket.io/socket.io.js", { headers: { Origin: allowed } });
  assert.equal(script["allow-origin"], allowed);
});

test("a refusal carries the headers, too, so that the page can read it (HTTP-05)", async () => {
  const found = await cors("/socket.io/?EIO=4&transport=none", { headers: { Origin: allowed } });
  assert.equal(found.status, 400);
  assert.equal(found["allow-origin"], allowed);
});

test("the fast mount allows every origin (HTTP-05)", async () => {
  const any = "http://any.example";
  assert.deepEqual(await cors(`/fast/${query}`, { headers: { Origin: any } }), { status: 200, vary: null, "allow-origin": "*" });
  const found = await cors(`/fast/${query}`, preflight(any));
  assert.equal(found.status, 204);
  assert.equal(found["allow-origin"], "*");
  assert.equal(found["allow-headers"], "x-wanted");
  assert.equal(found["allow-methods"], "GET,HEAD,PUT,PATCH,POST,DELETE");
  assert.equal(found["allow-credentials"], undefined);
});

test("the other mounts say nothing of origins", async () => {
  for (const name of ["strict", "recovery", "msgpack", "deflate", "noupgrade"]) {
    for (const headers of [{}, { Origin: server.origin }]) {
      assert.deepEqual(await cors(`/${name}/${query}`, { headers }), { status: 200, vary: null }, name);
    }
  }
});

test("the strict mount sets its cookie with each first answer (HTTP-07 B-16)", async (t) => {
  const strict = new Peer(server, "/strict/");
  const answer = await strict.get("EIO=4&transport=polling");
  const cookie = answer.headers.get("set-cookie");
  const { sid } = JSON.parse((await answer.text()).slice(1));
  const [value, ...attributes] = cookie.split("; ");
  assert.equal(value, `conf=${sid}`);
  assert.deepEqual(attributes.map((a) => a.toLowerCase()).sort(), ["httponly", "max-age=86400", "path=/", "samesite=strict"]);
  for (const later of [await strict.push(sid, "40"), await strict.poll(sid)]) {
    assert.equal(later.headers.get("set-cookie"), null);
  }
  const wire = strict.socket(t);
  // Of the official server's sessions, those that begin on a WebSocket get none.
  const [head] = await Promise.all([new Promise((resolve) => wire.ws.on("upgrade", resolve)), wire.open()]);
  const open = await wire.handshake();
  if (!official) assert.match(head.headers["set-cookie"][0], new RegExp(`^conf=${open.sid}; `));
  const other = await new Peer(server, "/socket.io/").get("EIO=4&transport=polling");
  assert.equal(other.headers.get("set-cookie"), null);
});

test("the strict mount denies with or without words (HTTP-04 B-5)", async (t) => {
  const strict = new Peer(server, "/strict/");
  for (const [deny, message] of [["plain", "Forbidden"], ["reason", "denied by policy"]]) {
    const answer = await strict.get(`EIO=4&transport=polling&deny=${deny}`);
    assert.equal(answer.status, 403);
    assert.deepEqual(await answer.json(), { code: 4, message });
    const wire = strict.refusal(t, `EIO=4&transport=websocket&deny=${deny}`);
    const status = await new Promise((resolve) => wire.ws.on("unexpected-response", (_, res) => resolve(res.statusCode)));
    assert.ok([400, 403].includes(status), `status ${status}`);
  }
  assert.equal((await strict.get("EIO=4&transport=polling&deny=nothing")).status, 200);
  assert.equal((await new Peer(server, "/socket.io/").get("EIO=4&transport=polling&deny=plain")).status, 200);
});
