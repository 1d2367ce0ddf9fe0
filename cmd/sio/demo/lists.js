// The lists at the sides: rooms, private conversations, people.

import {avatar, byID, el, icon} from './dom.js';

/** rooms: [{name, people}]; joined: Map name → Conversation; act: {open, part}. */
export function showRooms(rooms, joined, current, act) {
  const names = new Map(rooms.map(r => [r.name, r.people]));
  for (const name of joined.keys()) if (!names.has(name)) names.set(name, 0);
  const order = [...names.keys()].sort((a, b) => (b === 'lobby') - (a === 'lobby') || a.localeCompare(b));
  replace(byID('rooms'), order.map(name => {
    const conversation = joined.get(name);
    const people = names.get(name);
    const row = el('li', {data: {room: name, joined: String(Boolean(conversation)), unread: conversation?.unread ?? 0}},
      el('button', {class: 'open', type: 'button', 'aria-current': conversation && conversation === current ? 'true' : null, on: {click: () => act.open(name)}},
        el('span', {class: 'hash', 'aria-hidden': 'true'}, '#'),
        el('span', {class: 'label'}, name),
        unread(conversation),
        conversation
          ? el('span', {class: 'count', title: count(people)}, String(people), el('span', {class: 'unseen'}, people === 1 ? ' person' : ' people'))
          : el('span', {class: 'join-hint'}, 'Join')));
    if (conversation) {
      row.append(el('button', {class: 'part icon', type: 'button', 'aria-label': `Leave ${name}`, title: 'Leave the room', on: {click: () => act.part(name)}}, icon('close')));
    }
    return row;
  }));
}

export function showPrivates(privates, current, act) {
  byID('no-privates').hidden = privates.size > 0;
  replace(byID('privates'), [...privates.values()].map(c =>
    el('li', {data: {person: c.id, unread: c.unread}},
      el('button', {class: 'open', type: 'button', 'aria-current': c === current ? 'true' : null, on: {click: () => act.open(c)}},
        avatar(c.title), el('span', {class: 'label'}, c.title), unread(c)),
      el('button', {class: 'part icon', type: 'button', 'aria-label': `Close the conversation with ${c.title}`, title: 'Close', on: {click: () => act.part(c)}}, icon('close')))));
}

export function showPeople(people, you, act) {
  const order = [...people].sort((a, b) => (b.id === you.id) - (a.id === you.id) || a.name.localeCompare(b.name));
  replace(byID('people'), order.map(p => {
    const self = p.id === you.id;
    const inside = [avatar(p.name), el('span', {class: 'label'}, p.name), self ? el('span', {class: 'note'}, 'you') : null];
    return el('li', {data: {person: p.id, name: p.name, you: String(self)}},
      self
        ? el('div', {class: 'open'}, ...inside)
        : el('button', {class: 'open', type: 'button', title: `Write to ${p.name} alone`, on: {click: () => act.open(p)}}, ...inside));
  }));
}

export const count = n => n === 1 ? '1 person' : `${n} people`;

const unread = c => c?.unread
  ? el('span', {class: 'unread'}, c.unread > 99 ? '99+' : String(c.unread), el('span', {class: 'unseen'}, ' unread'))
  : null;

// A list is drawn anew at each change; the row that had the focus gets it back.
function replace(list, rows) {
  const active = list.contains(document.activeElement) ? document.activeElement : null;
  const at = active && [...list.children].find(row => row.contains(active));
  list.replaceChildren(...rows);
  if (!at) return;
  const same = rows.find(row => (row.dataset.room ?? row.dataset.person) === (at.dataset.room ?? at.dataset.person));
  same?.querySelector(active.classList.contains('part') ? '.part' : '.open')?.focus();
}
