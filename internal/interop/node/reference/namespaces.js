import { events } from "./events.js";

function refusal(message, data) {
  return Object.assign(new Error(message), data === undefined ? {} : { data });
}

// Registers the namespaces of one mount.
export function namespaces(io) {
  const created = {};
  const open = (name) => {
    const nsp = io.of(name);
    nsp.on("connection", (socket) => events(socket, created));
    return nsp;
  };

  open("/").use((socket, next) => {
    const { user, token } = socket.handshake.auth;
    socket.data.runs = (socket.data.runs ?? 0) + 1;
    if (user !== undefined) socket.data.user = user;
    if (token === "bad") {
      return next(refusal("not authorized", { code: 401, hint: ["try", { again: true }] }));
    }
    if (token === "bare") return next(refusal("no data here"));
    if (token === "slow") return setTimeout(next, 300);
    next();
  });

  open("/custom");

  const chain = open("/chain");
  for (const letter of ["a", "b", "c"]) {
    chain.use((socket, next) => {
      socket.data.steps = [...(socket.data.steps ?? []), letter];
      if (socket.handshake.auth.failAt === letter) {
        return next(refusal(`failed at ${letter}`, { steps: socket.data.steps }));
      }
      setTimeout(next, 10);
    });
  }

  open("/restricted").use((socket, next) => {
    if (socket.handshake.auth.token === "secret") return next();
    next(refusal("forbidden", { required: "token" }));
  });

  open("/dynamic-101").on("connection", (socket) => {
    socket.data.static = true;
  });

  // From here on, all are made by clients.
  io.on("new_namespace", (nsp) => (created[nsp.name] = (created[nsp.name] ?? 0) + 1));

  const numbered = open(/^\/dynamic-\d+$/).use((socket, next) => {
    socket.data.dynamic = true;
    next(socket.handshake.auth.token === "bad" ? refusal("refused by parent") : undefined);
  });
  numbered.on("connection", (socket) => {
    socket.on("parent-emit", (event, args, ack, ...rest) => {
      if (typeof event !== "string" || !Array.isArray(args) || typeof ack !== "function" || rest.length > 0) return;
      numbered.emit(event, ...args);
      ack();
    });
  });

  open((name, auth, next) => next(null, name.startsWith("/tenant-") && auth?.tenant === name.slice("/tenant-".length)));
}
