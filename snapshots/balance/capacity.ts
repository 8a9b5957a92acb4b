import type { Part } from "./flow.ts";
import { compareZones, perZone, type Zone } from "./zone.ts";

/** How many endpoints of a zone can serve: each has capacity 1. */
export interface ZoneCapacity {
  readonly zone: Zone;
  readonly count: number;
}

/** What capacity is counted from. */
export interface Serving {
  readonly zone: Zone;
  readonly health: "healthy" | "draining";
}

/** Healthy endpoints by zone, in order of zone; draining ones never count, and a zone without healthy ones has no entry. */
export function capacityOf(endpoints: Iterable<Serving>): readonly ZoneCapacity[] {
  const counts: { readonly zone: Zone; count: number }[] = [];
  const countOf = perZone((zone) => {
    const count = { zone, count: 0 };
    counts.push(count);
    return count;
  });
  for (const { zone, health } of endpoints) if (health !== "draining") countOf(zone).count += 1;
  return counts.toSorted((a, b) => compareZones(a.zone, b.zone));
}

/** Each zone's part of the whole capacity. */
export function capacityParts(capacity: readonly ZoneCapacity[]): readonly Part[] {
  const total = capacity.reduce((sum, { count }) => sum + count, 0);
  return capacity.map(({ zone, count }) => ({ zone, part: count / total }));
}
