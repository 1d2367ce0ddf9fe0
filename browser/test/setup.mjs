// The client as it is shipped, in Node, against the official server.
import "./page.mjs";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { WebSocket } from "ws";
import { Fetch, io as connect, Manager } from "../dist/socket.io.esm.min.js";

globalThis.WebSocket ??= WebSocket;

export { connect, Manager };

/** The ways to connect every behaviour is tried with. */
export const ways = {
  polling: { transports: ["polling"] },
  websocket: { transports: ["websocket"] },
  upgrade: {},
};

/** Starts a server; it and the sockets made with `client` go when the test ends. */
export async function start(t, options = {}) {
  let http, server;
  const sockets = [];
  const connections = new Set();
  const listen = async (port) => {
    http = createServer();
    http.on("connection", (c) => {
      connections.add(c);
      c.on("close", () => connections.delete(c));
    });
    server = new Server(http, { ...options });
    // How long it waits to say goodbye over polling: not half a minute.
    server.engine.on("connection", (c) => (c.transport.closeTimeout = 3000));
    await new Promise((done) => http.listen(port, "127.0.0.1", done));
  };
  await listen(0);
  const { port } = http.address();
  const url = `http://127.0.0.1:${port}`;
  t.after(async () => {
    for (const socket of sockets) {
      socket.disconnect();
      socket.io.close();
    }
    const closed = server.close();
    for (const c of connections) c.destroy();
    await closed;
  });
  return {
    url,
    Fetch,
    get server() {
      return server;
    },
    client(path = "", opts = {}) {
      const socket = connect(url + path, { forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 50, ...opts });
      sockets.push(socket);
      return socket;
    },
    /** Cuts every connection and stops listening, without a word to the clients. */
    async kill() {
      const closed = new Promise((done) => http.close(done));
      for (const c of connections) c.destroy();
      await closed;
    },
    /** Starts a new server on the same port. */
    async restart(prepare) {
      await listen(port);
      prepare?.(server);
    },
  };
}

/** The arguments of the next event. */
export function next(emitter, event, ms = 5000) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no "${event}" within ${ms} ms`)), ms);
    emitter.once(event, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });
}

/** Waits until the socket's connection has been upgraded. */
export async function upgraded(socket) {
  if (socket.io.engine.transport.name !== "websocket") await next(socket.io.engine, "upgrade");
}
