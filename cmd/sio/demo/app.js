// The chat: what arrives goes to a conversation, what is written goes to the server.

import {Conversation, tick} from './conversation.js';
import {byID, paintAvatar} from './dom.js';
import * as link from './link.js';
import {count, showPeople, showPrivates, showRooms} from './lists.js';
import {closePanels} from './panels.js';
import {inWords, offered, prepare} from './pictures.js';
import {remembered} from './remembered.js';
import * as typing from './typing.js';

const ANSWER_WITHIN = 8000;  // ms the server has for an acknowledgement
const SHOWN_AS = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

const query = new URLSearchParams(location.search);
const joined = new Map();    // room name → Conversation
const privates = new Map();  // person id → Conversation
const waiting = [];          // what was written while there was no connection
let socket = null;
let current = null;
let ready = false;           // connected, and back in one's rooms
let you = {id: '', name: ''};
let limits = {text: 1000, image: 1e6};
let rooms = [];
let roomsRev = 0;

/* Coming in and going out */

function connect(name) {
  ready = false;
  socket = link.open({name, token: remembered.token}, {
    connect: enter, disconnect, connect_error: refused, welcome, rooms: onRooms, who: onWho,
    message: onMessage, image: onImage, system: onSystem, typing: onTyping, private: onPrivate,
    latency: m => link.latency(m.ms),
  });
}

function welcome(m) {
  ({you, limits} = m);
  remembered.name = you.name;
  byID('you-name').textContent = you.name;
  paintAvatar(byID('you-avatar'), you.name);
  byID('text').maxLength = limits.text;
  byID('new-room').maxLength = limits.room;
  byID('image-limit').textContent = `Images up to ${inWords(limits.image)}, larger ones are scaled down.`;
  byID('entry').hidden = true;
  byID('chat').hidden = false;
  roomsRev = 0; // a server that was started anew counts from the beginning
  for (const c of joined.values()) c.peopleRev = 0;
  onRooms(m);
}

async function enter() {
  const first = joined.size === 0 && privates.size === 0;
  const names = joined.size ? [...joined.keys()] : [query.get('room') || 'lobby'];
  for (const name of names) await join(name, {show: first, fallback: first});
  ready = true;
  note('');
  for (const send of waiting.splice(0)) send();
  if (first) byID('text').focus();
}

function disconnect(why) {
  ready = false;
  if (!socket.active) return;
  current?.system('offline', `Connection lost (${why}), trying again`);
  note('No connection. What you write now is sent when it is back.');
}

function refused(error) {
  if (socket.active) { // the network, not a verdict: the client goes on trying
    note('The server cannot be reached. Trying again.');
    byID('entry-error').textContent = byID('chat').hidden ? 'The server cannot be reached. Trying again.' : '';
    return;
  }
  leave(error.message);
}

function leave(message = '') {
  socket?.disconnect();
  socket = null;
  ready = false;
  for (const c of [...joined.values(), ...privates.values()]) c.discard();
  joined.clear();
  privates.clear();
  waiting.length = 0;
  current = null;
  remembered.name = '';
  note('');
  closePanels();
  document.body.dataset.state = 'entry';
  byID('chat').hidden = true;
  byID('entry').hidden = false;
  byID('entry-error').textContent = message;
  byID('enter').disabled = false;
  byID('name').focus();
}

/** Asks the server; rejects with a message fit for people. */
function ask(event, ...args) {
  return new Promise((resolve, reject) => {
    socket.timeout(ANSWER_WITHIN).emit(event, ...args, (error, answer) => {
      if (error) reject(new Error(`No answer within ${ANSWER_WITHIN / 1000} seconds.`));
      else if (answer?.error) reject(new Error(answer.error.message));
      else resolve(answer ?? {});
    });
  });
}

/* Rooms */

async function join(name, {show = true, fallback = false} = {}) {
  byID('room-error').textContent = '';
  try {
    const answer = await ask('join', name);
    const conversation = joined.get(answer.room) ?? new Conversation('room', answer.room, answer.room);
    joined.set(answer.room, conversation);
    for (const m of answer.history) conversation.add(m, m.from.id === you.id);
    onWho(answer);
    if (show) open(conversation);
    drawLists();
  } catch (error) {
    if (fallback && name !== 'lobby') return join('lobby', {show});
    joined.get(name)?.system('offline', error.message);
    byID('room-error').textContent = error.message;
  }
}

async function part(name) {
  try {
    await ask('leave', name);
  } catch (error) {
    return void (byID('room-error').textContent = error.message);
  }
  const conversation = joined.get(name);
  joined.delete(name);
  close(conversation);
}

function close(conversation) {
  conversation?.discard();
  if (current === conversation) open([...joined.values(), ...privates.values()].at(-1) ?? null);
  drawLists();
}

function open(conversation) {
  if (current) {
    current.draft = byID('text').value;
    current.list.hidden = true;
  }
  if (current !== conversation) typing.forget();
  current = conversation;
  const text = byID('text');
  text.value = current?.draft ?? '';
  text.placeholder = current ? (current.kind === 'room' ? `Message to #${current.title}` : `Message to ${current.title} alone`) : 'Join a room to write';
  text.disabled = !current;
  byID('attach').disabled = current?.kind !== 'room';
  if (current) {
    current.unread = 0;
    current.list.hidden = false;
    current.toEnd();
  }
  closePanels();
  grow();
  draw();
  if (matchMedia('(hover: hover)').matches) text.focus();
}

function onRooms(m) {
  if (m.rev < roomsRev) return; // two changes at once may arrive in either order
  roomsRev = m.rev;
  rooms = m.rooms;
  draw();
}

function onWho(m) {
  const conversation = joined.get(m.room);
  if (!conversation || m.rev < conversation.peopleRev) return;
  conversation.peopleRev = m.rev;
  conversation.people = m.people;
  for (const id of conversation.typing.keys()) if (!m.people.some(p => p.id === id)) typing.stop(conversation, id);
  draw();
}

function onSystem(m) {
  const conversation = joined.get(m.room);
  if (!conversation) return;
  const self = m.who.id === you.id;
  const subject = self ? 'You' : m.who.name;
  const text = {
    join: `${subject} joined`,
    leave: `${subject} left`,
    lost: `${subject} lost the connection`,
    reconnect: `${subject} ${self ? 'are' : 'is'} back after ${seconds(m.away)}`,
  }[m.kind];
  if (text) conversation.system(m.kind, text, m.at);
}

const seconds = ms => ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : ms < 120e3 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60e3)} min`;

/* Messages */

function received(conversation, m) {
  if (!conversation) return;
  if (m.from) typing.stop(conversation, m.from.id);
  const own = m.from.id === you.id;
  if (!conversation.add(m, own)) return;
  if (!own && (conversation !== current || document.hidden)) conversation.unread++;
  drawLists();
}

const onMessage = m => received(joined.get(m.room), m);

function onImage(m, bytes) {
  if (!SHOWN_AS.includes(m.type)) return;
  received(joined.get(m.room), {...m, url: URL.createObjectURL(new Blob([bytes], {type: m.type}))});
}

function onPrivate(m, ack) {
  if (!privates.has(m.from.id)) privates.set(m.from.id, new Conversation('private', m.from.id, m.from.name));
  received(privates.get(m.from.id), m);
  ack({received: true});
}

function write(text) {
  const to = current;
  const line = to.add({from: you, text, at: Date.now()}, true);
  const request = to.kind === 'room' ? ['message', {room: to.id, text}] : ['private', {to: to.id, text}];
  deliver(to, line, () => ask(...request));
}

async function picture(file) {
  const to = current;
  if (to?.kind !== 'room' || !file) return;
  try {
    const {blob, name} = await prepare(file, limits.image);
    const line = to.add({from: you, url: URL.createObjectURL(blob), name, at: Date.now()}, true);
    const bytes = await blob.arrayBuffer();
    deliver(to, line, () => ask('image', {room: to.id, name: name.slice(0, 100)}, bytes));
  } catch (error) {
    to.system('offline', error.message);
  }
}

function deliver(conversation, line, send) {
  tick(line, 'sending');
  const attempt = async () => {
    try {
      const answer = await send();
      line.dataset.id = answer.id;
      conversation.seen.add(answer.id);
      tick(line, answer.delivered ? 'delivered' : 'sent');
    } catch (error) {
      tick(line, 'failed', error.message);
      if (conversation === current) conversation.toEnd();
    }
  };
  if (ready) attempt();
  else waiting.push(attempt);
}

/* Typing: volatile, since a sign that comes late is worth nothing */

function sign(on) {
  if (!ready || current?.kind !== 'room') return;
  typing.sign(on, on => socket.volatile.emit('typing', {room: current.id, on}));
}

function onTyping(m) {
  const conversation = joined.get(m.room);
  if (conversation && m.from.id !== you.id) typing.heard(conversation, m.from, m.on);
}

/* Drawing */

function draw() {
  const room = current?.kind === 'room';
  byID('title').textContent = current?.title ?? 'No conversation';
  byID('subtitle').textContent = room ? count(current.people.length) + ' here' : current ? 'Private, only the two of you' : 'Join a room at the left';
  byID('people-title').textContent = room ? 'In this room' : 'People';
  showPeople(room ? current.people : current ? [{id: current.id, name: current.title}, you] : [], you, {open: talkTo});
  drawLists();
  typing.show(current);
}

function drawLists() {
  showRooms(rooms, joined, current, {open: name => joined.has(name) ? open(joined.get(name)) : join(name), part});
  showPrivates(privates, current, {open, part: c => { privates.delete(c.id); close(c); }});
  const unread = [...joined.values(), ...privates.values()].reduce((sum, c) => sum + c.unread, 0);
  document.title = (unread ? `(${unread}) ` : '') + 'Chat · Socket.IO for Go';
}

function talkTo(person) {
  if (!privates.has(person.id)) privates.set(person.id, new Conversation('private', person.id, person.name));
  open(privates.get(person.id));
}

function note(text) {
  byID('notice').textContent = text;
  byID('notice').hidden = !text;
}

function grow() {
  const text = byID('text');
  text.style.height = 'auto';
  text.style.height = text.scrollHeight + 'px';
  byID('send').disabled = !current || !text.value.trim();
}

/* What people do */

byID('entry-form').addEventListener('submit', event => {
  event.preventDefault();
  const name = byID('name').value.trim();
  byID('entry-error').textContent = name ? '' : 'Choose a name first.';
  if (!name) return;
  byID('enter').disabled = true;
  socket?.disconnect();
  connect(name);
});
byID('quit').addEventListener('click', () => leave());

byID('create-room').addEventListener('submit', event => {
  event.preventDefault();
  const name = byID('new-room').value.trim();
  if (!name) return byID('new-room').focus();
  byID('new-room').value = '';
  if (joined.has(name)) open(joined.get(name));
  else join(name);
});

const text = byID('text');
text.addEventListener('input', () => {
  grow();
  sign(text.value.trim() !== '');
});
text.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byID('composer').requestSubmit();
});
byID('composer').addEventListener('submit', event => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words || !current) return;
  text.value = '';
  grow();
  sign(false);
  write(words);
  text.focus();
});

offered(picture);

// The end stays in sight when the window shrinks, above all when a phone shows its keyboard.
const log = byID('log');
let atEnd = true;
log.addEventListener('scroll', () => { atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80; }, {passive: true});
new ResizeObserver(() => { if (atEnd) current?.toEnd(); }).observe(log);

byID('picture').addEventListener('click', event => {
  if (event.target.tagName !== 'IMG') byID('picture').close();
});
byID('drop').addEventListener('click', () => socket && link.drop(socket));
link.bindSwitch(async () => {
  if (!socket) return;
  await link.abandon(socket);
  connect(you.name);
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden || !current) return;
  current.unread = 0;
  drawLists();
});
addEventListener('pagehide', () => socket?.disconnect());
addEventListener('pageshow', event => { if (event.persisted && socket) socket.connect(); });

if (typeof io === 'undefined') {
  byID('entry-error').textContent = 'The client script did not load: is /socket.io/socket.io.js served?';
  byID('enter').disabled = true;
} else if (remembered.name) {
  byID('name').value = remembered.name;
  byID('enter').disabled = true;
  connect(remembered.name);
} else {
  byID('name').value = query.get('name') ?? '';
}
