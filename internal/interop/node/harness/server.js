// Starts the programs under test as processes of their own. SIO_BIN names the
// folder of the programs to test; without it the official server is tested.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { within } from "./within.js";

const reference = fileURLToPath(new URL("../reference/", import.meta.url));

// True when the official server is the one under test.
export const official = !process.env.SIO_BIN;

function command(program) {
  if (official) return [process.execPath, [join(reference, `${program}.js`)]];
  return [join(process.env.SIO_BIN, program), []];
}

export class Server {
  #child;
  #lines = [];
  #watchers = new Set();

  // start runs a program on a port of its own (or on the one given) and
  // resolves when it accepts connections.
  static async start(program, { port = 0, env = {} } = {}) {
    const server = new Server();
    const [file, args] = command(program);
    const child = spawn(file, args, {
      env: { ...process.env, ...env, HOST: "127.0.0.1", PORT: String(port) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    server.#child = child;
    server.exited = once(child, "exit").then(([code, signal]) => ({ code, signal }));
    createInterface({ input: child.stdout }).on("line", (line) => {
      server.#lines.push(line);
      for (const watcher of server.#watchers) watcher(line);
    });
    const ready = server.line((line) => line.startsWith("listening "));
    const line = await within(20000, `${program} to listen`, Promise.race([ready, server.exited]));
    if (typeof line !== "string") throw new Error(`${program} ended at once: ${JSON.stringify(line)}`);
    server.origin = line.slice("listening ".length);
    server.ws = server.origin.replace(/^http/, "ws");
    server.port = Number(new URL(server.origin).port);
    return server;
  }

  // line resolves with the first line of standard output that matches, be it
  // printed already or not.
  line(matches) {
    const old = this.#lines.find(matches);
    if (old !== undefined) return Promise.resolve(old);
    return new Promise((resolve) => {
      const watcher = (line) => {
        if (!matches(line)) return;
        this.#watchers.delete(watcher);
        resolve(line);
      };
      this.#watchers.add(watcher);
    });
  }

  // departed resolves with the reason the server printed for a socket.
  async departed(id, patience = 5000) {
    const head = `disconnect ${id} `;
    const line = await within(patience, `the server to report the end of ${id}`,
      this.line((l) => l.startsWith(head)));
    return line.slice(head.length);
  }

  async stats() {
    return (await fetch(`${this.origin}/stats`)).json();
  }

  get pid() {
    return this.#child.pid;
  }

  // stop asks the program to end in an orderly way; kill does not ask.
  async stop() {
    this.#child.kill("SIGTERM");
    return within(10000, "the server to end", this.exited);
  }

  async kill() {
    this.#child.kill("SIGKILL");
    return this.exited;
  }
}
