const KEPT = 10000;

// Departures remembers what was known of the sockets that went away.
export class Departures {
  #known = new Map();

  watch(socket) {
    const entry = {};
    socket.on("disconnecting", (reason) => {
      entry.disconnecting = reason;
      entry.rooms = [...socket.rooms].sort();
    });
    socket.on("disconnect", (reason) => {
      entry.disconnect = reason;
      entry.roomsAfter = [...socket.rooms].sort();
      this.#known.set(socket.id, entry);
      if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value);
      console.log(`disconnect ${socket.id} ${reason}`);
    });
  }

  find(id) {
    return this.#known.get(id) ?? null;
  }
}
