/** Slices of a Service as they would be with other endpoints. */
import { isSameZone, type Zone, type ZoneKey, zoneKey } from "../balance/zone.ts";
import { canonicalAddress } from "../derive/address.ts";
import { servedFamily } from "../derive/endpoints.ts";
import type { Topology } from "../derive/model.ts";
import { zoneOf } from "../derive/topology.ts";
import type { EndpointSlice, Service, SliceEndpoint } from "../objects.ts";
import { compare } from "../order.ts";
import { inOrder } from "./objects.ts";

type Slices = readonly EndpointSlice[];

/** Unchanged means identical, here too. */
function keeping(slices: Slices, keeps: (entry: SliceEndpoint, slice: EndpointSlice) => boolean): Slices {
  const kept = slices.map((slice) => {
    const endpoints = slice.endpoints.filter((entry) => keeps(entry, slice));
    return endpoints.length === slice.endpoints.length ? slice : { ...slice, endpoints };
  });
  return kept.every((slice, i) => slice === slices[i]) ? slices : kept;
}

/** Without what stands in these zones. */
export const withoutZones = (slices: Slices, gone: ReadonlySet<ZoneKey>, topology: Topology): Slices =>
  keeping(slices, (entry) => !gone.has(zoneKey(zoneOf(topology, entry))));

/** Canonical, so that two spellings of an address are one. */
const addressOf = ({ address }: SliceEndpoint, { addressType }: EndpointSlice): string =>
  (addressType === "FQDN" ? undefined : canonicalAddress(address, addressType)) ?? address;

/** Where a Service is scaled. */
interface Scene {
  readonly service: Service;
  readonly zone: Zone;
  readonly topology: Topology;
}

/** Made-up endpoints stand in a slice of a name that no slice can have. */
const MADE_UP = "(imagined)";

/** A slice without endpoints: of the family that is served, with the ports that pods have, as other slices or the Service say. */
function likeOthers(service: Service, slices: Slices): EndpointSlice {
  const { namespace, name, ports } = service;
  const addressType = servedFamily(service, slices);
  const model = slices.find((slice) => slice.addressType === addressType && slice.ports.length > 0);
  const asSaid = ports.map(({ name: port, port: number, targetPort, protocol }) => ({
    name: port,
    port: typeof targetPort === "number" ? targetPort : number,
    protocol,
  }));
  return {
    kind: "EndpointSlice",
    namespace,
    name: MADE_UP,
    service: name,
    addressType,
    ports: model?.ports ?? asSaid,
    endpoints: [],
  };
}

/** In ranges that no pod can have an address of: 240.0.0.0/4 is reserved, 100::/64 is for what is thrown away. */
const madeUpAddress = (number: number, family: EndpointSlice["addressType"]): string =>
  family === "IPv6"
    ? `100::${number.toString(16)}`
    : `240.${Math.floor(number / 65_536)}.${Math.floor(number / 256) % 256}.${number % 256}`;

function* freeAddresses(slices: Slices, family: EndpointSlice["addressType"]): Generator<string, never> {
  const taken = new Set(slices.flatMap((slice) => slice.endpoints.map((entry) => addressOf(entry, slice))));
  for (let number = 1; ; number += 1) {
    const address = madeUpAddress(number, family);
    if (!taken.has(address)) yield address;
  }
}

/** The nodes of a zone in order: new endpoints are put on one after the other. */
const nodesIn = ({ zone, topology }: Scene): readonly string[] =>
  [...topology.zoneOfNode.entries()]
    .filter(([, own]) => isSameZone(own, zone))
    .map(([name]) => name)
    .toSorted(compare);

function grown(slices: Slices, count: number, scene: Scene): Slices {
  const { service, zone } = scene;
  const before = slices.find(({ name }) => name === MADE_UP) ?? likeOthers(service, slices);
  const nodes = nodesIn(scene);
  const isHinted = slices.some(({ endpoints }) => endpoints.some(({ hintedZones }) => hintedZones !== undefined));
  const addresses = freeAddresses(slices, before.addressType);
  const added = Array.from({ length: count }, (_, i): SliceEndpoint => {
    const nodeName = nodes[i % nodes.length];
    return {
      address: addresses.next().value,
      ...(zone.zone !== "" && { zone: zone.zone }),
      ...(nodeName !== undefined && { nodeName }),
      ...(isHinted && { hintedZones: [zone.zone] }),
    };
  });
  const others = slices.filter((slice) => slice !== before);
  return inOrder([...others, { ...before, endpoints: [...before.endpoints, ...added] }]);
}

/**
 * With that many ready endpoints in a zone. Too many: the last by address go, whatever they are. Too few: others are made
 * up, with the ports of those that there are, on the nodes of the zone in turn.
 */
export function scaled(slices: Slices, to: number, scene: Scene): Slices {
  const { service, zone, topology } = scene;
  const family = servedFamily(service, slices);
  const isReadyHere = (entry: SliceEndpoint): boolean =>
    entry.ready !== false && isSameZone(zoneOf(topology, entry), zone);
  const here = slices
    .filter(({ addressType }) => addressType === family)
    .flatMap((slice) => slice.endpoints.filter(isReadyHere).map((entry) => addressOf(entry, slice)));
  const addresses = [...new Set(here)].toSorted(compare);
  if (addresses.length < to) return grown(slices, to - addresses.length, scene);
  const surplus = new Set(addresses.slice(to));
  return keeping(slices, (entry, slice) => !surplus.has(addressOf(entry, slice)));
}
