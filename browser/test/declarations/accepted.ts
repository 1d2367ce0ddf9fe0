// What is right, for the types of this client and for the official ones alike.
import connectDefault, { connect, io, Manager, protocol, Socket, type ManagerOptions, type SocketOptions } from "client";

interface FromServer {
  news: (text: string, n: number) => void;
  question: (q: string, answer: (n: number) => void) => void;
  nothing: () => void;
}
interface ToServer {
  hello: (name: string) => void;
  add: (a: number, b: number, answer: (sum: number) => void) => void;
  ping: (answer: () => void) => void;
}

const typed: Socket<FromServer, ToServer> = io("https://example.com/chat", {
  auth: { token: "abc" },
  path: "/my/",
  transports: ["websocket", "polling", "webtransport"],
  reconnectionDelay: 1,
  query: { a: "b", n: 1 },
  retries: 3,
  ackTimeout: 1000,
  withCredentials: true,
  extraHeaders: { a: "b" },
  closeOnBeforeunload: true,
  tryAllTransports: true,
  rememberUpgrade: true,
  forceBase64: true,
  requestTimeout: 100,
  addTrailingSlash: false,
  protocols: ["a"],
});
typed.on("news", (text, n) => text.length + n.toFixed(1).length);
typed.once("question", (q, answer) => answer(q.length));
typed.on("connect", () => {});
typed.on("connect_error", (error) => error.message.length);
typed.on("disconnect", (reason, details) => {
  const r: Socket.DisconnectReason = reason;
  return [r === "io server disconnect", details];
});
typed.off("news");
typed.off();
typed.emit("hello", "x").emit("add", 1, 2, (sum) => sum.toFixed());
typed.volatile.emit("hello", "x");
typed.compress(true).emit("ping", () => {});
typed.timeout(100).emit("add", 1, 2, (error, sum) => [error.message, sum.toFixed()]);
typed.timeout(5).volatile.emit("hello", "x");
const sum: Promise<number> = typed.emitWithAck("add", 1, 2);
const timed: Promise<number> = typed.timeout(10).emitWithAck("add", 1, 2);
const listeners = typed.listeners("news");
listeners[0]("a", 1);
const there: boolean = typed.hasListeners("news");
typed.onAny((event, ...args) => [event.length, args]).prependAny(() => {}).offAny();
typed.onAnyOutgoing((event, ...args) => [event.length, args]).prependAnyOutgoing(() => {}).offAnyOutgoing();
typed.listenersAny().concat(typed.listenersAnyOutgoing());
const id: string | undefined = typed.id;
const flags: boolean[] = [typed.connected, typed.disconnected, typed.active, typed.recovered];
typed.auth = { token: "new" };
typed.auth = (done) => done({ token: "newer" });
typed.sendBuffer = [];
typed.receiveBuffer.length;
typed.connect().open().disconnect().close();
typed.send("anything", 1);

const untyped = io();
untyped.on("anything", (a, b) => [a, b]);
untyped.emit("anything", 1, "two", new Uint8Array(3), (answer: string) => answer);
const whatever: Promise<any> = untyped.emitWithAck("anything");

const m = new Manager("https://example.com", { autoConnect: false, timeout: 100 });
const s: Socket = m.socket("/admin", { auth: (done) => done({ token: 1 }) });
m.on("reconnect_attempt", (n) => n.toFixed());
m.on("reconnect", (n) => n.toFixed());
m.on("reconnect_error", (error) => error.message);
m.on("reconnect_failed", () => {});
m.on("error", (error) => error.message);
m.on("ping", () => {});
m.on("open", () => {});
m.on("close", (reason) => reason.length);
m.on("packet", (packet) => packet.nsp.length + packet.type);
m.open((error) => error?.message).connect();
m.reconnection(false).reconnectionAttempts(3).reconnectionDelay(1).reconnectionDelayMax(2).randomizationFactor(0).timeout(1);
const settings: number[] = [m.reconnectionAttempts(), m.reconnectionDelay(), m.reconnectionDelayMax(), m.randomizationFactor()];
const on: boolean = m.reconnection();

const { engine } = s.io;
const name: string = engine.transport.name;
engine.id.length;
engine.once("upgrade", (transport) => transport.name.length);
engine.on("packet", ({ type, data }) => [type.length, data]);
engine.on("packetCreate", ({ type, data }) => [type.length, data]);
engine.on("drain", () => {});
engine.on("close", (reason) => reason.length);
engine.close();
if (engine.readyState === "open") engine.writeBuffer.length;

const options: Partial<ManagerOptions & SocketOptions> = { upgrade: false, transports: ["polling"] };
const more: Socket[] = [connect("/", options), connectDefault(options), new Socket(m, "/x")];
export { sum, timed, there, id, flags, whatever, settings, on, name, more, protocol };
