// Servers and networks that misbehave.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { connect, next, start, ways } from "./setup.mjs";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Puts something in the place of a global for the length of a test. */
function replace(t, name, value) {
  const before = globalThis[name];
  globalThis[name] = value;
  t.after(() => (globalThis[name] = before));
  return before;
}

for (const [way, opts] of Object.entries({ polling: ways.polling, websocket: ways.websocket })) {
  // P5: a server may be wrong, too.
  test(`${way}: packets that cannot be are a parse error`, async (t) => {
    const s = await start(t);
    let peer;
    s.server.on("connection", (p) => (peer = p));
    const socket = s.client("", { ...opts, reconnectionDelay: 1, reconnectionDelayMax: 2 });
    const bytes = Buffer.from([1]);
    for (const packets of [
      [""],
      ["9"],
      ["x"],
      ["2"],
      ["2{}"],
      ["2[]"],
      ["2[null]"],
      ["2[{}]"],
      ['2["connect"]'],
      ['2["connect_error","x"]'],
      ['2["newListener"]'],
      ['2["a"'],
      ['2["a"]x'],
      ["30"],
      ["30{}"],
      ["1{}"],
      ["4"],
      ['21-["a"]', bytes],
      ['50-["a"]'],
      ['5["a"]'],
      ['51-["a",{"_placeholder":true,"num":1}]', bytes],
      ['51-["a",{"_placeholder":true,"num":-1}]', bytes],
      ['51-["a",{"_placeholder":true,"num":"length"}]', bytes],
      ['51-["a",{"_placeholder":true}]', bytes],
      ['51-["a",{"_placeholder":true,"num":0}]', '2["b"]'],
      [bytes],
    ]) {
      if (!socket.connected) await next(socket, "connect");
      const end = next(socket, "disconnect");
      for (const packet of packets) peer.conn.send(packet);
      const [reason, why] = await end;
      assert.equal(reason, "parse error", String(packets));
      assert.ok(why instanceof Error, String(packets));
    }
  });

  test(`${way}: packets that are merely unusual`, async (t) => {
    const s = await start(t);
    const arrived = next(s.server, "connection");
    const socket = s.client("", opts);
    const [[peer]] = await Promise.all([arrived, next(socket, "connect")]);
    const got = [];
    socket.onAny((...args) => got.push(args));
    peer.conn.send('2/elsewhere,["not for us"]');
    peer.conn.send('3999["answers nothing"]');
    peer.conn.send('2[7,"a number for a name"]');
    peer.conn.send('2["nested",{"_placeholder":true,"num":0}]');
    peer.conn.send('2/,["main, in full"]');
    peer.conn.send('2["last"]');
    await next(socket, "last");
    assert.deepEqual(got, [
      [7, "a number for a name"],
      ["nested", { _placeholder: true, num: 0 }],
      ["main, in full"],
      ["last"],
    ]);
    peer.conn.send("1");
    assert.equal((await next(socket, "disconnect"))[0], "io server disconnect");
  });
}

test("junk in place of a handshake", async (t) => {
  for (const body of ["", "0", "0null", '0{"sid":', "<html>", "bA\x1e", '4x\x1e0{"sid":"a","upgrades":[],"pingInterval":1,"pingTimeout":1}']) {
    const http = createServer((_, res) => res.end(body));
    await new Promise((done) => http.listen(0, "127.0.0.1", done));
    const socket = connect(`http://127.0.0.1:${http.address().port}`, { forceNew: true, reconnection: false, transports: ["polling"] });
    const [error] = await next(socket, "connect_error");
    assert.ok(error instanceof Error, body);
    socket.disconnect();
    http.closeAllConnections();
    await new Promise((done) => http.close(done));
  }
});

test("an error of the server is told with status and body", async (t) => {
  const s = await start(t, { allowRequest: (_, decide) => decide("no entry", false) });
  const socket = s.client("", { reconnection: false });
  const [error] = await next(socket, "connect_error");
  assert.equal(error.message, "xhr poll error");
  assert.equal(error.description, 403);
  assert.deepEqual(JSON.parse(error.context.responseText), { code: 4, message: "no entry" });
});

test("polling goes on where WebSocket does not work", async (t) => {
  const Real = globalThis.WebSocket;
  class Silent extends EventTarget {
    readyState = 0;
    bufferedAmount = 0;
    constructor() {
      super();
      setTimeout(() => this.happen?.(), 20);
    }
    send() {}
    close() {}
  }
  const kinds = {
    "cannot be made": class {
      constructor() {
        throw new Error("blocked");
      }
    },
    "fails": class extends Silent {
      happen = () => this.onerror({ type: "error" });
    },
    "closes": class extends Silent {
      happen = () => this.onclose({ type: "close" });
    },
    "answers nonsense": class extends Silent {
      happen = () => (this.onopen(), this.onmessage({ data: "4no" }));
    },
    "opens and says nothing": class extends Silent {
      happen = () => this.onopen();
    },
    "dies once it has proved itself": class extends Real {
      set onmessage(fn) {
        super.onmessage = (e) => {
          fn(e);
          this.onclose({ type: "close" });
          this.close();
        };
      }
    },
  };
  for (const [name, kind] of Object.entries(kinds)) {
    replace(t, "WebSocket", kind);
    const s = await start(t);
    s.server.on("connection", (peer) => peer.on("echo", (v, ack) => ack(v)));
    const socket = s.client();
    const failed = name === "opens and says nothing" ? pause(60) : next(socket.io.engine, "upgradeError");
    await next(socket, "connect");
    for (let i = 0; i < 5; i++) socket.emit("echo", i, () => {});
    await failed;
    assert.equal(await socket.timeout(3000).emitWithAck("echo", "still"), "still", name);
    assert.equal(socket.io.engine.transport.name, "polling", name);
    assert.equal(socket.connected, true, name);
    socket.disconnect();
    globalThis.WebSocket = Real;
  }
});

test("a WebSocket that cannot be made is an error like others", async (t) => {
  replace(t, "WebSocket", class {
    constructor() {
      throw new Error("blocked");
    }
  });
  const s = await start(t);
  const socket = s.client("", { ...ways.websocket, reconnection: false });
  assert.equal((await next(socket, "connect_error"))[0].message, "blocked");
});

// D8: nothing waits for what will not come any more.
test("leaving at any stage of the upgrade says goodbye", async (t) => {
  const s = await start(t);
  for (const stage of ["open", "upgrading", "upgrade"]) {
    const arrived = next(s.server, "connection");
    const socket = s.client();
    if (stage === "open") {
      await next(socket, "connect");
    } else {
      await Promise.all([next(socket.io.engine, stage), arrived]);
      if (!socket.connected) await next(socket, "connect");
    }
    const [peer] = await arrived;
    const gone = next(peer, "disconnect");
    socket.emit("before", 1);
    socket.disconnect();
    assert.equal((await gone)[0], "client namespace disconnect", stage);
    await pause(20);
    assert.equal(s.server.engine.clientsCount, 0, stage);
  }
});

// BRW-06.
test("a machine that slept notices at the next emit", async (t) => {
  const s = await start(t);
  const got = [];
  s.server.on("connection", (peer) => peer.on("late", (v) => got.push(v)));
  const socket = s.client("", ways.websocket);
  await next(socket, "connect");
  const now = Date.now;
  const lost = next(socket, "disconnect");
  Date.now = () => now() + 3_600_000;
  socket.emit("late", "kept");
  Date.now = now;
  assert.equal((await lost)[0], "ping timeout");
  await next(socket, "connect");
  await socket.timeout(200).emitWithAck("sync").catch(() => {});
  assert.deepEqual(got, ["kept"]);
});

// BRW-05.
test("losing the network is noticed at once, but not for a server on this machine", async (t) => {
  const s = await start(t);
  const near = s.client("", ways.websocket);
  // Any address of this machine but the ones that are known to be.
  const far = connect(s.url.replace("127.0.0.1", "0.0.0.0"), { ...ways.websocket, forceNew: true });
  t.after(() => far.disconnect());
  await Promise.all([next(near, "connect"), next(far, "connect")]);
  const lost = next(far, "disconnect");
  globalThis.dispatchEvent(new Event("offline"));
  const [reason, why] = await lost;
  assert.equal(reason, "transport close");
  assert.equal(why.description, "network connection lost");
  assert.equal(near.connected, true);
});

test("delays grow to the cap, are spread, and never pass it", async (t) => {
  const delays = [];
  const real = replace(t, "setTimeout", (fn, ms, ...args) => {
    if (ms < 1000) delays.push(ms);
    return real(fn, ms, ...args);
  });
  const s = await start(t);
  await s.kill();
  delays.length = 0;
  const socket = connect(s.url, {
    forceNew: true,
    transports: ["polling"],
    reconnectionDelay: 2,
    reconnectionDelayMax: 8,
    reconnectionAttempts: 30,
  });
  await next(socket.io, "reconnect_failed");
  socket.disconnect();
  const ours = delays.filter((ms) => ms < 20);
  assert.equal(ours.length, 30);
  const within = (ms, low, high) => assert.ok(ms >= low && ms <= high, `${ms} is not within ${low} and ${high}`);
  within(ours[0], 1, 3);
  within(ours[1], 2, 6);
  for (const ms of ours.slice(2)) within(ms, 4, 8);
  assert.ok(new Set(ours.slice(2)).size > 20, "at the cap there is no spread");
});

test("connecting by hand", async (t) => {
  const s = await start(t);
  s.server.on("connection", (peer) => peer.emit("auth", peer.handshake.auth));
  const socket = s.client("", { autoConnect: false });
  await pause(30);
  assert.equal(socket.active, false);
  assert.equal(s.server.engine.clientsCount, 0);
  socket.auth = { late: true };
  const got = next(socket, "auth");
  socket.emit("waits");
  assert.equal(socket.sendBuffer.length, 1);
  socket.connect();
  assert.deepEqual((await got)[0], { late: true });
  assert.equal(socket.sendBuffer.length, 0);
});

test("the manager can be closed and opened again", async (t) => {
  const s = await start(t);
  const socket = s.client();
  await next(socket, "connect");
  const [left, closed] = [next(socket, "disconnect"), next(socket.io, "close")];
  socket.io.close();
  assert.equal((await left)[0], "forced close");
  assert.equal((await closed)[0], "forced close");
  await pause(100);
  assert.equal(socket.connected, false);
  const outcome = await new Promise((done) => socket.io.open(done));
  assert.equal(outcome, undefined);
  await next(socket, "connect");
  socket.disconnect();
  await s.kill();
  const failure = await new Promise((done) => socket.io.open(done));
  assert.equal(failure.message, "xhr poll error");
});

test("a custom parser", async (t) => {
  const { EventEmitter } = await import("node:events");
  class Encoder {
    encode(packet) {
      return [JSON.stringify(packet)];
    }
  }
  class Decoder extends EventEmitter {
    add(text) {
      this.emit("decoded", JSON.parse(text));
    }
    destroy() {}
  }
  const parser = { Encoder, Decoder };
  const s = await start(t, { parser });
  s.server.on("connection", (peer) => peer.on("echo", (v, ack) => ack(v)));
  const socket = s.client("", { parser });
  assert.equal(await socket.emitWithAck("echo", "hi"), "hi");
});

test("what cannot be encoded is refused where it is emitted", async (t) => {
  const s = await start(t);
  const socket = s.client();
  const round = {};
  round.self = round;
  assert.throws(() => socket.emit("a", round), TypeError);
  await assert.rejects(socket.emitWithAck("a", 1n), TypeError);
  assert.equal(socket.sendBuffer.length, 0);
  await next(socket, "connect");
});
