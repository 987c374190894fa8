/** An author mends a spec, makes a dev container from it, and checks it: nothing of this needs Docker. */

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { given, scenario, until } from "./workbench.mjs";

const spec = path.join(given.folder, "env.yaml");
const inImage = path.join(given.folder, ".devcontainer/mmdev/env.yaml");
const read = (file) => readFile(file, "utf8");

await scenario("editing", async (code) => {
  await code.open("env.yaml");
  await code.page.locator(".squiggly-error").waitFor();
  await code.status("1 problem");
  await code.command("View: Focus Problems");
  await code.sees(".markers-panel .monaco-list-row", "`=>` is no operator");
  await code.sees(".markers-panel .monaco-list-row", "MM209");
  await code.screenshot("problem");

  await code.cursor(6, 7);
  await code.page.keyboard.press("Control+K");
  await code.page.keyboard.press("Control+I");
  await code.sees(".monaco-hover .hover-contents", "numpy");
  await code.screenshot("hover");
  await code.page.keyboard.press("Escape");

  await code.cursor(7, 1);
  await code.page.keyboard.type("vari");
  await code.page.keyboard.press("Control+Space");
  await code.sees(".suggest-widget .monaco-list-row", "variables");
  await code.screenshot("completion");
  await code.page.keyboard.press("Escape");
  await code.line(7, "");

  await code.cursor(6, 10);
  await code.page.keyboard.press("Control+.");
  await code.sees(".action-widget .monaco-list-row", "numpy>=1.2");
  await code.screenshot("quick-fix");
  await code.page.keyboard.press("Enter");
  await code.sees(".view-line", "- numpy>=1.2");
  await code.seesNo(".squiggly-error");
  await code.status("ok");
  await code.save();
  assert.match(await read(spec), /- numpy>=1\.2\n/);

  await code.command("mmdev: Create Dev Container from this Environment");
  const made = await code.notification("The dev container for env.yaml is written");
  assert.match(await read(inImage), /numpy>=1\.2/);
  await code.terminal(/Created \d+ files; commit them/);
  await code.screenshot("created");
  await made.getByRole("button", { name: "Reopen in Container" }).click();
  await code.notification("Dev Containers (ms-vscode-remote.remote-containers), which is not installed");

  // Generate takes what stands in the editor.
  await code.line(5, "  - python=3.12");
  await code.command("mmdev: Generate");
  await until("the generated spec has the new python", async () => (await read(inImage)).includes("python=3.12"));

  // An open file's problems are the server's; those of a closed one come from the terminal.
  await code.command("View: Close All Editors");
  await writeFile(spec, (await read(spec)).replace("numpy>=1.2", "numpy=>1.2"));
  await code.command("mmdev: Check");
  await code.terminal("1 error, 0 warnings");
  await code.command("View: Focus Problems");
  await code.sees(".markers-panel .monaco-list-row", "[Ln 6, Col 10]");
  await code.screenshot("check");

  // YAML that is no spec is left alone.
  await code.open("other.yaml");
  await code.status("ok");
  await code.seesNo(".squiggly-error");

  // The server's word takes the place of the terminal's.
  await code.open("env.yaml");
  await code.status("1 problem");
  await code.sees(".problems-badge, .pane-composite-part .badge-content", /^1$/);
});
