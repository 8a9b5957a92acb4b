import type { Part } from "./flow.ts";
import { compareZones, type Zone, type ZoneKey, zoneKey, zoneOfKey } from "./zone.ts";

/** As many streams as this, spread like the endpoints, are assumed beside those counted. */
const PRIOR = 10;

/** Nobody is at home in a zone without name, so no demand is expected from there (H15). */
const isHome = ({ zone }: Zone): boolean => zone !== "";

const sum = (parts: readonly Part[]): number => parts.reduce((total, { part }) => total + part, 0);

/** Where the demand for a workload is told from. What load reports tell is to be a third kind. */
export type Demand =
  /** Subscribed streams by zone. */
  | { readonly kind: "clients"; readonly streams: ReadonlyMap<ZoneKey, number> }
  /** Said by the owner of the Service, on any scale. */
  | { readonly kind: "static"; readonly parts: readonly Part[] };

/** Adds up what stands for one zone, and scales it so that all parts sum to 1. In order of zone; none is 0. */
function wholeOf(sizes: readonly Part[]): readonly Part[] {
  const byZone = Map.groupBy(sizes, ({ zone }) => zoneKey(zone));
  const merged = [...byZone].map(([key, own]) => ({ zone: zoneOfKey(key), part: sum(own) }));
  const ordered = merged.filter(({ part }) => part > 0).toSorted((a, b) => compareZones(a.zone, b.zone));
  const total = sum(ordered);
  return ordered.map(({ zone, part }) => ({ zone, part: part / total }));
}

/**
 * From counted streams: `(n + k E) / (N + k)`, so that the first clients see a fleet that is spread like the endpoints,
 * not a fleet of one.
 */
function fromStreams(streams: ReadonlyMap<ZoneKey, number>, capacity: readonly Part[]): readonly Part[] {
  const counted = [...streams].map(([key, count]) => ({ zone: zoneOfKey(key), part: count }));
  const homes = capacity.filter(({ zone }) => isHome(zone));
  const homeParts = sum(homes);
  const assumed = homes.map(({ zone, part }) => ({ zone, part: (PRIOR * part) / homeParts }));
  return wholeOf([...assumed, ...counted.filter(({ zone }) => isHome(zone))]);
}

/**
 * Each client zone's part of the demand. In order of zone; parts sum to 1. Empty when nothing is known of clients: there
 * is neither a stream nor an endpoint in any named zone, or all that was said is 0.
 */
export function demandParts(demand: Demand, capacity: readonly Part[]): readonly Part[] {
  switch (demand.kind) {
    case "clients":
      return fromStreams(demand.streams, capacity);
    case "static":
      return wholeOf(demand.parts);
  }
}
