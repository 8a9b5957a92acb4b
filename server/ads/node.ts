import type { Node } from "../../gen/envoy/config/core/v3/base.ts";
import { UNKNOWN, type Zone, type ZoneClass } from "../../snapshots/balance/zone.ts";
import type { Topology } from "../../snapshots/derive/model.ts";
import { type ClientKind, clientKind } from "../../snapshots/resources/client-kind.ts";
import type { NodeInfo } from "../roster.ts";

/** Who is at the other end of a stream, from its first request. */
export interface Client {
  readonly node: NodeInfo;
  readonly kind: ClientKind;
  readonly zoneClass: ZoneClass;
  /** Where the zone was found. */
  readonly zoneFrom: string;
}

export const ANONYMOUS: Client = {
  node: { id: "", cluster: "", userAgentName: "", userAgentVersion: "", metadata: {}, features: [] },
  kind: "other",
  zoneClass: UNKNOWN,
  zoneFrom: "unknown",
};

/** A stream keeps its node's metadata; of a larger one it keeps only what the server knows by name. */
const MAX_METADATA_CHARACTERS = 16_384;
const KNOWN_METADATA = ["POD_NAME", "NAMESPACE", "NODE_NAME"];

function keptMetadata(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (JSON.stringify(metadata).length <= MAX_METADATA_CHARACTERS) return metadata;
  return Object.fromEntries(KNOWN_METADATA.flatMap((key) => (key in metadata ? [[key, metadata[key]]] : [])));
}

function agentVersion({ userAgentVersionType: version }: Node): string {
  if (version?.$case === "userAgentVersion") return version.value;
  const number = version?.$case === "userAgentBuildVersion" ? version.value.version : undefined;
  return number === undefined ? "" : `${number.majorNumber}.${number.minorNumber}.${number.patch}`;
}

const textOr = (value: unknown): string => (typeof value === "string" ? value : "");

/** The region that the Nodes give a zone counts more than the client's: endpoints are named by it. */
function zoneOf({ locality, metadata }: Node, { regionOfZone, zoneOfNode }: Topology) {
  if (locality !== undefined && locality.zone !== "") {
    const region = regionOfZone.get(locality.zone) ?? locality.region;
    return { zone: { region, zone: locality.zone }, zoneFrom: "node.locality" };
  }
  const zone = zoneOfNode.get(textOr(metadata?.NODE_NAME));
  return { zone, zoneFrom: zone === undefined ? "unknown" : "node.metadata.NODE_NAME" };
}

const zoneClassOf = (zone: Zone | undefined, node: string): ZoneClass => ({
  ...(zone === undefined ? UNKNOWN : { kind: "known" as const, zone }),
  ...(node === "" ? {} : { node }),
});

/** Who this node is. A client that says little is of an unknown zone, and of kind `other`. */
export function clientOf(node: Node, topology: Topology): Client {
  const { zone, zoneFrom } = zoneOf(node, topology);
  const metadata = node.metadata ?? {};
  return {
    node: {
      id: node.id,
      cluster: node.cluster,
      userAgentName: node.userAgentName,
      userAgentVersion: agentVersion(node),
      metadata: keptMetadata(metadata),
      features: node.clientFeatures,
    },
    kind: clientKind(node.userAgentName),
    zoneClass: zoneClassOf(zone, textOr(metadata.NODE_NAME)),
    zoneFrom,
  };
}
