import { compareZones, UNKNOWN, type Zone, type ZoneClass, zoneKey } from "../balance/zone.ts";
import type { Endpoint, Workload } from "../derive/model.ts";
import { hintedClass } from "./hints.ts";

/** A zone without name is nobody's own, whatever its region (H15). */
const isNameless = ({ zone }: Zone): boolean => zone === "";

/** Stands for every zone, region or node that a workload knows nothing of. No label value may be so. */
const ELSEWHERE = "*";

const nodesByEndpoints = new WeakMap<readonly Endpoint[], ReadonlySet<string | undefined>>();

/** Looked up at every request of every stream, so it is kept with the endpoints. */
function nodesOf({ endpoints }: Workload): ReadonlySet<string | undefined> {
  const nodes = nodesByEndpoints.get(endpoints) ?? new Set(endpoints.map(({ node }) => node));
  nodesByEndpoints.set(endpoints, nodes);
  return nodes;
}

/** For who is sent to the own node alone. */
function nodeClass(workload: Workload, node: string | undefined): ZoneClass {
  if (node === undefined) return UNKNOWN;
  return { kind: "unknown", node: nodesOf(workload).has(node) ? node : ELSEWHERE };
}

/** Zones without capacity and demand differ by their region alone, and regions without capacity do not differ. */
function knownZone({ flow }: Workload, own: Zone): Zone {
  const isServing = flow.capacity.some(({ zone }) => compareZones(zone, own) === 0);
  if (isServing || flow.rows.has(zoneKey(own))) return own;
  const serves = flow.capacity.some(({ zone }) => zone.region === own.region);
  return { region: serves ? own.region : ELSEWHERE, zone: ELSEWHERE };
}

/** For who is sent to some zones before others: where there are no two, that of the client says nothing. */
function zonal(workload: Workload, zoneClass: ZoneClass): ZoneClass {
  const isSameForAll = workload.flow.capacity.length < 2;
  if (zoneClass.kind === "unknown" || isNameless(zoneClass.zone) || isSameForAll) return UNKNOWN;
  return { kind: "known", zone: knownZone(workload, zoneClass.zone) };
}

/** For who is sent to the own node first, if that has endpoints. */
function nearby(workload: Workload, zoneClass: ZoneClass): ZoneClass {
  const { node } = zoneClass;
  const zone = zonal(workload, zoneClass);
  return node !== undefined && nodesOf(workload).has(node) ? { ...zone, node } : zone;
}

/**
 * The class that a client is served as: without what the workload does not look at, so that assignments are shared, and so
 * that there are no more of them than zones and nodes that matter, whatever clients say of themselves.
 */
export function zoneClassFor(workload: Workload, zoneClass: ZoneClass): ZoneClass {
  const { mode } = workload.spec.policy;
  if (mode === "local") return nodeClass(workload, zoneClass.node);
  if (workload.allTerminating) return UNKNOWN;
  switch (mode) {
    case "spread":
      return UNKNOWN;
    case "weighted":
    case "prefer":
    case "filter":
      return zonal(workload, zoneClass);
    case "prefer-node":
      return nearby(workload, zoneClass);
    case "hints":
      return hintedClass(workload.endpoints, zoneClass) ?? UNKNOWN;
  }
}
