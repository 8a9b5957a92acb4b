import { didYouMean } from "../server/flags.ts";
import type { Command, Host } from "./command.ts";
import { packageVersion } from "./package.ts";

interface Entry {
  readonly summary: string;
  /** Loaded when it is asked for, so that no command waits for what another needs. */
  load(): Promise<Command>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  serve: { summary: "serve xDS to gRPC clients and Envoy", load: () => import("./commands/serve.ts") },
  bootstrap: { summary: "print the bootstrap of a gRPC client", load: () => import("./commands/bootstrap.ts") },
  translate: { summary: "show which resources a file makes", load: () => import("./commands/translate.ts") },
  explain: { summary: "tell who serves a client, and why", load: () => import("./commands/explain.ts") },
  simulate: { summary: "tell what would be if something were otherwise", load: () => import("./commands/simulate.ts") },
  demo: { summary: "watch real gRPC traffic even out", load: () => import("./commands/demo.ts") },
};

const HELP = `evenkeel balances gRPC over the pods of Kubernetes Services, evenly and zone by zone.

Usage: evenkeel COMMAND [flags]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(11)}${summary}`)
  .join("\n")}

  --version  print the version
  --help     print this, or with a command what that takes
`;

const asksForHelp = (args: readonly string[]): boolean => args.includes("--help") || args.includes("-h");

async function runCommand(name: string, args: readonly string[], host: Host): Promise<number> {
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    const known = didYouMean(name, Object.keys(COMMANDS));
    host.stderr.write(`evenkeel: unknown command "${name}"${known}\nevenkeel --help lists all\n`);
    return 2;
  }
  const command = await entry.load();
  if (!asksForHelp(args)) return command.run(args, host);
  host.stdout.write(command.help);
  return 0;
}

async function runCli(args: readonly string[], host: Host): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) {
    host.stderr.write(HELP);
    return 2;
  }
  if (first === "--version") host.stdout.write(`${host.version}\n`);
  else if (["help", "--help", "-h"].includes(first)) host.stdout.write(HELP);
  else return runCommand(first, rest, host);
  return 0;
}

/** Aborted by the first signal to stop; the second ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const onSignal = (): void => (stop.signal.aborted ? process.exit(1) : stop.abort(new Error("stopped")));
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return stop.signal;
}

const { argv, env, pid, execPath, stdout, stderr } = process;
process.exit(await runCli(argv.slice(2), { env, pid, execPath, version: packageVersion, stdout, stderr, stopSignal }));
