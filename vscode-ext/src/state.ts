/** What a watcher has left in `.devcontainer/mmdev/state.json`: read, and followed while it changes. */

import { readFile } from "node:fs/promises";
import * as vscode from "vscode";

const FILE = ".devcontainer/mmdev/state.json";
/**
 * How often the files are read (ms). They are small, and no watching of files would do: in a container whose folder is
 * mounted from macOS or Windows there are no events, and of a folder that was just made the first may be missed.
 */
const PERIOD = 1_000;
/** A running watcher writes the file every 15 seconds; one that has been silent for so long (ms) is gone. */
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
  private readonly known = new Map<string, State>();
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor() {
    void this.look();
  }

  /** The state of a folder; undefined where nobody ever watched. */
  of(folder: vscode.WorkspaceFolder | undefined): State | undefined {
    return folder && this.known.get(folder.uri.fsPath);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.changed.dispose();
  }

  /** Reads all files, says if one differs, and comes again. */
  private async look(): Promise<void> {
    const before = JSON.stringify([...this.known]);
    for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
      const state = await read(vscode.Uri.joinPath(uri, FILE).fsPath);
      if (state === undefined) {
        this.known.delete(uri.fsPath);
      } else {
        this.known.set(uri.fsPath, state);
      }
    }
    if (this.disposed) {
      return;
    }
    if (JSON.stringify([...this.known]) !== before) {
      this.changed.fire();
    }
    this.timer = setTimeout(() => void this.look(), PERIOD);
  }
}

/** The object of a file; undefined if there is none in it. */
async function read(file: string): Promise<State | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("state" in value)) {
    return undefined;
  }
  const state = value as State;
  return Date.now() - state.updated * 1000 < SILENCE ? state : { ...state, state: "stopped" };
}
