import { compareZones, UNKNOWN, type Zone, type ZoneClass } from "../balance/zone.ts";
import type { EndpointSlice, Node, ObjectKey, Objects, SliceEndpoint } from "../objects.ts";
import { compare } from "../order.ts";
import type { Table } from "../table.ts";
import type { Topology } from "./model.ts";

/** A topology, with the names of the nodes and zones that are not what they were. */
export interface TopologyChange {
  readonly topology: Topology;
  readonly nodes: ReadonlySet<string>;
  readonly zones: ReadonlySet<string>;
}

/** The keys whose values differ. */
function differences<V>(before: Table<V>, after: ReadonlyMap<string, V>, same: (a: V, b: V) => boolean): Set<string> {
  const gone = [...before.keys()].filter((key) => !after.has(key));
  const changed = [...after].filter(([key, value]) => {
    const old = before.get(key);
    return old === undefined || !same(old, value);
  });
  return new Set([...gone, ...changed.map(([key]) => key)]);
}

const updated = <V>(table: Table<V>, next: ReadonlyMap<string, V>, keys: ReadonlySet<string>): Table<V> =>
  table.with([...keys].map((key) => [key, next.get(key)] as const));

/** In order; a zone whose nodes name no region has an empty list. */
function regionsByZone(nodes: Iterable<Zone>): ReadonlyMap<string, readonly string[]> {
  const sets = new Map<string, Set<string>>();
  for (const { region, zone } of nodes) {
    const regions = sets.get(zone) ?? new Set();
    if (zone !== "") sets.set(zone, regions);
    if (region !== "") regions.add(region);
  }
  return new Map([...sets].map(([zone, regions]) => [zone, [...regions].toSorted(compare)]));
}

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);

/** Reads zone and region from all nodes; what did not change stays. */
export function nextTopology(nodes: Table<Node>, previous: Topology): TopologyChange {
  const zones = [...nodes.values()].map(({ name, region = "", zone = "" }) => [name, { region, zone }] as const);
  const zoneOfNode = new Map<string, Zone>(zones);
  const regionsOfZone = regionsByZone(zoneOfNode.values());
  const changedNodes = differences(previous.zoneOfNode, zoneOfNode, (a, b) => compareZones(a, b) === 0);
  const changedZones = differences(previous.regionsOfZone, regionsOfZone, sameList);
  const unchanged = changedNodes.size === 0 && changedZones.size === 0;
  return {
    topology: unchanged
      ? previous
      : {
          zoneOfNode: updated(previous.zoneOfNode, zoneOfNode, changedNodes),
          regionsOfZone: updated(previous.regionsOfZone, regionsOfZone, changedZones),
        },
    nodes: changedNodes,
    zones: changedZones,
  };
}

/**
 * An endpoint's own zone, else its node's. The region is that of its node, if the node is in that zone, as two regions may
 * have zones of one name; else the first of those that have such a zone; else the node's after all. "" for what nobody says.
 */
export function zoneOf(topology: Topology, { zone, nodeName = "" }: Pick<SliceEndpoint, "zone" | "nodeName">): Zone {
  const node = topology.zoneOfNode.get(nodeName);
  if (node !== undefined && node.region !== "" && (zone || node.zone) === node.zone) return node;
  const name = zone || (node?.zone ?? "");
  const regions = topology.regionsOfZone.get(name);
  return { zone: name, region: regions === undefined ? (node?.region ?? "") : (regions[0] ?? "") };
}

/** What a client says of where it is. */
export interface Whereabouts {
  readonly region?: string;
  readonly zone?: string;
  /** The Kubernetes node. */
  readonly node?: string;
}

/**
 * The region that a zone has for endpoints, so that a client finds itself in the zone of its neighbours: what the Nodes say,
 * which is nothing where none says it. What the client says chooses between several, and counts for a zone without Nodes.
 */
function regionFor(zone: string, told: string, { regionsOfZone }: Topology): string {
  const regions = regionsOfZone.get(zone);
  if (regions === undefined) return regionsOfZone.size === 0 ? "" : told;
  return regions.includes(told) ? told : (regions[0] ?? "");
}

/** A zone that a client, or who speaks of clients, names. */
export const namedZone = (region: string, zone: string, topology: Topology): Zone => ({
  region: regionFor(zone, region, topology),
  zone,
});

/** The class of a client by the zone that it names, else by that of its node. A node without zone tells none. */
export function zoneClassOf({ region = "", zone = "", node = "" }: Whereabouts, topology: Topology): ZoneClass {
  const own = node === "" ? {} : { node };
  const ofNode = topology.zoneOfNode.get(node);
  const told = zone === "" ? undefined : namedZone(ofNode?.zone === zone ? ofNode.region : region, zone, topology);
  const found = told ?? ofNode;
  return found === undefined || found.zone === "" ? { ...UNKNOWN, ...own } : { kind: "known", zone: found, ...own };
}

/** The Services with an endpoint on a node, or in a zone, that changed. Reads every slice. */
export function servicesAt({ slicesByService }: Objects, change: TopologyChange): readonly ObjectKey[] {
  const { topology, nodes, zones } = change;
  if (nodes.size === 0 && zones.size === 0) return [];
  const moved = (endpoint: SliceEndpoint): boolean =>
    nodes.has(endpoint.nodeName ?? "") || zones.has(zoneOf(topology, endpoint).zone);
  const touched = (slices: readonly EndpointSlice[]): boolean => slices.some(({ endpoints }) => endpoints.some(moved));
  return [...slicesByService.entries()].filter(([, slices]) => touched(slices)).map(([key]) => key);
}
