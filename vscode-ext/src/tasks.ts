/** Commands of mmdev as tasks: they have a terminal of their own, and what `check` finds is matched there. */

import * as vscode from "vscode";
import type { Program } from "./program";
import { SHOW_LOG, Trouble } from "./trouble";

/** What stands in tasks.json: `{ "type": "mmdev", "command": "check", "args": [] }`. */
interface Definition extends vscode.TaskDefinition {
  readonly command: string;
  readonly args?: readonly string[];
}

/** The commands that are offered by themselves. */
const OFFERED = ["check", "generate", "build", "up"];

export class Tasks implements vscode.TaskProvider {
  constructor(private readonly program: () => Promise<Program>) {}

  async provideTasks(): Promise<vscode.Task[]> {
    const program = await this.program().catch(() => undefined);
    if (program === undefined) {
      // That it is missing was said when the server was started.
      return [];
    }
    return (vscode.workspace.workspaceFolders ?? []).flatMap((folder) =>
      OFFERED.map((command) => task(program, folder, { type: "mmdev", command })),
    );
  }

  async resolveTask(given: vscode.Task): Promise<vscode.Task | undefined> {
    // VS Code resolves tasks of tasks.json, and those belong to a folder or to the workspace.
    const first = vscode.workspace.workspaceFolders?.[0];
    const folder = typeof given.scope === "object" ? given.scope : first;
    return folder && task(await this.program(), folder, given.definition as Definition);
  }

  /** Runs a command of mmdev to its end; gives its exit code. */
  async run(folder: vscode.WorkspaceFolder, command: string, args: readonly string[] = []): Promise<number> {
    const made = task(await this.program(), folder, { type: "mmdev", command, args });
    const execution = await vscode.tasks.executeTask(made);
    return new Promise((resolve, reject) => {
      const subscriptions = [
        vscode.tasks.onDidEndTaskProcess((event) => {
          if (event.execution === execution) {
            ended();
            resolve(event.exitCode ?? 1);
          }
        }),
        // A program that cannot be started has no process that ends.
        vscode.tasks.onDidEndTask((event) => {
          if (event.execution === execution) {
            ended();
            reject(new Trouble(`mmdev ${command} could not be started; its terminal says why.`, [SHOW_LOG]));
          }
        }),
      ];
      const ended = () => vscode.Disposable.from(...subscriptions).dispose();
    });
  }
}

function task(program: Program, folder: vscode.WorkspaceFolder, definition: Definition): vscode.Task {
  const args = [definition.command, ...(definition.args ?? [])];
  const execution = new vscode.ProcessExecution(program.path, args, { cwd: folder.uri.fsPath });
  const made = new vscode.Task(definition, folder, definition.command, "mmdev", execution, ["$mmdev"]);
  made.presentationOptions = { clear: true, showReuseMessage: false };
  if (definition.command === "build") {
    made.group = vscode.TaskGroup.Build;
  }
  return made;
}
