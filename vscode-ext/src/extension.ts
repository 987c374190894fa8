/**
 * The VS Code extension of mmdev: starts `mmdev lsp`, shows state, runs commands.
 *
 * It holds no logic: what a spec is, what is wrong with it and what to do is decided by the program.
 */

import * as vscode from "vscode";
import { Server } from "./client";
import { register } from "./commands";
import { find } from "./program";
import { States } from "./state";
import { StatusBar } from "./status";
import { Tasks } from "./tasks";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("mmdev", { log: true });
  const inContainer = isInContainer();
  // Commands that need Docker are hidden where there is none; see `menus` in package.json.
  await vscode.commands.executeCommand("setContext", "mmdev.inContainer", inContainer);
  server = new Server(context, log);
  const states = new States();
  const program = () => find(context);
  const tasks = new Tasks(program);
  context.subscriptions.push(
    log,
    server,
    states,
    new StatusBar(server, states),
    vscode.tasks.registerTaskProvider("mmdev", tasks),
    register({ server, tasks, program, log, inContainer }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("mmdev.path")) {
        void server?.restart();
      }
    }),
  );
  // Not awaited: the commands work while the server starts, and without it.
  void server.restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

/** Whether this is the side of VS Code that runs in a dev container, where there is no Docker. */
function isInContainer(): boolean {
  // The variable is set by the Dev Containers extension for all that runs there.
  return vscode.env.remoteName === "dev-container" || process.env["REMOTE_CONTAINERS"] === "true";
}
