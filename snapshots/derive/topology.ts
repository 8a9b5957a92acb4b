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

/** Should nodes disagree about the region of a zone, the first in order wins; "" where none of them names one. */
function regionsByZone(nodes: Iterable<Zone>): ReadonlyMap<string, string> {
  const regions = new Map<string, string>();
  for (const { region, zone } of nodes) {
    const known = regions.get(zone) ?? "";
    if (zone !== "" && (known === "" || (region !== "" && compare(region, known) < 0))) regions.set(zone, region);
  }
  return regions;
}

/** Reads zone and region from all nodes; what did not change stays. */
export function nextTopology(nodes: Table<Node>, previous: Topology): TopologyChange {
  const zones = [...nodes.values()].map(({ name, region = "", zone = "" }) => [name, { region, zone }] as const);
  const zoneOfNode = new Map<string, Zone>(zones);
  const regionOfZone = regionsByZone(zoneOfNode.values());
  const changedNodes = differences(previous.zoneOfNode, zoneOfNode, (a, b) => compareZones(a, b) === 0);
  const changedZones = differences(previous.regionOfZone, regionOfZone, (a, b) => a === b);
  const unchanged = changedNodes.size === 0 && changedZones.size === 0;
  return {
    topology: unchanged
      ? previous
      : {
          zoneOfNode: updated(previous.zoneOfNode, zoneOfNode, changedNodes),
          regionOfZone: updated(previous.regionOfZone, regionOfZone, changedZones),
        },
    nodes: changedNodes,
    zones: changedZones,
  };
}

/** An endpoint's, or a client's, own zone, else its node's; the region by the name of the zone, else by the node. "" for what nobody says. */
export function zoneOf(topology: Topology, { zone, nodeName = "" }: Pick<SliceEndpoint, "zone" | "nodeName">): Zone {
  const node = topology.zoneOfNode.get(nodeName);
  const name = zone || (node?.zone ?? "");
  return { zone: name, region: topology.regionOfZone.get(name) ?? node?.region ?? "" };
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
 * which is nothing where none says it, and what the client says only of a zone that no Node is in.
 */
function regionFor(zone: string, told: string, { regionOfZone }: Topology): string {
  return regionOfZone.get(zone) ?? (regionOfZone.size === 0 ? "" : told);
}

/** The class of a client by the zone that it names, else by that of its node. */
export function zoneClassOf({ region = "", zone = "", node = "" }: Whereabouts, topology: Topology): ZoneClass {
  const own = node === "" ? {} : { node };
  const told = zone === "" ? undefined : { region: regionFor(zone, region, topology), zone };
  const found = told ?? topology.zoneOfNode.get(node);
  return found === undefined ? { ...UNKNOWN, ...own } : { kind: "known", zone: found, ...own };
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
