/** The commands of the palette. Each starts something of mmdev's, or of VS Code's, and says what came of it. */

import * as vscode from "vscode";
import type { Server } from "./client";
import { chosenFolder } from "./folder";
import { run, type Program } from "./program";
import type { Tasks } from "./tasks";
import { command, say, tell, Trouble } from "./trouble";

/** What commands work with. */
export interface Tools {
  readonly server: Server;
  readonly tasks: Tasks;
  readonly program: () => Promise<Program>;
  readonly log: vscode.LogOutputChannel;
  readonly inContainer: boolean;
}

type Run = (tools: Tools, file?: vscode.Uri) => Promise<void>;

const COMMANDS: Readonly<Record<string, Run>> = {
  create,
  generate: (tools) => inTerminal(tools, "generate"),
  check: (tools) => inTerminal(tools, "check"),
  build: (tools) => inTerminal(tools, "build"),
  up: (tools) => inTerminal(tools, "up"),
  startWatching: (tools) => watch(tools, "--detach"),
  stopWatching: (tools) => watch(tools, "--stop"),
  reopenInContainer,
  restartServer: ({ server }) => server.restart(),
  showLog: async ({ log }) => log.show(),
};

/** Registers them all; what one throws is shown. */
export function register(tools: Tools): vscode.Disposable {
  const registered = Object.entries(COMMANDS).map(([name, run]) =>
    vscode.commands.registerCommand(`mmdev.${name}`, (file?: vscode.Uri) => run(tools, file).catch(say)),
  );
  return vscode.Disposable.from(...registered);
}

const REOPEN = command("Reopen in Container", "mmdev.reopenInContainer");

/** `mmdev init` for the spec that was clicked, or is in front. */
async function create(tools: Tools, clicked?: vscode.Uri): Promise<void> {
  const file = clicked ?? vscode.window.activeTextEditor?.document.uri;
  const folder = file && vscode.workspace.getWorkspaceFolder(file);
  if (file === undefined || folder === undefined) {
    throw new Trouble("No environment is in front. Open the env.yaml of an open folder, and try again.", []);
  }
  const path = vscode.workspace.asRelativePath(file, false);
  const code = await tools.tasks.run(folder, "init", ["--file", path]);
  if (code === 0 && !tools.inContainer) {
    tell(`The dev container for ${path} is written.`, REOPEN);
  }
}

/** A command whose terminal says all there is to say. */
async function inTerminal(tools: Tools, name: string): Promise<void> {
  const folder = await chosenFolder();
  if (folder !== undefined) {
    await vscode.workspace.saveAll(false);
    await tools.tasks.run(folder, name);
  }
}

/** Starts or stops the watcher that outlives this window; what it does then stands in the status bar. */
async function watch(tools: Tools, action: "--detach" | "--stop"): Promise<void> {
  const folder = await chosenFolder();
  if (folder === undefined) {
    return;
  }
  const recreate = vscode.workspace.getConfiguration("mmdev", folder).get("watch.recreate", false);
  const args = ["watch", action, ...(recreate && action === "--detach" ? ["--recreate"] : [])];
  await run(await tools.program(), args, folder.uri, tools.log);
  tell(action === "--stop" ? `${folder.name} is no longer watched.` : `${folder.name} is watched.`);
}

const DEV_CONTAINERS = "ms-vscode-remote.remote-containers";

/** Leaves it to the Dev Containers extension, which may run in another extension host than this one. */
async function reopenInContainer(): Promise<void> {
  const reopen = "remote-containers.reopenInContainer";
  if (!(await vscode.commands.getCommands(true)).includes(reopen)) {
    throw new Trouble(
      `Reopening in a container is done by the extension Dev Containers (${DEV_CONTAINERS}), which is not installed. ` +
        "Install it, or start the container with `mmdev up`.",
      [command("Show Extension", "workbench.extensions.search", `@id:${DEV_CONTAINERS}`)],
    );
  }
  await vscode.commands.executeCommand(reopen);
}
