/** The program `mmdev`: where it is, which version, and how it is run for a short while. */

import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { command, page, Trouble, SHOW_LOG } from "./trouble";

/** A program that was found and said its version. */
export interface Program {
  readonly path: string;
  /** As it says it itself: `mmdev 0.1.0`. */
  readonly version: string;
}

const NAME = process.platform === "win32" ? "mmdev.exe" : "mmdev";
const OPEN_SETTING = command("Open Setting", "workbench.action.openSettings", "mmdev.path");
const HOW_TO_INSTALL = page("How to Install", "guide/installing.md");

/** Finds the program: the setting, else the one in the extension, else the one on PATH. */
export async function find(context: vscode.ExtensionContext): Promise<Program> {
  // In Restricted Mode VS Code gives only the user's own value, as package.json asks it to.
  const set = vscode.workspace.getConfiguration("mmdev").get("path", "").trim();
  if (set !== "") {
    const file = set.replace(/^~(?=\/|\\)/, os.homedir());
    if (!path.isAbsolute(file)) {
      throw new Trouble(`The setting mmdev.path must be an absolute path; it is ${set}.`, [OPEN_SETTING]);
    }
    return asked(file, `The setting mmdev.path names ${file}, which`);
  }
  const bundled = vscode.Uri.joinPath(context.extensionUri, "bin", NAME).fsPath;
  // A relative entry of PATH would mean a program of whatever folder is open.
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter(path.isAbsolute);
  for (const file of [bundled, ...folders.map((folder) => path.join(folder, NAME))]) {
    if (await isFile(file)) {
      return asked(file, file);
    }
  }
  throw new Trouble(
    "mmdev was not found: it is neither in this extension nor on PATH. Install it, or name it in the setting mmdev.path.",
    [HOW_TO_INSTALL, OPEN_SETTING],
  );
}

async function isFile(file: string): Promise<boolean> {
  return fs.stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

async function asked(file: string, subject: string): Promise<Program> {
  const { code, stdout, stderr } = await execute(file, ["--version"], os.homedir());
  if (code !== 0) {
    throw new Trouble(`${subject} cannot be run: ${stderr.trim() || `it ended with ${code}`}.`, [
      OPEN_SETTING,
      HOW_TO_INSTALL,
    ]);
  }
  return { path: file, version: stdout.trim() };
}

interface Finished {
  /** The exit code, or the system's name for why it could not be started. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function execute(file: string, args: readonly string[], cwd: string): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : (error.code ?? error.signal ?? error.message);
      resolve({ code, stdout, stderr: stderr || (typeof code === "string" ? `${file}: ${code}` : "") });
    });
  });
}

/** The line of docs/reference/json.md that ends a command that failed. */
interface ErrorLine {
  readonly reason: "error";
  readonly message: string;
  readonly hints?: readonly string[];
}

/** Runs a command that ends by itself, in `folder`. What it says goes to the log; why it failed is a Trouble. */
export async function run(
  program: Program,
  args: readonly string[],
  folder: vscode.Uri,
  log: vscode.LogOutputChannel,
): Promise<void> {
  log.info(`${program.path} ${args.join(" ")}`);
  const finished = await execute(program.path, ["--message-format", "json", ...args], folder.fsPath);
  for (const line of finished.stderr.split("\n").filter((line) => line.trim() !== "")) {
    log.info(line);
  }
  if (finished.code === 0) {
    return;
  }
  const said = finished.stdout.split("\n").map(errorLine).find((line) => line !== undefined);
  const why = said?.message ?? (finished.stderr.trim() || `it ended with ${finished.code}`);
  const hints = (said?.hints ?? []).map((hint) => ` Hint: ${hint}.`).join("");
  throw new Trouble(`mmdev ${args[0]}: ${why}.${hints}`, [SHOW_LOG]);
}

function errorLine(line: string): ErrorLine | undefined {
  try {
    const value = JSON.parse(line) as ErrorLine;
    return value.reason === "error" ? value : undefined;
  } catch {
    return undefined;
  }
}
