import { Departures } from "./departures.js";
import { mirror } from "./mirror.js";

const departures = new Departures();
const rooms = (socket) => [...socket.rooms].sort();

// The operator a spec selects.
function select(socket, spec) {
  let target = spec.scope === "socket" ? socket.broadcast : socket.nsp;
  if (spec.to) target = target.to(spec.to);
  if (spec.in) target = target.in(spec.in);
  if (spec.except) target = target.except(spec.except);
  for (const flag of spec.flags ?? []) {
    if (flag === "volatile") target = target.volatile;
    if (flag === "local") target = target.local;
    if (flag === "nocompress") target = target.compress(false);
  }
  return target;
}

function pattern(size) {
  return Buffer.from(Uint8Array.from({ length: size }, (_, i) => i % 251));
}

function describe(value) {
  if (Buffer.isBuffer(value)) {
    return { binary: true, length: value.length, sum: value.reduce((sum, b) => (sum + b) % 65521, 0) };
  }
  if (value === null) return { binary: false, type: "null" };
  return { binary: false, type: Array.isArray(value) ? "array" : typeof value };
}

const isSpec = (v) => v !== null && typeof v === "object" && (v.scope === "socket" || v.scope === "nsp");
const isText = (v) => typeof v === "string";
const isCount = (v) => Number.isInteger(v) && v >= 0;
const isList = (v) => Array.isArray(v);
const isRooms = (v) => isText(v) || (isList(v) && v.every(isText));
const isFlag = (v) => typeof v === "boolean";
const isObject = (v) => v !== null && typeof v === "object" && !isList(v) && !Buffer.isBuffer(v);
const isAny = () => true;

// Handles one connected socket.
export function events(socket, created) {
  const seen = { in: [], out: [] };

  // call registers an event that takes exactly these arguments and an
  // acknowledgement; anything else is ignored.
  const call = (event, checks, run) => {
    socket.on(event, (...args) => {
      const ack = args.pop();
      if (typeof ack !== "function" || args.length !== checks.length) return;
      if (!checks.every((check, i) => check(args[i]))) return;
      run(...args, ack);
    });
  };

  socket.onAny((event) => seen.in.push(event));
  socket.onAnyOutgoing((event) => seen.out.push(event));
  socket.use(([event], next) => next(event === "forbidden" ? new Error("unauthorized event") : undefined));
  socket.on("error", (error) => socket.emit("middleware-error", error.message));
  departures.watch(socket);
  mirror(socket, call, { isText, isList });

  socket.on("echo", (...args) => {
    if (typeof args.at(-1) === "function") args.pop()(...args);
    else socket.emit("echo", ...args);
  });
  socket.on("message", (...args) => {
    if (typeof args.at(-1) === "function") args.pop();
    socket.send(...args);
  });

  call("whoami", [], (ack) =>
    ack({
      id: socket.id,
      nsp: socket.nsp.name,
      rooms: rooms(socket),
      data: socket.data,
      recovered: socket.recovered,
      transport: socket.conn.transport.name,
      protocol: socket.conn.protocol,
    }));
  call("handshake", [], (ack) => {
    const { headers, query, auth, url, secure, xdomain, issued } = socket.handshake;
    ack({ headers, query, auth, url, secure, xdomain, issued });
  });
  call("inspect", [isAny], (value, ack) => ack(describe(value)));
  call("make", [isText, isCount], (kind, size, ack) => {
    if (kind === "bytes") ack(pattern(size));
    if (kind === "text") ack("x".repeat(size));
    if (kind === "nested") ack({ list: [pattern(size), { deep: pattern(size) }], size });
  });
  call("call-me", [isCount, isList], (timeout, args, ack) => {
    socket.timeout(timeout).emit("called", ...args, (err, response) => {
      ack({ timedOut: err !== null, response: err === null ? response ?? null : null });
    });
  });
  call("call-me-once", [isList], (args, ack) => {
    socket.emit("called", ...args, (...values) => ack(values));
  });

  socket.on("burst", (count) => {
    for (let i = 0; isCount(count) && i < count; i++) socket.emit("burst", i);
  });
  socket.on("volatile-burst", (count) => {
    for (let i = 0; isCount(count) && i < count; i++) socket.volatile.emit("volatile", i);
  });
  socket.on("compressible", (compress, size) => {
    if (isFlag(compress) && isCount(size)) {
      socket.compress(compress).emit("compressible", "x".repeat(size));
    }
  });

  call("join", [isRooms], (names, ack) => {
    socket.join(names);
    ack(rooms(socket));
  });
  call("leave", [isText], (name, ack) => {
    socket.leave(name);
    ack(rooms(socket));
  });
  call("set-data", [isObject], (data, ack) => {
    Object.assign(socket.data, data);
    ack();
  });
  call("broadcast", [isSpec, isText, isList], (spec, event, args, ack) => {
    select(socket, spec).emit(event, ...args);
    ack();
  });
  call("broadcast-ack", [isSpec, isCount, isText, isList], (spec, timeout, event, args, ack) => {
    select(socket, spec).timeout(timeout).emit(event, ...args, (err, responses) => {
      ack({ timedOut: err !== null, responses });
    });
  });
  call("fetch-sockets", [isSpec], async (spec, ack) => {
    const found = await select(socket, spec).fetchSockets();
    ack(found.map((s) => ({ id: s.id, rooms: rooms(s), data: s.data, auth: s.handshake.auth })));
  });
  call("sockets-join", [isSpec, isRooms], (spec, names, ack) => {
    select(socket, spec).socketsJoin(names);
    ack();
  });
  call("sockets-leave", [isSpec, isRooms], (spec, names, ack) => {
    select(socket, spec).socketsLeave(names);
    ack();
  });
  call("disconnect-sockets", [isSpec, isFlag], (spec, close, ack) => {
    ack();
    select(socket, spec).disconnectSockets(close);
  });
  socket.on("bye", (close) => {
    if (isFlag(close)) socket.disconnect(close);
  });
  call("seen", [], (ack) => ack(seen));
  call("created-namespaces", [], (ack) => ack(created));
  call("departure", [isText], (id, ack) => ack(departures.find(id)));
}
