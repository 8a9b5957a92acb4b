import { between, failures, type Pods, type Reading, skew, total } from "../../cli/demo/figures.ts";
import type { Pacing } from "./callers.ts";
import { type Clients, type Dialled, dialClients } from "./clients.ts";
import type { Summary } from "./summary.ts";
import { startWorld, type World, type WorldOptions } from "./world.ts";

/** Clients of one kind in a world of their own, and what happens to it. */
export interface Plan extends Dialled {
  readonly world: WorldOptions;
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

const ended = (reading: Reading): number => total(reading) + failures(reading);

/** A part of all that are asked for, so that connections are made and code is compiled. */
const WARM_UP = 0.05;

/** Lets requests flow while the world changes, and on. What was counted until nothing changed any more. */
async function untilSettled({ change, requests }: Plan, world: World, clients: Clients): Promise<Reading> {
  if (change === undefined) return new Map();
  await change(world);
  const changed = await clients.reading();
  await clients.ended(ended(changed) + WARM_UP * requests);
  return clients.reading();
}

const errorOf = (reading: Reading): { readonly error?: string } => {
  const error = [...reading.values()].find((one) => one.error !== undefined)?.error;
  return error === undefined ? {} : { error };
};

/** Runs it all, with pods, control plane and clients of its own. */
export async function observe(plan: Plan): Promise<Observed> {
  await using world = await startWorld(plan.world);
  await using clients = await dialClients(plan, world);
  await plan.ready?.(world);
  await clients.start(plan.pacing);
  await clients.ended(WARM_UP * plan.requests);
  await clients.reset();
  await world.stats();
  const before = await untilSettled(plan, world, clients);
  await clients.ended(Math.max(plan.requests, ended(before) + plan.requests / 2));
  const all = await clients.reading();
  const summary = await clients.summary();
  await clients.stop();
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
