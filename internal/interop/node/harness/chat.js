// The chat of the command line program, and one person who uses it.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { join } from "node:path";
import { within } from "./within.js";

export class Chat {
  static async start(port = 0) {
    const chat = new Chat();
    chat.child = spawn(join(process.env.SIO_BIN, "sio"), ["demo", "-addr", `127.0.0.1:${port}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    chat.exited = once(chat.child, "exit");
    const address = new Promise((resolve) => {
      createInterface({ input: chat.child.stdout }).on("line", (line) => {
        const found = /http:\/\/[^ ]+/.exec(line);
        if (found) resolve(found[0]);
      });
    });
    chat.origin = await within(10000, "the chat to listen", address);
    chat.port = Number(new URL(chat.origin).port);
    return chat;
  }

  async stop() {
    this.child.kill("SIGTERM");
    const [code] = await within(10000, "the chat to end", this.exited);
    return code;
  }
}

// Person is one browser window in the chat.
export class Person {
  constructor(page, name) {
    this.page = page;
    this.name = name;
  }

  static async enter(page, origin, name, query = "") {
    const person = new Person(page, name);
    await page.goto(`${origin}/${query}`);
    await page.fill("#name", name);
    await page.click("#enter");
    await person.state("connected");
    await page.locator("#text:enabled").waitFor();
    return person;
  }

  // state waits for the connection to be in a state, and of a transport if given.
  async state(state, transport) {
    let selector = `body[data-state="${state}"]`;
    if (transport) selector += `[data-transport="${transport}"]`;
    await this.page.locator(selector).waitFor();
  }

  async write(text) {
    await this.page.fill("#text", text);
    await this.page.click("#send");
  }

  // line is the message of the open conversation with this text.
  line(text, own) {
    return this.page.locator(`#log > ol:visible > li[data-kind="text"][data-own="${own}"]`, { hasText: text });
  }

  sees(text) {
    return this.line(text, false).waitFor();
  }

  // told waits until one's own message carries the mark of having arrived.
  told(text, tick) {
    return this.page.locator(`#log > ol:visible > li[data-own="true"][data-tick="${tick}"]`, { hasText: text }).waitFor();
  }

  person(name) {
    return this.page.locator(`#people > [data-name="${name}"]`);
  }
}
