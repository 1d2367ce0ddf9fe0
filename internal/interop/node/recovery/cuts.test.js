// A line that breaks all the time: what the server sends must arrive once and
// in order, whatever the line loses. CUTS=1000 makes it the long version, of
// some three minutes.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { setTimeout as pass } from "node:timers/promises";
import { io } from "socket.io-client";
import { Server, official } from "../harness/server.js";
import { Line } from "../harness/line.js";
import { connected, modes, ask, next } from "../harness/clients.js";
import { within, until } from "../harness/within.js";
import { checksum, pattern } from "../harness/bytes.js";

const cuts = Number(process.env.CUTS || 100);
const shares = { websocket: 0.6, polling: 0.2, upgrade: 0.2 };
const windowTime = 1500; // of the mount, in ms
const rate = 200; // messages per second
const away = Math.max(1, Math.round(cuts / 200)); // pauses longer than the window, for each mode

let server;
before(async () => (server = await Server.start("conformance")));
after(() => server.stop());

const random = (n) => Math.floor(Math.random() * n);

// Source makes the server send numbered messages in several ways and knows
// which of them the receiver has to get.
class Source {
  due = []; // numbers, in order
  sentAt = []; // by number
  refused = [];
  id; // of the receiver
  count = 0;
  #started;
  #pending = new Set();

  constructor(socket) {
    this.socket = socket;
  }

  start() {
    this.#started = { at: performance.now(), count: this.count };
    this.timer = setInterval(() => {
      const owed = ((performance.now() - this.#started.at) * rate) / 1000 + this.#started.count;
      // After a stall of this machine it catches up no faster than this.
      for (let i = 0; i < 20 && this.count < owed; i++) this.#send();
    }, 5);
  }

  // stop resolves when the server has sent everything.
  async stop() {
    clearInterval(this.timer);
    await Promise.all(this.#pending);
  }

  // forget gives up what the receiver has not got, after stop.
  forget(received) {
    this.due.length = received;
    this.refused.length = 0;
  }

  #send() {
    const n = this.count++;
    const body = [n, "text", checksum(pattern(n % 300)), pattern(n % 300)][n % 4];
    const args = n % 4 === 3 ? [n, body, pattern(n % 7)] : [n, body];
    this.sentAt[n] = performance.now();
    const [ours, event, ...rest] = [
      [true, "broadcast", { scope: "nsp" }, "news", args],
      [true, "broadcast", { scope: "nsp", to: ["r", "s"] }, "news", args],
      [true, "reflect", "news", args],
      [true, "broadcast", { scope: "nsp", to: [this.id] }, "news", args],
      [false, "broadcast", { scope: "nsp", to: ["elsewhere"] }, "news", args],
    ][random(5)];
    if (ours) this.due.push(n);
    const sent = this.socket.timeout(20000).emitWithAck(event, ...rest);
    this.#pending.add(sent);
    sent.then((ok) => {
      this.#pending.delete(sent);
      if (ok === false) this.refused.push(n); // the server says that its client cannot come back
    }, (error) => (this.failure ??= error));
  }
}

// Receiver is the client behind the line. It checks each message as it comes.
class Receiver {
  received = 0;
  recoveries = 0;
  failures = []; // what was not as it must be
  failed = 0; // connections that ended, before or after they were joined

  constructor(line, source, options) {
    this.source = source;
    this.socket = io(line.origin, {
      path: "/recovery/",
      forceNew: true,
      reconnectionDelay: 10,
      reconnectionDelayMax: 20,
      // A WebSocket that is closed after its 101 and before the first packet is
      // no error to the client: it waits for this time. The window is longer.
      timeout: 600,
      ...options,
    });
    this.socket.on("news", (n, ...rest) => this.#take(n, rest));
    const { io: manager } = this.socket;
    for (const event of ["close", "error"]) {
      manager.on(event, () => {
        this.failed++;
        this.onFailure?.();
      });
    }
  }

  #take(n, rest) {
    if (this.deaf) return;
    const want = this.source.due[this.received];
    if (n !== want) {
      this.failures.push(`got message ${n} instead of ${want}`);
      const at = this.source.due.indexOf(n, this.received);
      if (at < 0) return;
      this.received = at;
    }
    this.received++;
    if (n % 4 !== 3) return;
    if (!(rest[0].equals(pattern(n % 300)) && rest[1].equals(pattern(n % 7)))) {
      this.failures.push(`message ${n} is damaged`);
    }
  }

  // missingSince is when the first message was sent that is not here.
  missingSince() {
    return this.source.sentAt[this.source.due[this.received]] ?? performance.now();
  }

  // settled resolves when everything is here.
  settled() {
    return until(15000, "the last messages", () => this.failures.length > 0 || this.received === this.source.due.length);
  }
}

// The ways to break a line. After some, it breaks when the server says more.
const breaks = {
  cut: async (line) => line.cut(),
  tear: async (line) => line.after(random(400)),
  swallow: async (line) => {
    line.swallow();
    await pass(random(80));
    line.cut();
  },
};

for (const [mode, options] of Object.entries(modes)) {
  const wanted = Math.round(cuts * shares[mode]);
  test(`${wanted} cuts lose and repeat nothing (${mode})`, { timeout: 280_000 }, async (t) => {
    const line = await Line.to(server);
    t.after(() => line.close());
    const source = new Source(await connected(t, server, { mount: "recovery", ...modes.websocket }));
    t.after(() => clearInterval(source.timer));
    const receiver = new Receiver(line, source, options);
    const { socket } = receiver;
    t.after(() => socket.disconnect());

    let slowest = 0, early = 0, refusals = 0, strangers = 0;
    const late = []; // what is known of clients that took longer than the window
    let waited; // since when the first missing message was missing
    // back tells whether the client came back as the same one, as it must within the window.
    const back = () => {
      const { recovered } = socket;
      const age = performance.now() - waited;
      if (recovered && socket.id === source.id) {
        receiver.recoveries++;
        slowest = Math.max(slowest, age);
      } else if (age < windowTime - 100) receiver.failures.push(`not recovered after ${age.toFixed()} ms`);
      else return false; // the machine was too slow: whether it is back or not, both are right
      return true;
    };

    // enter makes the client known under its new id, while nothing is sent.
    const enter = async () => {
      source.id = socket.id;
      await ask(socket, "join", ["r"]);
      await ask(socket, "mirror");
      source.start();
    };
    await next(socket, "connect");
    assert.equal(socket.recovered, false);
    await enter();

    // broken resolves when the client has noticed.
    const broken = () => {
      const { failed } = receiver;
      return within(20000, "the client to notice", new Promise((resolve) => {
        receiver.onFailure = () => {
          if (receiver.failed > failed) resolve();
        };
      }));
    };

    const kinds = Object.keys(breaks);
    const pauses = Array.from({ length: away }, (_, i) => Math.floor(((i + 0.5) * wanted) / away));
    for (let cut = 0; cut < wanted && receiver.failures.length === 0 && !source.failure; cut++) {
      if (cut >= pauses[0]) {
        pauses.shift();
        // Longer away than the window: somebody new, and nothing from before.
        await receiver.settled();
        const gone = broken();
        line.cut();
        await gone;
        await pass(windowTime + 300);
        await source.stop();
        source.forget(receiver.received);
        const joined = next(socket, "connect");
        line.mend();
        await joined;
        if (socket.recovered || socket.id === source.id) receiver.failures.push("recovered after the window");
        strangers++;
        if (!official && strangers % 2 === 1) {
          // And lost again before it was sent anything, when the client still
          // tells the last offset of its earlier life. The official server
          // takes it at its word.
          const again = broken();
          line.cut();
          await again;
          source.id = undefined;
          const { id } = await new Promise((resolve) => {
            socket.once("connect", () => resolve(socket));
            line.mend();
          });
          if (!socket.recovered) receiver.failures.push("a client without messages was not recovered");
          source.id = id;
        }
        await enter();
        continue;
      }
      await pass(random(150));
      const began = performance.now();
      let noticed = broken();
      await breaks[kinds[random(3)]](line);
      await noticed;
      // Some of the attempts to come back fail, too: refused, or broken after
      // so many bytes of what the client is sent on its way in.
      for (let luck = random(4); luck === 0 && cut + 1 < wanted && performance.now() - receiver.missingSince() < 700; luck = random(3)) {
        noticed = broken();
        // The official server sends what was missed before its answer. Its client
        // keeps that across a break and hands it out twice.
        if (official || random(2) === 0) {
          refusals++;
        } else {
          line.mend();
          line.after(random(6000));
          early++;
          cut++;
        }
        await noticed;
      }
      waited = receiver.missingSince();
      const mended = performance.now();
      const joined = next(socket, "connect", 10000);
      line.mend();
      await joined;
      if (!back()) {
        const times = [waited, began, mended].map((since) => (performance.now() - since).toFixed());
        late.push(`missing for ${times[0]} ms, broken for ${times[1]}, mended for ${times[2]}`);
        receiver.deaf = true;
        await source.stop();
        await ask(socket, "whoami"); // what is still on its way comes before the answer
        receiver.deaf = false;
        source.forget(receiver.received);
        await enter();
      }
      if (cut % 3 === 0) socket.timeout(5000).emit("mirror", () => {}); // lost at times, which does no harm
    }
    await source.stop();
    if (receiver.failures.length === 0) await receiver.settled();
    await pass(200); // what is repeated would come now
    t.diagnostic(`${mode}: ${wanted} cuts, ${early} of them on the way in, ${line.broken} connections broken, ` +
      `${line.torn} chunks torn, ${line.swallowed} bytes swallowed, ${refusals} refusals, ` +
      `${receiver.recoveries} recoveries, the slowest after ${slowest.toFixed()} ms, ` +
      `${late.length} too late (${late.join("; ")}), ${strangers} past the window, ` +
      `${receiver.received} of ${source.due.length} messages (${source.count} sent)`);
    assert.ifError(source.failure);
    assert.deepEqual(receiver.failures, []);
    assert.equal(receiver.received, source.due.length);
    assert.deepEqual(source.refused, []);
    assert.ok(receiver.recoveries > 0);
  });
}
