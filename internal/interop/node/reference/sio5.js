// The server the Socket.IO protocol suite expects.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { listen, milliseconds } from "./listen.js";

const http = createServer();
const io = new Server(http, {
  pingInterval: milliseconds("PING_INTERVAL", 300),
  pingTimeout: milliseconds("PING_TIMEOUT", 200),
  connectTimeout: milliseconds("CONNECT_TIMEOUT", 1000),
  cors: { origin: "*" },
});

io.on("connection", (socket) => {
  socket.emit("auth", socket.handshake.auth);
  socket.on("message", (...args) => socket.emit("message-back", ...args));
  socket.on("message-with-ack", (...args) => args.pop()(...args));
});
io.of("/custom").on("connection", (socket) => socket.emit("auth", socket.handshake.auth));

process.on("SIGTERM", () => process.exit(0));
listen(http, 3000);
