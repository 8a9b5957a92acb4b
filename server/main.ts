import { systemClock } from "./clock.ts";
import { compose, type Server } from "./compose.ts";
import { type Config, readConfig } from "./config.ts";
import { complaint } from "./flags.ts";
import { createLog, type Log } from "./log.ts";

/** Why the server is to stop: the system asked for it, or a person or a parent process did. */
type Stop = "SIGTERM" | "SIGINT" | "disconnect";

/** Resolves at the first wish to stop; the second ends the process at once. */
function firstStop(): Promise<Stop> {
  const { promise, resolve } = Promise.withResolvers<Stop>();
  let asked = false;
  const ask = (stop: Stop): void => {
    if (asked) process.exit(1);
    asked = true;
    resolve(stop);
  };
  process.on("SIGTERM", () => ask("SIGTERM"));
  process.on("SIGINT", () => ask("SIGINT"));
  process.on("disconnect", () => ask("disconnect"));
  return promise;
}

/** A bug must not leave a server that half works. */
function exitOnBugs(log: Log): void {
  const exit = (reason: unknown): void => {
    log.error("broken, so it ends", { error: reason instanceof Error ? reason.stack : String(reason) });
    process.exit(1);
  };
  process.on("uncaughtException", exit);
  process.on("unhandledRejection", exit);
}

async function sayReady({ admin, xds }: Server): Promise<void> {
  process.stdout.write(`${JSON.stringify({ msg: "ready", xds: await xds, admin })}\n`);
}

async function run(config: Config, log: Log, version: string): Promise<void> {
  const stop = firstStop();
  await using server = await compose(config, { clock: systemClock, log, version, env: process.env });
  const { manifests, kubernetes } = config;
  log.info("reading", { manifests, kubernetes, admin: server.admin });
  const why = await Promise.race([stop, sayReady(server).then(() => stop)]);
  log.info("draining", { why });
  await server.drain(why === "SIGTERM" ? config.drainDelayMs : 0);
}

/** Serves until it is told to stop, and returns the exit code. */
export async function main(args: readonly string[], version: string): Promise<number> {
  const read = readConfig(args, process.env);
  if (read.kind === "wrong") {
    process.stderr.write(complaint("serve", read.problems));
    return 2;
  }
  const log = createLog(read.config.logLevel, process.stderr);
  exitOnBugs(log);
  try {
    await run(read.config, log, version);
    return 0;
  } catch (error) {
    log.error("cannot serve", { error: error instanceof Error ? error.message : String(error) });
    return 1;
  }
}
