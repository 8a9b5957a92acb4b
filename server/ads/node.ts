import type { Node } from "../../gen/envoy/config/core/v3/base.ts";
import { compareZones, UNKNOWN, type ZoneClass } from "../../snapshots/balance/zone.ts";
import type { Topology } from "../../snapshots/derive/model.ts";
import { type Whereabouts, zoneClassOf } from "../../snapshots/derive/topology.ts";
import { type ClientKind, clientKind } from "../../snapshots/resources/client-kind.ts";
import type { NodeInfo } from "../roster.ts";

/** Who is at the other end of a stream, from its first request. */
export interface Client {
  readonly node: NodeInfo;
  readonly kind: ClientKind;
  readonly zoneClass: ZoneClass;
  /** What it says of where it is. */
  readonly whereabouts: Whereabouts;
  /** Where the zone was found. */
  readonly zoneFrom: string;
}

export const ANONYMOUS: Client = {
  node: { id: "", cluster: "", userAgentName: "", userAgentVersion: "", metadata: {}, features: [] },
  kind: "other",
  zoneClass: UNKNOWN,
  whereabouts: {},
  zoneFrom: "unknown",
};

/** A stream keeps its node's metadata; of a larger one it keeps only what the server knows by name. */
const MAX_METADATA_CHARACTERS = 16_384;
export const KNOWN_METADATA: readonly string[] = ["POD_NAME", "NAMESPACE", "NODE_NAME"];

function keptMetadata(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (JSON.stringify(metadata).length <= MAX_METADATA_CHARACTERS) return metadata;
  return Object.fromEntries(
    KNOWN_METADATA.map((key) => [key, metadata[key]]).filter(([, value]) => typeof value === "string"),
  );
}

function agentVersion({ userAgentVersionType: version }: Node): string {
  if (version?.$case === "userAgentVersion") return version.value;
  const number = version?.$case === "userAgentBuildVersion" ? version.value.version : undefined;
  return number === undefined ? "" : `${number.majorNumber}.${number.minorNumber}.${number.patch}`;
}

const textOr = (value: unknown): string => (typeof value === "string" ? value : "");

const whereaboutsOf = ({ locality, metadata }: Node): Whereabouts => ({
  region: locality?.region ?? "",
  zone: locality?.zone ?? "",
  node: textOr(metadata?.NODE_NAME),
});

function zoneFromOf({ zone }: Whereabouts, { kind }: ZoneClass): string {
  if (zone) return "node.locality";
  return kind === "known" ? "node.metadata.NODE_NAME" : "unknown";
}

function placed(whereabouts: Whereabouts, topology: Topology) {
  const zoneClass = zoneClassOf(whereabouts, topology);
  return { whereabouts, zoneClass, zoneFrom: zoneFromOf(whereabouts, zoneClass) };
}

const isSameZone = (a: ZoneClass, b: ZoneClass): boolean =>
  a.kind === "known" && b.kind === "known" ? compareZones(a.zone, b.zone) === 0 : a.kind === b.kind;

/** The client as `topology` places it: the same one, if it stays where it was. */
export function relocated(client: Client, topology: Topology): Client {
  const place = placed(client.whereabouts, topology);
  return isSameZone(client.zoneClass, place.zoneClass) ? client : { ...client, ...place };
}

/** Who this node is. A client that says little is of an unknown zone, and of kind `other`. */
export function clientOf(node: Node, topology: Topology): Client {
  return {
    node: {
      id: node.id,
      cluster: node.cluster,
      userAgentName: node.userAgentName,
      userAgentVersion: agentVersion(node),
      metadata: keptMetadata(node.metadata ?? {}),
      features: node.clientFeatures,
    },
    kind: clientKind(node.userAgentName),
    ...placed(whereaboutsOf(node), topology),
  };
}
