// A conversation is a room or a private exchange: its messages, and what is unread.

import {avatar, byID, el, hueOf, icon, timeOf} from './dom.js';

// The page keeps this many lines and this many images of each conversation; a tab
// left open for a week stays small.
const MAX_LINES = 400;
const MAX_IMAGES = 30;

const TICKS = {
  sending: 'Sending',
  sent: 'Received by the server',
  delivered: 'Delivered',
  failed: 'Not delivered',
};

export class Conversation {
  constructor(kind, id, title) {
    Object.assign(this, {kind, id, title, unread: 0, draft: '', people: [], peopleRev: 0});
    this.key = kind + ':' + id;
    this.seen = new Set();    // message ids shown, so that history after a reconnect adds only what is missing
    this.typing = new Map();  // person id → {name, timer}
    this.list = el('ol', {data: {conversation: this.key}, hidden: true}, this.#blank());
    byID('log').append(this.list);
  }

  #blank() {
    return this.kind === 'room'
      ? el('p', {class: 'blank'}, el('strong', {}, 'Quiet in here'), 'Write the first line, or open a second window and answer yourself.')
      : el('p', {class: 'blank'}, el('strong', {}, 'Only the two of you'), 'The double tick appears once the message has reached the other screen.');
  }

  /** m: {id, from: {id, name}, text | url, name, at}; own: written by this person. Returns the line, or null if it is there already. */
  add(m, own) {
    if (m.id && this.seen.has(m.id)) return null;
    if (m.id) this.seen.add(m.id);
    const picture = m.url !== undefined;
    const line = el('li', {data: {kind: picture ? 'image' : 'text', own: String(own), from: m.from.id}});
    if (m.id) line.dataset.id = m.id;
    line.style.setProperty('--hue', hueOf(m.from.name));
    const meta = el('span', {class: 'meta'}, timeOf(m.at));
    const bubble = el('div', {class: 'bubble'});
    if (picture) {
      const name = m.name || 'image';
      const image = el('img', {src: m.url, alt: `Image from ${m.from.name}: ${name}`});
      image.addEventListener('error', () => {
        bubble.classList.add('broken');
        bubble.firstChild.replaceChildren('This image cannot be shown.');
        bubble.firstChild.disabled = true;
      });
      bubble.classList.add('photo');
      bubble.append(el('button', {type: 'button', 'aria-label': `Enlarge the image ${name} from ${m.from.name}`, on: {click: () => enlarge(image)}}, image));
    } else {
      bubble.append(el('span', {class: 'text'}, m.text));
    }
    bubble.append(meta);
    line.append(avatar(m.from.name), el('span', {class: 'who'}, m.from.name), bubble);
    this.#append(line);
    return line;
  }

  /** A line of the room itself: somebody came, went, or found the way back. */
  system(event, text, at = Date.now()) {
    this.#append(el('li', {data: {kind: 'system', event}}, el('span', {}, text), timeOf(at)));
  }

  #append(line) {
    const log = byID('log');
    const following = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    // Lines of one person in a row form a group: the name above the first, the face beside the last.
    const before = this.list.lastElementChild;
    const grouped = before?.dataset.from !== undefined && before.dataset.from === line.dataset.from;
    if (grouped) before.classList.remove('last');
    line.classList.toggle('first', !grouped);
    line.classList.add('last');
    this.list.append(line);
    this.#trim();
    if (!this.list.hidden && (following || line.dataset.own === 'true')) this.toEnd();
    line.querySelector('img')?.addEventListener('load', () => { if (following && !this.list.hidden) this.toEnd(); }, {once: true});
  }

  #trim() {
    const lines = this.list.querySelectorAll('li');
    if (lines.length > MAX_LINES) this.#discard(lines[0]);
    const images = this.list.querySelectorAll('li[data-kind=image]');
    if (images.length > MAX_IMAGES) this.#discard(images[0]);
  }

  #discard(line) {
    const image = line.querySelector('img');
    if (image) URL.revokeObjectURL(image.src);
    this.seen.delete(line.dataset.id);
    line.remove();
  }

  toEnd() {
    const log = byID('log');
    log.scrollTop = log.scrollHeight;
  }

  discard() {
    for (const image of this.list.querySelectorAll('img')) URL.revokeObjectURL(image.src);
    for (const {timer} of this.typing.values()) clearTimeout(timer);
    this.list.remove();
  }
}

/** state: sending | sent | delivered | failed; why: what to tell the writer of a failed line. */
export function tick(line, state, why) {
  if (!line) return;
  line.dataset.tick = state;
  const meta = line.querySelector('.meta');
  meta.querySelector('.tick')?.remove();
  meta.append(el('span', {class: 'tick', role: 'img', 'aria-label': TICKS[state], title: why || TICKS[state]}, icon(state)));
  line.querySelector('.why')?.remove();
  if (why) line.append(el('p', {class: 'why'}, why));
}

function enlarge(image) {
  const dialog = byID('picture');
  const large = dialog.querySelector('img');
  large.src = image.src;
  large.alt = image.alt;
  dialog.showModal();
}
