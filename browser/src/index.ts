import { Manager } from "./manager";
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
function io(uri?: string | Options, opts?: Options): Socket {
  if (typeof uri === "object") {
    opts = uri;
    uri = undefined;
  }
  // An address without a scheme takes over that of the page.
  uri = !uri ? "/" : /^\/|:\/\//.test(uri) ? uri : "//" + uri;
  const { origin, searchParams } = new URL(uri, globalThis.location?.href);
  // Taken from the text, since URL escapes the letters of a namespace.
  const nsp = /^(\w+:)?(\/\/[^/?#]*)?([^?#]*)/.exec(uri)![3] || "/";
  const settings: Options = { query: Object.fromEntries(searchParams), ...opts };
  const key = origin + (settings.path || "");
  const known = managers.get(key);
  if (settings.forceNew || settings.multiplex === false || known?.nsps.has(nsp)) {
    return new Manager(origin, settings).socket(nsp, settings);
  }
  const manager = known || new Manager(origin, settings);
  managers.set(key, manager);
  return manager.socket(nsp, settings);
}

export { io, io as connect, Manager, Socket, protocol, io as default };
export type { Options, ManagerOptions, SocketOptions, Auth } from "./options";
