// The connection: one client of the official shape, and the panel that tells what it does.

import {byID} from './dom.js';

const query = new URLSearchParams(location.search);
const latencies = [];
let since = 0;
let attempt = 0;

export const pollingOnly = () => byID('polling-only').checked;

/** Makes a socket. auth: what the server asks for; on: {event: function}. */
export function open(auth, on) {
  const transports = pollingOnly() ? ['polling'] : ['polling', 'websocket'];
  // forceNew: the switch needs a connection of its own, not the one kept from before.
  const socket = io({transports, auth, forceNew: true, reconnectionDelay: 400, reconnectionDelayMax: 4000});
  for (const [event, f] of Object.entries(on)) socket.on(event, f);
  show('connecting');

  const manager = socket.io;
  manager.on('open', () => {
    since = performance.now();
    transport(manager.engine.transport.name, pollingOnly() ? 'off' : manager.engine.transport.name === 'polling' ? 'pending' : 'none');
    manager.engine.on('upgrade', () => {
      transport(manager.engine.transport.name, 'done', Math.round(performance.now() - since));
    });
  });
  socket.on('connect', () => {
    attempt = 0;
    show('connected');
    document.body.dataset.sid = socket.id;
    byID('session').textContent = socket.id;
    byID('session').title = socket.id;
  });
  socket.on('disconnect', () => {
    lost();
    show(socket.active ? 'reconnecting' : 'disconnected');
  });
  socket.on('connect_error', () => show(socket.active ? 'reconnecting' : 'disconnected'));
  manager.on('reconnect_attempt', n => {
    attempt = n;
    show('reconnecting');
  });
  manager.on('reconnect', () => {
    document.body.dataset.reconnects = Number(document.body.dataset.reconnects) + 1;
  });
  manager.on('ping', () => {
    const panel = byID('chat');
    panel.classList.remove('beat');
    void panel.offsetWidth; // a class taken off and put back at once would not restart the animation
    panel.classList.add('beat');
  });
  return socket;
}

/** Cuts the connection under the socket, which then finds its own way back. */
export const drop = socket => socket.io.engine.close();

/** Ends the connection for good, as a lost network would: without a word. Resolves when it is closed. */
export function abandon(socket) {
  return new Promise(done => {
    if (!socket.connected) {
      socket.disconnect();
      return done();
    }
    socket.once('disconnect', () => {
      socket.disconnect(); // it is down already: this only keeps it from coming back
      done();
    });
    drop(socket);
  });
}

function show(state) {
  document.body.dataset.state = state;
  const words = state === 'reconnecting' && attempt > 1 ? `reconnecting (${attempt})` : state;
  if (byID('state').textContent !== words) byID('state').textContent = words;
  chip();
}

function lost() {
  document.body.dataset.sid = '';
  byID('session').textContent = '–';
  transport('none', 'none');
}

function transport(name, upgrade, ms) {
  document.body.dataset.transport = name;
  document.body.dataset.upgrade = upgrade;
  byID('transport').textContent = {polling: 'HTTP polling', websocket: 'WebSocket', none: '–'}[name] ?? name;
  byID('upgrade').textContent = {
    none: '–',
    off: 'not asked for',
    pending: 'under way',
    done: `done in ${ms} ms`,
  }[upgrade];
  chip();
}

/** The round trip the server measured with its last heartbeat, in milliseconds. */
export function latency(ms) {
  latencies.push(ms);
  if (latencies.length > 40) latencies.shift();
  byID('latency').textContent = inWords(ms);
  byID('latency').dataset.ms = ms;
  const top = Math.max(...latencies) * 1.15 || 1;
  const step = 120 / Math.max(1, latencies.length - 1);
  const points = latencies.map((v, i) => `${(i * step).toFixed(1)} ${(27 - v / top * 25).toFixed(1)}`);
  if (points.length === 1) points.push(`120 ${points[0].split(' ')[1]}`);
  const path = 'M' + points.join('L');
  byID('spark').querySelector('.line').setAttribute('d', path);
  byID('spark').querySelector('.area').setAttribute('d', path + 'V28H0Z');
  chip();
}

const inWords = ms => ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;

function chip() {
  const {state, transport} = document.body.dataset;
  const parts = [state === 'connected' ? {polling: 'Polling', websocket: 'WebSocket'}[transport] : state];
  if (state === 'connected' && latencies.length) parts.push(inWords(latencies.at(-1)));
  byID('chip').textContent = parts.filter(Boolean).join(' · ');
}

/** Ties the switch to the address, so that a reload and a shared link keep it. */
export function bindSwitch(changed) {
  const box = byID('polling-only');
  box.checked = query.get('transport') === 'polling';
  box.addEventListener('change', () => {
    const url = new URL(location.href);
    if (box.checked) url.searchParams.set('transport', 'polling');
    else url.searchParams.delete('transport');
    history.replaceState(null, '', url);
    changed();
  });
}
