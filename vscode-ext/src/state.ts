/** What a watcher has left in `.devcontainer/mmdev/state.json`: read, and followed while it changes. */

import * as vscode from "vscode";

const FILE = ".devcontainer/mmdev/state.json";
/** A running watcher writes the file every 20 seconds; one that has been silent for so long (ms) is gone. */
const SILENCE = 60_000;

/** The object in the file, as `mmdev watch` describes it (docs/reference/json.md). */
export interface State {
  readonly state: "ready" | "problems" | "building" | "failed" | "waiting" | "stopped";
  readonly errors: number;
  readonly warnings: number;
  readonly container: "absent" | "current" | "behind";
  readonly image: string | null;
  /** The last line said to a person. */
  readonly message: string;
  /** Unix seconds. */
  readonly updated: number;
}

/** The states of the workspace's folders. */
export class States implements vscode.Disposable {
  private readonly followed = new Map<string, Followed>();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly folders: vscode.Disposable;

  constructor() {
    this.folders = vscode.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      for (const folder of removed) {
        this.followed.get(folder.uri.toString())?.dispose();
        this.followed.delete(folder.uri.toString());
      }
      this.follow(added);
      this.changed.fire();
    });
    this.follow(vscode.workspace.workspaceFolders ?? []);
  }

  /** The state of a folder; undefined where nobody ever watched. */
  of(folder: vscode.WorkspaceFolder | undefined): State | undefined {
    return folder && this.followed.get(folder.uri.toString())?.state;
  }

  dispose(): void {
    this.folders.dispose();
    this.followed.forEach((followed) => followed.dispose());
    this.changed.dispose();
  }

  private follow(folders: readonly vscode.WorkspaceFolder[]): void {
    for (const folder of folders) {
      this.followed.set(folder.uri.toString(), new Followed(folder, () => this.changed.fire()));
    }
  }
}

class Followed implements vscode.Disposable {
  state: State | undefined;
  private readonly file: vscode.Uri;
  private readonly watcher: vscode.FileSystemWatcher;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    folder: vscode.WorkspaceFolder,
    private readonly changed: () => void,
  ) {
    this.file = vscode.Uri.joinPath(folder.uri, FILE);
    this.watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, FILE));
    this.watcher.onDidCreate(() => this.read());
    this.watcher.onDidChange(() => this.read());
    this.watcher.onDidDelete(() => this.read());
    void this.read();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watcher.dispose();
  }

  private async read(): Promise<void> {
    clearTimeout(this.timer);
    const state = await vscode.workspace.fs.readFile(this.file).then(parse, () => undefined);
    const silence = Date.now() - (state?.updated ?? 0) * 1000;
    if (state !== undefined && state.state !== "stopped" && silence >= SILENCE) {
      this.state = { ...state, state: "stopped" };
    } else {
      this.state = state;
      if (state !== undefined && state.state !== "stopped") {
        this.timer = setTimeout(() => void this.read(), SILENCE - silence);
      }
    }
    this.changed();
  }
}

/** The file's object; undefined if it is none, as while a person edits it. */
function parse(bytes: Uint8Array): State | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null && "state" in value ? (value as State) : undefined;
  } catch {
    return undefined;
  }
}
