/** Which of the workspace's folders is meant. A project is a folder of the workspace. */

import * as vscode from "vscode";
import { command, Trouble } from "./trouble";

/** The folder of the file in front, else the only one there is. */
export function currentFolder(): vscode.WorkspaceFolder | undefined {
  const file = vscode.window.activeTextEditor?.document.uri;
  const folders = vscode.workspace.workspaceFolders ?? [];
  return (file && vscode.workspace.getWorkspaceFolder(file)) ?? (folders.length === 1 ? folders[0] : undefined);
}

/** The same for a command, which asks where several could be meant; undefined if the user chose none. */
export async function chosenFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  if ((vscode.workspace.workspaceFolders ?? []).length === 0) {
    throw new Trouble("mmdev works on a folder, and none is open. Open the folder of your project.", [
      command("Open Folder", "vscode.openFolder"),
    ]);
  }
  return currentFolder() ?? vscode.window.showWorkspaceFolderPick({ placeHolder: "Which project?" });
}
