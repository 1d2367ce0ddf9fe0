// Engine.IO over a plain WebSocket. Each frame is one packet, and its first
// character says what it is:
//
//   0 open      the server's first packet, with the times of its heartbeat
//   2 ping      the server's heartbeat, which wants
//   3 pong      for an answer
//   4 message   what the two sides have to say to each other
//
// That is all there is to it. (1 is close; 5 and 6 belong to HTTP polling.)

/**
 * Connects, and tells on.packet(direction, type, rest), on.open(settings),
 * on.message(text) and, as the browser does, on.error() and on.close(event).
 */
export function connect(url, on) {
  const socket = new WebSocket(url);
  let silence;

  socket.addEventListener('message', ({data}) => {
    const type = data[0], rest = data.slice(1);
    on.packet('in', type, rest);
    if (type === '0') {
      const settings = JSON.parse(rest);
      socket.patience = settings.pingInterval + settings.pingTimeout;
      on.open(settings);
    }
    if (type === '2') {
      socket.send('3');
      on.packet('out', '3', '');
    }
    if (type === '4') on.message(rest);
    // A server that misses its own heartbeat is gone, whatever TCP believes.
    clearTimeout(silence);
    silence = setTimeout(() => socket.close(), socket.patience);
  });
  socket.addEventListener('error', () => on.error());
  socket.addEventListener('close', event => {
    clearTimeout(silence);
    on.close(event);
  });
  return socket;
}

/** Sends text as a message. */
export function send(socket, text, on) {
  socket.send('4' + text);
  on.packet('out', '4', text);
}
