// Sends every message back; "close" ends the session from the server's side,
// "burst N" answers with N numbered messages.
import { createServer } from "node:http";
import { attach } from "engine.io";
import { listen, milliseconds } from "./listen.js";

const http = createServer((req, res) => {
  if (req.url === "/healthz") return res.end("ok");
  res.statusCode = 404;
  res.end();
});

attach(http, {
  path: "/engine.io",
  pingInterval: milliseconds("PING_INTERVAL", 300),
  pingTimeout: milliseconds("PING_TIMEOUT", 200),
  maxHttpBufferSize: 1e6,
  cors: { origin: "*" },
  perMessageDeflate: process.env.PER_MESSAGE_DEFLATE ? { threshold: 1024 } : false,
  allowEIO3: Boolean(process.env.ALLOW_EIO3),
}).on("connection", (socket) => {
  socket.on("message", (data) => {
    if (data === "close") return socket.close();
    const burst = /^burst (\d+)$/.exec(data);
    if (!burst) return socket.send(data);
    for (let i = 0; i < Number(burst[1]); i++) socket.send(String(i));
  });
});

process.on("SIGTERM", () => process.exit(0));
listen(http, 3000);
