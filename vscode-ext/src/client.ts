/** The language server `mmdev lsp`: started, and started again when it ends by itself. */

import { type ChildProcess, spawn } from "node:child_process";
import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, type LanguageClientOptions } from "vscode-languageclient/node";
import { find, type Program } from "./program";
import { command, say, SHOW_LOG, Trouble } from "./trouble";

/** How long the first restart waits, in milliseconds; each further one waits twice as long. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;
/** A server that ran this long (ms) has recovered: its next end is a first one. */
const RECOVERED = 60_000;
/** The user hears of it when this many have ended one after the other; a single end mends itself. */
const WORTH_SAYING = 3;

/** What there is to say about the server. */
export type Health =
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly program: Program }
  | { readonly kind: "down"; readonly why: string };

interface Running {
  readonly client: LanguageClient;
  /** There once the client has asked for it. */
  process?: ChildProcess;
}

export class Server implements vscode.Disposable {
  private running: Running | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Ends of the server since it last ran for a while. */
  private failures = 0;
  /** Counts starts and ends: what was begun under an older number has been overtaken. */
  private generation = 0;
  private current: Health = { kind: "starting" };
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  get health(): Health {
    return this.current;
  }

  /** Stops the server if it runs, even if it hangs, and starts it. */
  restart(): Promise<void> {
    this.failures = 0;
    return this.start();
  }

  /** Stops the server for good. */
  async stop(): Promise<void> {
    this.generation += 1;
    clearTimeout(this.timer);
    await this.end();
  }

  dispose(): void {
    void this.stop();
    this.changed.dispose();
  }

  private async start(): Promise<void> {
    clearTimeout(this.timer);
    const generation = (this.generation += 1);
    const overtaken = () => generation !== this.generation;
    this.become({ kind: "starting" });
    await this.end();
    let program: Program;
    try {
      program = await find(this.context);
    } catch (error) {
      if (!overtaken()) {
        // Trying again would not help: the user has to do something.
        this.become({ kind: "down", why: error instanceof Error ? error.message : String(error) });
        say(error);
      }
      return;
    }
    if (overtaken()) {
      return;
    }
    this.log.info(`${program.version}: ${program.path} lsp`);
    const startedAt = Date.now();
    const ended = (why: string) => {
      if (!overtaken()) {
        this.ended(why, Date.now() - startedAt);
      }
    };
    try {
      await this.launch(program, ended);
    } catch (error) {
      ended(String(error));
    }
    if (!overtaken()) {
      this.become({ kind: "running", program });
    }
  }

  /** Starts the process, and waits until it answers. */
  private launch(program: Program, ended: (why: string) => void): Promise<void> {
    const server = async (): Promise<ChildProcess> => {
      const child = spawn(program.path, ["lsp"]);
      running.process = child;
      child.on("error", (error) => ended(error.message));
      child.on("exit", (code, signal) => ended(`mmdev lsp ended with ${code ?? signal}`));
      return child;
    };
    const running: Running = { client: new LanguageClient("mmdev", "mmdev", server, this.options()) };
    this.running = running;
    return running.client.start();
  }

  private options(): LanguageClientOptions {
    return {
      // Which YAML file is a spec, the server decides; it is silent on all others.
      documentSelector: [
        { scheme: "file", language: "yaml" },
        { scheme: "untitled", language: "yaml" },
      ],
      diagnosticCollectionName: "mmdev",
      outputChannel: this.log,
      initializationFailedHandler: () => false,
      // The client's own way gives up after five restarts in three minutes, so restarting is ours, and so are words.
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => ({ action: CloseAction.DoNotRestart, handled: true, message: "The connection is closed." }),
      },
    };
  }

  private ended(why: string, lived: number): void {
    this.generation += 1;
    this.failures = lived > RECOVERED ? 1 : this.failures + 1;
    const wait = Math.min(FIRST_WAIT * 2 ** (this.failures - 1), LONGEST_WAIT);
    this.log.error(`${why}; it is started again in ${wait / 1000} s`);
    this.become({ kind: "down", why });
    this.timer = setTimeout(() => void this.start(), wait);
    if (this.failures === WORTH_SAYING) {
      say(
        new Trouble(`mmdev's language server has ended ${WORTH_SAYING} times: ${why}. It will be tried again.`, [
          SHOW_LOG,
          command("Restart Server", "mmdev.restartServer"),
        ]),
      );
    }
  }

  private async end(): Promise<void> {
    const running = this.running;
    this.running = undefined;
    if (running?.client.isRunning()) {
      await running.client.dispose().catch((error: unknown) => this.log.debug(String(error)));
    }
    // One that neither answers nor ends: a client can be asked to stop only when its server has answered once.
    running?.process?.kill();
  }

  private become(health: Health): void {
    this.current = health;
    this.changed.fire();
  }
}
