import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createQueue } from "./queue.ts";

/** What every client program prints: one line a second, and one at the end. */
export interface ClientReport {
  readonly kind: "progress" | "summary";
  readonly ok: number;
  readonly failed: number;
  readonly byPod: Readonly<Record<string, number>>;
  readonly firstError: string | null;
  readonly firstAnswerMs: number | null;
}

export interface ClientProcess {
  /** The next line it prints. */
  next(withinMs?: number): Promise<ClientReport>;
  /** The next line for which this holds. */
  until(holds: (report: ClientReport) => boolean, withinMs?: number): Promise<ClientReport>;
  /** Ends its input, so that it sums up and exits. */
  finish(): Promise<ClientReport>;
  /** Waits for its own end. */
  summary(withinMs?: number): Promise<ClientReport>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Starts a client program with the bootstrap given inline, and reads what it prints. */
export function startClient(command: readonly string[], bootstrap: object): ClientProcess {
  const [program = "", ...args] = command;
  const { GRPC_XDS_BOOTSTRAP: _, ...inherited } = process.env; // the file would win over what is given inline
  const env = { ...inherited, GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify(bootstrap) };
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  const reports = createQueue<ClientReport>(`report of ${program}`);
  let complaints = "";
  child.stderr.on("data", (data: Buffer) => {
    complaints = (complaints + data.toString()).slice(-4000);
  });
  createInterface(child.stdout).on("line", (line) => reports.put(JSON.parse(line) as ClientReport));
  child.on("exit", (code) => reports.fail(new Error(`${program} ended with ${code}: ${complaints}`)));
  const until = async (holds: (report: ClientReport) => boolean, withinMs = 20_000): Promise<ClientReport> => {
    const limit = performance.now() + withinMs;
    for (;;) {
      const report = await reports.take(Math.max(1, limit - performance.now()));
      if (holds(report)) return report;
    }
  };
  const summary = (withinMs = 60_000): Promise<ClientReport> => until(({ kind }) => kind === "summary", withinMs);
  return {
    next: (withinMs) => reports.take(withinMs),
    until,
    summary,
    finish: () => {
      child.stdin.end();
      return summary();
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}
