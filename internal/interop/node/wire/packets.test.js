// Socket.IO packets at their edges, over a bare WebSocket.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Server, official } from "../harness/server.js";
import { Peer } from "../harness/raw.js";

let server;
let peer;
before(async () => {
  server = await Server.start("conformance");
  peer = new Peer(server, "/socket.io/");
});
after(() => server.stop());

const broken = /^(parse error|forced close|forced server close|transport error)$/;

// Client is a WebSocket in the main namespace.
async function joined(t) {
  const wire = peer.socket(t);
  await wire.handshake();
  wire.send("40");
  wire.id = JSON.parse((await wire.packet()).slice(2)).sid;
  return wire;
}

async function alive(wire) {
  wire.send('42987["echo","alive"]');
  assert.equal(await wire.packet(), '43987["alive"]');
}

// closes sends messages that must end the connection.
async function closes(t, ...messages) {
  const wire = await joined(t);
  for (const message of messages) wire.send(message);
  await wire.close();
  assert.match(await server.departed(wire.id), broken, JSON.stringify(messages));
}

test("an unknown namespace is refused and the connection stays (B-56, B-57)", async (t) => {
  const wire = await joined(t);
  for (const [packet, name] of [["40/nope", "/nope"], ["40/nope,", "/nope"], ['40/nope,{"a":1}', "/nope"], ["40/ü,", "/ü"]]) {
    wire.send(packet);
    assert.equal(await wire.packet(), `44${name},{"message":"Invalid namespace"}`);
  }
  await alive(wire);
});

test("a query is part of the name (B-58)", async (t) => {
  const wire = await joined(t);
  wire.send("40/custom?a=b,");
  assert.equal(await wire.packet(), '44/custom?a=b,{"message":"Invalid namespace"}');
});

test("a namespace may go without its comma (B-57)", async (t) => {
  const wire = await joined(t);
  wire.send("40/custom");
  assert.match(await wire.packet(), /^40\/custom,\{"sid":"/);
  wire.send('42/custom,["echo",1]');
  assert.equal(await wire.packet(), '42/custom,["echo",1]');
  wire.send("41/custom");
  await alive(wire);
});

test("the payload of a CONNECT is an object (B-59)", async (t) => {
  for (const payload of ["[]", "\"text\"", "null", "true"]) {
    const wire = peer.socket(t);
    await wire.handshake();
    wire.send(`40${payload}`);
    await wire.close();
  }
});

test("a second CONNECT closes (B-60)", (t) => closes(t, "40"));

test("a packet for a namespace not joined closes (B-60)", async (t) => {
  await closes(t, '42/custom,["echo",1]');
  await closes(t, '42/nowhere,["echo",1]');
});

test("a client sends no CONNECT_ERROR (B-60)", (t) => closes(t, '44{"message":"x"}'));

test("an event before CONNECT closes", async (t) => {
  const wire = peer.socket(t);
  await wire.handshake();
  wire.send('42["echo",1]');
  await wire.close();
});

test("attachment counts (B-63)", async (t) => {
  for (const head of ["5-", "5", "5-1-", "51.5-", "511-", "5x-", "51", "50-", "5 1-", "5+1-", "51e0-"]) {
    if (official && head === "51e0-") continue; // Number() takes it
    if (official && head === "5+1-") continue; // and this
    if (official && head === "5 1-") continue; // and this
    await closes(t, `4${head}["echo",{"_placeholder":true,"num":0}]`, Buffer.from([1]));
  }
});

test("placeholder numbers (B-64)", async (t) => {
  const numbers = ['"0"', "-1", "1", "5", "null", "true", "{}", "1e9"];
  if (!official) numbers.push("0.5"); // the official server finds nothing there
  for (const num of numbers) {
    await closes(t, `451-["echo",{"_placeholder":true,"num":${num}}]`, Buffer.from([1]));
  }
});

test("a placeholder in an ordinary event is data (B-65)", async (t) => {
  const wire = await joined(t);
  wire.send('421["echo",{"_placeholder":true,"num":0}]');
  assert.equal(await wire.packet(), '431[{"_placeholder":true,"num":0}]');
});

test("one attachment may stand in two places (B-66)", async (t) => {
  const wire = await joined(t);
  wire.send('451-2["echo",{"_placeholder":true,"num":0},{"deep":[{"_placeholder":true,"num":0}]}]');
  wire.send(Buffer.from([1, 2, 3]));
  const answer = await wire.packet();
  const count = Number(/^46(\d+)-2\[/.exec(answer)[1]);
  assert.ok(count === 1 || count === 2, answer);
  for (let i = 0; i < count; i++) assert.deepEqual(await wire.packet(), Buffer.from([1, 2, 3]));
});

test("an attachment that nothing points to is dropped", async (t) => {
  const wire = await joined(t);
  wire.send('452-3["echo",{"_placeholder":true,"num":1}]');
  wire.send(Buffer.from([1]));
  wire.send(Buffer.from([2]));
  assert.equal(await wire.packet(), '461-3[{"_placeholder":true,"num":0}]');
  assert.deepEqual(await wire.packet(), Buffer.from([2]));
});

test("text between a packet and its attachments closes (B-67)", (t) =>
  closes(t, '451-["echo",{"_placeholder":true,"num":0}]', '42["echo",1]'));

test("bytes that nobody announced close (B-67)", (t) => closes(t, Buffer.from([1, 2, 3])));

test("a heartbeat may come between attachments (B-53)", async (t) => {
  const wire = await joined(t);
  wire.send('452-4["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  wire.send(Buffer.from([1]));
  wire.send("3");
  wire.send(Buffer.from([2]));
  assert.match(await wire.packet(), /^462-4\[/);
});

test("an event is a list that begins with its name (B-69)", async (t) => {
  const payloads = ["[]", "{}", '"x"', "null", "[null]", "[{}]", "[[]]", "[true]"];
  for (const payload of payloads) await closes(t, `42${payload}`);
});

test("a number may be an event's name (B-69)", async (t) => {
  const wire = await joined(t);
  wire.send("42[7,1]");
  wire.send('421["seen"]');
  const [{ in: seen }] = JSON.parse((await wire.packet()).slice(3));
  assert.equal(String(seen[0]), "7");
});

test("reserved names close (B-70)", async (t) => {
  for (const name of ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]) {
    await closes(t, `42["${name}"]`);
  }
});

test("broken JSON and trailing bytes close (B-71)", async (t) => {
  for (const payload of ['["echo",1', '["echo",1]]', '["echo",1] x', '["echo",1]2', '["echo",]', "['echo']", '["echo",01]',
    '["echo","\u0001"]', '["echo",NaN]', '["echo","\\x"]', '["echo",\u0000]']) {
    await closes(t, `42${payload}`);
  }
});

test("acknowledgement ids, 0 too (B-72)", async (t) => {
  const wire = await joined(t);
  for (const id of ["0", "1", "9007199254740991"]) {
    wire.send(`42${id}["echo",${id}]`);
    assert.equal(await wire.packet(), `43${id}[${id}]`);
  }
});

test("an answer nobody waits for is ignored (B-73, B-75)", async (t) => {
  const wire = await joined(t);
  for (const packet of ["43999[1]", "430[]", '461-77[{"_placeholder":true,"num":0}]']) {
    wire.send(packet);
    if (packet.startsWith("46")) wire.send(Buffer.from([1]));
  }
  await alive(wire);
});

test("only the first answer counts (B-75)", async (t) => {
  const wire = await joined(t);
  wire.send('421["call-me",5000,["x"]]');
  const [, id] = /^42(\d+)\["called","x"\]$/.exec(await wire.packet());
  wire.send(`43${id}["first"]`);
  wire.send(`43${id}["second"]`);
  const answer = await wire.packet();
  assert.deepEqual(JSON.parse(answer.slice(3)), [{ timedOut: false, response: "first" }]);
  await alive(wire);
});

test("an answer is a list", async (t) => {
  for (const payload of ["{}", '"x"', "null"]) await closes(t, `431${payload}`);
});

test("a DISCONNECT carries nothing", async (t) => {
  for (const payload of ["{}", "[]"]) await closes(t, `41${payload}`);
});

test("unknown packet types close", async (t) => {
  for (const packet of ["47", "49[]", "4-1", "4a", "4"]) await closes(t, packet);
});

test("leaving a namespace keeps the connection, and one may come back (B-89)", async (t) => {
  const wire = await joined(t);
  wire.send("41");
  assert.equal(await server.departed(wire.id), "client namespace disconnect");
  wire.send("40");
  const answer = await wire.packet();
  assert.match(answer, /^40\{"sid":"/);
  assert.notEqual(JSON.parse(answer.slice(2)).sid, wire.id);
  await alive(wire);
});

test("whoever leaves every namespace is let go (B-89)", async (t) => {
  if (official) return; // it waits for ever
  const wire = new Peer(server, "/fast/").socket(t);
  await wire.handshake();
  wire.send("40");
  await wire.packet();
  wire.send("41");
  const pump = (async () => {
    for (;;) if (await wire.next() === "2") wire.send("3");
  })();
  await Promise.race([wire.close(), pump]);
});

test("deeply nested JSON does no harm", async (t) => {
  if (official) return; // it ends the process
  const wire = await joined(t);
  const deep = "[".repeat(9000) + "]".repeat(9000);
  wire.send(`421["echo",${deep}]`);
  const answer = await Promise.race([wire.packet(), wire.close()]);
  if (typeof answer === "string") assert.equal(answer, `431[${deep}]`);
  await alive(await joined(t));
});

test("numbers keep their digits on the way through", async (t) => {
  if (official) return; // its numbers are doubles
  const wire = await joined(t);
  wire.send("421[\"echo\",12345678901234567890,1.10,1e400]");
  assert.equal(await wire.packet(), "431[12345678901234567890,1.10,1e400]");
});
