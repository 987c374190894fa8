/** The whole chain: a mistake is shown and not built; mended, it is built, and the container is another one. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { given, scenario, until } from "./workbench.mjs";

/** An image is built, and a container started, in this time (ms). */
const BUILD = 240_000;

const docker = (...args) => execFileSync("docker", args, { encoding: "utf8" }).trim();
const container = () => docker("ps", "--quiet", "--filter", `label=devcontainer.local_folder=${given.folder}`);
const state = async () =>
  JSON.parse(await readFile(path.join(given.folder, ".devcontainer/mmdev/state.json"), "utf8"));

/** Waits until the watcher has said this of itself. */
const becomes = (what, isSo) => until(what, async () => isSo(await state()), BUILD);

/** A version that no earlier run has asked for: the layer is in no cache, and building it takes long enough to be seen. */
const least = `2.0.${Date.now()}`;

await scenario("watching", async (code) => {
  await code.open("env.yaml");
  await code.command("mmdev: Up");
  await code.terminal("Next: mmdev shell", BUILD);
  const first = container();

  await code.command("mmdev: Start Watching");
  await code.notification("project is watched");
  await becomes("all is as the spec says", (state) => state.state === "ready" && state.container === "current");
  await code.status("ok");
  const { image } = await state();

  await code.line(6, `  - requests=>${least}`);
  await code.save();
  await code.page.locator(".squiggly-error").waitFor();
  await becomes("the mistake is seen", (state) => state.state === "problems" && state.errors === 1);
  await code.status("1 problem");
  await code.screenshot("mistake");
  assert.equal((await state()).image, image, "nothing was built");
  assert.equal(container(), first, "the container was left alone");

  await code.line(6, `  - requests>=${least}`);
  await code.save();
  await code.status("building");
  await code.screenshot("building");
  await becomes("the container is another", (state) => state.state === "ready" && state.image !== image);
  await code.status("ok");
  await code.screenshot("rebuilt");
  const second = container();
  assert.notEqual(second, first);
  docker("exec", second, "python", "-c", "import requests");

  await code.command("mmdev: Stop Watching");
  await code.notification("project is no longer watched");
  await becomes("the watch has ended", (state) => state.state === "stopped");
  // The test sees whether this one outlives VS Code.
  await code.command("mmdev: Start Watching");
  await becomes("it is watched again", (state) => state.state === "ready");
});
