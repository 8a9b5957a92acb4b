/** Who sends how much to whom, as one workload is planned. */
import { capacityOf, capacityParts } from "../balance/capacity.ts";
import { type Demand, demandParts } from "../balance/demand.ts";
import type { Part, Row } from "../balance/flow.ts";
import { compareZones, isSameZone, type Zone, zoneKey } from "../balance/zone.ts";
import { endpointKey } from "../derive/endpoints.ts";
import type { Endpoint, Workload } from "../derive/model.ts";
import type { PlannedLocality } from "../plan/locality.ts";
import { planFor } from "../plan.ts";

/** What the clients of one zone do with their requests, while the first priority serves. */
export interface FromZone {
  readonly zone: Zone;
  /** Of all requests. */
  readonly demand: number;
  /** Which part each zone serves. Sums to 1; zones in order. */
  readonly to: Row;
}

/** What the endpoints of one zone are asked for. */
export interface AtZone {
  readonly zone: Zone;
  /** Ready ones. */
  readonly endpoints: number;
  /** Of one of them, on average: 1 where it is what every endpoint of the Service would get of an even spread. */
  readonly load: number;
}

export interface Load {
  /** Zones in order; their demand sums to 1. */
  readonly from: readonly FromZone[];
  /** Every zone with a ready endpoint, in order. */
  readonly at: readonly AtZone[];
  /** The loads of the endpoint with the most and of the one with the least. */
  readonly most: number;
  readonly least: number;
  /** Parts of all requests that leave their zone, and their region; absent where the zones of clients have no name. */
  readonly crossZone?: number;
  readonly crossRegion?: number;
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Clients that are nowhere in particular, where nothing is known of any. */
const NOBODY_KNOWN: readonly Part[] = [{ zone: { region: "", zone: "" }, part: 1 }];

/** What the flow was made of; in modes that ask for no flow, what it would be made of. */
function demandOf({ flow, endpoints }: Workload, demand: Demand): readonly Part[] {
  if (flow.demand.length > 0) return flow.demand;
  const parts = demandParts(demand, capacityParts(capacityOf(endpoints)));
  return parts.length > 0 ? parts : NOBODY_KNOWN;
}

/** The first priority, with the part of each locality in it. */
function firstTier(workload: Workload, zone: Zone): readonly (PlannedLocality & { readonly part: number })[] {
  const [tier = []] = planFor(workload, { kind: "known", zone }).tiers;
  const whole = sumOf(tier.map(({ weight }) => weight));
  return tier.map((locality) => ({ ...locality, part: locality.weight / whole }));
}

function rowOf(tier: ReturnType<typeof firstTier>): Row {
  const byZone = Map.groupBy(tier, ({ zone }) => zoneKey(zone));
  return [...byZone.values()]
    .flatMap((own) => own.slice(0, 1).map(({ zone }) => ({ zone, part: sumOf(own.map((one) => one.part)) })))
    .toSorted((a, b) => compareZones(a.zone, b.zone));
}

/** The part of all requests that each ready endpoint gets. */
function partsOf(workload: Workload, demand: readonly Part[]) {
  const ready = workload.endpoints.filter(({ health }) => health === "healthy");
  const parts = new Map(ready.map((endpoint) => [endpointKey(endpoint), 0]));
  const from = demand.map(({ zone, part: asked }): FromZone => {
    const tier = firstTier(workload, zone);
    for (const { endpoints, part } of tier) {
      const keys = endpoints.filter(({ health }) => health === "healthy").map(endpointKey);
      for (const key of keys) parts.set(key, (parts.get(key) ?? 0) + (asked * part) / keys.length);
    }
    return { zone, demand: asked, to: rowOf(tier) };
  });
  return { ready, parts, from };
}

/** The part of all requests for which `leaves` holds. */
const crossing = (from: readonly FromZone[], leaves: (a: Zone, b: Zone) => boolean): number =>
  sumOf(
    from.map(({ zone, demand, to }) => {
      const others = to.filter((one) => leaves(zone, one.zone));
      return demand * sumOf(others.map(({ part }) => part));
    }),
  );

/**
 * The load of a workload, as its plans for clients of each zone make it; undefined where nothing is ready, and in mode
 * `local`, which goes by the node of each client. `demand` counts where its flow is made of none.
 */
export function loadOf(workload: Workload, demand: Demand): Load | undefined {
  if (workload.spec.policy.mode === "local") return undefined;
  const { ready, parts, from } = partsOf(workload, demandOf(workload, demand));
  if (ready.length === 0) return undefined;
  const loadIn = (endpoint: Endpoint): number => (parts.get(endpointKey(endpoint)) ?? 0) * ready.length;
  const loads = ready.map(loadIn);
  const byZone = Map.groupBy(ready, ({ zone }) => zoneKey(zone));
  const isPlaced = from.every(({ zone }) => zone.zone !== "");
  return {
    from,
    at: [...byZone.values()].flatMap((own) =>
      own.slice(0, 1).map(({ zone }) => ({ zone, endpoints: own.length, load: sumOf(own.map(loadIn)) / own.length })),
    ),
    most: loads.reduce((a, b) => Math.max(a, b)),
    least: loads.reduce((a, b) => Math.min(a, b)),
    ...(isPlaced && {
      crossZone: crossing(from, (a, b) => !isSameZone(a, b)),
      crossRegion: crossing(from, (a, b) => a.region !== b.region),
    }),
  };
}
