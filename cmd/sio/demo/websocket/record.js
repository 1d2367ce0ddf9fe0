// What there is to read beside the board: the packets, and the log of events.

import {byID, el} from '../dom.js';

const LINES = 80;    // events kept
const NAMES = {0: 'open', 2: 'ping', 3: 'pong', 4: 'message'};
const packets = new Map(); // "in4" → {row, count, last}

export function packet(direction, type, rest) {
  const key = direction + type;
  let p = packets.get(key);
  if (!p) {
    const cells = {count: el('td', {class: 'number'}, '0'), last: el('td', {class: 'mono last', hidden: !rest})};
    const row = el('tr', {data: {packet: key}},
      el('td', {class: 'way', title: direction === 'in' ? 'received' : 'sent'}, direction === 'in' ? '←' : '→', el('span', {class: 'unseen'}, direction === 'in' ? ' received' : ' sent')),
      el('th', {scope: 'row'}, el('code', {}, type), ' ', NAMES[type] ?? ''), cells.count, cells.last);
    packets.set(key, p = {...cells, row, n: 0, text: ''});
    byID('packets').append(row);
  }
  p.n++;
  // The id of a session speaks for its client, and does not belong on screens.
  p.text = type + (type === '0' ? rest.replace(/"sid":"[^"]*"/, '"sid":"…"') : rest);
}

/** Writes down what the packets have become: as often as one can read, not as often as they come. */
export function showPackets() {
  for (const p of packets.values()) {
    p.count.textContent = p.n.toLocaleString();
    if (p.last.textContent !== p.text) p.last.textContent = p.text;
  }
}

const clock = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'});

/** log('page' | 'server', event, what it means) */
export function log(side, event, words = '') {
  const now = new Date();
  const list = byID('log');
  list.prepend(el('li', {data: {side, event}},
    el('time', {datetime: now.toISOString()}, clock.format(now)),
    el('span', {class: 'side'}, side),
    el('span', {}, el('strong', {}, event), ' ', words)));
  while (list.children.length > LINES) list.lastChild.remove();
}

export function bytes(n) {
  if (n < 1000) return `${n} bytes`;
  return n < 1e6 ? `${(n / 1000).toFixed(n < 1e4 ? 1 : 0)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}
