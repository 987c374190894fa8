/**
 * A real VS Code for the tests: code-server with the packaged extension, and its page in a headless Chromium.
 *
 * What is done in it is what a person does: keys and clicks. What is looked for is what a person sees. Every wait is
 * for a condition, and a failed one leaves a screenshot and the extension's log.
 */

import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

/** How long a condition may take to come true (ms); what needs an image to be built is given more. */
const PATIENCE = 60_000;

const CODE_SERVER = path.join(
  path.dirname(createRequire(import.meta.url).resolve("code-server/package.json")),
  "out/node/entry.js",
);

const CHROMIUM_FLAGS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  "--no-sandbox",
];

/** What the person's own settings are. */
const SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "extensions.autoUpdate": false,
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "files.autoSave": "off",
  "git.enabled": false,
  // Text in the page and not on a canvas, so that it can be read.
  "terminal.integrated.gpuAcceleration": "off",
};

/**
 * What the Rust side of a test says on the command line, as JSON: `folder` (the project), `home` (a temporary one),
 * `program` (mmdev), `chromium`, `vsix`, `screenshots` (a folder), `settings` (the machine's), `asksForTrust` (whether
 * VS Code asks if the folder is trusted).
 */
export const given = JSON.parse(process.argv[2]);

/** Runs a scenario in a workbench; a failure of it is one of this process. */
export async function scenario(name, run) {
  const workbench = new Workbench(name);
  try {
    await workbench.start();
    await run(workbench);
  } catch (error) {
    await workbench.describe(error);
    process.exitCode = 1;
  } finally {
    await workbench.stop();
  }
}

class Workbench {
  constructor(name) {
    this.name = name;
    this.shots = 0;
    this.data = path.join(given.home, "code-server");
    this.extensions = path.join(given.home, "extensions");
  }

  async start() {
    await mkdir(given.screenshots, { recursive: true });
    // What names a program belongs to a machine, and is not taken from the person's own settings.
    for (const [owner, settings] of [["User", SETTINGS], ["Machine", given.settings]]) {
      await mkdir(path.join(this.data, owner), { recursive: true });
      await writeFile(path.join(this.data, owner, "settings.json"), JSON.stringify(settings));
    }
    await this.install();
    const port = await freePort();
    // A group of its own, so that all that it starts can be ended.
    this.server = spawn(process.execPath, this.arguments(port), { ...this.options(), detached: true });
    this.said = "";
    for (const stream of [this.server.stdout, this.server.stderr]) {
      stream.on("data", (data) => (this.said += data));
    }
    const url = `http://127.0.0.1:${port}`;
    await until("code-server answers", async () => (await fetch(`${url}/healthz`)).ok);
    this.browser = await chromium.launch({ executablePath: given.chromium, args: CHROMIUM_FLAGS });
    this.page = await this.browser.newPage({ viewport: { width: 1280, height: 800 } });
    this.page.setDefaultTimeout(PATIENCE);
    await this.page.goto(`${url}/?folder=${encodeURIComponent(given.folder)}`);
    await this.page.locator(".statusbar").waitFor();
  }

  options() {
    const env = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
    return { env, stdio: ["ignore", "pipe", "pipe"] };
  }

  arguments(port) {
    return [
      CODE_SERVER,
      "--auth=none",
      `--bind-addr=127.0.0.1:${port}`,
      "--disable-telemetry",
      "--disable-update-check",
      ...(given.asksForTrust ? [] : ["--disable-workspace-trust"]),
      ...this.folders(),
    ];
  }

  folders() {
    return [`--user-data-dir=${this.data}`, `--extensions-dir=${this.extensions}`];
  }

  async install() {
    const child = spawn(process.execPath, [CODE_SERVER, ...this.folders(), "--install-extension", given.vsix], this.options());
    let said = "";
    child.stdout.on("data", (data) => (said += data));
    child.stderr.on("data", (data) => (said += data));
    const code = await new Promise((resolve) => child.on("close", resolve));
    if (code !== 0) {
      throw new Error(`the extension cannot be installed:\n${said}`);
    }
  }

  /** The folder of the installed extension. */
  async installed() {
    const [name] = (await readdir(this.extensions)).filter((name) => name.startsWith("mmdev-project.mmdev-"));
    return path.join(this.extensions, name);
  }

  async stop() {
    await this.browser?.close();
    if (this.server !== undefined) {
      const ended = new Promise((resolve) => this.server.on("exit", resolve));
      process.kill(-this.server.pid, "SIGTERM");
      await ended;
    }
  }

  /** A failure as a person would report it: with a picture and the log. */
  async describe(error) {
    console.error(error);
    if (this.page === undefined) {
      console.error(`code-server said:\n${this.said ?? ""}`);
      return;
    }
    console.error(`seen: ${await this.screenshot("failed").catch(String)}`);
    console.error(`the extension's log:\n${await this.log()}`);
  }

  /** What the extension has logged. */
  async log() {
    const folder = path.join(this.data, "logs");
    const files = await readdir(folder, { recursive: true });
    const logs = files.filter((file) => /mmdev-project\.mmdev\/.*\.log$/.test(file));
    return (await Promise.all(logs.map((file) => readFile(path.join(folder, file), "utf8")))).join("");
  }

  /** A picture for a person to look at; gives its path. */
  async screenshot(name) {
    this.shots += 1;
    const file = path.join(given.screenshots, `${this.name}-${this.shots}-${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  /** Opens a file at the project's root, from the explorer. */
  async open(file) {
    await this.page.locator(`.explorer-folders-view .monaco-list-row[aria-label="${file}"]`).dblclick();
    await this.page.locator(`.tab.active[data-resource-name="${file}"]`).waitFor();
    await this.page.locator(".editor-instance .view-lines").first().waitFor();
  }

  /** Runs a command from the palette, by its name there. */
  async command(name) {
    const row = this.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: name }).first();
    // A palette that is open does not learn of commands that come later, as while extensions are loaded.
    await until(`the palette has ${name}`, async () => {
      await this.quickInput("F1", `>${name}`);
      try {
        await row.click({ timeout: 2_000 });
      } catch (error) {
        await this.page.keyboard.press("Escape");
        throw error;
      }
      return true;
    });
  }

  /** The names that the palette shows for a text, in the order of letters and not of use. */
  async palette(text) {
    await this.quickInput("F1", `>${text}`);
    await this.page.locator(".quick-input-list .monaco-list-row").first().waitFor();
    const names = await this.page.locator(".quick-input-list .monaco-list-row .label-name").allInnerTexts();
    await this.page.keyboard.press("Escape");
    return names.sort();
  }

  async quickInput(key, text) {
    const input = this.page.locator(".quick-input-widget .quick-input-box input");
    // A workbench that is still starting loses keys.
    await until("the quick input opens", async () => {
      await this.page.keyboard.press(key);
      await input.waitFor({ timeout: 1_000 });
      return true;
    });
    await input.fill(text);
  }

  /** Puts the cursor to a place in the editor, counted from 1. */
  async cursor(line, column) {
    await this.quickInput("Control+G", `:${line}:${column}`);
    await this.page.keyboard.press("Enter");
    await this.sees(".statusbar", `Ln ${line}, Col ${column}`);
  }

  /** Replaces one line of the editor. */
  async line(number, text) {
    await this.cursor(number, 1);
    await this.page.keyboard.press("Shift+End");
    await this.page.keyboard.press("Delete");
    await this.page.keyboard.insertText(text);
  }

  /** Saves the file in front, which was changed. */
  async save() {
    await this.page.locator(".tab.active.dirty").waitFor();
    await this.page.keyboard.press("Control+S");
    await this.page.locator(".tab.active:not(.dirty)").waitFor();
  }

  /** Waits until an element that matches has the text, in however many spaces. */
  async sees(selector, text, patience = PATIENCE) {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: patience });
  }

  /** Waits until the task in front has written this; one that has ended without is not waited for. */
  async terminal(text, patience = PATIENCE) {
    const rows = this.page.locator(".xterm-rows").filter({ hasText: text }).first();
    const ended = this.page.locator(".xterm-rows").filter({ hasText: "terminated with exit code" }).first();
    await rows.or(ended).first().waitFor({ timeout: patience });
    if (!(await rows.isVisible())) {
      throw new Error(`the task has ended, and has not written: ${text}`);
    }
  }

  /** Waits until no element that matches is there. */
  async seesNo(selector, patience = PATIENCE) {
    await this.page.locator(selector).first().waitFor({ state: "detached", timeout: patience });
  }

  /** Waits until the status bar item says this. */
  async status(text, patience = PATIENCE) {
    await this.sees('.statusbar-item[id="mmdev-project.mmdev.mmdev.status"]', text, patience);
  }

  /** Waits for a notification, and gives it, so that a button of it can be clicked. */
  async notification(text, patience = PATIENCE) {
    const notification = this.page.locator(".notification-toast").filter({ hasText: text }).first();
    await notification.waitFor({ timeout: patience });
    return notification;
  }
}

/** Waits until a condition, which may throw while it does not hold, is true. */
export async function until(what, condition, patience = PATIENCE) {
  const deadline = Date.now() + patience;
  let last;
  while (Date.now() < deadline) {
    try {
      if (await condition()) {
        return;
      }
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`after ${patience / 1000} s still not so: ${what}`, { cause: last });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
