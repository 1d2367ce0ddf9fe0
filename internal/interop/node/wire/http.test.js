// The HTTP surface: what is refused, how, and what the headers say.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { request } from "node:http";
import { Server, official } from "../harness/server.js";
import { Peer } from "../harness/raw.js";

let server;
let peer;
let strict;
before(async () => {
  server = await Server.start("conformance");
  peer = new Peer(server, "/socket.io/");
  strict = new Peer(server, "/strict/");
});
after(() => server.stop());

async function refusal(answer, status, code, message) {
  assert.equal(answer.status, status);
  assert.match(answer.headers.get("content-type"), /^application\/json/);
  assert.deepEqual(await answer.json(), { code, message });
}

// upgrade asks for a WebSocket and resolves with the plain answer, or null if
// the server switched protocols.
function upgrade(path, headers = {}) {
  return new Promise((resolve, reject) => {
    const req = request(server.origin + path, {
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...headers,
      },
    });
    req.on("response", (res) => {
      let body = "";
      res.on("data", (chunk) => (body += chunk));
      res.on("end", () => resolve({ status: res.statusCode, headers: res.headers, body }));
    });
    req.on("upgrade", (res, socket) => {
      socket.destroy();
      resolve(null);
    });
    req.on("error", reject);
    req.end();
  });
}

test("the order of the checks (B-1)", async () => {
  await refusal(await peer.get(""), 400, 0, "Transport unknown");
  await refusal(await peer.get("EIO=3&transport=carrier-pigeon"), 400, 0, "Transport unknown");
  await refusal(await peer.get("transport=polling&sid=unknown"), 400, 1, "Session ID unknown");
  await refusal(await peer.get("transport=polling&sid=unknown", { method: "POST", body: "" }), 400, 1, "Session ID unknown");
  await refusal(await peer.get("EIO=2&transport=polling", { method: "POST", body: "" }), 400, 2, "Bad handshake method");
  await refusal(await peer.get("EIO=3&transport=websocket"), 400, 3, "Bad request");
  await refusal(await strict.get("EIO=3&transport=polling&deny=plain"), 403, 4, "Forbidden");
});

test("only version 4 is spoken (B-2, B-3)", async () => {
  for (const version of ["", "EIO=3&", "EIO=5&", "EIO=x&", "EIO=&"]) {
    await refusal(await strict.get(`${version}transport=polling`), 400, 5, "Unsupported protocol version");
  }
});

test("a policy refuses with its words (B-5)", async () => {
  await refusal(await strict.get("EIO=4&transport=polling&deny=plain"), 403, 4, "Forbidden");
  await refusal(await strict.get("EIO=4&transport=polling&deny=reason"), 403, 4, "denied by policy");
  const plain = await upgrade("/strict/?EIO=4&transport=websocket&deny=plain");
  assert.ok([400, 403].includes(plain.status), `status ${plain.status}`);
  const reason = await upgrade("/strict/?EIO=4&transport=websocket&deny=reason");
  assert.ok([400, 403].includes(reason.status), `status ${reason.status}`);
  assert.match(reason.body, /denied by policy/);
});

test("the policy is asked for handshakes only (B-6)", async () => {
  const { sid } = await strict.handshake();
  const answer = await strict.get(`EIO=4&transport=polling&sid=${sid}&deny=plain`, { method: "POST", body: "40" });
  assert.equal(answer.status, 200);
});

test("names of JavaScript's own are as unknown as others (B-8)", async () => {
  for (const sid of ["__proto__", "constructor", "toString", "%00", "a%26b", "x".repeat(1000)]) {
    await refusal(await peer.get(`EIO=4&transport=polling&sid=${sid}`), 400, 1, "Session ID unknown");
  }
  for (const transport of ["constructor", "__proto__", "webtransport", "Polling", "polling%20"]) {
    await refusal(await peer.get(`EIO=4&transport=${transport}`), 400, 0, "Transport unknown");
  }
});

test("a handshake is a GET (B-9)", async () => {
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    await refusal(await strict.get("EIO=4&transport=polling", { method }), 400, 2, "Bad handshake method");
  }
});

test("other methods with a session fail and harm nothing (B-10)", async () => {
  const { sid } = await peer.handshake();
  for (const method of ["PUT", "DELETE"]) {
    const answer = await peer.get(`EIO=4&transport=polling&sid=${sid}`, { method });
    assert.equal(answer.status, 500);
    assert.equal(await answer.text(), "");
  }
  assert.equal((await peer.push(sid, "40")).status, 200);
});

test("a websocket wants an upgrade (B-11)", async () => {
  await refusal(await peer.get("EIO=4&transport=websocket"), 400, 3, "Bad request");
});

test("a refused upgrade is answered in plain words (B-4, B-13)", async () => {
  const cases = [
    ["/socket.io/?EIO=4&transport=nothing", /Transport unknown/],
    ["/socket.io/?EIO=4&transport=websocket&sid=unknown", /Session ID unknown/],
  ];
  // The official server switches protocols before it looks at the version.
  if (!official) cases.push(["/strict/?EIO=5&transport=websocket", /Unsupported protocol version/]);
  for (const [path, text] of cases) {
    const answer = await upgrade(path);
    assert.equal(answer?.status, 400, path);
    assert.match(answer.body, text);
  }
});

test("an upgrade for polling gives no session (B-14)", async () => {
  const before = (await server.stats()).main.clients;
  await upgrade("/socket.io/?EIO=4&transport=polling").catch(() => {});
  assert.equal((await server.stats()).main.clients, before);
});

test("the cookie comes with the first answer only (B-16)", async () => {
  const first = await strict.get("EIO=4&transport=polling");
  const { sid } = JSON.parse((await first.text()).slice(1));
  const parts = first.headers.get("set-cookie").split("; ");
  assert.equal(parts[0], `conf=${sid}`);
  assert.deepEqual(parts.slice(1).map((p) => p.toLowerCase()).sort(), ["httponly", "max-age=86400", "path=/", "samesite=strict"]);
  const later = await strict.push(sid, "40");
  assert.equal(later.headers.get("set-cookie"), null);
});

test("answers are not to be stored", async () => {
  const first = await peer.get("EIO=4&transport=polling");
  assert.equal(first.headers.get("cache-control"), "no-store");
  assert.equal(first.headers.get("content-type"), "text/plain; charset=UTF-8");
  const { sid } = JSON.parse((await first.text()).slice(1));
  const pushed = await peer.push(sid, "40");
  assert.equal(pushed.headers.get("content-type"), "text/html");
  assert.equal(pushed.headers.get("content-length"), "2");
  assert.equal(await pushed.text(), "ok");
});

test("a cache buster changes nothing (B-34)", async () => {
  const { sid } = await peer.handshake("&t=abc");
  assert.equal((await peer.get(`EIO=4&transport=polling&sid=${sid}&t=def`, { method: "POST", body: "40" })).status, 200);
});

test("an allowed origin is told so", async () => {
  const preflight = await peer.get("EIO=4&transport=polling", {
    method: "OPTIONS",
    headers: {
      Origin: "http://allowed.example",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "x-custom",
    },
  });
  assert.equal(preflight.status, 204);
  const h = (name) => preflight.headers.get(`access-control-${name}`);
  assert.equal(h("allow-origin"), "http://allowed.example");
  assert.equal(h("allow-credentials"), "true");
  assert.equal(h("allow-methods"), "GET,POST");
  assert.equal(h("allow-headers"), "x-custom");
  assert.equal(h("max-age"), "600");
  assert.match(preflight.headers.get("vary"), /Origin/);

  const answer = await peer.get("EIO=4&transport=polling", { headers: { Origin: "http://allowed.example" } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("access-control-allow-origin"), "http://allowed.example");
  assert.equal(answer.headers.get("access-control-allow-credentials"), "true");
});

test("a foreign origin is not", async () => {
  const foreign = { Origin: "http://foreign.example" };
  const answer = await peer.get("EIO=4&transport=polling", { headers: foreign });
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
  // The official server leaves it to the browser to keep the answer back.
  if (!official) assert.equal(answer.status, 403);
  const fast = await new Peer(server, "/fast/").get("EIO=4&transport=polling", { headers: foreign });
  assert.equal(fast.status, 200);
  assert.equal(fast.headers.get("access-control-allow-origin"), "*");
});

test("a websocket of a foreign origin is refused", async () => {
  if (official) return; // it looks at no origin (B-12)
  const answer = await upgrade("/socket.io/?EIO=4&transport=websocket", { Origin: "http://foreign.example" });
  assert.equal(answer?.status, 400);
  assert.equal(await upgrade("/socket.io/?EIO=4&transport=websocket", { Origin: "http://allowed.example" }), null);
});

test("what is no session and no file is not found", async () => {
  for (const path of ["/nothing", "/socket.io.js", "/strictly/", "/healthz/x"]) {
    assert.equal((await fetch(server.origin + path)).status, 404, path);
  }
});

test("the page and the client's files", async () => {
  const page = await fetch(`${server.origin}/`);
  assert.match(page.headers.get("content-type"), /^text\/html/);
  assert.match(await page.text(), /<p id="status">loaded<\/p>/);
  for (const file of ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.min.js.map"]) {
    const answer = await fetch(`${server.origin}/socket.io/${file}`);
    assert.equal(answer.status, 200, file);
    const etag = answer.headers.get("etag");
    assert.ok(etag, file);
    const again = await fetch(`${server.origin}/socket.io/${file}`, { headers: { "If-None-Match": etag } });
    assert.equal(again.status, 304, file);
  }
  // Without the client's files this is one more request without a transport.
  assert.notEqual((await fetch(`${server.origin}/strict/socket.io.js`)).status, 200);
});
