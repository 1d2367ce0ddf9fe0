// pattern is the content `make` sends: byte i is i mod 251.
export function pattern(size) {
  const bytes = Buffer.allocUnsafe(size);
  for (let i = 0; i < size; i++) bytes[i] = i % 251;
  return bytes;
}

// checksum is what `inspect` answers.
export function checksum(bytes) {
  let sum = 0;
  for (const b of bytes) sum = (sum + b) % 65521;
  return { binary: true, length: bytes.length, sum };
}
