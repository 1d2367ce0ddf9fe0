// The board: a point for everybody, drawn sixty times a second from updates that come twenty times.

import {byID} from '../dom.js';

const TRAIL = 900;      // ms that a trail stays
const STEP = 0.02;      // of the board, for one press of an arrow key
const still = matchMedia('(prefers-reduced-motion: reduce)');

const canvas = byID('board');
const people = new Map(); // id → {x, y: what was heard last, sx, sy: where it is drawn, trail}
const you = {x: 0.5, y: 0.5};
let yourID = 0;
let own = false;          // the pointer, or a key, has taken over

export const hue = id => (id * 137 + 20) % 360; // the golden angle: neighbours differ

/** Where you are now. Until somebody touches the board, it moves by itself, so that there is something to see. */
export function where(now = performance.now()) {
  if (!own && !still.matches) {
    const t = now / 1000 + yourID * 1.7;
    you.x = 0.5 + 0.36 * Math.sin(t * 0.9);
    you.y = 0.5 + 0.34 * Math.sin(t * 1.3 + yourID);
  }
  return you;
}

export function begin(id, others) {
  yourID = id;
  people.clear();
  for (const p of others) move(p);
}

export function move({id, x, y}) {
  const p = people.get(id);
  if (p) Object.assign(p, {x, y});
  else people.set(id, {x, y, sx: x, sy: y, trail: []});
}

export const leave = id => people.delete(id);
export const clear = () => people.clear();
export const count = () => people.size;

function point(event) {
  const box = canvas.getBoundingClientRect();
  own = true;
  you.x = clamp((event.clientX - box.left) / box.width);
  you.y = clamp((event.clientY - box.top) / box.height);
}

const clamp = v => Math.min(1, Math.max(0, v));
canvas.addEventListener('pointermove', point);
canvas.addEventListener('pointerdown', point);
canvas.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse') own = false; });
canvas.addEventListener('keydown', event => {
  const [dx, dy] = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key] ?? [];
  if (dx === undefined) return;
  event.preventDefault();
  own = true;
  you.x = clamp(you.x + dx * STEP);
  you.y = clamp(you.y + dy * STEP);
});

const trail = []; // your own
let ink = {};

/** The colours of the page, read once for each change of theme. */
function readColours() {
  const style = getComputedStyle(document.documentElement);
  ink = Object.fromEntries(['ink', 'surface'].map(name => [name, style.getPropertyValue('--' + name)]));
  ink.dark = matchMedia('(prefers-color-scheme: dark)').matches;
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', readColours);
readColours();

const colour = (id, alpha = 1) => `hsl(${hue(id)} ${ink.dark ? '55% 64%' : '62% 40%'} / ${alpha})`;

function draw(now) {
  const box = canvas.getBoundingClientRect(), scale = devicePixelRatio;
  const w = Math.round(box.width * scale), h = Math.round(box.height * scale);
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, {width: w, height: h});
  const g = canvas.getContext('2d');
  g.setTransform(scale, 0, 0, scale, 0, 0);
  g.clearRect(0, 0, box.width, box.height);
  for (const [id, p] of people) {
    // A third of the way in each frame: the twenty steps of a second become one movement.
    p.sx += (p.x - p.sx) / 3;
    p.sy += (p.y - p.sy) / 3;
    mark(g, box, id, p.sx, p.sy, p.trail, now, String(id));
  }
  const me = where(now);
  mark(g, box, yourID, me.x, me.y, trail, now, 'You');
  requestAnimationFrame(draw);
}

function mark(g, {width, height}, id, x, y, trail, now, label) {
  if (!still.matches) trail.push([x, y, now]);
  while (trail.length && now - trail[0][2] > TRAIL) trail.shift();
  for (let i = 1; i < trail.length; i++) {
    const age = 1 - (now - trail[i][2]) / TRAIL;
    g.strokeStyle = colour(id, age * 0.5);
    g.lineWidth = 1 + age * 5;
    g.beginPath();
    g.moveTo(trail[i - 1][0] * width, trail[i - 1][1] * height);
    g.lineTo(trail[i][0] * width, trail[i][1] * height);
    g.stroke();
  }
  const px = x * width, py = y * height;
  g.beginPath();
  g.arc(px, py, 8, 0, 7);
  g.fillStyle = colour(id);
  g.fill();
  g.lineWidth = 2.5;
  g.strokeStyle = ink.surface;
  g.stroke();
  g.font = '600 12px system-ui, sans-serif';
  const size = g.measureText(label).width, left = px + size + 20 > width ? px - size - 14 : px + 14;
  g.fillStyle = ink.ink;
  g.fillText(label, left, Math.min(height - 6, Math.max(12, py + 4)));
}

requestAnimationFrame(draw);
