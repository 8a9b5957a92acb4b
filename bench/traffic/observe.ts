import { between, failures, type Pods, type Reading, skew, total } from "../../cli/demo/figures.ts";
import { startRemote } from "../remote.ts";
import type { callerCommands, Kind, Pacing, Summary } from "./callers.ts";
import { startWorld, type Way, type World, type WorldOptions } from "./world.ts";

/** Clients of one kind in a world of their own, and what happens to it. */
export interface Plan {
  readonly world: WorldOptions;
  readonly kind: Kind;
  readonly way: Way;
  /** Each client's zone. */
  readonly clients: readonly string[];
  readonly pacing: Pacing;
  /** At least so many are counted; half of them after the change, if there is one. */
  readonly requests: number;
  /** Resolves when nothing more is to be awaited before requests flow. */
  readonly ready?: (world: World) => Promise<void>;
  /** What changes while requests flow. */
  readonly change?: (world: World) => Promise<void>;
}

export interface Observed extends Summary {
  readonly failed: number;
  /** What one of those that failed said. */
  readonly error?: string;
  /** While nothing changed: after the change, or all the time. */
  readonly settled: Reading;
  /** Those that were ready then. */
  readonly pods: Pods;
  /** Requests of the busiest pod divided by the average, of `settled`. */
  readonly maxOverAverage: number;
  /** At any one pod at any time. */
  readonly mostInFlight: number;
}

/** grpc-js asks the DNS server that a target names only with this. */
const OWN_DNS = { GRPC_NODE_USE_ALTERNATIVE_RESOLVER: "true" };

type Callers = ReturnType<typeof startRemote<typeof callerCommands>>;

async function dialled({ kind, way, clients }: Plan, world: World, callers: Callers): Promise<void> {
  const dialling = clients.map((zone, i) => ({ zone, bootstrap: world.bootstrap(zone, i) }));
  const target = world.targets[way];
  const dns = way === "service" ? { dns: world.dns } : {};
  await callers.call("dial", { kind, target, clients: dialling, ...dns });
}

const readingOf = async (callers: Callers): Promise<Reading> =>
  new Map(Object.entries(await callers.call("counts", undefined)));

const ended = (reading: Reading): number => total(reading) + failures(reading);

/** A part of all that are asked for, so that connections are made and code is compiled. */
const WARM_UP = 0.05;

/** Lets requests flow while the world changes, and on. What was counted until nothing changed any more. */
async function untilSettled({ change, requests }: Plan, world: World, callers: Callers): Promise<Reading> {
  if (change === undefined) return new Map();
  await change(world);
  const changed = await readingOf(callers);
  await callers.call("ended", ended(changed) + Math.ceil(WARM_UP * requests));
  return readingOf(callers);
}

const errorOf = (reading: Reading): { readonly error?: string } => {
  const error = [...reading.values()].find((one) => one.error !== undefined)?.error;
  return error === undefined ? {} : { error };
};

/** Runs it all, with pods, control plane and clients of its own. */
export async function observe(plan: Plan): Promise<Observed> {
  await using world = await startWorld(plan.world);
  const file = new URL("callers.ts", import.meta.url);
  await using callers = startRemote<typeof callerCommands>(file, [], OWN_DNS);
  await dialled(plan, world, callers);
  await plan.ready?.(world);
  await callers.call("start", plan.pacing);
  await callers.call("ended", Math.ceil(WARM_UP * plan.requests));
  await callers.call("reset", undefined);
  await world.stats();
  const before = await untilSettled(plan, world, callers);
  await callers.call("ended", Math.max(plan.requests, ended(before) + plan.requests / 2));
  const all = await readingOf(callers);
  const summary = await callers.call("summary", undefined);
  await callers.call("stop", undefined);
  const stats = Object.values(await world.stats());
  const [settled, pods] = [between(before, all), world.pods()];
  return {
    ...summary,
    ...errorOf(all),
    failed: failures(all),
    settled,
    pods,
    maxOverAverage: skew(settled, pods),
    mostInFlight: Math.max(...stats.map(({ mostInFlight }) => mostInFlight)),
  };
}
