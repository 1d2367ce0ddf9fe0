import { events } from "./events.js";

function refusal(message, data) {
  return Object.assign(new Error(message), data === undefined ? {} : { data });
}

// Registers the namespaces of one mount.
export function namespaces(io) {
  const open = (name) => {
    const nsp = io.of(name);
    nsp.on("connection", events);
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
}
