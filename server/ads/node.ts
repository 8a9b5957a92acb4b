import type { Node } from "../../gen/envoy/config/core/v3/base.ts";
import { isSameZone, UNKNOWN, type ZoneClass } from "../../snapshots/balance/zone.ts";
import { peerAddress } from "../../snapshots/derive/address.ts";
import { type Whereabouts, zoneClassOf } from "../../snapshots/derive/topology.ts";
import { type ClientKind, clientKind, KIND_METADATA } from "../../snapshots/resources/client-kind.ts";
import type { NodeInfo } from "../roster.ts";
import type { Places } from "./places.ts";

/** Who is at the other end of a stream, from its first request. */
export interface Client {
  readonly node: NodeInfo;
  readonly kind: ClientKind;
  readonly zoneClass: ZoneClass;
  /** What it says of where it is. */
  readonly whereabouts: Whereabouts;
  /** Canonical; what tells its place where it does not name its zone. Absent where it does, or the address tells nothing. */
  readonly address?: string;
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
export const KNOWN_METADATA: readonly string[] = ["POD_NAME", "NAMESPACE", "NODE_NAME", KIND_METADATA];

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

type Place = Pick<Client, "zoneClass" | "zoneFrom">;

/** The place of a client by its address, for one that names its node, if at all, in vain. */
function placeByAddress({ node = "" }: Whereabouts, address: string, places: Places): Place {
  const found = places.placeOf(address);
  const onNode = node || found?.node;
  const own = onNode === undefined ? {} : { node: onNode };
  if (found?.zone !== undefined)
    return { zoneClass: { kind: "known", zone: found.zone, ...own }, zoneFrom: found.from };
  return { zoneClass: { ...UNKNOWN, ...own }, zoneFrom: "unknown" };
}

/** The first that knows: what the client says of its zone, the node that it names, its address. */
function placed({ whereabouts, address }: Pick<Client, "whereabouts" | "address">, places: Places): Place {
  const zoneClass = zoneClassOf(whereabouts, places.topology);
  if (whereabouts.zone) return { zoneClass, zoneFrom: "node.locality" };
  if (zoneClass.kind === "known") return { zoneClass, zoneFrom: "node.metadata.NODE_NAME" };
  if (address === undefined) return { zoneClass, zoneFrom: "unknown" };
  return placeByAddress(whereabouts, address, places);
}

const isSameClass = (a: ZoneClass, b: ZoneClass): boolean =>
  a.node === b.node && (a.kind === "known" && b.kind === "known" ? isSameZone(a.zone, b.zone) : a.kind === b.kind);

/** The client as it is placed now: the same one, if it stays where it was. */
export function relocated(client: Client, places: Places): Client {
  const place = placed(client, places);
  const stays = isSameClass(client.zoneClass, place.zoneClass) && client.zoneFrom === place.zoneFrom;
  return stays ? client : { ...client, ...place };
}

/** Where a client is to be looked for. `peer` is the `address:port` of its connection. */
function searchFor(node: Node, peer: string): Pick<Client, "whereabouts" | "address"> {
  const whereabouts = whereaboutsOf(node);
  const address = whereabouts.zone ? undefined : peerAddress(peer);
  return { whereabouts, ...(address !== undefined && { address }) };
}

/** Who this node is. A client that says little is of kind `other`, and where its address is, else of an unknown zone. */
export function clientOf(node: Node, peer: string, places: Places): Client {
  const search = searchFor(node, peer);
  return {
    node: {
      id: node.id,
      cluster: node.cluster,
      userAgentName: node.userAgentName,
      userAgentVersion: agentVersion(node),
      metadata: keptMetadata(node.metadata ?? {}),
      features: node.clientFeatures,
    },
    kind: clientKind(node.userAgentName, node.metadata?.[KIND_METADATA]),
    ...search,
    ...placed(search, places),
  };
}
