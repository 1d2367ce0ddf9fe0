// An image on its way out: checked, and scaled down if it is larger than the server takes.

import {byID} from './dom.js';

const KINDS = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** Returns {blob, name}; throws an Error whose message is fit for people. limit: bytes. */
export async function prepare(file, limit) {
  if (!KINDS.includes(file.type)) throw new Error('Only PNG, JPEG, GIF and WebP images can be sent.');
  const name = file.name || 'image';
  if (file.size <= limit) return {blob: file, name};
  if (file.type === 'image/gif') throw new Error(`This GIF is larger than ${inWords(limit)}.`);
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error('This file cannot be read as an image.');
  }
  try {
    for (let side = 2048; side >= 256; side /= 2) {
      const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
      const canvas = document.createElement('canvas');
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise(done => canvas.toBlob(done, 'image/jpeg', .85));
      if (blob && blob.size <= limit) return {blob, name: name.replace(/\.\w+$/, '') + '.jpg'};
    }
  } finally {
    bitmap.close();
  }
  throw new Error(`This image could not be made smaller than ${inWords(limit)}.`);
}

export function inWords(bytes) {
  return bytes >= 1e6 ? `${+(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e3)} kB`;
}

/** Calls take with each file that somebody chooses, pastes or drops. */
export function offered(take) {
  byID('attach').addEventListener('click', () => byID('file').click());
  byID('file').addEventListener('change', () => {
    take(byID('file').files[0]);
    byID('file').value = '';
  });
  byID('text').addEventListener('paste', event => {
    const file = [...event.clipboardData.files].find(f => f.type.startsWith('image/'));
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  const middle = byID('middle');
  middle.addEventListener('dragover', event => {
    event.preventDefault();
    middle.classList.add('dropping');
  });
  middle.addEventListener('dragleave', () => middle.classList.remove('dropping'));
  middle.addEventListener('drop', event => {
    event.preventDefault();
    middle.classList.remove('dropping');
    take(event.dataTransfer.files[0]);
  });
}
