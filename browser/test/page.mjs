// What a page has and Node has not: a global scope that takes events. It has to
// be there before the client is loaded.
const page = new EventTarget();
for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"]) {
  globalThis[name] ??= page[name].bind(page);
}
