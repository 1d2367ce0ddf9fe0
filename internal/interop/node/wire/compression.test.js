// Compression, on the mount that has it switched on and on one that has not.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server, official } from "../harness/server.js";
import { Peer } from "../harness/raw.js";
import { connected, eachMode, ask } from "../harness/clients.js";
import { pattern, checksum } from "../harness/bytes.js";

let server;
let peer;
let plain;
before(async () => {
  server = await Server.start("conformance");
  peer = new Peer(server, "/deflate/");
  plain = new Peer(server, "/socket.io/");
});
after(() => server.stop());

const direct = "EIO=4&transport=websocket";

// joined opens a WebSocket in the main namespace that offers compression.
async function joined(t, where = peer, offer = true) {
  const wire = where.socket(t, direct, { perMessageDeflate: offer });
  await wire.handshake();
  wire.send("40");
  assert.match(await wire.packet(), /^40/);
  return wire;
}

// cost resolves with the next packet and how many bytes it took on the wire.
async function cost(wire, ask) {
  const before = wire.ws._socket.bytesRead;
  wire.send(ask);
  const packet = await wire.packet();
  return { packet, bytes: wire.ws._socket.bytesRead - before };
}

const emit = (event, ...args) => `42${JSON.stringify([event, ...args])}`;

eachMode(test, "official clients talk compressed, both ways (HTTP-09)", async (t, mode) => {
  const socket = await connected(t, server, { mount: "deflate", ...mode });
  if (socket.io.engine.transport.name === "websocket") {
    assert.match(socket.io.engine.transport.ws.extensions, /permessage-deflate/);
  }
  for (const size of [0, 1, 99, 100, 1023, 1024, 5000, 70_000, 400_000]) {
    const text = "wörds, ".repeat(size).slice(0, size);
    assert.equal(await ask(socket, "echo", text), text);
    const bytes = pattern(size);
    assert.deepEqual(await ask(socket, "inspect", bytes), checksum(bytes));
    assert.deepEqual(await ask(socket, "make", "bytes", size), bytes);
  }
});

test("many events in a row stay whole and in order", async (t) => {
  const socket = await connected(t, server, { mount: "deflate", transports: ["websocket"] });
  const texts = Array.from({ length: 300 }, (_, i) => `${i} `.repeat(1 + ((i * 37) % 2000)));
  const answers = await Promise.all(texts.map((text) => ask(socket, "echo", text)));
  assert.deepEqual(answers, texts);
});

test("a WebSocket message is compressed from the threshold on (HTTP-09 EMIT-09)", async (t) => {
  const wire = await joined(t);
  assert.match(wire.ws.extensions, /^permessage-deflate/);
  const small = await cost(wire, emit("compressible", true, 10_000));
  assert.equal(small.packet, emit("compressible", "x".repeat(10_000)));
  assert.ok(small.bytes < 200, `${small.bytes} bytes`);
  const large = await cost(wire, emit("compressible", false, 10_000));
  assert.equal(large.packet, emit("compressible", "x".repeat(10_000)));
  // The official server reads the flag for polling only.
  if (!official) assert.ok(large.bytes > 10_000, `${large.bytes} bytes`);
  const short = await cost(wire, emit("compressible", true, 60));
  // With context takeover, which the official server agrees to, ws knows no threshold.
  if (!official) assert.ok(short.bytes > 60, `${short.bytes} bytes`);
});

test("without an offer, and where it is off, nothing is compressed", async (t) => {
  for (const wire of [await joined(t, peer, false), await joined(t, plain, true)]) {
    assert.equal(wire.ws.extensions, "");
    const { packet, bytes } = await cost(wire, emit("compressible", true, 10_000));
    assert.equal(packet, emit("compressible", "x".repeat(10_000)));
    assert.ok(bytes > 10_000, `${bytes} bytes`);
  }
});

test("one broadcast reaches those with and those without compression (ENG-14)", async (t) => {
  const wires = [];
  for (let i = 0; i < 6; i++) {
    const wire = await joined(t, peer, i % 2 === 0);
    wire.send(`420["join","mixed"]`);
    assert.match(await wire.packet(), /^430/);
    wires.push(wire);
  }
  const text = "news for all ".repeat(1000);
  for (const flags of [[], ["nocompress"]]) {
    const before = wires.map((wire) => wire.ws._socket.bytesRead);
    wires[0].send(`421${JSON.stringify(["broadcast", { scope: "nsp", to: ["mixed"], flags }, "news", [text]])}`);
    for (const [i, wire] of wires.entries()) {
      let packet = await wire.packet();
      if (packet.startsWith("431")) packet = await wire.packet();
      assert.equal(packet, emit("news", text));
      const bytes = wire.ws._socket.bytesRead - before[i];
      if (i % 2 === 0 && flags.length === 0) assert.ok(bytes < 1000, `${bytes} bytes`);
      else if (i % 2 === 1 || !official) assert.ok(bytes > text.length, `${bytes} bytes`);
    }
    if (flags.length === 0) assert.match(await wires[0].next(), /^431/);
  }
});

test("parameters of the offer are honoured", async (t) => {
  for (const offer of [
    { serverNoContextTakeover: true, clientNoContextTakeover: true },
    { clientMaxWindowBits: 10 },
    { clientMaxWindowBits: true },
    { serverNoContextTakeover: true, zlibDeflateOptions: { level: 9 } },
    { threshold: 0 },
  ]) {
    const wire = await joined(t, peer, offer);
    for (const text of ["short", "long ".repeat(1000), "long ".repeat(20_000)]) {
      wire.send(`427${JSON.stringify(["echo", text])}`);
      assert.equal(await wire.packet(), `437${JSON.stringify([text])}`);
    }
  }
});

test("what inflates to more than the limit is refused with 1009 (B-51)", async (t) => {
  const wire = await joined(t);
  wire.send(emit("echo", "0".repeat(900_000)));
  assert.equal(await wire.packet(), emit("echo", "0".repeat(900_000)));
  wire.send(emit("echo", "0".repeat(30_000_000)));
  const { code } = await wire.close();
  assert.ok([1009, 1006].includes(code), `code ${code}`);
  await joined(t); // and others are served
});

test("a poll is compressed as the client wishes (HTTP-08 EMIT-09)", async () => {
  const { sid } = await peer.handshake();
  await peer.push(sid, "40");
  await peer.records(sid);
  const poll = async (accept, compress, size) => {
    await peer.push(sid, emit("compressible", compress, size));
    const answer = await peer.poll(sid, { headers: { "accept-encoding": accept } });
    assert.equal(await answer.text(), emit("compressible", "x".repeat(size)));
    return answer.headers.get("content-encoding");
  };
  assert.equal(await poll("gzip, deflate", true, 5000), "gzip");
  assert.equal(await poll("gzip;q=0, deflate", true, 5000), "deflate");
  assert.equal(await poll("deflate", true, 5000), "deflate");
  assert.equal(await poll("identity", true, 5000), null);
  assert.equal(await poll("gzip", true, 20), null);
  assert.equal(await poll("gzip", false, 5000), null);
});

test("where nothing is said, a poll is compressed from 1 KiB on (HTTP-08)", async () => {
  const { sid } = await plain.handshake();
  await plain.push(sid, "40");
  await plain.records(sid);
  for (const [size, encoding] of [[900, null], [1100, "gzip"]]) {
    await plain.push(sid, emit("compressible", true, size));
    const answer = await plain.poll(sid, { headers: { "accept-encoding": "gzip" } });
    assert.equal(await answer.text(), emit("compressible", "x".repeat(size)));
    assert.equal(answer.headers.get("content-encoding"), encoding);
  }
});

test("the client's files come in gzip (OPS-03)", async () => {
  const url = `${server.origin}/socket.io/socket.io.min.js`;
  const packed = await fetch(url, { headers: { "accept-encoding": "gzip" } });
  const bare = await fetch(url, { headers: { "accept-encoding": "identity" } });
  assert.equal(packed.headers.get("content-encoding"), "gzip");
  assert.equal(bare.headers.get("content-encoding"), null);
  assert.equal(await packed.text(), await bare.text());
});
