import { capacityOf } from "../balance/capacity.ts";
import type { Tier } from "../balance/tiers.ts";
import { perZone, type Zone } from "../balance/zone.ts";
import type { Endpoint } from "../derive/model.ts";

/** One zone of a tier, or a part of a zone, with its endpoints. */
export interface PlannedLocality {
  readonly zone: Zone;
  /** Where endpoints of one zone stand in several tiers: what tells these from the others. */
  readonly subZone?: string;
  readonly weight: number;
  /** In order; at least one is healthy, and draining ones stand beside them. */
  readonly endpoints: readonly Endpoint[];
  /** Why it is where it is, in words for people. */
  readonly reason: string;
}

type ByZone = (zone: Zone) => readonly Endpoint[];

const grouped = new WeakMap<readonly Endpoint[], ByZone>();

/** The same lists whenever the same endpoints are asked for, as they are for clients of every zone. */
function byZone(endpoints: readonly Endpoint[]): ByZone {
  const known = grouped.get(endpoints);
  if (known !== undefined) return known;
  const endpointsOf = perZone((): Endpoint[] => []);
  for (const endpoint of endpoints) endpointsOf(endpoint.zone).push(endpoint);
  grouped.set(endpoints, endpointsOf);
  return endpointsOf;
}

/** The zones of a tier with all their endpoints. */
export function withEndpoints(tiers: readonly Tier[], endpoints: readonly Endpoint[]): readonly PlannedLocality[][] {
  const endpointsOf = byZone(endpoints);
  return tiers.map((tier) => tier.map((locality) => ({ ...locality, endpoints: endpointsOf(locality.zone) })));
}

/** Every endpoint the same share: a zone weighs its healthy endpoints (H6). Empty when none is healthy. */
export function evenTier(
  endpoints: readonly Endpoint[],
  { reason, subZone }: Pick<PlannedLocality, "reason" | "subZone">,
) {
  const tier = capacityOf(endpoints).map(({ zone, count }) => ({ zone, weight: count, reason }));
  const [localities = []] = withEndpoints([tier], endpoints);
  return subZone === undefined ? localities : localities.map((locality): PlannedLocality => ({ ...locality, subZone }));
}
