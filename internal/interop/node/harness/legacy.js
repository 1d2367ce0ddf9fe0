// Clients of Socket.IO 2, closed when the test that opened them ends. They
// know no connect_error for refusals, no auth and no promises.
import io from "socket.io-client-2";
import { within } from "./within.js";

// oldClient makes a client of a namespace, which connects at once. What it has
// to say stands in the query: that of the URL goes to the namespace.
export function oldClient(t, server, options = {}) {
  const { nsp = "/", mount = "socket.io", ...rest } = options;
  const socket = io(server.origin + nsp, {
    path: `/${mount}/`,
    forceNew: true,
    reconnection: false,
    ...rest,
  });
  t.after(() => {
    socket.disconnect();
    socket.io.close();
  });
  return socket;
}

export function oldConnect(socket) {
  return within(5000, "the connection", new Promise((resolve, reject) => {
    if (socket.connected) return resolve();
    socket.once("connect", resolve);
    socket.once("error", (data) => reject(new Error(`refused: ${JSON.stringify(data)}`)));
    socket.once("connect_error", reject);
  }));
}

// oldConnected makes a client and waits until it is connected and, if its mode
// upgrades, upgraded.
export async function oldConnected(t, server, options = {}) {
  const socket = oldClient(t, server, options);
  await oldConnect(socket);
  const { engine } = socket.io;
  if (options.transports?.length === 2 && engine.transport.name !== "websocket") {
    await within(5000, "the upgrade", new Promise((resolve) => engine.once("upgrade", resolve)));
  }
  return socket;
}

// oldRefused resolves with what the server says to a refused client.
export function oldRefused(socket) {
  return within(5000, "the refusal", new Promise((resolve, reject) => {
    socket.once("error", resolve);
    socket.once("connect", () => reject(new Error("connected, which should have been refused")));
  }));
}

// oldAsk emits with an acknowledgement and resolves with its first value.
export function oldAsk(socket, event, ...args) {
  return within(10000, `the answer to ${event}`,
    new Promise((resolve) => socket.emit(event, ...args, resolve)));
}
