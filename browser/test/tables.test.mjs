// BRW-02: the page about this client compares it with the official one as both are.
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

test("the tables of the documentation are what the types and files give", async () => {
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL("../build/tables.mjs", import.meta.url)), "--check"]);
});
