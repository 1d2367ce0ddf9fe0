// Runs the list of scenarios in one browser, be it driven by playwright or by
// puppeteer: of a page only what both have is used.
import { readFile } from "node:fs/promises";
import { test, before, after } from "node:test";
import { Server } from "../harness/server.js";
import { kit, scenarios } from "./list.js";

// The client under test, as it is shipped; BUNDLE names another one to compare with.
const bundle = process.env.BUNDLE || new URL("../../../../browser/dist/socket.io.min.js", import.meta.url);

export function stage(launch) {
  let browser;
  let server;
  let script;
  before(async () => {
    script = await readFile(bundle, "utf8");
    browser = await launch();
    server = await Server.start("conformance");
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  for (const [name, run] of Object.entries(scenarios)) {
    test(name, { timeout: 120000 }, async (t) => {
      // Given a page of the server, so that it is of the same origin.
      const visit = async (origin) => {
        const page = await browser.newPage();
        t.after(() => page.isClosed() || page.close());
        await page.goto(origin + "/");
        await page.addScriptTag({ content: script });
        await page.evaluate(kit);
        return page;
      };
      await run({ t, server, visit, page: await visit(server.origin) });
    });
  }
}
