/** Starts the processes of a measurement. */
import type { Connected, Connecting, loadCommands } from "./load/main.ts";
import { type Remote, startRemote } from "./remote.ts";
import type { bareCommands } from "./serving/bare.ts";
import type { servingCommands } from "./serving/main.ts";
import { nameOf } from "./world.ts";

export type Load = Remote<typeof loadCommands>;
export type Serving = Remote<typeof servingCommands>;

/** The Service that all clients ask for. */
export const FIRST_SERVICE = 0;

/** Few enough to be no storm. */
const AT_ONCE = 100;

let servingFlags: readonly string[] = [];

/** From now on, serving processes leave a CPU profile in this folder. */
export function profileInto(folder: string): void {
  servingFlags = ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}

export const startLoad = (): Load => startRemote<typeof loadCommands>(new URL("load/main.ts", import.meta.url));

export const startServing = (): Serving =>
  startRemote<typeof servingCommands>(new URL("serving/main.ts", import.meta.url), servingFlags);

export const startBare = (): Remote<typeof bareCommands> =>
  startRemote<typeof bareCommands>(new URL("serving/bare.ts", import.meta.url), servingFlags);

type Wanted = Pick<Connecting, "port" | "clients" | "onlyAssignments">;

/** Connects clients to the first Service, some at a time; all of them are served, or it throws. */
export async function connectAll(load: Load, wanted: Wanted): Promise<Connected> {
  const connected = await load.call("connect", { ...wanted, atOnce: AT_ONCE, name: nameOf(FIRST_SERVICE) });
  if (connected.served === wanted.clients) return connected;
  throw new Error(
    `${connected.served} of ${wanted.clients} clients were served; lost: ${JSON.stringify(connected.lost)}`,
  );
}
