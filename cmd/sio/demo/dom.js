// The few things every other file needs to touch the page. Text from people only
// ever becomes a text node, so nothing they write can turn into markup.

export const byID = id => document.getElementById(id);

/** el('li', {class: 'x', data: {kind: 'text'}, on: {click: f}}, 'text', node, …) */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'data') Object.assign(node.dataset, value);
    else if (name === 'on') for (const [event, f] of Object.entries(value)) node.addEventListener(event, f);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter(c => c != null));
  return node;
}

const SVG = 'http://www.w3.org/2000/svg';

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', '#i-' + name);
  svg.setAttribute('aria-hidden', 'true');
  svg.append(use);
  return svg;
}

/** A colour of one's own, the same on every screen: derived from the name. */
export function hueOf(name) {
  let h = 0;
  for (const c of name) h = (h * 31 + c.codePointAt(0)) % 3600;
  return (h * 137) % 360;
}

export function paintAvatar(node, name) {
  const words = name.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [name];
  const letters = words.length > 1 ? [words[0], words.at(-1)].map(w => [...w][0]) : [...words[0]].slice(0, 2);
  node.textContent = letters.join('').toUpperCase();
  node.style.setProperty('--hue', hueOf(name));
  return node;
}

export const avatar = name => paintAvatar(el('span', {class: 'avatar', 'aria-hidden': 'true'}), name);

const clock = new Intl.DateTimeFormat(undefined, {hour: 'numeric', minute: '2-digit'});

export function timeOf(ms) {
  const date = new Date(ms);
  return el('time', {datetime: date.toISOString(), title: date.toLocaleString()}, clock.format(date));
}
