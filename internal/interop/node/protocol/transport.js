// The cases both official suites have in common: they concern Engine.IO, and
// only the path and what a message means differ.
import { test } from "node:test";
import assert from "node:assert/strict";

const FIELDS = ["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"];

// The official suites ask for an answer within 200 ms and for a CONNECT within
// a second, which a busy machine does not always manage.
const PING = { interval: 300, timeout: 1500 };
export const patience = { PING_TIMEOUT: String(PING.timeout), CONNECT_TIMEOUT: "2000" };

function checkOpen(open, upgrades) {
  assert.deepEqual(Object.keys(open).sort(), FIELDS);
  assert.equal(typeof open.sid, "string");
  assert.deepEqual(open.upgrades, upgrades);
  assert.equal(open.pingInterval, PING.interval);
  assert.equal(open.pingTimeout, PING.timeout);
  assert.equal(open.maxPayload, 1000000);
}

// handshakes are the first seven cases of each suite.
export function handshakes(where, first) {
  test(`${first} polling: opens a session`, async () => {
    checkOpen(await where().handshake(), ["websocket"]);
  });

  const refused = (number, what, queries, method) =>
    test(`${number} polling: refuses ${what}`, async () => {
      for (const query of queries) {
        for (const m of method ?? ["GET"]) {
          assert.equal((await where().get(query, { method: m })).status, 400, `${m} ${query}`);
        }
      }
    });
  refused(first + 1, "an unknown EIO", ["transport=polling", "EIO=abc&transport=polling"]);
  refused(first + 2, "an unknown transport", ["EIO=4", "EIO=4&transport=abc"]);
  refused(first + 3, "other methods", ["EIO=4&transport=polling"], ["POST", "PUT"]);

  test(`${first + 4} websocket: opens a session`, async (t) => {
    checkOpen(await where().socket(t).handshake(), []);
  });

  const closed = (number, what, queries) =>
    test(`${number} websocket: refuses ${what}`, async (t) => {
      for (const query of queries) await where().refusal(t, query).close();
    });
  closed(first + 5, "an unknown EIO", ["transport=websocket", "EIO=abc&transport=websocket"]);
  closed(first + 6, "an unknown transport", ["EIO=4", "EIO=4&transport=abc"]);
}

// still opens a polling session that no heartbeat disturbs: the first is under
// way, and the next comes only after the answer.
export async function still(peer) {
  const { sid } = await peer.handshake();
  assert.deepEqual(await peer.records(sid), ["2"]);
  return sid;
}

// heartbeats are four cases.
export function heartbeats(where, first) {
  test(`${first} polling: pings, and takes pongs`, async () => {
    const { sid } = await where().handshake();
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(await where().records(sid), ["2"]);
      assert.equal((await where().push(sid, "3")).status, 200);
    }
  });

  test(`${first + 1} polling: a missing pong ends the session`, async () => {
    const { sid } = await where().handshake();
    assert.deepEqual(await where().records(sid), ["2"]);
    // The next poll is held until the pong is overdue.
    const last = await where().poll(sid);
    if (last.status === 200) assert.match(await last.text(), /^[16]$/);
    else assert.equal(last.status, 400);
    assert.equal((await where().poll(sid)).status, 400);
  });

  test(`${first + 2} websocket: pings, and takes pongs`, async (t) => {
    const wire = where().socket(t);
    await wire.handshake();
    for (let i = 0; i < 3; i++) {
      assert.equal(await wire.next(), "2");
      wire.send("3");
    }
  });

  test(`${first + 3} websocket: a missing pong ends the session`, async (t) => {
    await where().socket(t).close();
  });
}

// closing is two cases.
export function closing(where, first) {
  test(`${first} polling: the client closes`, async () => {
    const sid = await still(where());
    const waiting = where().poll(sid);
    // Two connections keep no order: a round trip lets the poll go first.
    await where().push(sid, "3");
    await where().push(sid, "1");
    const poll = await waiting;
    assert.equal(poll.status, 200);
    assert.match(await poll.text(), /^[26]$/); // on a busy machine the next heartbeat comes first
    assert.equal((await where().poll(sid)).status, 400);
  });

  test(`${first + 1} websocket: the client closes`, async (t) => {
    const wire = where().socket(t);
    await wire.handshake();
    wire.send("1");
    await wire.close();
  });
}

async function upgraded(where, t) {
  const { sid } = await where().handshake();
  const wire = where().candidate(t, sid);
  await wire.open();
  wire.send("2probe");
  assert.equal(await wire.next(), "3probe");
  return { sid, wire };
}

// upgrades are three cases; echo tells that the server sends messages back.
export function upgrades(where, first, { echo }) {
  const alive = async (wire) => {
    if (!echo) {
      assert.equal(await wire.next(), "2");
      return;
    }
    wire.send("4hello");
    assert.equal(await wire.packet(), "4hello");
  };

  test(`${first} upgrade: from polling to websocket`, async (t) => {
    const { sid, wire } = await upgraded(where, t);
    for (let records = []; !records.includes("6");) {
      records = await where().records(sid);
      assert.match(records.join(), /^(2|6|2,6)$/);
      if (records[0] === "2") await where().push(sid, "3"); // a heartbeat that came first
    }
    wire.send("5");
    await alive(wire);
  });

  test(`${first + 1} upgrade: later requests are refused and harm nothing`, async (t) => {
    const { sid, wire } = await upgraded(where, t);
    wire.send("5");
    await alive(wire);
    assert.equal((await where().poll(sid)).status, 400);
    wire.send("3");
    await alive(wire);
  });

  test(`${first + 2} upgrade: a later websocket is closed and harms nothing`, async (t) => {
    const { sid, wire } = await upgraded(where, t);
    wire.send("5");
    await alive(wire);
    await where().candidate(t, sid).close();
    wire.send("3");
    await alive(wire);
  });
}
