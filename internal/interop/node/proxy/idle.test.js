// Silent clients behind a proxy that cuts connections after three seconds of
// silence. EXPECT says whether the server's heartbeats are quicker.
import { test } from "node:test";
import assert from "node:assert/strict";
import { connected, next } from "../harness/clients.js";
import { front, ways } from "./front.js";

const kept = process.env.EXPECT === "kept";
const watch = 8000; // milliseconds: well over two timeouts

test(`silent clients are ${process.env.EXPECT}`, async (t) => {
  const sockets = await Promise.all(Object.values(ways).map((options) => connected(t, front, options)));
  if (!kept) {
    // Left alone: whoever speaks is not silent.
    for (const [reason] of await Promise.all(sockets.map((s) => next(s, "disconnect", watch)))) {
      assert.match(reason, /^transport (error|close)$/);
    }
    return;
  }
  const gone = [];
  for (const socket of sockets) socket.on("disconnect", (reason) => gone.push(reason));
  await new Promise((resolve) => setTimeout(resolve, watch));
  assert.deepEqual(gone, []);
  for (const [i, socket] of sockets.entries()) {
    assert.equal(await socket.timeout(5000).emitWithAck("message-with-ack", i), i);
  }
});
