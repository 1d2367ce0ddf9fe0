// Who is writing: signs that are sent now and then, and fade by themselves.

import {byID, el} from './dom.js';

const EVERY = 1500;   // ms between two signs of typing
const LASTS = 4000;   // ms until a sign fades
let signedAt = 0;
let shown = null;     // the conversation that one sees

/** Calls emit if the others should hear that you write, or no longer do. */
export function sign(on, emit) {
  const now = Date.now();
  if (on ? now - signedAt < EVERY : !signedAt) return;
  signedAt = on ? now : 0;
  emit(on);
}

/** Forgets the last sign: the next one is the first in another conversation. */
export const forget = () => { signedAt = 0; };

export function heard(conversation, from, on) {
  stop(conversation, from.id);
  if (on) conversation.typing.set(from.id, {name: from.name, timer: setTimeout(stop, LASTS, conversation, from.id)});
  draw();
}

export function stop(conversation, id) {
  clearTimeout(conversation.typing.get(id)?.timer);
  if (conversation.typing.delete(id)) draw();
}

/** Shows who writes in a conversation, which may be null, and from then on keeps that up to date. */
export function show(conversation) {
  shown = conversation;
  draw();
}

function draw() {
  const names = shown ? [...shown.typing.values()].map(t => t.name) : [];
  const words = {0: '', 1: `${names[0]} is typing`, 2: `${names[0]} and ${names[1]} are typing`}[names.length] ?? `${names.length} people are typing`;
  byID('typing').replaceChildren(...(words ? [el('span', {class: 'dots', 'aria-hidden': 'true'}, el('i'), el('i'), el('i')), words] : []));
}
