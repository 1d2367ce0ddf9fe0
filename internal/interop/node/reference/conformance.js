// The conformance application on the official server. The suites are run
// against it first: a test that fails here is a wrong test.
import { createServer } from "node:http";
import { Server } from "socket.io";
import parser from "socket.io-msgpack-parser";
import { listen, milliseconds } from "./listen.js";
import { namespaces } from "./namespaces.js";

const quick = {
  pingInterval: milliseconds("PING_INTERVAL", 300),
  pingTimeout: milliseconds("PING_TIMEOUT", 200),
  upgradeTimeout: milliseconds("UPGRADE_TIMEOUT", 400),
  connectTimeout: milliseconds("CONNECT_TIMEOUT", 500),
};

const mounts = {
  main: {
    path: "/socket.io/",
    allowEIO3: true,
    cors: {
      origin: ["http://allowed.example"],
      methods: ["GET", "POST"],
      allowedHeaders: ["x-custom"],
      credentials: true,
      maxAge: 600,
    },
  },
  fast: { path: "/fast/", allowEIO3: true, ...quick, cors: { origin: "*" } },
  strict: {
    path: "/strict/",
    serveClient: false,
    cleanupEmptyChildNamespaces: true,
    maxHttpBufferSize: 1000,
    cookie: { name: "conf", httpOnly: true, sameSite: "strict", maxAge: 86400, path: "/" },
    allowRequest: (req, answer) => {
      const deny = new URL(req.url, "http://x").searchParams.get("deny");
      if (deny === "plain") return answer(null, false);
      if (deny === "reason") return answer("denied by policy", false);
      answer(null, true);
    },
  },
  recovery: {
    path: "/recovery/",
    connectionStateRecovery: { maxDisconnectionDuration: 1500, skipMiddlewares: true },
  },
  msgpack: { path: "/msgpack/", parser },
  deflate: { path: "/deflate/", perMessageDeflate: { threshold: 100 }, httpCompression: { threshold: 100 } },
  wsonly: { path: "/wsonly/", transports: ["websocket"] },
  pollonly: { path: "/pollonly/", transports: ["polling"] },
  noupgrade: { path: "/noupgrade/", allowUpgrades: false },
};

// It names its icon, so that a browser asks for nothing else.
const page = `<!doctype html>
<title>conformance</title>
<link rel="icon" href="data:,">
<p id="status">loaded</p>
<script src="/socket.io/socket.io.js"></script>
`;

const servers = {};

const http = createServer((req, res) => {
  switch (req.method === "GET" && req.url.split("?")[0]) {
    case "/":
      res.setHeader("Content-Type", "text/html; charset=utf-8");
      return res.end(page);
    case "/healthz":
      return res.end("ok");
    case "/stats": {
      const stats = {};
      for (const [name, io] of Object.entries(servers)) {
        stats[name] = { clients: io.engine.clientsCount, sockets: io.of("/").sockets.size };
      }
      res.setHeader("Content-Type", "application/json");
      return res.end(JSON.stringify(stats));
    }
  }
  res.statusCode = 404;
  res.end("not found");
});

http.setMaxListeners(50); // each mount adds its own

for (const [name, options] of Object.entries(mounts)) {
  servers[name] = new Server(http, { destroyUpgrade: false, ...options });
  namespaces(servers[name]);
}

// The official server leaves an upgrade alone where it has no WebSocket to
// offer; somebody has to answer it.
http.on("upgrade", (req, socket) => {
  if (req.url.startsWith("/pollonly/")) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
});

process.on("SIGTERM", () => {
  Promise.allSettled(Object.values(servers).map((io) => io.close()));
  // close() also waits for every open request, which may be a minute.
  setTimeout(() => process.exit(0), 200);
});

listen(http, 3100);
