import type { Part } from "./flow.ts";
import { compareZones, type Zone, type ZoneKey, zoneKey, zoneOfKey } from "./zone.ts";

/** As many streams as this, spread like the endpoints, are assumed beside those counted. */
const PRIOR = 10;

/** Nobody is at home in a zone without name, so no demand is expected from there (H15). */
const isHome = ({ zone }: Zone): boolean => zone !== "";

/**
 * Each client zone's part of the demand, from counted streams: `(n + k E) / (N + k)`, so that the first clients see a
 * fleet that is spread like the endpoints, not a fleet of one. In order of zone; parts sum to 1. Empty when there is
 * neither a stream nor an endpoint in any named zone.
 */
export function demandFromStreams(streams: ReadonlyMap<ZoneKey, number>, capacity: readonly Part[]): readonly Part[] {
  const counted = [...streams].map(([key, count]) => ({ zone: zoneOfKey(key), part: count }));
  const seen = counted.filter(({ zone, part }) => isHome(zone) && part > 0);
  const homes = capacity.filter(({ zone }) => isHome(zone));
  const homeParts = homes.reduce((sum, { part }) => sum + part, 0);
  const sizes = new Map<ZoneKey, Part>();
  for (const { zone, part } of homes) sizes.set(zoneKey(zone), { zone, part: (PRIOR * part) / homeParts });
  for (const { zone, part } of seen) {
    sizes.set(zoneKey(zone), { zone, part: part + (sizes.get(zoneKey(zone))?.part ?? 0) });
  }
  const ordered = [...sizes.values()].toSorted((a, b) => compareZones(a.zone, b.zone));
  const total = ordered.reduce((sum, { part }) => sum + part, 0);
  return ordered.map(({ zone, part }) => ({ zone, part: part / total }));
}
