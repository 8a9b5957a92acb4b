import { capacityOf } from "../balance/capacity.ts";
import { emptyFlow } from "../balance/flow.ts";
import { neverHeld, type Steady, steady } from "../balance/steady.ts";
import type { ZoneKey } from "../balance/zone.ts";
import { keepEndpoints, same } from "./keep.ts";
import type { PortSpec, Workload } from "./model.ts";

/** A workload, and when to look again because a change of demand has to wait. */
export interface Made {
  readonly workload: Workload;
  readonly waitUntil?: number;
}

/** What a workload is made of, now. */
export interface Found extends Pick<Workload, "spec" | "endpoints" | "allTerminating"> {
  /** Subscribed streams by zone. */
  readonly streams: ReadonlyMap<ZoneKey, number>;
  readonly now: number;
}

const isWeighted = ({ policy }: PortSpec, { endpoints, allTerminating }: Found): boolean =>
  policy.mode === "weighted" && endpoints.length > 0 && !allTerminating;

function balanced(found: Found, previous: Workload | undefined): Steady {
  const held = previous?.demand ?? neverHeld;
  if (!isWeighted(found.spec, found)) return { held, flow: emptyFlow };
  const capacity = capacityOf(found.endpoints);
  const next = steady({ held, streams: found.streams, capacity, now: found.now });
  const unmoved = next.held === previous?.demand && same(previous.flow.capacity, next.flow.capacity);
  return unmoved ? { ...next, flow: previous.flow } : next;
}

const isSame = (a: Workload, b: Workload): boolean =>
  a.spec === b.spec &&
  a.endpoints === b.endpoints &&
  a.allTerminating === b.allTerminating &&
  a.demand === b.demand &&
  a.flow === b.flow &&
  a.goneSince === b.goneSince;

/** The workload of what was found, or the previous one if nothing in it changed. `spec` is the previous one if equal. */
export function workloadOf(found: Found, previous: Workload | undefined): Made {
  const { spec, allTerminating } = found;
  const endpoints = keepEndpoints(previous?.endpoints ?? [], found.endpoints);
  const { held, flow, waitUntil } = balanced(found, previous);
  const next: Workload = { spec, endpoints, allTerminating, demand: held, flow };
  const workload = previous !== undefined && isSame(previous, next) ? previous : next;
  return waitUntil === undefined ? { workload } : { workload, waitUntil };
}
