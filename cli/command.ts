import type { Environment } from "../server/config.ts";

/** Where a command writes. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** What a command is given of the process it runs in; only main.ts touches the real one. */
export interface Host {
  readonly env: Environment;
  readonly pid: number;
  /** The Node that runs. */
  readonly execPath: string;
  /** The version of this package. */
  readonly version: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** From now on, signals to stop abort this instead of ending the process. */
  stopSignal(): AbortSignal;
}

export interface Command {
  /** Complete text for `--help`. */
  readonly help: string;
  /** Returns the exit code: 0 done, 1 it did not work out, 2 called wrongly. */
  run(args: readonly string[], host: Host): Promise<number>;
}
