// The page of the command line program that uses nothing but the browser's WebSocket.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { launch, open } from "../harness/browser.js";
import { Chat } from "../harness/chat.js";
import { Window } from "../harness/live.js";

let browser;
let site;

const browsing = (name, run) => test(name, { timeout: 60000 }, run);
before(async () => {
  browser = await launch();
  site = await Chat.start();
});
after(async () => {
  await browser.close();
  assert.equal(await site.stop(), 0);
});

const show = async (t, where = site) => Window.open(await open(t, browser), where.origin);

browsing("two pages exchange updates", async (t) => {
  const ann = await show(t);
  const bob = await show(t);
  await ann.people(1);
  await bob.people(1);
  await ann.event("server", "open", `number ${await bob.page.getAttribute("body", "data-id")}`);
  for (const [one, other] of [[ann, bob], [bob, ann]]) {
    await one.above("n", 5);
    await other.above("last", await one.count("n"));
  }
  for (const key of ["in0", "in2", "out3", "in4", "out4"]) await ann.packet(key);
  assert.doesNotMatch(await ann.page.textContent("#packets"), /"sid":"[^…]/);

  await bob.page.click("#toggle");
  await bob.state("closed");
  await bob.page.locator('body[data-ready-state="3"]').waitFor();
  await bob.event("page", "close", "clean");
  await ann.event("server", "close", "transport close");
  await ann.people(0);
  await bob.page.click("#toggle");
  await bob.state("connected");
  await ann.people(1);
});

browsing("the pointer is where the others see it", async (t) => {
  const ann = await show(t);
  const bob = await show(t);
  await ann.people(1);
  const at = (x) => bob.page.waitForFunction((x) =>
    document.querySelector('#packets > [data-packet="in4"] .last').textContent.includes(`"x":${x},`), x);
  const box = await ann.page.locator("#board").boundingBox();
  await ann.page.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
  await at("0.25");
  await ann.page.focus("#board");
  await ann.page.keyboard.press("ArrowRight");
  await at("0.27");
});

browsing("updates wait while bufferedAmount is above 0", async (t) => {
  const ann = await show(t);
  const bob = await show(t);
  await ann.people(1);
  await ann.page.click("#stuff");
  await ann.page.locator("#buffered[data-waits=true]").waitFor();
  const [sent, held] = [await ann.count("sent"), await ann.count("held")];
  await ann.above("held", held + 10);
  const now = await ann.page.evaluate(() => ({ ...document.body.dataset }));
  if (Number(now.buffered) > 0) assert.equal(Number(now.sent), sent);
  // Then all goes on, from the newest update.
  await ann.above("sent", sent + 10);
  await bob.above("last", sent + 5);
  assert.equal(await ann.count("reconnects"), 0);
});

browsing("the server is restarted", async (t) => {
  const first = await Chat.start();
  const ann = await show(t, first);
  await ann.above("n", 5);
  assert.equal(await first.stop(), 0);
  await ann.state("reconnecting");
  await ann.page.locator("#notice:visible").waitFor();
  await ann.event("page", "close");
  const second = await Chat.start(first.port);
  t.after(() => second.stop());
  await ann.state("connected");
  await ann.page.locator("#notice").waitFor({ state: "hidden" });
  assert.equal(await ann.count("reconnects"), 1);
  const bob = await show(t, second);
  await bob.above("last", await ann.count("n"));
});

browsing("the chat leads to it, and back", async (t) => {
  const page = await open(t, browser);
  await page.goto(site.origin);
  await page.click("#entry a");
  const ann = new Window(page);
  await ann.state("connected");
  await page.click('a[href="../"]');
  await page.locator("#entry-form").waitFor();
  await page.goBack(); // from the browser's memory, or anew
  await ann.state("connected");
  await ann.above("n", 5);
});
