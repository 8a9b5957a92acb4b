import type { Part } from "./flow.ts";
import { compareZones, type Zone, zoneKey } from "./zone.ts";

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
  const counts = new Map<string, { zone: Zone; count: number }>();
  for (const { zone, health } of endpoints) {
    if (health === "draining") continue;
    const key = zoneKey(zone);
    const entry = counts.get(key) ?? { zone, count: 0 };
    entry.count += 1;
    counts.set(key, entry);
  }
  return [...counts.values()].toSorted((a, b) => compareZones(a.zone, b.zone));
}

/** Each zone's part of the whole capacity. */
export function capacityParts(capacity: readonly ZoneCapacity[]): readonly Part[] {
  const total = capacity.reduce((sum, { count }) => sum + count, 0);
  return capacity.map(({ zone, count }) => ({ zone, part: count / total }));
}
