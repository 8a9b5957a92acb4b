/** Functions of another process, called through its IPC channel. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What a process does on request, by name. Arguments and results are plain data. */
type Commands = Readonly<Record<string, (argument: never) => unknown>>;

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

type Reply =
  | { readonly id: number; readonly kind: "result"; readonly value: unknown }
  | { readonly id: number; readonly kind: "error"; readonly message: string };

type Argument<F> = F extends (argument: infer A) => unknown ? A : never;
type Result<F> = F extends (argument: never) => infer R ? Awaited<R> : never;

/** A process that was started for its commands. Disposing it ends it. */
export interface Remote<C extends Commands> extends AsyncDisposable {
  call<N extends keyof C & string>(name: N, argument: Argument<C[N]>): Promise<Result<C[N]>>;
}

const messageOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

async function reply(commands: Commands, { id, name, argument }: Call): Promise<Reply> {
  try {
    const command = commands[name];
    if (command === undefined) throw new Error(`there is no command ${name}`);
    return { id, kind: "result", value: await command(argument as never) };
  } catch (error) {
    return { id, kind: "error", message: messageOf(error) };
  }
}

/** In the started process: answers until the one that started it is gone. Returns the commands, for their type. */
export function answer<C extends Commands>(commands: C): C {
  process.on("message", (call: Call) => void reply(commands, call).then((answered) => process.send?.(answered)));
  process.on("disconnect", () => process.exit());
  return commands;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.disconnect();
  await exited;
}

/** Starts a file that calls `answer`; `env` is beside what this process has. */
export function startRemote<C extends Commands>(
  file: URL,
  nodeFlags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Remote<C> {
  const child = fork(file, { execArgv: [...nodeFlags], env: { ...process.env, ...env } });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let calls = 0;
  child.on("message", (answered: Reply) => {
    const call = waiting.get(answered.id);
    waiting.delete(answered.id);
    if (answered.kind === "result") call?.resolve(answered.value);
    else call?.reject(new Error(answered.message));
  });
  child.on("exit", (code, signal) => {
    for (const call of waiting.values()) call.reject(new Error(`${file.pathname} ended with ${code ?? signal}`));
  });
  return {
    call: <N extends keyof C & string>(name: N, argument: Argument<C[N]>) => {
      const call = Promise.withResolvers<unknown>();
      calls += 1;
      waiting.set(calls, call);
      child.send({ id: calls, name, argument });
      return call.promise as Promise<Result<C[N]>>;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}
