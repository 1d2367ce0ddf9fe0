// Line is a TCP proxy in front of a server, for lines that break.
import net from "node:net";
import { once } from "node:events";
import { until } from "./within.js";

export class Line {
  #pairs = new Set();
  #down = false; // whatever is tried fails
  #silent = false; // what the server says is lost
  #left = Infinity; // bytes of the server that still come through, then the line breaks
  #pace = null; // what is said takes its time, in both directions
  broken = 0; // connections cut
  refused = 0; // connections not let through
  torn = 0; // chunks of which a part came through
  swallowed = 0; // bytes of the server that were lost before a cut

  static async to(server) {
    const line = new Line();
    line.#listener = net.createServer((client) => line.#accept(client, server.port));
    line.#listener.listen(0, "127.0.0.1");
    await once(line.#listener, "listening");
    line.origin = `http://127.0.0.1:${line.#listener.address().port}`;
    return line;
  }
  #listener;

  #accept(client, port) {
    client.on("error", () => {});
    if (this.#down) {
      this.refused++;
      client.destroy();
      return;
    }
    const server = net.connect(port, "127.0.0.1");
    const pair = [client, server];
    pair.owed = false; // the client has asked, and has no answer yet
    this.#pairs.add(pair);
    server.on("error", () => {});
    for (const end of pair) {
      end.setNoDelay(true);
      end.on("close", () => {
        this.#pairs.delete(pair);
        pair.forEach((other) => other.destroy());
      });
    }
    this.#carry(client, (chunk) => {
      pair.owed = true;
      server.write(chunk);
    });
    this.#carry(server, (chunk) => {
      pair.owed = false;
      this.#forward(client, chunk);
    });
    client.on("end", () => server.end());
    server.on("end", () => client.end());
  }

  // carry passes on what an end says, in order, at the line's pace. While a
  // chunk is on its way the end is not read, so that it feels the slowness.
  #carry(end, pass) {
    end.on("data", (chunk) => {
      if (!this.#pace) return pass(chunk);
      end.pause();
      setTimeout(() => {
        if (end.destroyed) return;
        pass(chunk);
        end.resume();
      }, this.#pace.delay + (chunk.length / this.#pace.rate) * 1000);
    });
  }

  #forward(client, chunk) {
    if (this.#silent) {
      this.swallowed += chunk.length;
      return;
    }
    if (chunk.length < this.#left) {
      this.#left -= chunk.length;
      client.write(chunk);
      return;
    }
    const part = chunk.subarray(0, this.#left);
    if (part.length > 0 && part.length < chunk.length) this.torn++;
    // What was written before a destroy is lost; the part is to arrive.
    if (part.length > 0) client.write(part, () => this.cut());
    else this.cut();
    this.#left = 0;
  }

  // asked waits until the server owes an answer: a client that polls, polls. A
  // server cannot notice the loss of a connection that there is not.
  asked() {
    return until(5000, "the client to ask for something", () => [...this.#pairs].some((pair) => pair.owed));
  }

  // cut destroys every connection, on both sides, and lets none through until mend.
  cut() {
    this.#down = true;
    for (const pair of this.#pairs) {
      this.broken++;
      pair.forEach((end) => end.destroy());
    }
    this.#pairs.clear();
  }

  // after cuts once the server has said so many bytes more.
  after(bytes) {
    this.#left = bytes;
  }

  // swallow loses what the server says from now on.
  swallow() {
    this.#silent = true;
  }

  // slow lets each chunk take a delay, in milliseconds, and more by its size, in bytes a second.
  slow(delay, rate) {
    this.#pace = { delay, rate };
  }

  mend() {
    this.#pace = null;
    this.#down = false;
    this.#silent = false;
    this.#left = Infinity;
  }

  close() {
    this.cut();
    this.#listener.close();
  }
}
