import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Host } from "../command.ts";

export interface ProgramOptions {
  /** For messages. */
  readonly name: string;
  /** A JavaScript file and its arguments. */
  readonly command: readonly string[];
  /** Beside what this process has. */
  readonly env?: Readonly<Record<string, string>>;
  onLine?(line: string): void;
}

/** A child process. It has a channel to this one, by whose end it learns that it is needed no more, however this one ends. */
export interface Program extends AsyncDisposable {
  /** The first line that it prints. */
  readonly firstLine: Promise<string>;
  /** Asks it to end and waits for that. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const PATIENCE_MS = 5000;

export type StartProgram = (options: ProgramOptions) => Program;

/** Starts programs with the same Node and environment. `onCrash` hears of those that end without having been asked to. */
export const programStarter =
  ({ execPath, env }: Pick<Host, "execPath" | "env">, onCrash: (reason: Error) => void): StartProgram =>
  (options) => {
    const child = spawn(execPath, options.command, {
      env: { ...env, ...options.env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true, // a Ctrl-C in the terminal is for this process alone, which ends the others in order
    });
    return follow(child, options, onCrash);
  };

function follow(child: ChildProcess, { name, onLine }: ProgramOptions, onCrash: (reason: Error) => void): Program {
  const { promise: firstLine, resolve, reject } = Promise.withResolvers<string>();
  let complaints = "";
  let asked = false;
  child.stderr?.on("data", (data: Buffer) => {
    complaints = `${complaints}${data}`.slice(-2000);
  });
  if (child.stdout !== null) {
    createInterface(child.stdout).on("line", (line) => {
      resolve(line);
      onLine?.(line);
    });
  }
  const exited = once(child, "close").then(([code]) => {
    const reason = new Error(`${name} ended with ${code}: ${complaints}`);
    reject(reason);
    if (!asked) onCrash(reason);
  });
  firstLine.catch(() => {}); // whoever waits for it is told; nobody has to
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    asked = true;
    child.kill(signal);
    const forced = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    await exited;
    clearTimeout(forced);
  };
  return { firstLine, stop, [Symbol.asyncDispose]: () => stop() };
}
