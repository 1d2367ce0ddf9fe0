// within fails when a promise has not settled in the given milliseconds. It
// only bounds a wait; no test sleeps for a fixed time instead of waiting.
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    const error = new Error(`waited ${ms} ms in vain for ${what}`);
    timer = setTimeout(() => reject(error), ms);
  });
  timer.unref();
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// until polls a condition with a deadline.
export async function until(ms, what, condition) {
  const deadline = Date.now() + ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
