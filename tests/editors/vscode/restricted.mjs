/** A folder that nobody trusts: it is checked, but it cannot choose the program, and nothing is written or started. */

import assert from "node:assert/strict";
import { access, mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { given, scenario, until } from "./workbench.mjs";

/** Made by the program that the folder's own settings name. */
const mark = path.join(given.folder, "was-run");
const isThere = (file) =>
  access(file).then(
    () => true,
    () => false,
  );

await scenario("restricted", async (code) => {
  const bin = path.join(await code.installed(), "bin");
  await mkdir(bin, { recursive: true });
  await symlink(given.program, path.join(bin, "mmdev"));
  await code.page.getByRole("button", { name: "No, I don't trust" }).click();
  await code.command("mmdev: Restart Server");
  await code.open("env.yaml");
  await code.page.locator(".squiggly-error").waitFor();
  await code.screenshot("untrusted");
  assert.deepEqual(await code.palette("mmdev:"), [
    "mmdev: Reopen in Container",
    "mmdev: Restart Server",
    "mmdev: Show Log",
  ]);
  assert.equal(await isThere(mark), false, "the folder's program was run");

  await code.command("Workspaces: Manage Workspace Trust");
  await code.page.getByRole("button", { name: "Trust", exact: true }).click();
  await until("a trusted folder chooses the program", () => isThere(mark));
});
