// The panels of narrow windows: while one is open, the chat behind it is out of reach.

import {byID} from './dom.js';

const panels = [['show-rooms', 'side'], ['show-people', 'aside']];

export function closePanels() {
  byID('middle').inert = false;
  for (const [button, panel] of panels) {
    byID(panel).classList.remove('shown');
    byID(button).setAttribute('aria-expanded', 'false');
  }
}

for (const [button, panel] of panels) {
  byID(button).addEventListener('click', () => {
    const shown = byID(panel).classList.toggle('shown');
    byID(button).setAttribute('aria-expanded', String(shown));
    byID('middle').inert = shown;
    if (shown) byID(panel).querySelector('button, input')?.focus({preventScroll: true});
  });
}
byID('shade').addEventListener('click', closePanels);
for (const width of [720, 1020]) matchMedia(`(max-width: ${width}px)`).addEventListener('change', closePanels);
addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  const [button] = panels.find(([, panel]) => byID(panel).classList.contains('shown')) ?? [];
  if (button) {
    closePanels();
    byID(button).focus();
  }
});
