// Every case of the official Socket.IO 5 protocol suite, told in our words.
// The number in front of each test is its place in that suite.
import { describe, test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server } from "../harness/server.js";
import { Peer } from "../harness/raw.js";
import { heartbeats, handshakes, upgrades, closing, patience } from "./transport.js";

let server;
let peer;
const where = () => peer;
before(async () => {
  server = await Server.start("sio5", { env: patience });
  peer = new Peer(server, "/socket.io/");
});
after(() => server.stop());

// opened is a WebSocket after the handshake of Engine.IO.
async function opened(t) {
  const wire = peer.socket(t);
  await wire.handshake();
  return wire;
}

// welcomed sends a CONNECT and checks the answer and the greeting behind it.
async function welcomed(wire, connect, nsp, auth) {
  wire.send(connect);
  const answer = await wire.packet();
  assert.ok(answer.startsWith(`40${nsp}`), answer);
  const payload = JSON.parse(answer.slice(2 + nsp.length));
  assert.deepEqual(Object.keys(payload), ["sid"]);
  assert.equal(typeof payload.sid, "string");
  assert.equal(await wire.packet(), `42${nsp}["auth",${auth}]`);
}

async function connected(t) {
  const wire = await opened(t);
  await welcomed(wire, "40", "", "{}");
  return wire;
}

describe("Socket.IO 5", { concurrency: 8 }, () => {
  handshakes(where, 1);
  heartbeats(where, 8);
  closing(where, 12);
  upgrades(where, 14, { echo: false });

  const welcomes = [
    ["17 connect: the main namespace", "40", "", "{}"],
    ["18 connect: the main namespace with a payload", '40{"token":"123"}', "", '{"token":"123"}'],
    ["19 connect: another namespace", "40/custom,", "/custom,", "{}"],
    ["20 connect: another namespace with a payload", '40/custom,{"token":"abc"}', "/custom,", '{"token":"abc"}'],
  ];
  for (const [name, connect, nsp, auth] of welcomes) {
    test(name, async (t) => welcomed(await opened(t), connect, nsp, auth));
  }

  test("21 connect: an unknown namespace is refused", async (t) => {
    const wire = await opened(t);
    wire.send("40/random");
    assert.equal(await wire.packet(), '44/random,{"message":"Invalid namespace"}');
  });

  test("22 connect: something else than a packet closes", async (t) => {
    const wire = await opened(t);
    wire.send("4abc");
    await wire.close();
  });

  test("23 connect: no CONNECT in time closes", async (t) => {
    const wire = await opened(t);
    for (let open = true; open;) {
      open = await Promise.race([wire.close().then(() => false), wire.next().then(() => (wire.send("3"), true))]);
    }
  });

  test("24 disconnect: from the main namespace, the connection stays", async (t) => {
    const wire = await connected(t);
    wire.send("41");
    assert.equal(await wire.next(), "2");
  });

  test("25 disconnect: from another namespace only", async (t) => {
    const wire = await connected(t);
    await welcomed(wire, "40/custom", "/custom,", "{}");
    wire.send("41/custom");
    wire.send('42["message","to the main namespace"]');
    assert.equal(await wire.packet(), '42["message-back","to the main namespace"]');
  });

  const messages = [
    ["26 message: text", ['42["message",1,"2",{"3":[true]}]'], ['42["message-back",1,"2",{"3":[true]}]']],
    [
      "27 message: with attachments",
      ['452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])],
      ['452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])],
    ],
    ["28 message: text with an acknowledgement", ['42456["message-with-ack",1,"2",{"3":[false]}]'], ['43456[1,"2",{"3":[false]}]']],
    [
      "29 message: attachments with an acknowledgement",
      ['452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])],
      ['462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])],
    ],
  ];
  for (const [name, sent, expected] of messages) {
    test(name, async (t) => {
      const wire = await connected(t);
      for (const part of sent) wire.send(part);
      for (const part of expected) assert.deepEqual(await wire.packet(), part);
    });
  }

  const malformed = [
    ["30 message: an unknown type closes", "4abc"],
    ["31 message: a payload that is no list closes", "42{}"],
    ["32 message: a bad acknowledgement id closes", '42abc["message-with-ack",1,"2",{"3":[false]}]'],
  ];
  for (const [name, packet] of malformed) {
    test(name, async (t) => {
      const wire = await connected(t);
      wire.send(packet);
      await wire.close();
    });
  }
});
