import { capacityOf } from "./balance/capacity.ts";
import { sharesOf } from "./balance/shares.ts";
import { rowFor } from "./balance/spill.ts";
import { tiersOf } from "./balance/tiers.ts";
import { isSameZone, type Zone, type ZoneClass } from "./balance/zone.ts";
import type { Endpoint, Workload } from "./derive/model.ts";
import { hintedFirst } from "./plan/hints.ts";
import { byLevels, everyone, type Level, nearestFirst, nodeFirst, ownNode, ownZone } from "./plan/levels.ts";
import { type PlannedLocality, withEndpoints } from "./plan/locality.ts";
import { zoneClassFor } from "./plan/zone-class.ts";
import type { Problem } from "./problem.ts";

/** Who serves one workload's clients of one zone class. */
export interface Plan {
  /**
   * Priorities from 0 without a gap; none is empty, and each zone, or part of one, stands once. Empty when nothing can
   * serve. Clients that know no priorities are to be given the first alone.
   */
  readonly tiers: readonly (readonly PlannedLocality[])[];
  /** What keeps these clients from being served as the Service asks. */
  readonly problem?: Problem;
}

const weighted = ({ flow, endpoints }: Workload, own: Zone): Plan["tiers"] =>
  withEndpoints(tiersOf(own, sharesOf(rowFor(flow, own)), capacityOf(endpoints)), endpoints);

/** Why every endpoint gets the same share, where the place of the client says nothing. */
function evenReason({ spec, allTerminating, flow }: Workload): string {
  if (allTerminating) return "none is ready: those that are terminating serve";
  switch (spec.policy.mode) {
    case "spread":
      return "spread evenly";
    case "hints":
      return "no usable hints for these clients: spread evenly";
    case "local":
      return "node of the client unknown: spread evenly";
    case "weighted":
    case "prefer":
    case "prefer-node":
    case "filter":
      return flow.capacity.length < 2 ? "the only zone" : "zone of the client unknown: spread evenly";
  }
}

/** Only the own zone, or all where that has nothing. */
function filtered({ flow }: Workload, own: Zone): readonly Level[] {
  const serves = flow.capacity.some(({ zone }) => isSameZone(zone, own));
  return [serves ? ownZone(own) : everyone("own zone has none: spread evenly")];
}

/** The place of clients, where it says something. */
interface Place {
  readonly zone: Zone | undefined;
  readonly node: string | undefined;
}

function placeOf(served: ZoneClass): Place | undefined {
  const { node } = served;
  if (served.kind === "known") return { zone: served.zone, node };
  return node === undefined ? undefined : { zone: undefined, node };
}

/** Who is used before whom, by clients of a place. */
function levelsAt(workload: Workload, { zone, node }: Place): readonly Level[] {
  const evenly = everyone(evenReason(workload));
  const nearest = zone === undefined ? [evenly] : nearestFirst(zone);
  switch (workload.spec.policy.mode) {
    case "weighted":
    case "spread":
      return [evenly];
    case "prefer":
      return nearest;
    case "prefer-node":
      return node === undefined ? nearest : nodeFirst(node, nearest);
    case "filter":
      return zone === undefined ? [evenly] : filtered(workload, zone);
    case "hints":
      return hintedFirst(zone, node);
    case "local":
      return [ownNode(node)];
  }
}

/** When none on a node is ready, those of it that are terminating serve its clients: kube-proxy decides so node by node (H12). */
function withTerminating(endpoints: readonly Endpoint[], node: string): readonly Endpoint[] {
  const own = endpoints.filter((endpoint) => endpoint.node === node);
  return own.some(({ health }) => health === "healthy") ? own : own.map((one) => ({ ...one, health: "healthy" }));
}

/** Nothing is known of the node whose endpoints alone are asked for (H14). */
const nodeUnknown = ({ spec }: Workload): Problem => ({
  object: `Service ${spec.namespace}/${spec.service}`,
  code: "client-node-unknown",
  message: "internalTrafficPolicy is Local, but the node of some client is unknown; it is served from all nodes",
});

/** Who serves clients of that zone class, with what weights and why. */
export function planFor(workload: Workload, zoneClass: ZoneClass): Plan {
  const { endpoints, spec } = workload;
  const { mode } = spec.policy;
  const place = placeOf(zoneClassFor(workload, zoneClass));
  if (place === undefined) {
    const tiers = byLevels(endpoints, [everyone(evenReason(workload))]);
    return mode === "local" ? { tiers, problem: nodeUnknown(workload) } : { tiers };
  }
  const { zone, node } = place;
  if (mode === "weighted" && zone !== undefined) return { tiers: weighted(workload, zone) };
  const within = mode === "local" && node !== undefined ? withTerminating(endpoints, node) : endpoints;
  return { tiers: byLevels(within, levelsAt(workload, place)) };
}
