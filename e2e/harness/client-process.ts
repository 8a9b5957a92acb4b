import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Environment } from "./bootstraps.ts";
import { createQueue, type Queue } from "./queue.ts";

/** What every client program prints: one line a second, and one at the end. */
export interface ClientReport {
  readonly kind: "progress" | "summary";
  readonly ok: number;
  readonly failed: number;
  /** How often a request was sent again since there was no pod, after the first answer; of programs whose library does not wait itself. */
  readonly waited?: number;
  readonly byPod: Readonly<Record<string, number>>;
  /** Pods that answered, by the value of the header that was asked for. */
  readonly byHeader?: Readonly<Record<string, readonly string[]>>;
  /** Failures by the name of their status. */
  readonly codes: Readonly<Record<string, number>>;
  readonly firstError: string | null;
  readonly firstAnswerMs: number | null;
}

/** How to start a client's program: its words, what stands before target and flags, and what it needs in its environment. */
export interface Program {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ClientProcess extends AsyncDisposable {
  readonly pid: number;
  /** What `other` comes to, unless the client ends before: that is why it never will. */
  orEnd<T>(other: Promise<T>): Promise<T>;
  /** The next line that it prints. */
  next(withinMs?: number): Promise<ClientReport>;
  /** The next line for which this holds. */
  until(holds: (report: ClientReport) => boolean, withinMs?: number): Promise<ClientReport>;
  /** Ends its input; resolves with the last line once it has ended in order. */
  finish(): Promise<ClientReport>;
  /** Waits for its own end; resolves with the last line once it has ended in order. */
  summary(withinMs?: number): Promise<ClientReport>;
}

/** A gRPC server that gets its listener by xDS. */
export interface ServingProcess extends AsyncDisposable {
  /** Resolves when it serves. */
  serving(withinMs?: number): Promise<void>;
  /** Ends its input; resolves once it has ended in order. */
  finish(): Promise<void>;
}

/** A program that was told to end, and has not after this time, hangs. */
const END_MS = 30_000;

/** Starts a program with its bootstrap in the environment. Of its output, lines of JSON are kept. */
function start<Line>({ command, env = {} }: Program, args: readonly string[], bootstrap: Environment) {
  const [program = "", ...first] = command;
  const { GRPC_XDS_BOOTSTRAP: _, GRPC_XDS_BOOTSTRAP_CONFIG: __, ...inherited } = process.env;
  const child = spawn(program, [...first, ...args], {
    env: { ...inherited, ...env, ...bootstrap },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines: Queue<Line> = createQueue<Line>(`line of ${program}`);
  let complaints = "";
  child.stderr.on("data", (data: Buffer) => {
    complaints = (complaints + data.toString()).slice(-4000);
  });
  child.stdin.on("error", () => {}); // of one that has ended
  createInterface(child.stdout).on("line", (line) => {
    try {
      lines.put(JSON.parse(line) as Line);
    } catch {
      lines.fail(new Error(`${program} printed what is no JSON: ${line.slice(0, 500)}`));
    }
  });
  const ended = once(child, "close").then(([code, signal]) => {
    const reason = new Error(`${program} ended with ${code ?? signal}: ${complaints}`);
    lines.fail(reason);
    return { code, reason };
  });
  const closed = ended.then(({ code, reason }) => (code === 0 ? undefined : reason));
  const orEnd = <T>(other: Promise<T>): Promise<T> =>
    Promise.race([
      other,
      ended.then(({ reason }) => {
        throw reason;
      }),
    ]);
  const endedInOrder = async (): Promise<void> => {
    const limit = setTimeout(() => child.kill("SIGKILL"), END_MS);
    const reason = await closed;
    clearTimeout(limit);
    if (reason !== undefined) throw reason;
  };
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed;
  };
  return { child, lines, endedInOrder, orEnd, kill };
}

/** Starts a client; `args` are its target and flags. */
export function startClient(program: Program, args: readonly string[], bootstrap: Environment): ClientProcess {
  const { child, lines, endedInOrder, orEnd, kill } = start<ClientReport>(program, args, bootstrap);
  const until = async (holds: (report: ClientReport) => boolean, withinMs = 60_000): Promise<ClientReport> => {
    const limit = performance.now() + withinMs;
    let seen: ClientReport | undefined;
    for (;;) {
      const left = Math.max(1, limit - performance.now());
      const report = await lines.take(left).catch((error: Error) => {
        throw new Error(`${error.message}; the last was ${JSON.stringify(seen)}`, { cause: error });
      });
      if (holds(report)) return report;
      seen = report;
    }
  };
  const summary = async (withinMs = 120_000): Promise<ClientReport> => {
    const report = await until(({ kind }) => kind === "summary", withinMs);
    await endedInOrder();
    return report;
  };
  return {
    pid: child.pid ?? 0,
    orEnd,
    next: (withinMs = 60_000) => {
      lines.drop();
      return lines.take(withinMs);
    },
    until,
    summary,
    finish: () => {
      child.stdin.end();
      return summary();
    },
    [Symbol.asyncDispose]: kill,
  };
}

/** Starts a server; `args` say where and what it serves. */
export function startServing(program: Program, args: readonly string[], bootstrap: Environment): ServingProcess {
  const { child, lines, endedInOrder, kill } = start<object>(program, args, bootstrap);
  return {
    serving: async (withinMs = 60_000) => void (await lines.take(withinMs)),
    finish: () => {
      child.stdin.end();
      return endedInOrder();
    },
    [Symbol.asyncDispose]: kill,
  };
}
