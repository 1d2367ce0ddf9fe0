import { address, complete, Manager } from "./manager";
import type { Options } from "./options";
import { Socket } from "./socket";

/** Connections that may be shared, by origin and path. */
const managers = new Map<string, Manager>();

/** Revision of the Socket.IO protocol. */
const protocol = 5;

/**
 * A socket for the namespace that the path of the address names. Addresses of
 * one host share one connection; the page's own host is the default.
 */
function io(uri?: string | Options, opts: Options = {}): Socket {
  if (typeof uri === "object") {
    opts = uri;
    uri = "";
  }
  // Taken from the text, since URL escapes the letters of a namespace.
  const nsp = /^(\w+:)?(\/\/[^/?#]*)?([^?#]*)/.exec(complete(uri))![3] || "/";
  const key = address(uri).origin + (opts.path || "/socket.io");
  let manager = managers.get(key);
  const own = opts.forceNew || opts.multiplex === false || manager?.nsps[nsp];
  if (own || !manager) manager = new Manager(uri, opts);
  if (!own) managers.set(key, manager);
  return manager.socket(nsp, opts);
}

export { io, io as connect, Manager, Socket, protocol, io as default };
export { Polling as Fetch, Polling as XHR } from "./polling";
export { WebSocketTransport as WebSocket } from "./websocket";
export type { Options, ManagerOptions, SocketOptions, Auth } from "./options";
