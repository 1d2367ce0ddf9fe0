// The strip: one column for each tick of 50 ms. Sent or held back, and how much waited.

import {byID} from '../dom.js';

const TICKS = 200; // ten seconds
const FULL = 4000; // bytes that fill the height, at the least
const canvas = byID('strip');
const ticks = [];

export function add(held, buffered) {
  ticks.push({held, buffered});
  if (ticks.length > TICKS) ticks.shift();
}

export function draw() {
  const style = getComputedStyle(document.documentElement);
  const colour = name => style.getPropertyValue('--' + name);
  const {width, height} = canvas.getBoundingClientRect(), scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const g = canvas.getContext('2d');
  g.scale(scale, scale);
  const step = width / TICKS, foot = 7, top = height - foot - 3;
  const most = Math.max(FULL, ...ticks.map(t => t.buffered));
  ticks.forEach((t, i) => {
    const x = width - (ticks.length - i) * step;
    g.fillStyle = colour(t.held ? 'warn' : 'accent');
    g.fillRect(x, height - foot, Math.max(1, step - 0.6), foot);
    if (!t.buffered) return;
    const tall = Math.max(1.5, t.buffered / most * (top - 2));
    g.globalAlpha = 0.35;
    g.fillRect(x, top - tall, step + 0.3, tall);
    g.globalAlpha = 1;
  });
  g.fillStyle = colour('line');
  g.fillRect(0, top, width, 1);
}
