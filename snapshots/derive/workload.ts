import { capacityOf, capacityParts } from "../balance/capacity.ts";
import type { Demand } from "../balance/demand.ts";
import { emptyFlow, type Flow } from "../balance/flow.ts";
import { type HeldDemand, neverHeld, type Steady, steady } from "../balance/steady.ts";
import { keepEndpoints, same } from "./keep.ts";
import type { Workload } from "./model.ts";
import { warmUpOf } from "./warm-up.ts";

/** A workload, and when to look again: a change of demand has to wait, or a warm-up goes on. */
export interface Made {
  readonly workload: Workload;
  readonly waitUntil?: number;
}

/** What was found of a workload. */
export type Found = Pick<Workload, "spec" | "endpoints" | "allTerminating">;

/** What a workload is made of, now. */
export interface Present extends Found {
  readonly demand: Demand;
  readonly now: number;
}

const sidesOf = ({ demand, capacity, tooSmall }: Flow) => [demand, capacity, [...tooSmall]];

/** Whether two flows are made of the same: with the same tolerance they are then the same. */
const sameSides = (a: Flow, b: Flow): boolean => same(sidesOf(a), sidesOf(b));

/** Modes that ask for no flow still go by where the capacity is. */
function steadied({ spec, endpoints, demand, now }: Present, held: HeldDemand): Steady {
  const capacity = capacityOf(endpoints);
  const { mode, rule } = spec.policy;
  if (mode === "weighted") return steady({ held, demand, capacity, rule, now });
  return { held, flow: { ...emptyFlow, capacity: capacityParts(capacity) } };
}

function balanced(present: Present, previous: Workload | undefined): Steady {
  const held = previous?.demand ?? neverHeld;
  if (present.endpoints.length === 0 || present.allTerminating) return { held, flow: emptyFlow };
  const next = steadied(present, held);
  const isUnmoved = previous !== undefined && present.spec === previous.spec && sameSides(previous.flow, next.flow);
  return isUnmoved ? { ...next, flow: previous.flow } : next;
}

const isSame = (a: Workload, b: Workload): boolean =>
  a.spec === b.spec &&
  a.endpoints === b.endpoints &&
  a.allTerminating === b.allTerminating &&
  a.demand === b.demand &&
  a.flow === b.flow &&
  a.warmUp === b.warmUp &&
  a.goneSince === b.goneSince;

const NEVER = Number.POSITIVE_INFINITY;

/** The workload of what was found, or the previous one if nothing in it changed. `spec` is the previous one if equal. */
export function workloadOf(present: Present, previous: Workload | undefined): Made {
  const { spec, allTerminating } = present;
  const endpoints = keepEndpoints(previous?.endpoints ?? [], present.endpoints);
  const { held, flow, waitUntil: demandAt = NEVER } = balanced(present, previous);
  const { warmUp, waitUntil: riseAt = NEVER } = warmUpOf(present, previous);
  const next: Workload = { spec, endpoints, allTerminating, demand: held, flow, ...(warmUp && { warmUp }) };
  const workload = previous !== undefined && isSame(previous, next) ? previous : next;
  const waitUntil = Math.min(demandAt, riseAt);
  return waitUntil === NEVER ? { workload } : { workload, waitUntil };
}
