/** Where a client is by the address that it connects from: what slices and Nodes say of that address. */
import { type Zone, zoneKey } from "../balance/zone.ts";
import type { SliceEndpoint } from "../objects.ts";
import type { Topology } from "./model.ts";
import type { PodCidrs } from "./pod-cidrs.ts";
import { zoneOf } from "./topology.ts";

export interface PeerPlace {
  /** Absent where only the node is known. */
  readonly zone?: Zone;
  readonly node?: string;
  /** What said so, in words for people. */
  readonly from: string;
}

/** What the rules below look at. */
interface Facts {
  readonly topology: Topology;
  /** The entries of slices with that address. */
  readonly entries: readonly SliceEndpoint[];
  readonly podCidrs: PodCidrs;
}

/** The one value that there is; undefined where there is none, or several that differ. */
const only = <T>(values: readonly T[], key: (value: T) => string): T | undefined =>
  values.length === 1 || new Set(values.map(key)).size === 1 ? values[0] : undefined;

const itself = (text: string): string => text;

/** The places that some entries, or Nodes, name for one address, joined to one. */
function joined(
  told: readonly Pick<SliceEndpoint, "zone" | "nodeName">[],
  topology: Topology,
  from: string,
): PeerPlace {
  const zones = told.map((one) => zoneOf(topology, one)).filter(({ zone }) => zone !== "");
  const zone = only(zones, zoneKey);
  const node = only(
    told.flatMap(({ nodeName }) => nodeName ?? []),
    itself,
  );
  return { ...(zone !== undefined && { zone }), ...(node !== undefined && { node }), from };
}

/**
 * The place of an address by the slices that have it, else by the Nodes whose `podCIDR` it is in. Undefined where nobody
 * says; and an address that stands in several zones belongs to something shared, such as a proxy, so it tells no zone.
 */
export function placeOfAddress(address: string, { topology, entries, podCidrs }: Facts): PeerPlace | undefined {
  if (entries.some(({ zone, nodeName }) => zone !== undefined || nodeName !== undefined)) {
    return joined(entries, topology, "its address, in an EndpointSlice");
  }
  const nodes = podCidrs(address);
  if (nodes.length === 0) return undefined;
  return joined(
    nodes.map((nodeName) => ({ nodeName })),
    topology,
    "its address, in the podCIDR of a Node",
  );
}
