/** Kubernetes objects in few words, for tests. */
import {
  type EndpointSlice,
  type KubernetesObject,
  type Namespace,
  type Node,
  type Objects,
  objectKey,
  type Service,
  type ServicePort,
  type SliceEndpoint,
  type SlicePort,
} from "../objects.ts";
import { compare } from "../order.ts";
import { tableOf } from "../table.ts";
import { type DeriveInput, derive } from "./derive.ts";
import { emptyModel, type Model, type Topology } from "./model.ts";

export const grpcPort: ServicePort = { name: "grpc", port: 8080, protocol: "TCP" };

/** `default/greeter` with one TCP port 8080 named `grpc`. */
export const service = (more: Partial<Service> = {}): Service => ({
  kind: "Service",
  namespace: "default",
  name: "greeter",
  uid: "uid-1",
  annotations: {},
  type: "ClusterIP",
  ports: [grpcPort],
  ipFamilies: ["IPv4"],
  internalTrafficPolicy: "Cluster",
  ...more,
});

const slicePort: SlicePort = { name: "grpc", port: 8080, protocol: "TCP" };

export const ready = (address: string, more: Partial<SliceEndpoint> = {}): SliceEndpoint => ({ address, ...more });

export const unready = (address: string, more: Partial<SliceEndpoint> = {}): SliceEndpoint => ({
  address,
  ready: false,
  serving: false,
  ...more,
});

export const terminating = (address: string, more: Partial<SliceEndpoint> = {}): SliceEndpoint => ({
  address,
  ready: false,
  serving: true,
  terminating: true,
  ...more,
});

/** A slice of `default/greeter`. */
export const slice = (endpoints: readonly SliceEndpoint[], more: Partial<EndpointSlice> = {}): EndpointSlice => ({
  kind: "EndpointSlice",
  namespace: "default",
  name: "greeter-1",
  service: "greeter",
  addressType: "IPv4",
  ports: [slicePort],
  endpoints,
  ...more,
});

export const node = (name: string, zone?: string, region?: string): Node => ({
  kind: "Node",
  name,
  ...(region !== undefined && { region }),
  ...(zone !== undefined && { zone }),
  podCidrs: [],
});

export const namespace = (annotations: Record<string, string>): Namespace => ({
  kind: "Namespace",
  name: "default",
  annotations,
});

const ofKind = <K extends KubernetesObject["kind"]>(all: readonly KubernetesObject[], kind: K) =>
  all.filter((object): object is Extract<KubernetesObject, { kind: K }> => object.kind === kind);

const byKey = <T extends KubernetesObject>(all: readonly T[]) =>
  tableOf(all.map((object) => [objectKey(object), object] as const));

/** The objects with their joins, as the store makes them. */
export function objectsOf(...all: readonly KubernetesObject[]): Objects {
  const slices = ofKind(all, "EndpointSlice").toSorted((a, b) => compare(a.name, b.name));
  const owned = Map.groupBy(slices, ({ namespace: own, service: owner = "" }) => `${own}/${owner}`);
  return {
    services: byKey(ofKind(all, "Service")),
    slicesByService: tableOf<readonly EndpointSlice[]>(owned),
    nodes: byKey(ofKind(all, "Node")),
    namespaces: byKey(ofKind(all, "Namespace")),
  };
}

export const noTopology: Topology = emptyModel.topology;

/** Nothing touched, nobody subscribed, at time 0, with a grace of 30 seconds. */
export const input = (objects: Objects, more: Partial<DeriveInput> = {}): DeriveInput => ({
  objects,
  touched: { services: new Set(), topology: false },
  demand: () => new Map(),
  demandTouched: new Set(),
  now: 0,
  settings: { removalGraceMs: 30_000 },
  ...more,
});

export const everything = { services: new Set<string>(), topology: true, all: true };

/** The model of these objects, derived from nothing. */
export const modelOf = (...all: readonly KubernetesObject[]) =>
  derive(input(objectsOf(...all), { touched: everything }), emptyModel).model;

/** These Services changed, and nothing else. */
export const touching = (...keys: readonly string[]) => ({ services: new Set(keys), topology: false });

/** The next model after a change of `default/greeter`, which leaves these objects. */
export const next = (previous: Model, objects: readonly KubernetesObject[], more: Partial<DeriveInput> = {}) =>
  derive(input(objectsOf(...objects), { touched: touching("default/greeter"), ...more }), previous);
