import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createQueue } from "./queue.ts";

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand extends AsyncDisposable {
  /** The next line on standard output. */
  line(withinMs?: number): Promise<string>;
  /** The next line on standard error. */
  complaint(withinMs?: number): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  readonly pid: number;
  readonly result: Promise<CommandResult>;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The file that stands for `evenkeel`. */
  readonly program?: string;
}

/** Starts `evenkeel` as a process of its own, with the Node that runs the tests. */
export function startEvenkeel(
  args: readonly string[],
  { env = {}, program = "cli/evenkeel.mjs" }: CommandOptions = {},
): RunningCommand {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  const read = (name: "stdout" | "stderr") => {
    const lines = createQueue<string>(`line on ${name}`);
    createInterface(child[name]).on("line", (line) => {
      written[name] += `${line}\n`;
      lines.put(line);
    });
    return lines;
  };
  const [stdout, stderr] = [read("stdout"), read("stderr")];
  const result = once(child, "close").then(([code]): CommandResult => ({ code: code as number | null, ...written }));
  return {
    line: stdout.take,
    complaint: stderr.take,
    kill: (signal) => child.kill(signal),
    pid: child.pid ?? 0,
    result,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await result;
    },
  };
}

/** Runs `evenkeel` to its end. */
export const runEvenkeel = (args: readonly string[], options?: CommandOptions): Promise<CommandResult> =>
  startEvenkeel(args, options).result;
