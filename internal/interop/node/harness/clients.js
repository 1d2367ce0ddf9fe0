// Official Socket.IO clients, closed when the test that opened them ends.
import { io } from "socket.io-client";
import { within } from "./within.js";

// The three ways a client can talk.
export const modes = {
  polling: { transports: ["polling"] },
  websocket: { transports: ["websocket"] },
  upgrade: { transports: ["polling", "websocket"] },
};

// The transport a mode ends on.
export const settled = { polling: "polling", websocket: "websocket", upgrade: "websocket" };

// client makes an unconnected client of a namespace.
export function client(t, server, options = {}) {
  const { nsp = "/", mount = "socket.io", ...rest } = options;
  const socket = io(server.origin + nsp, {
    path: `/${mount}/`,
    forceNew: true,
    reconnection: false,
    autoConnect: false,
    ...rest,
  });
  t.after(() => {
    socket.disconnect();
    socket.io._close();
  });
  return socket;
}

// connected makes a client and waits until it is connected and, if its mode
// upgrades, upgraded.
export async function connected(t, server, options = {}) {
  const socket = client(t, server, options);
  await connect(socket);
  if (options.transports?.length === 2) await upgraded(socket);
  return socket;
}

export function connect(socket) {
  const done = new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  socket.connect();
  return within(5000, "the connection", done);
}

export function upgraded(socket) {
  const { engine } = socket.io;
  if (engine.transport.name === "websocket") return Promise.resolve();
  return within(5000, "the upgrade", new Promise((resolve) => engine.once("upgrade", resolve)));
}

// refused connects and resolves with the error of the refusal.
export function refused(socket) {
  const done = new Promise((resolve, reject) => {
    socket.once("connect_error", resolve);
    socket.once("connect", () => reject(new Error("connected, which should have been refused")));
  });
  socket.connect();
  return within(5000, "the refusal", done);
}

// next resolves with the arguments of the next event of this name.
export function next(emitter, event, patience = 5000) {
  return within(patience, `the event ${event}`,
    new Promise((resolve) => emitter.once(event, (...args) => resolve(args))));
}

// ask emits with an acknowledgement and resolves with its first value.
export function ask(socket, event, ...args) {
  return socket.timeout(10000).emitWithAck(event, ...args);
}

// take collects the first values of count events of one name.
export function take(emitter, event, count, patience = 10000) {
  const got = [];
  return within(patience, `${count} events ${event}, of which ${got.length} came`,
    new Promise((resolve) => {
      const listener = (value) => {
        got.push(value);
        if (got.length < count) return;
        emitter.off(event, listener);
        resolve(got);
      };
      emitter.on(event, listener);
    }));
}

// record keeps all arguments of every event of one name from now on.
export function record(emitter, event) {
  const got = [];
  emitter.on(event, (...args) => got.push(args));
  return got;
}

// eachMode runs a test once for each of the three modes.
export function eachMode(test, name, run) {
  for (const [mode, options] of Object.entries(modes)) {
    test(`${name} (${mode})`, (t) => run(t, options, mode));
  }
}
