// The events that make the server hold on to a socket and emit to it at the
// wish of another client, whether it is connected or not.
const mirrors = new Map(); // by namespace

export function mirror(socket, call, { isText, isList }) {
  call("mirror", [], (ack) => {
    mirrors.set(socket.nsp, socket);
    ack();
  });
  call("reflect", [isText, isList], (event, args, ack) => {
    const held = mirrors.get(socket.nsp);
    if (!held) return;
    held.emit(event, ...args);
    ack(true);
  });
}
