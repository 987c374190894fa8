/** In a container: there is no Docker, and what the watcher on the host does is seen all the same. */

import assert from "node:assert/strict";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { given, scenario, until } from "./workbench.mjs";

const folder = path.join(given.folder, ".devcontainer/mmdev");

/** Writes the state as a watcher on the host does. */
async function mirror(state) {
  const updated = Math.floor(Date.now() / 1000);
  const quiet = { errors: 0, warnings: 0, container: "current", image: "mmdev/project", message: "", pid: 1, updated };
  const line = JSON.stringify({ format: 1, reason: "watch-state", ...quiet, ...state });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "state.json.new"), `${line}\n`);
  await rename(path.join(folder, "state.json.new"), path.join(folder, "state.json"));
}

await scenario("inside", async (code) => {
  await code.open("env.yaml");
  await code.status("1 problem");
  const commands = await code.palette("mmdev:");
  assert.deepEqual(commands, [
    "mmdev: Check",
    "mmdev: Create Dev Container from this Environment",
    "mmdev: Generate",
    "mmdev: Restart Server",
    "mmdev: Show Log",
  ]);

  await code.line(6, "  - numpy>=1.2");
  await code.status("ok");
  await code.command("mmdev: Generate");
  await until("the files are generated", async () =>
    (await readFile(path.join(folder, "env.yaml"), "utf8").catch(() => "")).includes("numpy>=1.2"),
  );

  await mirror({ state: "building", message: "building the image" });
  await code.status("building");
  await code.screenshot("building");
  await mirror({ state: "ready", container: "behind", message: "the container is behind its spec" });
  await code.status("container behind");
  await code.page.locator('.statusbar-item[id="mmdev-project.mmdev.mmdev.status"]').hover();
  await code.sees(".monaco-hover", "The spec is watched.");
  await code.sees(".monaco-hover", "the container is behind its spec");
  await code.sees(".monaco-hover", given.program);
  await code.screenshot("behind");
  await mirror({ state: "failed", message: "the build failed" });
  await code.status("build failed");
  await mirror({ state: "waiting", message: "the daemon is gone" });
  await code.status("waiting for Docker");
  await mirror({ state: "problems", errors: 2 });
  await code.status("2 problems");
  await mirror({ state: "ready" });
  await code.status("ok");
  // A watcher that was killed left its last word; nobody believes it.
  await mirror({ state: "building", updated: Math.floor(Date.now() / 1000) - 61 });
  await code.status("ok");
});
