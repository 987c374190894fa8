/** The status bar item: how the spec, the image and the container are, at a glance. */

import * as vscode from "vscode";
import type { Server } from "./client";
import { currentFolder } from "./folder";
import type { State, States } from "./state";

/** What the item says. */
interface Face {
  readonly text: string;
  /** A command to click for; what is wrong is shown where it can be mended. */
  readonly command: string;
  readonly colour?: "error" | "warning";
}

export class StatusBar implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly server: Server,
    private readonly states: States,
  ) {
    this.item = vscode.window.createStatusBarItem("mmdev.status", vscode.StatusBarAlignment.Left);
    this.item.name = "mmdev";
    const show = () => this.show();
    this.subscriptions = [
      this.item,
      server.onDidChange(show),
      states.onDidChange(show),
      vscode.languages.onDidChangeDiagnostics(show),
      vscode.window.onDidChangeActiveTextEditor(show),
      vscode.window.onDidChangeVisibleTextEditors(show),
    ];
    this.show();
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private show(): void {
    const state = this.states.of(currentFolder());
    // Whoever has neither a spec before them nor a watcher is not bothered.
    if (state === undefined && !vscode.window.visibleTextEditors.some(isYaml)) {
      this.item.hide();
      return;
    }
    const face = this.face(state);
    this.item.text = face.text;
    this.item.command = face.command;
    this.item.backgroundColor = face.colour && new vscode.ThemeColor(`statusBarItem.${face.colour}Background`);
    this.item.tooltip = this.tooltip(state);
    this.item.show();
  }

  private face(state: State | undefined): Face {
    const health = this.server.health;
    if (health.kind === "down") {
      return { text: "$(error) mmdev", command: "mmdev.showLog", colour: "error" };
    }
    if (state?.state === "building") {
      return { text: "$(sync~spin) mmdev: building", command: "mmdev.showLog" };
    }
    const problems = Math.max(problemsShown(), state?.state === "problems" ? state.errors + state.warnings : 0);
    if (problems > 0) {
      const text = `$(warning) mmdev: ${problems} ${problems === 1 ? "problem" : "problems"}`;
      return { text, command: "workbench.actions.view.problems", colour: "warning" };
    }
    if (state?.state === "failed") {
      return { text: "$(error) mmdev: build failed", command: "mmdev.showLog", colour: "error" };
    }
    if (state?.state === "waiting") {
      return { text: "$(watch) mmdev: waiting for Docker", command: "mmdev.showLog", colour: "warning" };
    }
    if (state?.container === "behind") {
      return { text: "$(history) mmdev: container behind", command: "mmdev.showLog", colour: "warning" };
    }
    return health.kind === "starting"
      ? { text: "$(loading~spin) mmdev", command: "mmdev.showLog" }
      : { text: "$(check) mmdev: ok", command: "mmdev.showLog" };
  }

  private tooltip(state: State | undefined): vscode.MarkdownString {
    const health = this.server.health;
    const lines = [health.kind === "running" ? health.program.version : "mmdev"];
    if (health.kind === "running") {
      lines.push(health.program.path);
    } else {
      lines.push(health.kind === "down" ? health.why : "the language server is starting");
    }
    if (state !== undefined) {
      lines.push(state.state === "stopped" ? "Nobody watches the spec." : "The spec is watched.", state.message);
    }
    // Text of a spec may stand in a message: it is shown as text, and no link in it is alive.
    const tooltip = new vscode.MarkdownString();
    lines.forEach((line) => tooltip.appendText(line).appendMarkdown("\n\n"));
    return tooltip;
  }
}

function isYaml({ document }: vscode.TextEditor): boolean {
  return document.languageId === "yaml";
}

/** How many errors and warnings of ours VS Code shows. */
function problemsShown(): number {
  return vscode.languages
    .getDiagnostics()
    .flatMap(([, diagnostics]) => diagnostics)
    .filter(({ source, severity }) => source === "mmdev" && severity <= vscode.DiagnosticSeverity.Warning).length;
}
