// The wire without a client library: requests of the polling transport and
// WebSockets whose messages can be awaited in order.
import { WebSocket } from "ws";
import { within } from "./within.js";

export const SEPARATOR = "\x1e";

// Peer talks to one Engine.IO endpoint.
export class Peer {
  constructor(server, path) {
    this.http = server.origin + path;
    this.ws = server.ws + path;
  }

  url(query) {
    return `${this.http}?${query}`;
  }

  get(query, init) {
    return within(8000, `GET ${query}`, fetch(this.url(query), init));
  }

  // handshake opens a polling session and resolves with the open packet.
  async handshake(query = "") {
    const answer = await this.get(`EIO=4&transport=polling${query}`);
    if (answer.status !== 200) throw new Error(`handshake: ${answer.status} ${await answer.text()}`);
    return JSON.parse((await answer.text()).slice(1));
  }

  poll(sid, init) {
    return this.get(`EIO=4&transport=polling&sid=${sid}`, init);
  }

  push(sid, body, init = {}) {
    return this.get(`EIO=4&transport=polling&sid=${sid}`, { method: "POST", body, ...init });
  }

  // records polls once and splits the payload.
  async records(sid) {
    const answer = await this.poll(sid);
    if (answer.status !== 200) throw new Error(`poll: ${answer.status}`);
    return (await answer.text()).split(SEPARATOR);
  }

  // socket opens a WebSocket; sid makes it the candidate of an upgrade.
  socket(t, query = "EIO=4&transport=websocket", options = {}) {
    const wire = new Wire(`${this.ws}?${query}`, options);
    t.after(() => {
      wire.end();
      // Whatever a test is about, what the server sends must be WebSocket.
      if (wire.error?.code?.startsWith("WS_ERR_")) throw wire.error;
    });
    return wire;
  }

  // refusal opens a WebSocket that the server should refuse. The official
  // server may complete the handshake first and then send plain HTTP.
  refusal(t, query, options) {
    const wire = new Wire(`${this.ws}?${query}`, options);
    t.after(() => wire.end());
    return wire;
  }

  candidate(t, sid) {
    return this.socket(t, `EIO=4&transport=websocket&sid=${sid}`);
  }
}

// Wire is one WebSocket with its messages queued: strings stay strings,
// binary messages are Buffers.
export class Wire {
  #queue = [];
  #waiting = [];

  constructor(url, options) {
    this.ws = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.ws.on("message", (data, binary) => {
      const message = binary ? data : data.toString();
      if (this.#waiting.length > 0) this.#waiting.shift()(message);
      else this.#queue.push(message);
    });
    this.ws.on("error", (error) => (this.error = error));
    this.closed = new Promise((resolve) => {
      this.ws.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.opened = new Promise((resolve) => this.ws.on("open", resolve));
  }

  open() {
    return within(5000, "the WebSocket to open", this.opened);
  }

  close() {
    return within(5000, "the WebSocket to close", this.closed);
  }

  // next resolves with the next message, whatever it is.
  next(patience = 5000) {
    if (this.#queue.length > 0) return Promise.resolve(this.#queue.shift());
    return within(patience, "a WebSocket message", new Promise((resolve) => this.#waiting.push(resolve)));
  }

  // packet resolves with the next message that is no heartbeat, and answers
  // the heartbeats before it.
  async packet() {
    for (;;) {
      const message = await this.next();
      if (message !== "2") return message;
      this.send("3");
    }
  }

  // handshake resolves with the open packet.
  async handshake() {
    const message = await this.next();
    if (message[0] !== "0") throw new Error(`no open packet but ${message}`);
    return JSON.parse(message.slice(1));
  }

  send(message) {
    this.ws.send(message);
  }

  // end drops the connection without a closing handshake.
  end() {
    this.ws.terminate();
  }
}
