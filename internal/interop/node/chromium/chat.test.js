// The chat of the command line program, in two windows of a real browser.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { launch, open } from "../harness/browser.js";
import { Chat, Person } from "../harness/chat.js";

let browser;
let chat;

const browsing = (name, run) => test(name, { timeout: 60000 }, run);
before(async () => {
  browser = await launch();
  chat = await Chat.start();
});
after(async () => {
  await browser.close();
  assert.equal(await chat.stop(), 0);
});

const transports = { websocket: "", polling: "&transport=polling" };
let meetings = 0;

// pair brings two people into a room of their own: the lobby keeps its history.
async function pair(t, more, where = chat) {
  const query = `?room=meeting${++meetings}${more}`;
  const ann = await Person.enter(await open(t, browser), where.origin, "Ann", query);
  const bob = await Person.enter(await open(t, browser), where.origin, "Bob", query);
  return [ann, bob];
}

for (const [transport, query] of Object.entries(transports)) {
  browsing(`two people talk (${transport})`, async (t) => {
    const [ann, bob] = await pair(t, query);
    await ann.state("connected", transport);
    await bob.state("connected", transport);
    await ann.person("Bob").waitFor();
    await bob.person("Ann").waitFor();

    await ann.write("Hello, Bob: ü 😀");
    await ann.told("Hello, Bob: ü 😀", "sent");
    await bob.sees("Hello, Bob: ü 😀");
    await bob.write("<b>Hello</b>, Ann");
    await ann.sees("<b>Hello</b>, Ann");
    assert.equal(await ann.line("<b>Hello</b>, Ann", false).count(), 1);
  });

  browsing(`a private message is marked when it has arrived (${transport})`, async (t) => {
    const [ann, bob] = await pair(t, query);
    await ann.person("Bob").locator(".open").click();
    await ann.write("between us");
    await ann.told("between us", "delivered");
    await bob.page.locator("#privates > [data-person] .open").click();
    await bob.sees("between us");
  });

  browsing(`somebody leaves (${transport})`, async (t) => {
    const [ann, bob] = await pair(t, query);
    await ann.person("Bob").waitFor();
    await bob.page.click("#quit");
    await ann.person("Bob").waitFor({ state: "detached" });
    await ann.page.locator('#log li[data-kind="system"]', { hasText: "Bob" }).last().waitFor();
  });

  browsing(`a dropped connection mends itself (${transport})`, async (t) => {
    const [ann, bob] = await pair(t, query);
    const before = await ann.page.getAttribute("body", "data-sid");
    await ann.page.click("#drop");
    await ann.page.locator('body[data-state="connected"]:not([data-reconnects="0"])').waitFor();
    assert.notEqual(await ann.page.getAttribute("body", "data-sid"), before);
    await bob.write("still there?");
    await ann.sees("still there?");
    await ann.write("yes");
    await bob.sees("yes");
  });

  browsing(`the server is restarted (${transport})`, async (t) => {
    const first = await Chat.start();
    const [ann, bob] = await pair(t, query, first);
    assert.equal(await first.stop(), 0);
    await ann.state("reconnecting");
    const second = await Chat.start(first.port);
    t.after(() => second.stop());
    await ann.state("connected", transport);
    await bob.state("connected", transport);
    await bob.person("Ann").waitFor();
    await ann.write("we are back");
    await bob.sees("we are back");
  });

  browsing(`an image travels (${transport})`, async (t) => {
    const [ann, bob] = await pair(t, query);
    const dot = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
    await ann.page.setInputFiles("#file", { name: "dot.png", mimeType: "image/png", buffer: dot });
    const image = bob.page.locator('#log li[data-kind="image"][data-own="false"] img');
    await image.waitFor();
    await bob.page.waitForFunction((img) => img.naturalWidth > 0, await image.elementHandle());
  });
}

browsing("the switch changes the transport and keeps the person", async (t) => {
  const [ann, bob] = await pair(t, "");
  await ann.state("connected", "websocket");
  await ann.page.setChecked("#polling-only", true, { force: true });
  await ann.state("connected", "polling");
  await ann.page.locator("#text:enabled").waitFor();
  await ann.write("over polling now");
  await bob.sees("over polling now");
});
