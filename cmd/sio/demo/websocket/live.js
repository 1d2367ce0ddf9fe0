// A plain WebSocket: open, message, error, close, and an update each 50 ms while bufferedAmount is 0.

import {byID} from '../dom.js';
import * as board from './board.js';
import {bytes, log, packet, showPackets} from './record.js';
import * as strip from './strip.js';
import {connect, send} from './wire.js';

const EVERY = 50;              // ms between two updates
const BALLAST = 16_000_000;      // bytes that "Stuff the line" sends
const PIECE = 64_000;          // in messages of this many
const AGAIN = [400, 800, 1600, 3000]; // ms until the next attempts
const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'];

const url = new URL('live/?EIO=4&transport=websocket', location.href);
url.protocol = url.protocol.replace('http', 'ws');

const {dataset} = document.body;
const counts = {sent: 0, held: 0, received: 0, reconnects: 0, n: 0};
let socket = null;
let ready = false;   // the open packet and the server's hello are here
let wanted = true;   // false once somebody pressed Close
let waiting = 0;     // bufferedAmount, before this tick added to it
let failed = 0;      // attempts in a row
let retry;

/* The four events */

function open() {
  clearTimeout(retry);
  state(failed || counts.sent ? 'reconnecting' : 'connecting');
  const mine = socket = connect(url, {
    packet,
    open: settings => log('page', 'message', `0, open: heartbeats every ${settings.pingInterval / 1000} s`),
    message: text => heard(JSON.parse(text)),
    error: () => log('page', 'error', 'why, the browser does not say'),
    close: event => closed(mine, event),
  });
  socket.addEventListener('open', () => log('page', 'open', ''));
}

function closed(which, event) {
  if (which !== socket) return;
  ready = false;
  board.clear();
  const how = `code ${event.code}${event.reason ? ` “${event.reason}”` : ''}, ${event.wasClean ? 'clean' : 'not clean'}`;
  log('page', 'close', how);
  if (!wanted) {
    state('closed');
    note('');
    return;
  }
  const wait = AGAIN[Math.min(failed++, AGAIN.length - 1)];
  state('reconnecting');
  note('No connection. A WebSocket does not come back by itself: this page makes a new one.');
  retry = setTimeout(open, wait);
}

function heard(m) {
  counts.received++;
  const who = `number ${m.id}`;
  switch (m.kind) {
    case 'hello':
      log('page', 'message', `4, hello: you are number ${m.id}`);
      board.begin(m.id, m.people);
      dataset.id = m.id;
      ready = true;
      if (dataset.state === 'reconnecting' && counts.sent) counts.reconnects++;
      failed = 0;
      counts.n = 0;
      state('connected');
      note('');
      break;
    case 'at':
      board.move(m);
      dataset.last = m.n;
      break;
    case 'open':
      board.move({id: m.id, x: 0.5, y: 0.5});
      log('server', 'open', who);
      break;
    case 'error':
      log('server', 'error', `${who}: ${m.reason}`);
      break;
    case 'close':
      board.leave(m.id);
      log('server', 'close', `${who}: ${m.reason}`);
      break;
    case 'beat':
      byID('rtt').textContent = `${m.rtt.toFixed(1)} ms`;
      byID('arrived').textContent = m.received.toLocaleString();
      byID('behind').textContent = (counts.n - m.n).toLocaleString();
      byID('dropped').textContent = `${m.dropped.toLocaleString()} of ${(m.sent + m.dropped).toLocaleString()}`;
      byID('server-buffered').textContent = bytes(m.buffered);
      break;
    case 'refused':
      log('server', 'error', m.reason);
      break;
  }
}

/* The updates. This is the whole of it: what cannot leave now is not sent, and the next one is newer. */

function update() {
  waiting = socket.bufferedAmount;
  const held = gentle() && waiting > 0;
  if (ready && socket.readyState === WebSocket.OPEN) {
    if (held) {
      counts.held++;
    } else {
      const {x, y} = board.where();
      send(socket, JSON.stringify({n: ++counts.n, x: +x.toFixed(4), y: +y.toFixed(4)}), {packet});
      counts.sent++;
    }
    strip.add(held, waiting);
  }
  Object.assign(dataset, counts, {buffered: waiting, readyState: socket.readyState, people: board.count()});
}

const gentle = () => byID('gentle').checked;

/* What one sees, five times a second */

function show() {
  const {readyState} = socket;
  byID('ready-state').textContent = `${readyState} ${STATES[readyState]}`;
  byID('buffered').textContent = bytes(waiting);
  byID('buffered').dataset.waits = waiting > 0;
  byID('sent').textContent = counts.sent.toLocaleString();
  byID('held').textContent = counts.held.toLocaleString();
  byID('received').textContent = counts.received.toLocaleString();
  byID('people').textContent = ready ? `${board.count() + 1} on the board` : '';
  byID('stuff').disabled = !ready || waiting > 0;
  showPackets();
  strip.draw();
}

function state(name) {
  dataset.state = name;
  byID('state').textContent = name;
  byID('toggle').textContent = name === 'closed' ? 'Open again' : 'Close';
  if (name !== 'connected') dataset.id = '';
}

function note(text) {
  byID('notice').textContent = text;
  byID('notice').hidden = !text;
}

/* What one can do */

byID('stuff').addEventListener('click', () => {
  const piece = new Uint8Array(PIECE); // binary: the server takes its time with it
  for (let left = BALLAST; left > 0; left -= PIECE) socket.send(piece);
  log('page', 'ballast', `${bytes(BALLAST)} at once, which the server reads slowly`);
});

byID('toggle').addEventListener('click', () => {
  wanted = !wanted;
  if (wanted) return open();
  clearTimeout(retry);
  if (socket.readyState === WebSocket.CLOSED) state('closed');
  note('');
  socket.close();
});

// A page that is kept for the button "back" has lost its connection.
addEventListener('pagehide', () => socket.close());
addEventListener('pageshow', event => { if (event.persisted && wanted) open(); });

open();
setInterval(update, EVERY);
setInterval(show, 200);
