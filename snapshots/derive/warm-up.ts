/** Who is new to a workload, and what they have of their share by now. */
import { gridMs, isMost, isWarm, nextRise, slotOf, startOf, tenthsAt } from "../balance/ramp.ts";
import { zoneKey } from "../balance/zone.ts";
import { endpointKey } from "./endpoints.ts";
import { keep } from "./keep.ts";
import type { Cohort, Endpoint, Seen, WarmUp, Workload } from "./model.ts";

/** One that was ready and comes back so soon is the one that left: its readiness flaps, and it goes on where its age is. */
const BACK_MS = 30_000;

/** A workload as it is found. */
export interface Present extends Pick<Workload, "spec" | "endpoints" | "allTerminating"> {
  readonly now: number;
}

/** The state of a warm-up, and when it changes by time alone. */
interface Warming {
  readonly warmUp?: WarmUp;
  readonly waitUntil?: number;
}

const isHealthy = ({ health }: Endpoint): boolean => health === "healthy";

const OLD = Number.NEGATIVE_INFINITY;

const isRemembered = ({ leftAt = Number.POSITIVE_INFINITY }: Seen, now: number): boolean => now - leftAt < BACK_MS;

/** By key, those of before that are not simply old and there. */
const seenBefore = ({ warmUp }: Workload, now: number): ReadonlyMap<string, Seen> =>
  new Map((warmUp?.seen ?? []).filter((one) => isRemembered(one, now)).map((one) => [one.key, one]));

const stayed = ({ key, since, isFull }: Seen): Seen => ({ key, since, ...(isFull && { isFull }) });

/** Those that are ready and have not warmed up yet, in the order of the endpoints. */
function youngOf({ endpoints, now }: Present, grid: number, previous: Workload): readonly Seen[] {
  const before = seenBefore(previous, now);
  const known = new Set(previous.endpoints.map(endpointKey));
  return endpoints.filter(isHealthy).flatMap((endpoint) => {
    const key = endpointKey(endpoint);
    const seen = before.get(key) ?? { key, since: known.has(key) ? OLD : now };
    return isWarm(tenthsAt(startOf(seen.since, grid), now, grid)) ? [] : [stayed(seen)];
  });
}

/** Those that were ready. */
const readyBefore = ({ endpoints, allTerminating }: Workload): readonly Endpoint[] =>
  allTerminating ? [] : endpoints.filter(isHealthy);

/** Those that were ready, are not there at all, and may come back. One that terminates does not. */
function leftOf({ endpoints, now }: Present, previous: Workload): readonly Seen[] {
  const there = new Set(endpoints.map(endpointKey));
  const before = seenBefore(previous, now);
  const leaving = readyBefore(previous)
    .map(endpointKey)
    .filter((key) => !there.has(key))
    .map((key): Seen => ({ ...(before.get(key) ?? { key, since: OLD }), leftAt: now }));
  const left = [...before.values()].filter(({ key, leftAt }) => leftAt !== undefined && !there.has(key));
  return [...leaving, ...left];
}

/** Where most of a zone is new, there is nothing to protect: all that are new there have their full share from now on. */
function filled(young: readonly Seen[], endpoints: readonly Endpoint[]): readonly Seen[] {
  const keys = new Set(young.map(({ key }) => key));
  const byZone = Map.groupBy(endpoints.filter(isHealthy), ({ zone }) => zoneKey(zone));
  const full = [...byZone.values()].flatMap((zone) => {
    const fresh = zone.map(endpointKey).filter((key) => keys.has(key));
    return isMost(fresh.length, zone.length) ? fresh : [];
  });
  const isFull = new Set(full);
  return young.map((one) => (isFull.has(one.key) ? { ...one, isFull: true } : one));
}

function cohortsOf(
  young: readonly Seen[],
  now: number,
  grid: number,
): readonly (Cohort & { readonly start: number })[] {
  const rising = young.filter(({ isFull }) => isFull !== true);
  const byStart = [...Map.groupBy(rising, ({ since }) => startOf(since, grid))].toSorted(([a], [b]) => a - b);
  return byStart.map(([start, members]) => ({
    start,
    name: `warming-${slotOf(start)}`,
    tenths: tenthsAt(start, now, grid),
    members: members.map(({ key }) => key),
  }));
}

/**
 * The warm-up of a workload, given the previous one of the workload; absent where nothing is to be known. All that a
 * workload has when it is first seen, or when it begins to ask for a warm-up, is old.
 */
export function warmUpOf(present: Present, previous: Workload | undefined): Warming {
  const { spec, endpoints, allTerminating, now } = present;
  const { warmUpMs } = spec.policy;
  if (warmUpMs === undefined || previous === undefined || allTerminating) return {};
  const grid = gridMs(warmUpMs);
  const young = filled(youngOf(present, grid, previous), endpoints);
  const seen = [...young, ...leftOf(present, previous)];
  if (seen.length === 0) return {};
  const rising = cohortsOf(young, now, grid);
  const cohorts = rising.map(({ start: _, ...cohort }) => cohort);
  const warmUp = keep(previous.warmUp, { seen, cohorts });
  if (rising.length === 0) return { warmUp };
  return { warmUp, waitUntil: Math.min(...rising.map(({ start, tenths }) => nextRise(start, tenths, grid))) };
}
