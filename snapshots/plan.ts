import { capacityOf, type ZoneCapacity } from "./balance/capacity.ts";
import { sharesOf } from "./balance/shares.ts";
import { rowFor } from "./balance/spill.ts";
import { type Tier, tiersOf } from "./balance/tiers.ts";
import { compareZones, perZone, UNKNOWN, type Zone, type ZoneClass, zoneKey } from "./balance/zone.ts";
import type { Endpoint, Workload } from "./derive/model.ts";
import type { Problem } from "./problem.ts";

/** One zone of a tier with its endpoints. */
export interface PlannedLocality {
  readonly zone: Zone;
  readonly weight: number;
  /** In order; at least one is healthy, and draining ones of the zone stand beside them. */
  readonly endpoints: readonly Endpoint[];
  /** Why it is where it is, in words for people. */
  readonly reason: string;
}

/** Who serves one workload's clients of one zone class. */
export interface Plan {
  /** Priorities from 0 without a gap; none is empty, and each zone stands once. Empty when nothing can serve. */
  readonly tiers: readonly (readonly PlannedLocality[])[];
  /** What keeps these clients from being served as the Service asks. */
  readonly problem?: Problem;
}

/** Where the zone of the client says nothing. */
const isSameForAll = ({ spec, allTerminating, flow }: Workload): boolean =>
  allTerminating || spec.policy.mode === "spread" || flow.capacity.length < 2;

/** A zone without name is nobody's own, whatever its region (H15). */
const isNameless = ({ zone }: Zone): boolean => zone === "";

/** Stands for every zone, region or node that a workload knows nothing of. No label value may be so. */
const ELSEWHERE = "*";

function nodeClass({ endpoints }: Workload, node: string | undefined): ZoneClass {
  if (node === undefined) return UNKNOWN;
  return { kind: "unknown", node: endpoints.some((endpoint) => endpoint.node === node) ? node : ELSEWHERE };
}

/** Zones without capacity and demand differ by their region alone, and regions without capacity do not differ. */
function knownZone({ flow }: Workload, own: Zone): Zone {
  const isServing = flow.capacity.some(({ zone }) => compareZones(zone, own) === 0);
  if (isServing || flow.rows.has(zoneKey(own))) return own;
  const serves = flow.capacity.some(({ zone }) => zone.region === own.region);
  return { region: serves ? own.region : ELSEWHERE, zone: ELSEWHERE };
}

/**
 * The class that a client is served as: without what the workload does not look at, so that assignments are shared, and so
 * that there are no more of them than zones and nodes that matter, whatever clients say of themselves.
 */
export function zoneClassFor(workload: Workload, zoneClass: ZoneClass): ZoneClass {
  if (workload.spec.policy.mode === "local") return nodeClass(workload, zoneClass.node);
  if (zoneClass.kind === "unknown" || isNameless(zoneClass.zone) || isSameForAll(workload)) return UNKNOWN;
  return { kind: "known", zone: knownZone(workload, zoneClass.zone) };
}

/** Every endpoint the same share: a zone weighs its healthy endpoints (H6). One tier, or none. */
function evenTier(capacity: readonly ZoneCapacity[], reason: string): readonly Tier[] {
  return capacity.length === 0 ? [] : [capacity.map(({ zone, count }) => ({ zone, weight: count, reason }))];
}

function withEndpoints(tiers: readonly Tier[], endpoints: readonly Endpoint[]): Plan["tiers"] {
  const endpointsOf = perZone((): Endpoint[] => []);
  for (const endpoint of endpoints) endpointsOf(endpoint.zone).push(endpoint);
  return tiers.map((tier) => tier.map((locality) => ({ ...locality, endpoints: endpointsOf(locality.zone) })));
}

function evenly(endpoints: readonly Endpoint[], reason: string): Plan {
  return { tiers: withEndpoints(evenTier(capacityOf(endpoints), reason), endpoints) };
}

function weighted({ flow, endpoints }: Workload, own: Zone): Plan {
  return { tiers: withEndpoints(tiersOf(own, sharesOf(rowFor(flow, own)), capacityOf(endpoints)), endpoints) };
}

/** Only the client's own node, nothing if it has none; as if it were not asked for where the node is unknown (H14). */
function local({ spec, endpoints }: Workload, node: string | undefined): Plan {
  const own = endpoints.filter((endpoint) => endpoint.node === node);
  if (node !== undefined) return evenly(own, "own node");
  const problem: Problem = {
    object: `Service ${spec.namespace}/${spec.service}`,
    code: "client-node-unknown",
    message: "internalTrafficPolicy is Local, but the node of some client is unknown; it is served from all nodes",
  };
  return { ...evenly(endpoints, "node of the client unknown: spread evenly"), problem };
}

function spreadReason({ spec, allTerminating, flow }: Workload): string {
  if (allTerminating) return "none is ready: those that are terminating serve";
  if (spec.policy.mode === "spread") return "spread evenly";
  return flow.capacity.length < 2 ? "the only zone" : "zone of the client unknown: spread evenly";
}

/** Who serves clients of that zone class, with what weights and why. */
export function planFor(workload: Workload, zoneClass: ZoneClass): Plan {
  const served = zoneClassFor(workload, zoneClass);
  if (workload.spec.policy.mode === "local") return local(workload, served.node);
  if (served.kind === "known") return weighted(workload, served.zone);
  return evenly(workload.endpoints, spreadReason(workload));
}
