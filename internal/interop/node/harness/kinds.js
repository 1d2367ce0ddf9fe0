// The kinds of clients that one server serves at the same time. Each is told
// what to do in the same words, whatever its own version calls them.
import { io as io4 } from "socket.io-client";
import { io as io3 } from "socket.io-client-3";
import io2 from "socket.io-client-2";
import * as parser from "socket.io-msgpack-parser";
import { next } from "./clients.js";
import { within } from "./within.js";

// A Kind makes clients of one version of socket.io-client.
class Kind {
  constructor(name, io, { mount = "socket.io", protocol = 4, ...options } = {}) {
    Object.assign(this, { name, io, mount, protocol, options });
  }

  // client makes a client of a namespace, which begins to connect.
  client(t, server, { nsp = "/", auth, ...options } = {}) {
    // Version 2 has no auth: what it has to say goes with the namespace.
    const query = this.protocol === 3 && auth ? `?${new URLSearchParams(auth)}` : "";
    const socket = this.io(server.origin + nsp + query, {
      path: `/${this.mount}/`, forceNew: true, reconnection: false, auth, ...this.options, ...options,
    });
    t.after(() => {
      socket.disconnect();
      (socket.io._close ?? socket.io.close).call(socket.io);
    });
    return socket;
  }

  // connected makes a client and waits until it is connected and, if it may
  // choose between transports, upgraded.
  async connected(t, server, options = {}) {
    const socket = this.client(t, server, options);
    await this.connect(socket);
    const { engine } = socket.io;
    if (options.transports?.length === 2 && engine.transport.name !== "websocket") {
      await within(5000, "the upgrade", new Promise((resolve) => engine.once("upgrade", resolve)));
    }
    return socket;
  }

  connect(socket) {
    return within(5000, `${this.name} to connect`, new Promise((resolve, reject) => {
      if (socket.connected) return resolve();
      socket.once("connect", resolve);
      socket.once("connect_error", reject);
      if (this.protocol === 3) socket.once("error", (data) => reject(new Error(`refused: ${JSON.stringify(data)}`)));
    }));
  }

  // refused resolves with what a client is refused with: its data if there
  // are any, and its message otherwise. Version 2 never learns both.
  async refused(socket) {
    const [error] = await next(socket, this.protocol === 3 ? "error" : "connect_error");
    if (this.protocol === 3) return error.message ?? error;
    return error.data ?? error.message;
  }

  // ask emits with an acknowledgement and resolves with its values.
  ask(socket, event, ...args) {
    return within(5000, `the answer to ${event}`,
      new Promise((resolve) => socket.emit(event, ...args, (...values) => resolve(values))));
  }

  // beside opens another namespace on the connection of a client.
  beside(t, socket, nsp) {
    const other = socket.io.socket(nsp);
    t.after(() => other.disconnect());
    return other;
  }
}

export const kinds = [
  new Kind("socket.io-client 2", io2, { protocol: 3 }),
  new Kind("socket.io-client 3", io3),
  new Kind("socket.io-client 4", io4),
  new Kind("socket.io-client 4 with MessagePack", io4, { mount: "msgpack", parser }),
];
