// A real browser, with a profile of its own and nothing that calls home.
import { chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";

// launch starts it. more are further command line flags.
export function launch(...more) {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox", // test machines are containers, where it cannot be had
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Pages of made-up origins talk to this machine, which a browser forbids pages of the open web.
      "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
      ...more,
    ],
  });
}

// open opens a page whose requests stay on this machine, and whose errors
// fail the test, but for those that forgiven knows.
export async function open(t, browser, forgiven = () => false) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(10000);
  page.failures = [];
  page.on("pageerror", (error) => {
    if (!forgiven(error)) page.failures.push(error);
  });
  t.after(async () => {
    await context.close();
    if (page.failures.length > 0) throw page.failures[0];
  });
  return page;
}
