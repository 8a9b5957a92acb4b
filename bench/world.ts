/** A cluster of any size, as its API server would report it. */
import type { EndpointSlice, KubernetesObject, Node, Service, SliceEndpoint } from "../snapshots/objects.ts";

const NAMESPACE = "bench";
const ZONES = ["a", "b", "c"] as const;

/** As many as the EndpointSlice controller puts in one. */
const SLICE_SIZE = 100;

export interface World {
  readonly services: number;
  /** Of each Service, in three zones. */
  readonly endpoints: number;
}

/** One Service of a world. Each generation has another first endpoint, and else the same. */
export interface Place {
  readonly service: number;
  readonly generation: number;
}

export const zoneName = (index: number): string => ZONES[index % ZONES.length] ?? "";

/** The canonical name of a Service, under which clients ask for it. */
export const nameOf = (service: number): string => `s${service}.${NAMESPACE}:8080`;

const node = (zone: string): Node => ({ kind: "Node", name: `node-${zone}`, region: "bench", zone, podCidrs: [] });

const serviceObject = (service: number): Service => ({
  kind: "Service",
  namespace: NAMESPACE,
  name: `s${service}`,
  uid: `uid-${service}`,
  annotations: {},
  type: "ClusterIP",
  ports: [{ name: "grpc", port: 8080, protocol: "TCP" }],
  ipFamilies: ["IPv4"],
  internalTrafficPolicy: "Cluster",
});

/** A different one for each number below 2 ** 24. */
const address = (network: number, host: number): string =>
  `${network}.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}`;

const endpoint = (index: number, { service, generation }: Place, { endpoints }: World): SliceEndpoint => ({
  address: index === 0 && generation > 0 ? address(11, generation) : address(10, service * endpoints + index),
  ready: true,
  serving: true,
  terminating: false,
  zone: zoneName(index),
  nodeName: `node-${zoneName(index)}`,
});

/** One slice of a Service, made anew as a source would make it. */
export function sliceObject(slice: number, place: Place, world: World): EndpointSlice {
  const from = slice * SLICE_SIZE;
  const size = Math.min(SLICE_SIZE, world.endpoints - from);
  return {
    kind: "EndpointSlice",
    namespace: NAMESPACE,
    name: `s${place.service}-${slice}`,
    service: `s${place.service}`,
    addressType: "IPv4",
    ports: [{ name: "grpc", port: 8080, protocol: "TCP" }],
    endpoints: Array.from({ length: size }, (_, i) => endpoint(from + i, place, world)),
  };
}

const slicesOf = (service: number, world: World): readonly EndpointSlice[] =>
  Array.from({ length: Math.ceil(world.endpoints / SLICE_SIZE) }, (_, slice) =>
    sliceObject(slice, { service, generation: 0 }, world),
  );

/** Everything there is at first. */
export const objectsOf = (world: World): readonly KubernetesObject[] => [
  ...ZONES.map(node),
  ...Array.from({ length: world.services }, (_, service) => [
    serviceObject(service),
    ...slicesOf(service, world),
  ]).flat(),
];
