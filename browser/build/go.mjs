// The table of docs/go-client.md: what stands in Go for each name of the official
// client. A name of the official client that is missing here is an error, and
// so is a Go name that does not exist.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

const removed = "the function that adding returned";
const unseen = "none";
const http = "the transport of `Config.HTTPClient`";
const address = "the address says it";
const listeners = { on: "`Manager.OnOpen` and its kin, below", once: "the same, and " + removed, off: removed, removeListener: removed, removeAllListeners: removed, emit: unseen, hasListeners: unseen, listeners: unseen };

const here = {
  "": {
    io: "`New`", connect: "`New`", default: "`New`", Manager: "`NewManager`, `Manager`", Socket: "`Socket`",
    protocol: "5, always", Fetch: "`Config.HTTPClient`", XHR: "`Config.HTTPClient`", NodeXHR: "`Config.HTTPClient`",
    WebSocket: "`Config.HTTPClient`", NodeWebSocket: "`Config.HTTPClient`", WebTransport: "`Config.Stream`",
  },
  "Socket.": {
    active: "`Socket.Active`", auth: "`Auth`, `AuthFunc`, `Socket.SetAuth`", close: "`Socket.Disconnect`", compress: "`Socket.Compress`",
    connect: "`Socket.Connect`, which waits; `Socket.Start`", open: "the same as connect", connected: "`Socket.Connected`",
    disconnect: "`Socket.Disconnect`", disconnected: "`Socket.Connected`", emit: "`Socket.Emit`; with an ack `Socket.EmitAckFunc`",
    emitWithAck: "`Socket.EmitWithAck`, `EmitWithAck`, `Socket.Call`", hasListeners: unseen, id: "`Socket.ID`", io: "`Socket.Manager`",
    listeners: unseen, listenersAny: unseen, listenersAnyOutgoing: unseen,
    off: removed, offAny: removed, offAnyOutgoing: removed, removeListener: removed, removeAllListeners: removed,
    on: "`On`, `OnAck`, `OnEvent`, `OnCall`, `Socket.Handle`; for its own events see below", onAny: "`Socket.OnAny`",
    onAnyOutgoing: "`Socket.OnAnyOutgoing`, at the emit", once: "`Socket.Once`", prependAny: "none: they run in the order they were added",
    prependAnyOutgoing: "none, likewise", receiveBuffer: "inside, bounded by `Config.MaxQueuedBytes`", recovered: "`Socket.Recovered`",
    send: "`Socket.Send`", sendBuffer: "inside, bounded by `Config.MaxQueuedBytes`", timeout: "the deadline of the context; `Config.AckTimeout`, `AckTimeout`",
    volatile: "`Socket.Volatile`",
  },
  "Manager.": {
    ...listeners, connect: "the first `Socket.Connect`", open: "the first `Socket.Connect`", engine: "`Manager.Transport`", opts: "the `Config` given",
    socket: "`Manager.Socket`", timeout: "`Config.ConnectTimeout`", reconnection: "`Config.DisableReconnection`",
    reconnectionAttempts: "`Config.ReconnectionAttempts`", reconnectionDelay: "`Config.ReconnectionDelay`",
    reconnectionDelayMax: "`Config.ReconnectionDelayMax`", randomizationFactor: "`Config.RandomizationFactor`",
  },
  "Engine.": {
    ...listeners, on: "`engine.Receiver`, `engine.Hooks`, `engine.Events`", once: unseen, off: unseen, removeListener: unseen, removeAllListeners: unseen,
    id: "`engine.Conn.ID`", readyState: "`engine.Conn.ReadyState`", send: "`engine.Conn.Send`, `engine.Conn.SendMessages`", write: "the same as send",
    transport: "`engine.Conn.Transport`", writeBuffer: "`engine.Conn.BufferedAmount`", close: "`engine.Conn.Close`, `engine.Conn.CloseNow`",
    binaryType: "`[]byte`",
  },
  "options.": {
    ackTimeout: "`Config.AckTimeout`, `AckTimeout`", addTrailingSlash: "`Config.NoTrailingSlash`", agent: http, auth: "`Auth`, `AuthFunc`",
    autoConnect: "none: `Socket.Connect` or `Socket.Start` connect", autoUnref: "none: a Go program ends with its main function", ca: http, cert: http,
    ciphers: http, closeOnBeforeunload: "none: for pages", extraHeaders: "`Config.Header`", forceBase64: "`Config.ForceBase64`",
    forceNew: "each `NewManager` is a connection", host: address, hostname: address, key: http, multiplex: "`Manager.Socket` shares, `New` does not",
    parser: "`Config.Parser`", passphrase: http, path: "`Config.Path`", perMessageDeflate: "`Config.PerMessageDeflate`", pfx: http, port: address,
    protocols: "`Config.Protocols`", query: "`Config.Query`", randomizationFactor: "`Config.RandomizationFactor`", reconnection: "`Config.DisableReconnection`",
    reconnectionAttempts: "`Config.ReconnectionAttempts`", reconnectionDelay: "`Config.ReconnectionDelay`", reconnectionDelayMax: "`Config.ReconnectionDelayMax`",
    rejectUnauthorized: http, rememberUpgrade: "`Config.RememberUpgrade`", requestTimeout: "`Config.RequestTimeout`", retries: "`Retries`", secure: address,
    timeout: "`Config.ConnectTimeout`", timestampParam: "`t`, always", timestampRequests: "always", transportImplementations: "`Config.Stream`, `Config.HTTPClient`",
    transportOptions: "the transport of `Config.HTTPClient` sees which one a request is for", transports: "`Config.Transports`", tryAllTransports: "`Config.TryAllTransports`",
    upgrade: "`Config.DisableUpgrade`", useNativeTimers: "none: for tests there is `testing/synctest`", withCredentials: "cookies are kept; `http.Client.Jar` of `Config.HTTPClient`",
  },
  "Events of a socket.": {
    connect: "`Socket.OnConnect`", connect_error: "`Socket.OnConnectError`, `Socket.OnConnectTimeout`", disconnect: "`Socket.OnDisconnect`",
  },
  "Events of a manager.": {
    open: "`Manager.OnOpen`", close: "`Manager.OnClose`", error: "`Manager.OnError`", ping: "`Manager.OnPing`", packet: "none: `Socket.OnAny` sees events",
    reconnect: "`Manager.OnReconnect`", reconnect_attempt: "`Manager.OnReconnectAttempt`", reconnect_error: "`Manager.OnReconnectError`",
    reconnect_failed: "`Manager.OnReconnectFailed`",
  },
  "Events of the engine.": {
    open: "`engine.Opener`, `engine.Events.Open`", handshake: "`engine.Opener`", message: "`engine.Receiver`", data: "`engine.Receiver`", close: "`engine.Receiver`",
    error: "`engine.Events.Error`", ping: "`engine.Hooks.Ping`", pong: unseen, heartbeat: unseen, packet: unseen, packetCreate: unseen, flush: unseen,
    drain: "`engine.Hooks.Drain`", upgrading: unseen, upgrade: "`engine.Hooks.Upgrade`, `Manager.OnUpgrade`", upgradeError: "`engine.Hooks.UpgradeFailed`",
  },
};

// What is not of these two packages.
const foreign = new Set(["[]byte", "t", "http.Client.Jar", "testing/synctest"]);

function documentation(path) {
  return execFileSync("go", ["doc", "-all", path], { cwd: root, encoding: "utf8" });
}

// exists looks for a function, a type, a method, or a field of a struct.
function exists(docs, name) {
  const inEngine = name.startsWith("engine.");
  const doc = docs[inEngine ? "engine" : "client"];
  const [owner, member] = name.slice(inEngine ? "engine.".length : 0).split(".");
  if (!member) return new RegExp(`^(func|type) ${owner}\\b`, "m").test(doc);
  if (new RegExp(`^func \\(\\w+ \\*?${owner}\\) ${member}\\b`, "m").test(doc)) return true;
  const [, fields = ""] = new RegExp(`^type ${owner} struct {\n([^]*?)^}`, "m").exec(doc) ?? [];
  return new RegExp(`^\t${member}\\b`, "m").test(fields);
}

export function goTable(groups) {
  const docs = { client: documentation("./client"), engine: documentation("./client/engine") };
  const rows = groups.flatMap(([title, prefix, official]) => {
    const list = here[title.startsWith("Events") ? title + "." : prefix];
    for (const name of Object.keys(list)) if (!official.has(name)) throw new Error(`${title}: the official client has no ${name}`);
    const byMeaning = new Map();
    for (const name of [...official].sort()) {
      const inGo = list[name];
      if (!inGo) throw new Error(`${title}: nothing is said of ${name} in Go`);
      for (const [, word] of inGo.matchAll(/`([^`]+)`/g)) {
        if (!foreign.has(word) && !exists(docs, word)) throw new Error(`${title}: ${name}: Go has no ${word}`);
      }
      byMeaning.set(inGo, [...(byMeaning.get(inGo) ?? []), "`" + name + "`"]);
    }
    return [...byMeaning].map(([inGo, names]) => `| ${title} | ${names.join(", ")} | ${inGo} |`);
  });
  return "| | official | in Go |\n|---|---|---|\n" + rows.join("\n");
}
