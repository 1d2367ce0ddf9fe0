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
  const { origin, nsp, query } = resolve(uri || "/");
  const settings: Options = { ...opts };
  if (query && !settings.query) settings.query = Object.fromEntries(new URLSearchParams(query));
  const key = origin + (settings.path || "");
  const known = managers.get(key);
  if (settings.forceNew || settings.multiplex === false || known?.nsps.has(nsp)) {
    return new Manager(origin, settings).socket(nsp, settings);
  }
  const manager = known || new Manager(origin, settings);
  managers.set(key, manager);
  return manager.socket(nsp, settings);
}

function resolve(uri: string) {
  const page = globalThis.location;
  if (!/^\/|:\/\//.test(uri)) uri = "//" + uri;
  // By hand and not by URL: that one would escape the namespace's letters.
  const [, scheme = page?.protocol || "https:", host = page?.host, path, query] =
    /^(?:([a-z]+:)?\/\/([^/?#]*))?([^?#]*)\??([^#]*)/i.exec(uri)!;
  return {
    origin: new URL(scheme.replace(/^ws/i, "http") + "//" + host).origin,
    nsp: path || "/",
    query,
  };
}

export { io, io as connect, Manager, Socket, protocol, io as default };
export type { Options, ManagerOptions, SocketOptions, Auth } from "./options";
