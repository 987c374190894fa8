/** The program is missing, then it comes with the extension; the server ends by itself, and is there again. */

import assert from "node:assert/strict";
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import path from "node:path";
import { given, scenario, until } from "./workbench.mjs";

/** The ids of the language servers that run `program`. */
async function servers(program) {
  const found = [];
  for (const id of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
    if (line.startsWith(`${program}\0lsp\0`)) {
      found.push(Number(id));
    }
  }
  return found;
}

await scenario("server", async (code) => {
  await code.open("env.yaml");
  const missing = await code.notification("mmdev was not found: it is neither in this extension nor on PATH");
  await missing.getByRole("button", { name: "How to Install" }).waitFor();
  await missing.getByRole("button", { name: "Open Setting" }).waitFor();
  await code.status("mmdev");
  await code.screenshot("missing");
  // Other commands say the same, and nothing is broken by it.
  await code.command("mmdev: Generate");
  await code.notification("mmdev was not found");

  const program = path.join(await code.installed(), "bin/mmdev");
  await mkdir(path.dirname(program));
  await symlink(given.program, program);
  await code.command("mmdev: Restart Server");
  await code.page.locator(".squiggly-error").waitFor();
  await code.status("1 problem");

  const [id, ...others] = await servers(program);
  assert.deepEqual(others, [], "one server runs");
  process.kill(id, "SIGKILL");
  await code.seesNo(".squiggly-error");
  await code.page.locator(".squiggly-error").waitFor();
  await code.status("1 problem");
  await until("another server runs", async () => {
    const running = await servers(program);
    return running.length === 1 && running[0] !== id;
  });
  assert.match(await code.log(), /mmdev lsp ended with SIGKILL; it is started again in 1 s/);

  // Show Log shows that as well, and which version runs.
  await code.command("mmdev: Show Log");
  await code.sees(".part.panel .view-lines", /mmdev\s\d+\.\d+\.\d+:/);
  await code.screenshot("log");
});
