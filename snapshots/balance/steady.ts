import { balance, type Rule } from "./balance.ts";
import type { ZoneCapacity } from "./capacity.ts";
import type { Demand } from "./demand.ts";
import type { Flow, Row } from "./flow.ts";
import { rowReader } from "./spill.ts";
import { type ZoneKey, zoneKey, zoneOfKey } from "./zone.ts";

/** Demand is acted upon when a weight would move by this, three percentage points … */
const MOVE = 0.03;
/** … and at most once in this time. */
const PERIOD_MS = 10_000;

/** How much of the demand for one workload comes from each zone, and since when that is acted upon. */
export interface HeldDemand {
  /** Subscribed streams by zone key, as counted when last acted upon. */
  readonly streams: ReadonlyMap<ZoneKey, number>;
  /** Milliseconds, clock of the pipeline; -Infinity when demand was never acted upon. */
  readonly since: number;
}

export const neverHeld: HeldDemand = { streams: new Map(), since: Number.NEGATIVE_INFINITY };

/** What is held and what there is now. */
export interface Present {
  readonly held: HeldDemand;
  readonly demand: Demand;
  readonly capacity: readonly ZoneCapacity[];
  readonly rule: Rule;
  readonly now: number;
}

export interface Steady {
  readonly held: HeldDemand;
  readonly flow: Flow;
  /** When to look again, since a change of demand has to wait until then. */
  readonly waitUntil?: number;
}

const sameStreams = (a: ReadonlyMap<ZoneKey, number>, b: ReadonlyMap<ZoneKey, number>): boolean =>
  a.size === b.size && [...a].every(([key, count]) => b.get(key) === count);

function rowMoves(a: Row, b: Row): boolean {
  const parts = new Map(a.map(({ zone, part }) => [zoneKey(zone), part]));
  for (const { zone, part } of b) parts.set(zoneKey(zone), (parts.get(zoneKey(zone)) ?? 0) - part);
  return [...parts.values()].some((difference) => Math.abs(difference) >= MOVE);
}

/** Whether any client zone that has streams would see one of its weights move. */
function moves(from: Flow, to: Flow, streams: ReadonlyMap<ZoneKey, number>): boolean {
  const before = rowReader(from);
  const after = rowReader(to);
  return [...streams.keys()].map(zoneOfKey).some((zone) => rowMoves(before(zone), after(zone)));
}

/**
 * Is this change of demand worth an update? What the owner says, and capacity, act at once; counted demand acts when a
 * weight moves enough, and not too often, so that clients that come and go do not change every other client's assignment.
 */
export function steady({ held, demand, capacity, rule, now }: Present): Steady {
  if (demand.kind === "static") return { held, flow: balance(capacity, demand, rule) };
  const { streams } = demand;
  const flow = balance(capacity, { kind: "clients", streams: held.streams }, rule);
  if (sameStreams(held.streams, streams)) return { held, flow };
  const wanted = balance(capacity, demand, rule);
  if (!moves(flow, wanted, streams)) return { held, flow };
  const waitUntil = held.since + PERIOD_MS;
  if (now < waitUntil) return { held, flow, waitUntil };
  return { held: { streams, since: now }, flow: wanted };
}
