// One browser window with the page of the plain WebSocket.
export class Window {
  constructor(page) {
    this.page = page;
  }

  static async open(page, origin) {
    const window = new Window(page);
    await page.goto(`${origin}/websocket/`);
    await window.state("connected");
    return window;
  }

  state(name) {
    return this.page.locator(`body[data-state="${name}"]`).waitFor();
  }

  // count reads one of the numbers that the page keeps.
  async count(name) {
    return Number(await this.page.evaluate((n) => document.body.dataset[n], name));
  }

  // above waits for a number to have grown past a value.
  async above(name, value) {
    await this.page.waitForFunction(([n, v]) => Number(document.body.dataset[n]) > v, [name, value]);
  }

  people(n) {
    return this.page.locator(`body[data-people="${n}"]`).waitFor();
  }

  event(side, name, words = "") {
    return this.page.locator(`#log > li[data-side="${side}"][data-event="${name}"]`, { hasText: words }).first().waitFor();
  }

  packet(key) {
    return this.page.locator(`#packets > [data-packet="${key}"]`).waitFor();
  }
}
