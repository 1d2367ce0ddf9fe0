// The counterpart of the Go program benchserver: echo, ack, binary echo and
// fan-out on the main namespace with default options.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { listen } from "./listen.js";

const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  socket.on("echo", (...args) => socket.emit("echo", ...args));
  socket.on("bin", (...args) => socket.emit("bin", ...args));
  socket.on("ack", (...args) => args.pop()(...args));
  socket.on("join", (room) => socket.join(room));
  socket.on("toroom", (room, ...args) => io.to(room).emit("toroom", ...args));
  socket.on("broadcast", (...args) => io.emit("broadcast", ...args));
});

listen(http, 3000);
