/** What goes wrong, said to the user: what it is, and what to do about it. */

import * as vscode from "vscode";

/** A thing to do about a trouble; it becomes a button. */
export interface Remedy {
  readonly title: string;
  readonly run: () => Thenable<unknown>;
}

/** An error whose message is fit to be shown, with what can be done. */
export class Trouble extends Error {
  constructor(
    message: string,
    readonly remedies: readonly Remedy[],
  ) {
    super(message);
  }
}

/** A remedy that opens a page of the documentation. */
export function page(title: string, path: string): Remedy {
  const url = `https://github.com/mmdev-project/mmdev/blob/main/docs/${path}`;
  return { title, run: () => vscode.env.openExternal(vscode.Uri.parse(url)) };
}

/** A remedy that runs a command of VS Code, of this extension or of another. */
export function command(title: string, id: string, ...values: unknown[]): Remedy {
  return { title, run: () => vscode.commands.executeCommand(id, ...values) };
}

/** The remedy of every failure that the log says more about. */
export const SHOW_LOG = command("Show Log", "mmdev.showLog");

/** Shows what went wrong; an error that is no Trouble is one of ours, and is shown with the log. */
export function say(error: unknown): void {
  const trouble = error instanceof Trouble ? error : new Trouble(`mmdev: ${String(error)}`, [SHOW_LOG]);
  offer(vscode.window.showErrorMessage(trouble.message, ...trouble.remedies), trouble.remedies);
}

/** Says what was done, and what may be done next. */
export function tell(message: string, ...next: Remedy[]): void {
  offer(vscode.window.showInformationMessage(message, ...next), next);
}

/** Runs what the user chooses. Nobody waits for it: a message may stand for hours. */
function offer(choice: Thenable<Remedy | undefined>, remedies: readonly Remedy[]): void {
  void choice.then((chosen) => remedies.find((remedy) => remedy === chosen)?.run()).then(undefined, say);
}
